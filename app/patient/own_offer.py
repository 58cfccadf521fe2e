"""A freed time that is offered to a patient who waits: taken or declined on the own page."""

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from app import access
from app.domain.errors import AlreadyChanged, NotAllowedNow, NotOffered, SlotTaken
from app.languages import Later
from app.patient import patient
from app.patient.manage import finished, form_of, shown, to_own_page
from app.patient.own_link import DigitsForm, checked, opened
from app.workflow import booking

ACTS = {"accept": booking.waitlist.accept, "decline": booking.waitlist.decline}
GONE = Later("This time is not kept for you any more. Nothing was changed.")


@patient.get("/r/<token>/offer")
def ask_offer(token: str) -> Response:
    """Show the time that is kept, and until when."""
    link = opened(token)
    return _page(token, link, form_of(DigitsForm, link))


@patient.post("/r/<token>/offer")
def answer_offer(token: str) -> Response:
    """Take the time, or let it go to the next who waits."""
    link = opened(token)
    form = form_of(DigitsForm, link, request.form)
    answer = request.form.get("answer")
    valid, status = checked(form, link)
    if not valid or answer not in ACTS:
        return _page(token, link, form, status)
    offer, takes = _kept(link), answer == "accept"
    if offer is None:
        visit = link.request.appointment
        pressed_twice = takes and visit is not None and str(visit.id) == request.form.get("offer")
        return finished(token, link, "taken") if pressed_twice else to_own_page(token)
    version = request.form.get("version", 0, type=int)
    try:
        ACTS[answer](offer.id, version, None, access.now(), access.settings().clinic_zone)
    except (AlreadyChanged, NotAllowedNow, NotOffered, SlotTaken):
        return _page(token, link, form, 409, GONE)
    return finished(token, link, "taken" if takes else "declined")


def _kept(link: Any) -> Any:
    """The time that is kept for this patient now."""
    offer = link.request.offer
    return offer if offer and offer.held_until and offer.held_until > access.now() else None


def _page(
    token: str, link: Any, form: Any, status: int = 200, problem: str | Later = ""
) -> Response:
    return shown(
        "patient/offer.html",
        token,
        form,
        status,
        offer=_kept(link),
        problem=problem,
        at=access.now(),
    )
