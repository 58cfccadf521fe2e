"""The clock of a request: who is told, and who is told next when nobody takes it.

Every step is a message with its own due time, written with the request and dropped when somebody
takes it. After the last step all are told again until a named person does: `go_on` looks for
requests that are late and about which nothing is on its way, so a lost worker loses no step.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, scoped_session

from app.domain import lifecycle
from app.domain.clinic import Clinic
from app.domain.clock import DAY
from app.domain.escalation import (
    DESK,
    Step,
    again_at,
    everybody,
    to_desk,
    to_desk_for_doctor,
    to_doctors,
)
from app.domain.level import Level
from app.domain.slots import Span
from app.records import db, transaction
from app.records.contact import ContactAttempt
from app.records.outbox import Message
from app.records.schedule import Closure
from app.records.service_request import ServiceRequest
from app.workflow import outbox

TO_DOCTORS, TO_DESK, DOCTOR_ASKS = KINDS = ("doctor-alert", "late", "doctor-asks")
MOST_AT_ONCE: Final = 200

_OTHER: Final = aliased(ServiceRequest)
UNTAKEN: Final = sa.or_(
    sa.and_(
        ServiceRequest.status == lifecycle.WITH_DOCTOR, ServiceRequest.acknowledged_at.is_(None)
    ),
    sa.and_(
        ServiceRequest.status == lifecycle.WITH_DESK,
        # A call answers the patient, but not the doctor who has asked.
        sa.or_(
            ServiceRequest.asked_at.is_not(None),
            sa.and_(
                ~sa.exists().where(
                    ContactAttempt.request_id == ServiceRequest.id,
                    ContactAttempt.at >= ServiceRequest.waiting_since,
                ),
                # Nor was the person called for another request of the same case.
                ~sa.exists().where(
                    _OTHER.case_id == ServiceRequest.case_id,
                    ContactAttempt.request_id == _OTHER.id,
                    ContactAttempt.at >= ServiceRequest.waiting_since,
                ),
            ),
        ),
    ),
)
"""A request that waits for somebody who takes it."""

_ON_ITS_WAY: Final = sa.exists().where(
    Message.request_id == ServiceRequest.id,
    Message.kind.in_(KINDS),
    Message.status == "waiting",
)


def days_closed(now: dt.datetime) -> tuple[Span, ...]:
    """The closures of the whole clinic that are not long over."""
    closures = sa.select(Closure.starts_at, Closure.ends_at).where(
        Closure.practitioner_id.is_(None), Closure.place_id.is_(None), Closure.ends_at > now - DAY
    )
    return tuple(Span(start, end) for start, end in db.session.execute(closures))


def start(
    session: scoped_session[Any], request: ServiceRequest, now: dt.datetime, clinic: Clinic
) -> None:
    """Let a request wait anew, from now, with all its steps; in the caller's transaction."""
    request.waiting_since = now
    set_due(session, request, now, clinic)


def set_due(
    session: scoped_session[Any], request: ServiceRequest, now: dt.datetime, clinic: Clinic
) -> None:
    """Give it the target of its level from now on; how long it has waited stays known."""
    request.due_at = clinic.clock.due_at(request.level, now)
    run(session, request, now, clinic, since=now)


def run(
    session: scoped_session[Any],
    request: ServiceRequest,
    now: dt.datetime,
    clinic: Clinic,
    since: dt.datetime | None = None,
) -> None:
    """Write the steps up to the target that it has, in place of those that wait."""
    stop(session, request, now)
    begun, hours = since or request.waiting_since, clinic.clock.hours
    steps: Iterable[Step] = ()
    if request.status == lifecycle.WITH_DOCTOR:
        steps = to_doctors(request.level, begun, request.due_at, hours)
    elif request.asked_at:
        steps = to_desk_for_doctor(request.level, begun, request.due_at, hours)
    elif request.status == lifecycle.WITH_DESK:
        steps = to_desk(request.due_at, hours)
    _write(session, request, steps, now, clinic)


def start_again(
    session: scoped_session[Any],
    request: ServiceRequest,
    now: dt.datetime,
    clinic: Clinic,
    why: str = "a doctor must see the new answers",
) -> None:
    """Whoever took or closed the case has not seen what is new: all begins anew."""
    request.acknowledged_at = request.acknowledged_by_id = None
    if "escalate" in request.events() and request.level >= Level.urgent:
        request.move("escalate", now, note=why)
    start(session, request, now, clinic)


def stop(session: scoped_session[Any], request: ServiceRequest, now: dt.datetime) -> None:
    """Somebody has taken it: drop what still waits, in the caller's transaction."""
    for kind in KINDS:
        outbox.call_off(session, request, kind, now)


def go_on(now: dt.datetime, clinic: Clinic) -> int:
    """Tell all of them again about what is late and still nobody's; gives how many requests."""
    late = (
        sa.select(ServiceRequest.id)
        .where(UNTAKEN, ~_ON_ITS_WAY, ServiceRequest.due_at <= now)
        .order_by(ServiceRequest.level.desc(), ServiceRequest.due_at)
        .limit(MOST_AT_ONCE)
    )
    return sum(_tell_again(each, now, clinic) for each in db.session.scalars(late).all())


def _tell_again(request_id: Any, now: dt.datetime, clinic: Clinic) -> bool:
    with transaction() as session:
        # Locked and asked again: another worker, or the person who takes it, may be faster.
        request = session.scalar(
            sa.select(ServiceRequest)
            .where(ServiceRequest.id == request_id, UNTAKEN, ~_ON_ITS_WAY)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if request is None:
            return False
        last = session.scalar(
            sa.select(sa.func.max(Message.settled_at)).where(
                Message.request_id == request.id, Message.kind.in_(KINDS)
            )
        )
        hours = clinic.clock.hours
        if last is not None and again_at(request.level, last, hours) > now:
            return False
        told = everybody(
            request.level,
            with_doctor=request.status == lifecycle.WITH_DOCTOR,
            asked=request.asked_at is not None,
        )
        _write(session, request, [Step(now, told)], now, clinic)
    return True


def _write(
    session: scoped_session[Any],
    request: ServiceRequest,
    steps: Iterable[Step],
    now: dt.datetime,
    clinic: Clinic,
) -> None:
    kind = _kind_of(request)
    if kind is None:
        return
    first = outbox.next_occurrence(session, request, kind)
    for number, step in enumerate(steps, first):
        to = list(_receivers(step.to, clinic))
        outbox.enqueue(session, request, kind, to, now, number, max(step.at, now))


def _kind_of(request: ServiceRequest) -> str | None:
    if request.status == lifecycle.WITH_DOCTOR:
        return TO_DOCTORS
    if request.status == lifecycle.WITH_DESK:
        return DOCTOR_ASKS if request.asked_at else TO_DESK
    return None


def _receivers(to: Iterable[str], clinic: Clinic) -> Iterator[str]:
    for who in to:
        if who == DESK:
            yield from (f"desk:{number}" for number in range(clinic.desk_mailboxes))
        else:
            yield who
