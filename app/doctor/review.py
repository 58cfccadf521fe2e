"""The requests that wait for a doctor, and one case."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app import case, errors
from app.access import clinic, counts, current_staff, now, settings
from app.doctor import doctor
from app.doctor.case_page import case_page, taker_of, target_of
from app.doctor.forms import NO_ANSWER, CallForm, DecisionForm, InquiryForm
from app.domain.errors import AlreadyChanged, NotAllowedNow, NotFound
from app.domain.level import Level
from app.domain.roster import FIRST, SECOND
from app.formats import length_of_time, moment
from app.words import LEVEL_KINDS, LEVELS, name_of, told
from app.workflow import queue, review, roster

EVENTS: Final = {
    "going": "send-to-hospital",
    "admitted": "send-to-hospital",
    "today": "decide",
    "visit": "decide",
}


@dataclass(frozen=True, slots=True)
class Clock:
    """How long something waits, in words; with its times while it runs, so that it can tick."""

    words: str
    since: dt.datetime | None = None
    due: dt.datetime | None = None
    target: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A request as the list shows it, in words."""

    reference: str
    name: str
    level: str
    kind: str
    clock: Clock
    told: str
    phone: str | None
    pressing: bool
    requests: int


@doctor.get("/reviews")
def reviews() -> ResponseReturnValue:
    """What waits for a doctor, most pressing first."""
    at = now()
    cards = [_card(row, at) for row in review.waiting(at)]
    return render_template(
        "doctor/reviews.html",
        cards=cards,
        asked=[_card(row, at) for row in review.asked()],
        emergencies=sum(card.pressing for card in cards),
        waiting=counts().with_doctor,
        unacknowledged=counts().unacknowledged,
        updated=at,
        on_call=roster.on_call(at),
        ranks=(FIRST, SECOND),
    )


@doctor.get("/reviews/<reference>")
def show(reference: str) -> ResponseReturnValue:
    """The case as it stands, wherever it is now; opening it is remembered."""
    return case_page(review.open_case(reference, current_staff(), now()))


@doctor.post("/reviews/<reference>/<act>")
def act(reference: str, act: str) -> ResponseReturnValue:
    """Let one act of the doctor happen, and come back to the case."""
    if act not in ACTS:
        raise NotFound
    return ACTS[act](reference)


@doctor.errorhandler(AlreadyChanged)
@doctor.errorhandler(NotAllowedNow)
def colleague_was_faster(error: Exception) -> ResponseReturnValue:
    """Say who did what; what was typed stays on the page."""
    return errors.colleague_was_faster(error, "doctor.show", now())


def _acknowledge(reference: str) -> Response:
    at = now()
    found = review.acknowledge(reference, current_staff(), at)
    taken_by, taken_at = found.acknowledged_by, found.acknowledged_at
    if taken_by and taken_at and taken_by.id != current_staff().id:
        ago = length_of_time(at - taken_at)
        flash(f"{taken_by.name} acknowledged {ago} ago. You can still call.", "new")
    return _back_to(reference)


def _take_back(reference: str) -> Response:
    review.take_back(reference, current_staff(), now(), clinic())
    flash(
        "Not acknowledged any more. The clock runs on, and whoever is on call hears of it.",
        "ok",
    )
    return _back_to(reference)


def _decide(reference: str) -> Response:
    by, at = current_staff(), now()
    found = review.open_case(reference, by, at)
    form = DecisionForm(found.level)
    # First of all: what a colleague changed meanwhile must be seen before anything is decided.
    found.expect(form.version.data or 0)
    if not form.validate():
        return case_page(found, form=form, status=422)
    if form.outcome.data == NO_ANSWER:
        return _log_call(reference, NO_ANSWER, form.note.data)
    review.decide(
        reference,
        EVENTS[form.outcome.data],
        form.words(),
        found.version,
        by,
        at,
        clinic(),
        level=form.chosen_level(),
        reason=form.reason.data,
    )
    flash("The outcome is saved.", "ok")
    return _back_to(reference)


def _call(reference: str) -> Response:
    form = CallForm()
    if not form.validate():
        found = review.open_case(reference, current_staff(), now())
        return case_page(found, call=form, status=422)
    return _log_call(reference, form.outcome.data, form.note.data)


def _log_call(reference: str, outcome: str, note: str | None) -> Response:
    at = now()
    again_at = queue.log_call(reference, outcome, current_staff(), at, note or None).next_due_at
    words = "The call is logged."
    if again_at:
        words += f" Try again at {moment(again_at, settings().clinic_zone, at)}."
    flash(words, "ok")
    return _back_to(reference)


def _inquire(reference: str) -> Response:
    by, at = current_staff(), now()
    form = InquiryForm()
    if not form.validate():
        found = review.open_case(reference, by, at)
        found.expect(form.version.data or 0)
        return case_page(found, inquiry=form, status=422)
    version = form.version.data or 0
    review.inquire(reference, form.question.data, version, by, at, clinic())
    flash("The desk is asked. The clock runs on until you have the answer.", "ok")
    return _back_to(reference)


ACTS: Final[dict[str, Callable[[str], Response]]] = {
    "acknowledge": _acknowledge,
    "take-back": _take_back,
    "decide": _decide,
    "call": _call,
    "inquire": _inquire,
}


def _back_to(reference: str) -> Response:
    return redirect(url_for("doctor.show", reference=reference), 303)


def _card(row: Any, at: dt.datetime) -> Card:
    found = row.request
    return Card(
        reference=found.reference,
        name=name_of(row.person),
        level=LEVELS[found.level],
        kind=LEVEL_KINDS[found.level],
        clock=_clock(found, at),
        told=told(row.findings, found.level),
        phone=row.person.get("phone"),
        pressing=found.level is Level.emergency and not found.acknowledged_at,
        requests=row.requests,
    )


def _clock(found: Any, at: dt.datetime) -> Clock:
    """Who has taken it, or how long it waits against its target."""
    if found.acknowledged_at and not found.asked_at:
        return Clock(f"Acknowledged by {taker_of(found)}")
    waited = case.waited(found, at)
    target = target_of(found)
    words = waited if at > found.due_at else f"{waited} of {target}"
    return Clock(words, found.waiting_since, found.due_at, target)
