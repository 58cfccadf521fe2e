"""A doctor takes the phone over from whoever is on call."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.access import current_staff, now, settings
from app.doctor import doctor
from app.formats import moment
from app.workflow import roster


@doctor.post("/on-call")
def take_over() -> ResponseReturnValue:
    """First on call from now until the next hand-over."""
    at, known = now(), settings()
    until = roster.next_hand_over(at, known.hand_over, known.clinic_zone)
    roster.take_over(current_staff(), until, at)
    flash(f"You are on call until {moment(until, known.clinic_zone, at)}.", "ok")
    return redirect(url_for("doctor.reviews"), 303)
