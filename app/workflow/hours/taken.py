"""The times to come that somebody has: booked visits, offered times, and times that are held."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from app.domain.slots import Span
from app.records import db
from app.records.schedule import Appointment, Hold
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner

DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Taken:
    """A time that somebody has: `how` is booked, offered or held.

    Offered is to the waiting list; held is for a patient who is still filling in the enquiry, so
    that there is no reference yet.
    """

    how: str
    id: uuid.UUID
    version: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    practitioner_id: uuid.UUID
    practitioner: str
    place_id: uuid.UUID
    reference: str | None

    @property
    def span(self) -> Span:
        """The visit without its buffers."""
        return Span(self.starts_at, self.ends_at)


def taken(
    now: dt.datetime,
    *,
    practitioner_id: uuid.UUID | None = None,
    place_id: uuid.UUID | None = None,
    kind_id: uuid.UUID | None = None,
) -> list[Taken]:
    """What has not ended yet, of this person, at this place, of this kind; by time."""
    asked = {"practitioner_id": practitioner_id, "place_id": place_id, "kind_id": kind_id}
    wanted = {name: value for name, value in asked.items() if value}
    found = [*_visits(now, wanted), *_holds(now, wanted)]
    return sorted(found, key=lambda each: (each.starts_at, each.practitioner, each.id))


def _visits(now: dt.datetime, wanted: dict[str, uuid.UUID]) -> Iterator[Taken]:
    visits = (
        _to_come(Appointment, now, wanted)
        .add_columns(Appointment.version, Appointment.status, ServiceRequest.reference)
        .join(Appointment.request)
        .where(
            sa.or_(
                Appointment.status.in_(("booked", "arrived")),
                sa.and_(Appointment.status == "held", Appointment.held_until > now),
            )
        )
    )
    for row in db.session.execute(visits):
        how = "offered" if row.status == "held" else "booked"
        yield _read(row, how, row.version, row.reference)


def _holds(now: dt.datetime, wanted: dict[str, uuid.UUID]) -> Iterator[Taken]:
    holds = _to_come(Hold, now, wanted).where(Hold.expires_at > now)
    for row in db.session.execute(holds):
        yield _read(row, "held", 0, None)


def _to_come(
    table: type[Appointment] | type[Hold], now: dt.datetime, wanted: dict[str, uuid.UUID]
) -> sa.Select[*tuple[Any, ...]]:
    """Without reading what is past: no visit lasts a day, and its beginning has an index."""
    return (
        sa.select(
            table.id,
            table.starts_at,
            table.ends_at,
            table.practitioner_id,
            table.place_id,
            Practitioner.name,
        )
        .join(Practitioner, Practitioner.id == table.practitioner_id)
        .where(table.starts_at > now - DAY, table.ends_at > now)
        .where(*(getattr(table, name) == value for name, value in wanted.items()))
    )


def _read(row: Any, how: str, version: int, reference: str | None) -> Taken:
    return Taken(
        how=how,
        id=row.id,
        version=version,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        practitioner_id=row.practitioner_id,
        practitioner=row.name,
        place_id=row.place_id,
        reference=reference,
    )
