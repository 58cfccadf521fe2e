"""What the desk does with a request: open it, call, note, move it on, raise its level."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, scoped_session

from app.domain import lifecycle
from app.domain.clinic import Clinic
from app.domain.errors import NotAllowedNow, ReasonMissing
from app.domain.level import Level
from app.records import audit, db, task, transaction
from app.records.calendar import end_visit
from app.records.contact import ContactAttempt, Note
from app.records.linked import locked_case
from app.records.lookup import request_with, whole_request
from app.records.presence import look
from app.records.rows import unanswered
from app.records.service_request import ServiceRequest, StatusChange
from app.records.staff import Practitioner
from app.records.task import end_tasks, open_task
from app.workflow import escalation, outbox

DESK_EVENTS: Final = ("answer", "ask", "reply", "escalate", "close", "reopen")
TO_DOCTOR: Final = ("escalate", "answer")

# How soon to try again when nobody answered. Clinic policy, to be signed with the targets: it
# gives an emergency its three tries within 15 minutes (triage rule base, section 1).
NEXT_CALL: Final = {
    Level.emergency: dt.timedelta(minutes=5),
    Level.urgent: dt.timedelta(hours=1),
    Level.soon: dt.timedelta(hours=4),
    Level.routine: dt.timedelta(days=1),
}
CALL_AGAIN: Final = ("no-answer", "left-message")
MOST_TRIES: Final = 3
"""So many calls without an answer become a task: another way to the person must be found."""


def open_request(reference: str, by: Practitioner, now: dt.datetime) -> ServiceRequest:
    """The whole request, with an audit line that this person opened it; raises NotFound."""
    with transaction() as session:
        request = whole_request(reference, session)
        audit.remember(session, "open", now, by.id, request.id)
        look(session, request.id, by.id, now)
    return request


def newest_change(reference: str) -> StatusChange | None:
    """Who moved the request last, for a colleague who was slower."""
    return db.session.scalar(
        sa.select(StatusChange)
        .join(StatusChange.request)
        .options(joinedload(StatusChange.by))
        .where(ServiceRequest.reference == reference)
        .order_by(StatusChange.at.desc(), StatusChange.id.desc())
        .limit(1)
    )


def log_call(
    reference: str, outcome: str, by: Practitioner, now: dt.datetime, note: str | None = None
) -> ContactAttempt:
    """Keep a call and how it went; when nobody answered, the next one falls due by the level.

    Whoever was called was called for every request of the case. Raises NotFound. Only the newest
    call has a next one due; three without an answer make a task.
    """
    with transaction() as session:
        request, *others = locked_case(reference, session)
        return keep_call(session, request, outcome, by, now, note, others)


def keep_call(
    session: scoped_session[Session],
    request: ServiceRequest,
    outcome: str,
    by: Practitioner,
    now: dt.datetime,
    note: str | None = None,
    others: Sequence[ServiceRequest] = (),
) -> ContactAttempt:
    """The same, in the caller's transaction; it counts for `others` of the case as well."""
    request.call_no_more()
    due = now + NEXT_CALL[request.level] if outcome in CALL_AGAIN else None
    call = ContactAttempt(at=now, by_id=by.id, outcome=outcome, next_due_at=due)
    call.note = note
    request.attempts.append(call)
    for each in (request, *others):
        if each.status == lifecycle.WITH_DESK and not each.asked_at:
            escalation.stop(session, each, now)
    _mind_tries(session, request, now)
    audit.remember(session, f"call {outcome}", now, by.id, request.id)
    return call


def add_note(reference: str, text: str, by: Practitioner, now: dt.datetime) -> ServiceRequest:
    """Keep a note; raises NotFound."""
    with transaction() as session:
        request = request_with(reference, session)
        note = Note(request_id=request.id, at=now, by_id=by.id)
        note.text = text
        session.add(note)
        audit.remember(session, "note", now, by.id, request.id)
    return request


def event(
    reference: str,
    event: str,
    version: int,
    by: Practitioner,
    now: dt.datetime,
    clinic: Clinic,
    *,
    note: str | None = None,
    reason: str | None = None,
) -> ServiceRequest:
    """Move a request on; the clock starts again when it is the clinic's turn again.

    Raises NotFound, AlreadyChanged, NotAllowedNow, and ReasonMissing: closing needs one of
    `CLOSING_REASONS` ("other" with words), and asking or answering the doctor needs words.
    """
    with transaction() as session:
        request = request_with(reference, session)
        request.expect(version)
        if event not in DESK_EVENTS:
            raise NotAllowedNow("request", request.status, event)
        if event == "close":
            _close(session, request, by, now, note, reason)
        elif event in TO_DOCTOR:
            _give_to_doctor(request, event, by, now, note)
        else:
            request.move(event, now, by, note)
        if event in ("reply", "reopen", *TO_DOCTOR):
            escalation.start(session, request, now, clinic)
        else:
            escalation.stop(session, request, now)
        audit.remember(session, event, now, by.id, request.id)
    return request


def raise_level(
    reference: str,
    level: Level,
    version: int,
    by: Practitioner,
    now: dt.datetime,
    clinic: Clinic,
    reason: str,
) -> ServiceRequest:
    """Raise the level, with a reason; only a doctor lowers it. The doctors hear of urgent ones.

    Raises NotFound, AlreadyChanged, NotAllowedNow and ReasonMissing.
    """
    with transaction() as session:
        request = request_with(reference, session)
        request.expect(version)
        if not reason:
            raise ReasonMissing
        if level <= request.level or request.status == lifecycle.CLOSED:
            raise NotAllowedNow("request", request.status, "raise")
        request.judge(level, now, by, reason)
        request.remember("raise", request.status, now, by, reason)
        if level >= Level.urgent and "escalate" in request.events():
            _give_to_doctor(request, "escalate", by, now, reason)
            request.waiting_since = now
        elif request.status == lifecycle.WITH_DOCTOR:
            _nobody_has_taken(request)  # who took it took a lesser case
        escalation.set_due(session, request, now, clinic)
        audit.remember(session, f"raise {level.name}", now, by.id, request.id)
    return request


def _mind_tries(
    session: scoped_session[Session], request: ServiceRequest, now: dt.datetime
) -> None:
    tries = unanswered([call.outcome for call in request.attempts])
    if not tries:
        end_tasks(session, task.NO_ANSWER, [str(request.id)], "answered", now)
    elif tries >= MOST_TRIES and request.status != lifecycle.CLOSED:
        open_task(session, task.NO_ANSWER, request.id, request, now)


def _close(
    session: scoped_session[Session],
    request: ServiceRequest,
    by: Practitioner,
    now: dt.datetime,
    note: str | None,
    reason: str | None,
) -> None:
    if reason not in lifecycle.CLOSING_REASONS or (reason == "other" and not note):
        raise ReasonMissing
    request.move("close", now, by, note, closed_reason=reason)
    request.call_no_more()
    if end_visit(request, by, now):
        outbox.tell_patient(session, request, "cancelled", now)


def _give_to_doctor(
    request: ServiceRequest, event: str, by: Practitioner, now: dt.datetime, note: str | None
) -> None:
    if not note:
        raise ReasonMissing
    request.move(event, now, by, note)
    _nobody_has_taken(request)


def _nobody_has_taken(request: ServiceRequest) -> None:
    request.acknowledged_at = request.acknowledged_by_id = None
