"""The calendar feed of somebody who works here: a secret address that can be taken back."""

import datetime as dt
import hashlib
import secrets
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from app.domain.errors import NotFound
from app.records import audit, db, transaction
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner

BACK: Final = dt.timedelta(days=30)
AHEAD: Final = dt.timedelta(days=180)
MOST: Final = 5000
SHOWN: Final = ("booked", "arrived", "fulfilled", "cancelled", "noshow")


def make(by: Practitioner, now: dt.datetime) -> str:
    """Give a person a new feed; gives its secret, which is shown once. The one before is dead."""
    secret = secrets.token_urlsafe(32)
    _keep(by, _hash(secret), "feed-new", now)
    return secret


def revoke(by: Practitioner, now: dt.datetime) -> None:
    """Take the feed back: its address leads nowhere from now on."""
    _keep(by, None, "feed-end", now)


def _keep(by: Practitioner, feed_hash: bytes | None, act: str, now: dt.datetime) -> None:
    with transaction() as session:
        person = session.get(Practitioner, by.id)
        if person is None:
            raise NotFound
        person.feed_hash = feed_hash
        audit.remember(session, act, now, person.id, None)


def owner(secret: str) -> Practitioner:
    """Whose feed it is; raises NotFound for any other secret, and for who works here no more."""
    person = db.session.scalar(
        sa.select(Practitioner).where(Practitioner.feed_hash == _hash(secret), Practitioner.active)
    )
    if person is None:
        raise NotFound
    return person


def visits(person: Practitioner, now: dt.datetime) -> list[Appointment]:
    """The visits around now: one's own, or everybody's for those whom nobody visits."""
    near = (
        sa.select(Appointment)
        .join(Appointment.request)
        .options(
            contains_eager(Appointment.request).load_only(ServiceRequest.reference),
            joinedload(Appointment.practitioner),
            joinedload(Appointment.place),
        )
        .where(
            Appointment.starts_at >= now - BACK,
            Appointment.starts_at < now + AHEAD,
            Appointment.status.in_(SHOWN),
        )
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(MOST)
    )
    if person.bookable:
        near = near.where(Appointment.practitioner_id == person.id)
    return list(db.session.scalars(near))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
