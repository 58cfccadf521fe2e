"""Booked visits that no hours cover any more: somebody must call these patients."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.domain.hours import covered
from app.domain.slots import Closed, Hours, Span
from app.records import db
from app.records.openings import hours_of
from app.records.schedule import Appointment, Closure, Place, Schedule

DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Outside:
    """A visit that stands although it cannot be; `why` is person (has left), closed, or hours."""

    visit: Appointment
    why: str


def outside(now: dt.datetime) -> list[Outside]:
    """The booked visits to come that nobody's hours cover or a closure forbids, by time.

    Whether a person takes new visits, or a kind is still booked, does not matter: those stand.
    """
    visits = _to_come(now)
    hours = _hours(now)
    closures = db.session.scalars(sa.select(Closure).where(Closure.ends_at > now)).all()
    judged = ((visit, _why(visit, hours, closures)) for visit in visits)
    return [Outside(visit, why) for visit, why in judged if why]


def _why(
    visit: Appointment, hours: Mapping[uuid.UUID, list[Hours]], closures: Sequence[Closure]
) -> str | None:
    span = Span(visit.starts_at, visit.ends_at)
    if not visit.practitioner.active:
        return "person"
    if any(
        closure.practitioner_id in (None, visit.practitioner_id)
        and Closed(closure.starts_at, closure.ends_at, closure.place_id).forbids(
            span, visit.place_id
        )
        for closure in closures
    ):
        return "closed"
    return None if covered(span, visit.place_id, hours[visit.practitioner_id]) else "hours"


def _to_come(now: dt.datetime) -> Sequence[Appointment]:
    visits = (
        sa.select(Appointment)
        .where(Appointment.status == "booked")
        .where(Appointment.starts_at > now - DAY, Appointment.ends_at > now)
        .order_by(Appointment.starts_at, Appointment.id)
        .options(
            joinedload(Appointment.practitioner),
            joinedload(Appointment.place),
            joinedload(Appointment.request),
        )
    )
    return db.session.scalars(visits).all()


def _hours(now: dt.datetime) -> Mapping[uuid.UUID, list[Hours]]:
    """By practitioner: the hours at places that are in use, in force today or later."""
    in_force = (
        sa.select(Schedule)
        .join(Schedule.place)
        .where(Place.active)
        .where(sa.or_(Schedule.valid_until.is_(None), Schedule.valid_until >= (now - DAY).date()))
        .options(joinedload(Schedule.kind))
    )
    found: dict[uuid.UUID, list[Hours]] = defaultdict(list)
    for row in db.session.scalars(in_force):
        found[row.practitioner_id].append(hours_of(row))
    return found
