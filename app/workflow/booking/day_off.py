"""Closing a practitioner's day, or some days or hours: numbers first, then all of it at once."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.domain.clinic import Clinic
from app.domain.errors import AlreadyChanged, NotFound, ReasonMissing
from app.domain.slots import Span
from app.records import audit, db, transaction
from app.records.outbox import Message
from app.records.schedule import Appointment, Closure
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.records.turns import while_nobody_books
from app.workflow.booking import offers
from app.workflow.booking.acts import give_up

LONGEST: Final = dt.timedelta(days=93)
"""How long a time can be closed at once."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What closing a time would meet: the visits that are to come, and who has come already."""

    practitioner: Practitioner
    span: Span
    visits: Sequence[Appointment]
    arrived: Sequence[Appointment]
    digest: str
    """Of what the person saw: another visit, or another time of one, gives another digest."""


@dataclass(frozen=True, slots=True)
class ToCall:
    """Somebody whose visit was cancelled and whom no mail reaches."""

    visit: Appointment
    request: ServiceRequest


def preview(practitioner_id: uuid.UUID, span: Span, now: dt.datetime) -> Preview:
    """What closing that time would meet; raises NotFound."""
    person = db.session.get(Practitioner, practitioner_id)
    if person is None:
        raise NotFound
    met = db.session.scalars(_meeting(practitioner_id, span)).all()
    visits = [visit for visit in met if visit.status == "booked" and visit.starts_at > now]
    arrived = [visit for visit in met if visit.status == "arrived"]
    seen = [f"{practitioner_id} {span.start} {span.end}"]
    seen += [f"{visit.id} {visit.version}" for visit in (*visits, *arrived)]
    digest = hashlib.sha256("\n".join(seen).encode()).hexdigest()
    return Preview(person, span, visits, arrived, digest)


def close(
    practitioner_id: uuid.UUID,
    span: Span,
    chosen: Collection[uuid.UUID],
    digest: str,
    reason: str,
    told: bool,
    by: Practitioner,
    now: dt.datetime,
    clinic: Clinic,
) -> Closure:
    """Close the time, cancel the chosen visits and tell the patients: all of it, or nothing.

    Visits that were not chosen stand. Raises NotFound, ReasonMissing, and AlreadyChanged when a
    visit was booked or changed since the preview with that digest.
    """
    if not reason:
        raise ReasonMissing
    with transaction() as session:
        while_nobody_books(session)
        seen = preview(practitioner_id, span, now)
        if seen.digest != digest or not set(chosen) <= {visit.id for visit in seen.visits}:
            raise AlreadyChanged
        closure = Closure(
            practitioner_id=practitioner_id,
            starts_at=span.start,
            ends_at=span.end,
            reason=reason,
            told=told,
        )
        session.add(closure)
        for held in session.scalars(_meeting(practitioner_id, span, "held")).all():
            offers.end(session, held, "withdraw-offer", by, now)
        cancelled = [visit for visit in seen.visits if visit.id in chosen]
        for visit in cancelled:
            give_up(session, visit, by, now, clinic, reason)
        session.flush()
        # Last, because the writers of the log wait for each other.
        for visit in cancelled:
            audit.remember(session, "cancel", now, by.id, visit.request_id)
        audit.remember(session, "close-time", now, by.id, None)
    return closure


def to_call(practitioner_id: uuid.UUID, span: Span) -> list[ToCall]:
    """Whose visit in that time was cancelled and whom no mail reaches, by time of the visit.

    They gave no address, or the mail server refused the mail for good.
    """
    visits = db.session.scalars(
        _meeting(practitioner_id, span, "cancelled").where(Appointment.held_until.is_(None))
    ).all()
    refused = set(
        db.session.scalars(
            sa.select(Message.request_id).where(
                Message.request_id.in_([visit.request_id for visit in visits]),
                Message.kind == "cancelled",
                Message.status == "failed",
            )
        )
    )
    return [
        ToCall(visit, visit.request)
        for visit in visits
        if visit.request_id in refused or not visit.request.person.get("email")
    ]


def _meeting(practitioner_id: uuid.UUID, span: Span, *statuses: str) -> sa.Select[Appointment]:
    """The visits of a practitioner that share a moment with that time, in order."""
    return (
        sa.select(Appointment)
        .where(
            Appointment.practitioner_id == practitioner_id,
            # Read by the index of the starts, however many visits there have been.
            Appointment.starts_at > span.start - offers.LONGEST,
            Appointment.starts_at < span.end,
            Appointment.ends_at > span.start,
            Appointment.status.in_(statuses or ("booked", "arrived")),
        )
        .order_by(Appointment.starts_at, Appointment.created_at)
        .options(
            joinedload(Appointment.practitioner),
            joinedload(Appointment.request).selectinload(ServiceRequest.attempts),
            joinedload(Appointment.request).selectinload(ServiceRequest.appointments),
        )
        .execution_options(populate_existing=True)
    )
