"""The waiting list: who waits, what is kept for whom, and the answers that come by phone."""

import datetime as dt
import uuid
from typing import Any, Final

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access import current_staff, now, settings
from app.desk import desk
from app.desk.lines import DAY, read_day
from app.desk.week import tabs
from app.domain.errors import NotFound
from app.formats import length_of_time
from app.words import LEVEL_KINDS, LEVELS, name_of
from app.workflow import booking, queue

TO_COME: Final = "Enter a day that is to come, or leave it empty"
ANSWERS: Final = {
    "accept": "The visit is booked.",
    "decline": "Noted. The time is offered to the next who waits.",
}


@desk.get("/waiting-list")
def waiting_list() -> ResponseReturnValue:
    """Who waits, in the order in which they are asked, and the times that are kept."""
    at = now()
    return render_template(
        "desk/waiting_list.html",
        offers=[_offer(held) for held in booking.waitlist.live(at)],
        waiting=[_waiting(each, at) for each in booking.waitlist.waiting()],
        tabs=tabs(at.astimezone(settings().clinic_zone).date(), None),
        at=at,
    )


@desk.post("/waiting-list/<uuid:offer_id>/<answer>")
def answer_offer(offer_id: uuid.UUID, answer: str) -> ResponseReturnValue:
    """Write down what somebody said about an offered time."""
    if answer not in ANSWERS:
        raise NotFound
    version = request.form.get("version", 0, type=int)
    zone = settings().clinic_zone
    visit = getattr(booking.waitlist, answer)(offer_id, version, current_staff(), now(), zone)
    flash(ANSWERS[answer], "ok")
    if request.form.get("back") == "request":
        return redirect(url_for("desk.show", reference=visit.request.reference), 303)
    return redirect(url_for("desk.waiting_list"), 303)


@desk.get("/requests/<reference>/wait")
def ask_to_wait(reference: str) -> ResponseReturnValue:
    """What a request is to wait for."""
    return _wish(reference)


@desk.post("/requests/<reference>/wait")
def wait(reference: str) -> ResponseReturnValue:
    """Put a request on the waiting list, or change what it waits for."""
    typed = request.form.get("until", "").strip()
    zone = settings().clinic_zone
    day = read_day(typed) if typed else None
    if typed and (day is None or day < now().astimezone(zone).date()):
        return _wish(reference, TO_COME)
    until = dt.datetime.combine(day + DAY, dt.time(), zone) if day else None
    wanted = request.form.get("practitioner", type=uuid.UUID)
    known = {person.id for person in booking.practitioners()}
    booking.waitlist.put_on(
        reference, wanted if wanted in known else None, until, current_staff(), now()
    )
    flash("It is on the waiting list.", "ok")
    return redirect(url_for("desk.show", reference=reference), 303)


@desk.post("/requests/<reference>/stop-waiting")
def stop_waiting(reference: str) -> ResponseReturnValue:
    """Take a request off the waiting list."""
    booking.waitlist.take_off(reference, current_staff(), now(), settings().clinic_zone)
    flash("It is off the waiting list.", "ok")
    return redirect(url_for("desk.show", reference=reference), 303)


def _wish(reference: str, problem: str = "") -> Response:
    """The form; after an error with everything that was typed."""
    at, zone = now(), settings().clinic_zone
    found = queue.open_request(reference, current_staff(), at)
    row = booking.waitlist.place_of(found)
    until = (row.until - DAY).astimezone(zone).date().isoformat() if row and row.until else ""
    wanted = row.practitioner_id if row else None
    page = render_template(
        "desk/wait.html",
        request=found,
        name=name_of(found.person),
        level=LEVELS[found.level],
        level_kind=LEVEL_KINDS[found.level],
        people=booking.practitioners(),
        wanted=request.form.get("practitioner", wanted, type=uuid.UUID),
        until=request.form.get("until", until),
        waits=row is not None,
        allowed=booking.waitlist.may_wait(found),
        problem=problem,
        errors=[("until", problem)] if problem else [],
    )
    return make_response(page, 422 if problem else 200)


def _offer(held: Any) -> dict[str, Any]:
    """An offer as a line: whom to call, when nobody can write to them."""
    person = held.request.person
    return {
        "visit": held,
        "reference": held.request.reference,
        "name": name_of(person),
        "phone": person.get("phone"),
        "call": not person.get("email"),
        "standing": held.request.appointment,
    }


def _waiting(each: booking.waitlist.Waiting, at: dt.datetime) -> dict[str, Any]:
    """Somebody who waits, as a line."""
    person = each.request.person
    return {
        "reference": each.request.reference,
        "name": name_of(person),
        "phone": person.get("phone"),
        "level": LEVELS[each.request.level],
        "level_kind": LEVEL_KINDS[each.request.level],
        "waited": length_of_time(at - each.row.since),
        "wish": each.wish.name if each.wish else "Anybody",
        "until": each.row.until - DAY if each.row.until else None,
        "standing": each.request.appointment,
        "offer": each.request.offer,
    }
