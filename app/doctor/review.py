"""The requests that wait for a doctor, and one case."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from flask import flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app import case, errors, story
from app.access import clinic, counts, current_staff, now, packs, settings
from app.doctor import doctor
from app.doctor.forms import NO_ANSWER, CallForm, DecisionForm
from app.doctor.kept_scores import as_kept, events, standing
from app.domain import lifecycle
from app.domain.condition import NO
from app.domain.difference import level_said
from app.domain.errors import AlreadyChanged, NotAllowedNow, NotFound
from app.domain.level import Level
from app.domain.roster import FIRST, SECOND
from app.domain.scores import SUPPORTS
from app.formats import length_of_time, moment
from app.linking import LinkForm
from app.words import (
    CLOSING_REASONS,
    LANGUAGES,
    LEVEL_KINDS,
    LEVELS,
    name_of,
    told,
)
from app.workflow import queue, review, roster, scoring

EVENTS: Final = {
    "going": "send-to-hospital",
    "admitted": "send-to-hospital",
    "today": "decide",
    "visit": "decide",
}


@dataclass(frozen=True, slots=True)
class Card:
    """A request as the list shows it, in words."""

    reference: str
    name: str
    level: str
    kind: str
    clock: str
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
    return page_of(review.open_case(reference, current_staff(), now()))


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
        return page_of(found, form=form, status=422)
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
        return page_of(found, call=form, status=422)
    return _log_call(reference, form.outcome.data, form.note.data)


def _log_call(reference: str, outcome: str, note: str | None) -> Response:
    at = now()
    again_at = queue.log_call(reference, outcome, current_staff(), at, note or None).next_due_at
    words = "The call is logged."
    if again_at:
        words += f" Try again at {moment(again_at, settings().clinic_zone, at)}."
    flash(words, "ok")
    return _back_to(reference)


ACTS: Final[dict[str, Callable[[str], Response]]] = {
    "acknowledge": _acknowledge,
    "take-back": _take_back,
    "decide": _decide,
    "call": _call,
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


def _clock(found: Any, at: dt.datetime) -> str:
    """Who has taken it, or how long it waits against its target."""
    if found.acknowledged_at:
        return f"Acknowledged by {_taker(found)}"
    waited = case.waited(found, at)
    return waited if at > found.due_at else f"{waited} of {_target(found)}"


def _taker(found: Any) -> str:
    mine = found.acknowledged_by_id == current_staff().id
    return "you" if mine else str(found.acknowledged_by.name)


def page_of(
    found: Any,
    form: DecisionForm | None = None,
    call: CallForm | None = None,
    status: int = 200,
    link: LinkForm | None = None,
) -> Response:
    """The page of a case; with the form that could not be taken, if there is one."""
    at = now()
    pack = packs().get(found.condition)
    refused = form or call or link
    waits = found.status == lifecycle.WITH_DOCTOR
    form = form or DecisionForm(found.level, formdata=None)
    # Opened once each: every look at a sealed field opens it again.
    person, findings = found.person, case.findings(found)
    decisive = case.decisive(findings)
    beside = story.of(found, at)
    kept = as_kept(scoring.kept_for(found))
    answers, items = found.response.answers, found.response.items
    page = render_template(
        "doctor/case.html",
        request=found,
        person=person,
        name=name_of(person),
        speaks=LANGUAGES[person.get("speaks") or found.language],
        who_answered=case.who_answered(found),
        level=LEVELS[found.level],
        level_kind=LEVEL_KINDS[found.level],
        target=_target(found),
        waits=waits,
        visit=found.appointment,
        taken_by=_taker(found) if waits and found.acknowledged_at else None,
        clock=_elapsed(found, at) if waits else "",
        may_take_back=review.may_take_back(found, current_staff(), at),
        rules_said=LEVELS[level_said(found.triage.findings)],
        flags=case.flags(found, findings, pack),
        decisive=decisive,
        other_findings=findings[len(decisive) :],
        told=list(case.told_by_page(found, pack)),
        changes=list(case.changes(found, pack)),
        answered=[item for item in items if answers.get(item["field"]) != NO],
        denied=[item for item in items if answers.get(item["field"]) == NO],
        contact=list(case.contact(found)),
        timeline=sorted(
            (*_timeline(found, at), *events(kept), *beside.pop("elsewhere")),
            key=lambda event: event.at,
        ),
        **beside,
        link=link or LinkForm(found.reference, formdata=None),
        scores=standing(kept),
        scores_offered=bool(pack and pack.scores),
        supports=SUPPORTS,
        closed_reason=CLOSING_REASONS.get(found.closed_reason or ""),
        form=form,
        call=call or CallForm(formdata=None),
        call_open=call is not None,
        errors=[(f.id, f.errors[0]) for f in refused if f.errors] if refused else [],
        waiting=counts().with_doctor,
        at=at,
    )
    return make_response(page, status)


def _elapsed(found: Any, at: dt.datetime) -> str:
    """The clock of the level bar; it stands still once the case is taken."""
    return case.waited(found, found.acknowledged_at or at)


def _timeline(found: Any, at: dt.datetime) -> Iterator[case.Event]:
    """Everything that happened, and that the target passed without a doctor."""
    yield from case.history(found)
    missed = found.due_at < (found.acknowledged_at or at)
    if found.status == lifecycle.WITH_DOCTOR and missed:
        target = _target(found)
        yield case.Event(found.due_at, f"The target of {target}", "passed", late=True)


def _target(found: Any) -> str:
    """How long it could wait: by night longer than by day."""
    return length_of_time(found.due_at - found.waiting_since)
