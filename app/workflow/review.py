"""The review: what waits for a doctor, most pressing first, and what the doctor does with it."""

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, scoped_session

from app.domain import clock, lifecycle
from app.domain.clinic import Clinic
from app.domain.errors import NotAllowedNow, ReasonMissing
from app.domain.level import Level
from app.records import audit, db, transaction
from app.records.calendar import end_visit
from app.records.linked import BEHIND, locked_case
from app.records.lookup import locked_request, whole_request
from app.records.presence import look
from app.records.rows import PAGE_SIZE, Row, rows_of
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import escalation, outbox, reminders

UNDO: Final = dt.timedelta(seconds=60)
DECISIONS: Final = ("decide", "send-to-hospital")

_ASKED: Final = (
    sa.select(ServiceRequest)
    .where(ServiceRequest.status == lifecycle.WITH_DESK, ServiceRequest.asked_at.is_not(None))
    .order_by(ServiceRequest.level.desc(), ServiceRequest.due_at)
    .limit(PAGE_SIZE)
)
_WAITING: Final = (
    sa.select(ServiceRequest)
    .options(joinedload(ServiceRequest.acknowledged_by))
    .where(ServiceRequest.status == lifecycle.WITH_DOCTOR, ~BEHIND)
    .order_by(
        ServiceRequest.level.desc(),
        ServiceRequest.acknowledged_at.is_not(None),
        ServiceRequest.due_at,
    )
    .limit(PAGE_SIZE)
)


def waiting(now: dt.datetime) -> list[Row]:
    """A page of what waits for a doctor: by level, untaken first, then by share of the target."""
    rows = rows_of(db.session.scalars(_WAITING).all())
    return sorted(rows, key=lambda row: _place(row.request, now))


def asked() -> list[Row]:
    """What the desk finds out for a doctor: by level, then by its target."""
    return rows_of(db.session.scalars(_ASKED).all())


def _place(request: ServiceRequest, now: dt.datetime) -> tuple[int, bool, float]:
    used = clock.share_used(request.waiting_since, request.due_at, now)
    return -request.level, request.acknowledged_at is not None, -used


def open_case(reference: str, by: Practitioner, now: dt.datetime) -> ServiceRequest:
    """The whole request, with an audit line that this doctor opened it; raises NotFound."""
    with transaction() as session:
        request = whole_request(reference, session)
        audit.remember(session, "open", now, by.id, request.id)
        look(session, request.id, by.id, now)
    return request


def open_brief(reference: str, by: Practitioner, now: dt.datetime, form: str) -> ServiceRequest:
    """The same for the case brief, which leaves the house; `form` is page or pdf."""
    with transaction() as session:
        request = whole_request(reference, session)
        audit.remember(session, f"brief {form}", now, by.id, request.id)
    return request


def acknowledge(reference: str, by: Practitioner, now: dt.datetime) -> ServiceRequest:
    """Take the case and stop its clock; what a colleague has taken stays with that colleague.

    Of linked requests all that wait for a doctor are taken. Raises NotFound and NotAllowedNow.
    """
    with transaction() as session:
        request, *others = locked_case(reference, session)
        waiting = [each for each in others if each.status == lifecycle.WITH_DOCTOR]
        for each in (request, *waiting):
            if not _taken(each):
                _take(session, each, by, now)
                audit.remember(session, "acknowledge", now, by.id, each.id)
    return request


def may_take_back(request: ServiceRequest, by: Practitioner, now: dt.datetime) -> bool:
    """Whether this doctor took the case a moment ago, so that it may have been a slip."""
    mine = _taken(request) and request.acknowledged_by_id == by.id
    return mine and request.acknowledged_at is not None and now - request.acknowledged_at <= UNDO


def take_back(reference: str, by: Practitioner, now: dt.datetime, clinic: Clinic) -> ServiceRequest:
    """Undo one's own acknowledgement: the clock runs on, and the doctors on call hear of it again.

    Raises NotFound, and NotAllowedNow when it is not one's own or older than `UNDO`.
    """
    with transaction() as session:
        request, *others = locked_case(reference, session)
        if not may_take_back(request, by, now):
            raise NotAllowedNow("request", request.status, "unacknowledge")
        for each in (request, *(other for other in others if may_take_back(other, by, now))):
            each.move("unacknowledge", now, by)
            each.acknowledged_at = each.acknowledged_by_id = None
            escalation.run(session, each, now, clinic)
            audit.remember(session, "unacknowledge", now, by.id, each.id)
    return request


def decide(
    reference: str,
    event: str,
    words: str,
    version: int,
    by: Practitioner,
    now: dt.datetime,
    clinic: Clinic,
    *,
    level: Level | None = None,
    reason: str | None = None,
) -> ServiceRequest:
    """Give the case to the desk with an instruction, or close it as sent to hospital.

    It takes the case as well if nobody has. It is a new decision about the level beside the old
    ones, and another level needs a reason; at the desk the clock starts again. Raises NotFound,
    AlreadyChanged, NotAllowedNow and ReasonMissing.
    """
    with transaction() as session:
        request = locked_request(reference, session)
        request.expect(version)
        if event not in DECISIONS:
            raise NotAllowedNow("request", request.status, event)
        if not _taken(request):
            _take(session, request, by, now)
        changes = level is not None and level != request.level
        if changes and not reason:
            raise ReasonMissing
        request.judge(level if level is not None else request.level, now, by, reason or words)
        closed_reason = "sent-to-hospital" if event == "send-to-hospital" else None
        request.move(event, now, by, words, closed_reason)
        request.call_no_more()
        request.instruction = words if event == "decide" else None
        if event == "send-to-hospital" and end_visit(request, by, now):
            outbox.tell_patient(session, request, "cancelled", now)
        if event == "decide":
            escalation.start(session, request, now, clinic)
            reminders.ask_if_worse(session, request, now, clinic.zone)
        audit.remember(session, event, now, by.id, request.id)
    return request


def inquire(
    reference: str,
    question: str,
    version: int,
    by: Practitioner,
    now: dt.datetime,
    clinic: Clinic,
) -> ServiceRequest:
    """Let the desk find something out: the level stays, and its clock starts again at once.

    It takes the case as well if nobody has. The case comes back with the answer; until then nobody
    has decided, so the alarms go on. Raises NotFound, AlreadyChanged, NotAllowedNow and
    ReasonMissing.
    """
    with transaction() as session:
        request = locked_request(reference, session)
        request.expect(version)
        if not question:
            raise ReasonMissing
        if not _taken(request):
            _take(session, request, by, now)
        request.move("inquire", now, by, question)
        request.instruction = question
        request.call_no_more()
        escalation.start(session, request, now, clinic)
        audit.remember(session, "inquire", now, by.id, request.id)
    return request


def _taken(request: ServiceRequest) -> bool:
    return request.status == lifecycle.WITH_DOCTOR and request.acknowledged_at is not None


def _take(
    session: scoped_session[Any], request: ServiceRequest, by: Practitioner, now: dt.datetime
) -> None:
    request.move("acknowledge", now, by)
    request.acknowledged_at, request.acknowledged_by_id = now, by.id
    escalation.stop(session, request, now)
