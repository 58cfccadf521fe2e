"""What is to be sent: rows written with the fact that causes them, leased, sent, settled.

A message is enqueued in the transaction of its fact, leased in a short transaction, sent with no
transaction open, and settled in a short transaction. A worker killed at any moment loses nothing:
its lease ends and another one sends the message again, with the same Message-ID.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from app.domain.errors import NotFound
from app.domain.level import Level
from app.records import audit, db, task, transaction
from app.records.outbox import Message
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.records.task import Fact, open_tasks
from app.records.types import UtcDateTime

LEASE: Final = dt.timedelta(seconds=45)
# Of the lease, what must be left when the mail server has answered.
SETTLING: Final = dt.timedelta(seconds=10)
GIVE_UP: Final = dt.timedelta(hours=72)
FIRST_RETRY: Final = dt.timedelta(seconds=5)
LONGEST_WAIT: Final = dt.timedelta(minutes=5)
# While the mail server takes nothing at all, so that all goes out soon after it is back.
LONGEST_WAIT_FOR_SERVER: Final = dt.timedelta(seconds=30)

# Desk and doctor before patient, the pressing before the rest: lower goes first.
_PRIORITY: Final = {"doctor-alert": 0, "new-request": 1, "late": 1, "doctor-asks": 1}
_PATIENT_PRIORITY: Final = 2
_LATER_PRIORITY: Final = 3


def enqueue(
    session: scoped_session[Session],
    request: ServiceRequest,
    kind: str,
    to: Sequence[str],
    at: dt.datetime,
    occurrence: int = 1,
    due_at: dt.datetime | None = None,
) -> None:
    """Write one message per receiver in the caller's transaction; it waits until `due_at`."""
    base = _PRIORITY.get(kind, _LATER_PRIORITY if due_at else _PATIENT_PRIORITY)
    due = due_at or at
    for receiver in to:
        session.add(
            Message(
                kind=kind,
                request_id=request.id,
                to=receiver,
                occurrence=occurrence,
                priority=base + 10 * (Level.emergency - request.level),
                status="waiting",
                created_at=at,
                due_at=due,
                give_up_at=due + GIVE_UP,
                attempts=0,
            )
        )
    session.info["messages"] = True


def enqueue_next(
    session: scoped_session[Session],
    request: ServiceRequest,
    kind: str,
    to: Sequence[str],
    at: dt.datetime,
) -> None:
    """Write the next messages of a kind that may come more than once; each kind counts alone."""
    enqueue(session, request, kind, to, at, next_occurrence(session, request, kind))


def next_occurrence(session: scoped_session[Session], request: ServiceRequest, kind: str) -> int:
    """The number of the next message of that kind; each kind is numbered by itself."""
    newest = session.scalar(
        sa.select(sa.func.max(Message.occurrence)).where(
            Message.request_id == request.id, Message.kind == kind
        )
    )
    return (newest or 0) + 1


def call_off(
    session: scoped_session[Session], request: ServiceRequest, kind: str, at: dt.datetime
) -> None:
    """Drop the messages of that kind that nobody needs any longer, in the caller's transaction."""
    session.execute(
        sa.update(Message)
        .where(Message.request_id == request.id, Message.kind == kind)
        .where(Message.status == "waiting")
        .values(status="dropped", settled_at=at)
    )


def tell_patient(
    session: scoped_session[Session], request: ServiceRequest, kind: str, at: dt.datetime
) -> None:
    """Write to the patient, if there is an address; each kind is numbered by itself."""
    if request.person.get("email"):
        enqueue_next(session, request, kind, ["patient"], at)


@dataclass(frozen=True, slots=True)
class Leased:
    """A message that this worker may send until the lease ends."""

    id: uuid.UUID
    kind: str
    to: str
    request_id: uuid.UUID
    reference: str
    occurrence: int
    created_at: dt.datetime
    attempts: int


def lease(now: dt.datetime) -> Leased | None:
    """Take the most pressing message that is due, or None.

    Its due time moves behind the lease and its attempts rise, both only if nobody was faster.
    """
    due = (
        sa.select(Message, ServiceRequest.reference)
        .join(ServiceRequest, ServiceRequest.id == Message.request_id)
        .where(Message.status == "waiting", Message.due_at <= now)
        .order_by(Message.priority, Message.due_at, Message.id)
        .limit(1)
        .with_for_update(of=Message, skip_locked=True)
    )
    with transaction() as session:
        found = session.execute(due).first()
        if found is None:
            return None
        message, reference = found
        message.due_at = now + LEASE
        message.attempts += 1
        return Leased(
            id=message.id,
            kind=message.kind,
            to=message.to,
            request_id=message.request_id,
            reference=reference,
            occurrence=message.occurrence,
            created_at=message.created_at,
            attempts=message.attempts,
        )


def settle_sent(leased: Leased, now: dt.datetime) -> None:
    """The mail server took it."""
    _settle(leased, now, status="sent", settled_at=now, failure=None)


def settle_dropped(leased: Leased, now: dt.datetime) -> None:
    """It is no longer true, so it must not go out."""
    _settle(leased, now, status="dropped", settled_at=now, failure=None)


def settle_refused(leased: Leased, now: dt.datetime, failure: str) -> None:
    """The mail server refused it for good: the desk gets a task at once."""
    _settle(leased, now, status="failed", settled_at=now, failure=failure)


def settle_postponed(
    leased: Leased, now: dt.datetime, failure: str, longest: dt.timedelta = LONGEST_WAIT
) -> None:
    """It could not be sent now: try again soon, and after three days make a task of it."""
    retry_at = now + retry_after(leased.attempts, longest)
    over = Message.give_up_at <= retry_at
    _settle(
        leased,
        now,
        due_at=retry_at,
        failure=failure,
        status=sa.case((over, "failed"), else_="waiting"),
        settled_at=sa.case((over, sa.literal(now, UtcDateTime())), else_=None),
    )


def retry_after(attempts: int, longest: dt.timedelta = LONGEST_WAIT) -> dt.timedelta:
    """How long to wait after that many tries: 5 s, 10 s, 20 s … never more than 5 minutes."""
    return min(FIRST_RETRY * (1 << min(attempts - 1, 10)), longest)


def _settle(leased: Leased, now: dt.datetime, **values: object) -> None:
    """Write the fate, unless another worker has taken the message over meanwhile."""
    with transaction() as session:
        settled = session.scalar(
            sa.update(Message)
            .where(Message.id == leased.id, Message.attempts == leased.attempts)
            .where(Message.status == "waiting")
            .values(**values)
            .returning(Message.status)
        )
        if settled == "failed":
            failed = Fact(task.UNDELIVERED, str(leased.id), leased.request_id, now)
            open_tasks(session, [failed], now)


def next_due(now: dt.datetime) -> dt.datetime | None:
    """When the next waiting message falls due; None when none waits."""
    return db.session.scalar(
        sa.select(sa.func.min(Message.due_at)).where(Message.status == "waiting")
    )


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that did not arrive, or is late, as the desk sees it."""

    message: Message
    request: ServiceRequest
    to: str


def not_delivered(now: dt.datetime, late: dt.timedelta = LONGEST_WAIT) -> sa.ColumnElement[bool]:
    """What has failed for good, or is late by now."""
    # Leases and tries move `due_at`; `give_up_at` keeps when it should have gone out.
    overdue = sa.and_(Message.status == "waiting", Message.give_up_at < now - late + GIVE_UP)
    return sa.or_(Message.status == "failed", overdue)


def undelivered(now: dt.datetime, late: dt.timedelta = LONGEST_WAIT) -> list[Undelivered]:
    """Messages that failed for good, or have waited longer than they should, oldest first."""
    rows = db.session.execute(
        sa.select(Message, ServiceRequest)
        .join(ServiceRequest, ServiceRequest.id == Message.request_id)
        .where(not_delivered(now, late))
        .order_by(Message.created_at)
        .limit(200)
    ).all()
    names = _names_of_staff([message.to for message, _ in rows])
    return [Undelivered(m, request, _receiver_in_words(m.to, names)) for m, request in rows]


@dataclass(frozen=True, slots=True)
class Told:
    """A message to the clinic and its fate; `to` is a receiver as in `Message`."""

    kind: str
    occurrence: int
    to: str
    status: str
    due_at: dt.datetime
    settled_at: dt.datetime | None


def told(request: ServiceRequest, kinds: Sequence[str], now: dt.datetime) -> list[Told]:
    """The messages of these kinds about a request that went out, or should have by now."""
    rows = db.session.scalars(
        sa.select(Message)
        .where(Message.request_id == request.id, Message.kind.in_(kinds))
        .where(Message.status != "dropped", Message.give_up_at <= now + GIVE_UP)
        .order_by(Message.created_at, Message.occurrence, Message.id)
    )
    # Leases and tries move `due_at`; `give_up_at` keeps when it should have gone out.
    return [
        Told(m.kind, m.occurrence, m.to, m.status, m.give_up_at - GIVE_UP, m.settled_at)
        for m in rows
    ]


def _names_of_staff(receivers: Sequence[str]) -> dict[str, str]:
    """The names of those receivers who work here, in one query."""
    staff = {uuid.UUID(to.partition(":")[2]): to for to in receivers if to.startswith("staff:")}
    found = db.session.execute(
        sa.select(Practitioner.id, Practitioner.name).where(Practitioner.id.in_(staff))
    )
    return {staff[id_]: name for id_, name in found}


def _receiver_in_words(to: str, names: Mapping[str, str]) -> str:
    """Whom a message is for, without an address."""
    kind = to.partition(":")[0]
    if kind == "staff":
        return names.get(to, "a former colleague")
    return {
        "desk": "the desk",
        "patient": "the patient",
        "on-call": "whoever is on call",
        "managers": "the manager",
    }[kind]


def send_again(message_id: uuid.UUID, by: Practitioner, now: dt.datetime) -> None:
    """Put a failed message back into the queue; raises NotFound."""
    with transaction() as session:
        message = session.get(Message, message_id)
        if message is None or message.status not in {"failed", "waiting"}:
            raise NotFound
        message.status, message.failure, message.settled_at = "waiting", None, None
        message.due_at, message.give_up_at = now, now + GIVE_UP
        session.info["messages"] = True
        audit.remember(session, "send-again", now, by.id, message.request_id)
