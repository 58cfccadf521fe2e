"""What the desk does with a request: open it, call, note, move it on, raise its level."""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, scoped_session, selectinload

from app.domain import clock, lifecycle, search
from app.domain.errors import NotAllowedNow, NotFound, ReasonMissing
from app.domain.level import Level
from app.records import audit, db, transaction
from app.records.crypto import keyring
from app.records.outbox import Message
from app.records.schedule import Appointment
from app.records.service_request import (
    ContactAttempt,
    Note,
    SearchTerm,
    ServiceRequest,
    StatusChange,
    Triage,
)
from app.records.staff import Practitioner
from app.workflow import outbox

DESK_EVENTS: Final = ("ask", "reply", "escalate", "close", "reopen")
SAME_PHONE: Final = dt.timedelta(days=30)

# How soon to try again when nobody answered. Clinic policy, to be signed with the targets: it
# gives an emergency its three tries within 15 minutes (triage rule base, section 1).
NEXT_CALL: Final = {
    Level.emergency: dt.timedelta(minutes=5),
    Level.urgent: dt.timedelta(hours=1),
    Level.soon: dt.timedelta(hours=4),
    Level.routine: dt.timedelta(days=1),
}
CALL_AGAIN: Final = ("no-answer", "left-message")

# Alerts caused by answers are numbered by these; the desk's own begin far above them.
FIRST_DESK_ALERT: Final = 1001

_WHOLE: Final = (
    joinedload(ServiceRequest.acknowledged_by),
    selectinload(ServiceRequest.responses),
    selectinload(ServiceRequest.triages).joinedload(Triage.by),
    selectinload(ServiceRequest.history).joinedload(StatusChange.by),
    selectinload(ServiceRequest.attempts).joinedload(ContactAttempt.by),
    selectinload(ServiceRequest.notes).joinedload(Note.by),
    selectinload(ServiceRequest.appointments).joinedload(Appointment.practitioner),
)


def open_request(reference: str, by: Practitioner, now: dt.datetime) -> ServiceRequest:
    """The whole request, with an audit line that this person opened it; raises NotFound."""
    with transaction() as session:
        request = _find(session, reference, *_WHOLE)
        audit.remember(session, "open", now, by.id, request.id)
    return request


def same_phone(request: ServiceRequest) -> list[ServiceRequest]:
    """Other requests of the last 30 days from the same number, newest first: maybe duplicates."""
    number = search.digits(request.person.get("phone", ""))
    if len(number) < search.LONGEST_PHONE:
        return []
    term = keyring().blind("phone", number[-search.LONGEST_PHONE :])
    others = (
        sa.select(ServiceRequest)
        .join(SearchTerm, SearchTerm.request_id == ServiceRequest.id)
        .where(SearchTerm.term == term, ServiceRequest.id != request.id)
        .where(ServiceRequest.created_at > request.created_at - SAME_PHONE)
        .order_by(SearchTerm.request_id.desc())
        .limit(5)
    )
    return list(db.session.scalars(others))


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

    Raises NotFound. Only the newest call has a next one due.
    """
    with transaction() as session:
        request = _find(session, reference)
        _call_no_more(session, request)
        due = now + NEXT_CALL[request.level] if outcome in CALL_AGAIN else None
        call = ContactAttempt(
            request_id=request.id, at=now, by_id=by.id, outcome=outcome, next_due_at=due
        )
        call.note = note
        session.add(call)
        audit.remember(session, f"call {outcome}", now, by.id, request.id)
    return call


def add_note(reference: str, text: str, by: Practitioner, now: dt.datetime) -> ServiceRequest:
    """Keep a note; raises NotFound."""
    with transaction() as session:
        request = _find(session, reference)
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
    zone: ZoneInfo,
    *,
    note: str | None = None,
    reason: str | None = None,
) -> ServiceRequest:
    """Move a request on; the clock starts again when it is the clinic's turn again.

    Raises NotFound, AlreadyChanged, NotAllowedNow, and ReasonMissing: closing needs one of
    `CLOSING_REASONS` ("other" with words), and asking the doctor needs words.
    """
    with transaction() as session:
        request = _find(session, reference)
        request.expect(version)
        if event not in DESK_EVENTS:
            raise NotAllowedNow("request", request.status, event)
        if event == "close":
            _close(session, request, by, now, note, reason)
        elif event == "escalate":
            _escalate(session, request, by, now, note)
        else:
            request.move(event, now, by, note)
        if event in ("reply", "reopen", "escalate"):
            request.waiting_since = now
            request.due_at = clock.due_at(request.level, now, zone)
        audit.remember(session, event, now, by.id, request.id)
    return request


def raise_level(
    reference: str,
    level: Level,
    version: int,
    by: Practitioner,
    now: dt.datetime,
    zone: ZoneInfo,
    reason: str,
) -> ServiceRequest:
    """Raise the level, with a reason; only a doctor lowers it. The doctors hear of urgent ones.

    Raises NotFound, AlreadyChanged, NotAllowedNow and ReasonMissing.
    """
    with transaction() as session:
        request = _find(session, reference)
        request.expect(version)
        if not reason:
            raise ReasonMissing
        if level <= request.level or request.status == lifecycle.CLOSED:
            raise NotAllowedNow("request", request.status, "raise")
        _judge_again(request, level, by, now, reason)
        request.due_at = clock.due_at(level, now, zone)
        request.remember("raise", request.status, now, by, reason)
        if level >= Level.urgent:
            if "escalate" in request.events():
                _escalate(session, request, by, now, reason)
                request.waiting_since = now
            else:
                _alert_doctors(session, request, now)
        audit.remember(session, f"raise {level.name}", now, by.id, request.id)
    return request


def _find(
    session: scoped_session[Session], reference: str, *options: sa.orm.interfaces.LoaderOption
) -> ServiceRequest:
    statement = sa.select(ServiceRequest).where(ServiceRequest.reference == reference)
    request = session.scalar(statement.options(*options))
    if request is None:
        raise NotFound
    return request


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
    _call_no_more(session, request)


def _escalate(
    session: scoped_session[Session],
    request: ServiceRequest,
    by: Practitioner,
    now: dt.datetime,
    note: str | None,
) -> None:
    if not note:
        raise ReasonMissing
    request.move("escalate", now, by, note)
    request.acknowledged_at = request.acknowledged_by_id = None
    _alert_doctors(session, request, now)


def _judge_again(
    request: ServiceRequest, level: Level, by: Practitioner, now: dt.datetime, reason: str
) -> None:
    """Append a decision; the one that the rules made stays."""
    before = request.triage
    triage = Triage(
        number=before.number + 1,
        at=now,
        level=level,
        pack_version=before.pack_version,
        by_id=by.id,
    )
    triage.findings, triage.reason = before.findings, reason
    request.triages.append(triage)
    request.level = level


def _alert_doctors(
    session: scoped_session[Session], request: ServiceRequest, now: dt.datetime
) -> None:
    doctors = session.scalars(
        sa.select(Practitioner.id).where(Practitioner.role == "doctor", Practitioner.active)
    )
    newest = session.scalar(
        sa.select(sa.func.max(Message.occurrence)).where(
            Message.request_id == request.id, Message.kind == "doctor-alert"
        )
    )
    occurrence = max(newest or 0, FIRST_DESK_ALERT - 1) + 1
    to = [f"staff:{doctor}" for doctor in doctors]
    outbox.enqueue(session, request, "doctor-alert", to, now, occurrence)


def _call_no_more(session: scoped_session[Session], request: ServiceRequest) -> None:
    session.execute(
        sa.update(ContactAttempt)
        .where(ContactAttempt.request_id == request.id, ContactAttempt.next_due_at.is_not(None))
        .values(next_due_at=None)
    )
