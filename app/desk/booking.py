"""Choosing a time with the patient on the phone: free times by day, and the visit that stands."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Final

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app import free_times
from app.access import current_staff, now, settings
from app.desk import choices, desk
from app.desk.tiles import Tiles, kinds_in_words, places_in_words
from app.domain.errors import NotOffered, SlotTaken
from app.formats import clock_time, short_day
from app.words import LEVEL_KINDS, LEVELS, name_of
from app.workflow import booking, queue

DAYS_SEARCHED: Final = 14
DAYS_SHOWN: Final = 3
NONE_CHOSEN: Final = "Select a time"


@desk.get("/requests/<reference>/booking")
def choose_time(reference: str) -> ResponseReturnValue:
    """The free times of the next days, and the visit that stands; `time` is chosen already."""
    return _page(reference, choice=free_times.read(request.args.get("time", "")))


@desk.post("/requests/<reference>/booking")
def take_time(reference: str) -> ResponseReturnValue:
    """Book the chosen time, or move the visit there; if it is gone, show what is left."""
    choice = free_times.read(request.form.get("time", ""))
    if choice is None:
        return _page(reference, problem=NONE_CHOSEN, status=422)
    moving = request.form.get("visit", type=uuid.UUID)
    version = request.form.get("version", 0, type=int)
    by, at, zone = current_staff(), now(), settings().clinic_zone
    try:
        if moving:
            visit = booking.move(moving, choice, version, by, at, zone)
        else:
            visit = booking.book(reference, choice, version, by, at, zone)
    except (SlotTaken, NotOffered) as error:
        return _page(reference, problem=_gone(error, choice.starts_at), status=409, choice=choice)
    words = f"{short_day(visit.starts_at, zone)}, {clock_time(visit.starts_at, zone)}"
    done = "The visit is moved to" if moving else "The visit is booked:"
    flash(f"{done} {words}, {visit.practitioner.name}.", "ok")
    return redirect(url_for("desk.show", reference=reference, **choices.trail()), 303)


@desk.post("/requests/<reference>/booking/keep")
def keep_time(reference: str) -> ResponseReturnValue:
    """Let the visit stand as it is, after the doctor has decided."""
    visit_id = request.form.get("visit", uuid.UUID(int=0), type=uuid.UUID)
    booking.keep(visit_id, request.form.get("version", 0, type=int), current_staff(), now())
    flash("The visit stays as it is.", "ok")
    return redirect(url_for("desk.show", reference=reference, **choices.trail()), 303)


def _gone(error: Exception, when: dt.datetime) -> str:
    """Why the chosen time cannot be had."""
    if isinstance(error, NotOffered):
        return "That time is not offered any more. Choose another time"
    zone = settings().clinic_zone
    words = f"{clock_time(when, zone)} on {short_day(when, zone)}"
    return f"Somebody took {words} a moment ago. Choose another time"


def _page(
    reference: str, problem: str = "", status: int = 200, choice: booking.Choice | None = None
) -> Response:
    """The page; after a time was chosen or lost, from the day of that time on."""
    at, zone = now(), settings().clinic_zone
    found = queue.open_request(reference, current_staff(), at)
    visit = found.appointment
    people = booking.practitioners()
    only = request.values.get("practitioner", type=uuid.UUID)
    asked = [person for person in people if person.id == only] or people
    today = at.astimezone(zone).date()
    first = _first_day(today, choice)
    offered = booking.free(asked, first, DAYS_SEARCHED, at)
    shown, more = offered[:DAYS_SHOWN], offered[DAYS_SHOWN:]
    later = more[0][0] if more else first + dt.timedelta(days=DAYS_SEARCHED)
    sent = free_times.written(choice) if choice else request.form.get("time", "")
    moves = visit is not None and found.status in ("booked", "with-doctor")
    tiles = Tiles(offered, sent, found.level, at, zone)
    page = render_template(
        "desk/booking.html",
        request=found,
        trail=choices.trail(),
        name=name_of(found.person),
        level=LEVELS[found.level],
        level_kind=LEVEL_KINDS[found.level],
        visit=visit,
        bookable=("book" in found.events() or moves) and (not visit or visit.status == "booked"),
        keeps=visit is not None and "book" in found.events(),
        zone_name=f"{at.astimezone(zone):%Z}",
        minutes=_lengths(offered),
        kinds=kinds_in_words(offered),
        where=places_in_words(offered),
        nearest=tiles.nearest() if first == today and not choice and not problem else [],
        chosen=sent,
        offer=found.offer,
        people=people,
        asked=asked,
        days=tiles.days(shown),
        first=first,
        later=later if later < (at + booking.FURTHEST).date() else None,
        moved_on=first > today,
        searched=DAYS_SEARCHED,
        problem=problem,
        errors=[("time", problem)] if problem else [],
    )
    return make_response(page, status)


def _first_day(today: dt.date, choice: booking.Choice | None) -> dt.date:
    """The day from which times are shown: never in the past, and never beyond what is bookable."""
    try:
        asked = dt.date.fromisoformat(request.values.get("from", ""))
    except ValueError:
        asked = today
    if choice:
        asked = choice.starts_at.astimezone(settings().clinic_zone).date()
    return min(max(asked, today), today + booking.FURTHEST)


def _lengths(found: Sequence[tuple[dt.date, Sequence[booking.Offer]]]) -> list[int]:
    """How many minutes the visits take, shortest first."""
    return sorted({offer.kind.minutes for _, offers in found for offer in offers})
