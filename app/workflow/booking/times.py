"""The free times of the practitioners: their hours, less closures, less what is taken.

Nothing is stored of them. However many visits there have been, only the rows of the days that are
asked for are read, in three queries and one for the practitioners.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.domain.errors import NotOffered
from app.domain.slots import Hours, Span, free_starts
from app.records import db
from app.records.schedule import Closure, Schedule, Slot
from app.records.staff import Practitioner

DAY: Final = dt.timedelta(days=1)
FURTHEST: Final = 366 * DAY
"""How far ahead a visit can be booked."""


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A practitioner's free visits on one day of the own hours, in order; never none."""

    day: dt.date
    practitioner: Practitioner
    visits: tuple[Span, ...]


def practitioners(only: uuid.UUID | None = None) -> list[Practitioner]:
    """Everybody who can be visited, by name; or one of them alone."""
    return list(db.session.scalars(_bookable(only)))


def free_times(
    people: Sequence[Practitioner], first_day: dt.date, days: int, now: dt.datetime
) -> list[FreeDay]:
    """The free visits of these practitioners on that many days, day by day and in their order.

    There are none in the past, and none further ahead than `FURTHEST`.
    """
    first_day = max(first_day, (now - DAY).date())
    last_day = (now + FURTHEST).date()
    wanted = [first_day + n * DAY for n in range(min(days, (last_day - first_day).days + 1))]
    if not wanted or not people:
        return []
    ids = [person.id for person in people]
    window = _around(wanted[0], wanted[-1])
    hours = _hours(ids, wanted)
    closures = _closures(ids, window)
    taken = _taken(ids, window)
    found = []
    for day in wanted:
        for person in people:
            closed = closures[person.id] + closures[None]
            visits = free_starts(hours[person.id], (day,), closed, taken[person.id], now)
            if offered := tuple(visit for visit in visits if visit.start < now + FURTHEST):
                found.append(FreeDay(day, person, offered))
    return found


def visit_offered(
    practitioner_id: uuid.UUID, starts_at: dt.datetime, now: dt.datetime
) -> tuple[Practitioner, Span]:
    """Who is to be visited, from when to when, whether or not it is taken; raises NotOffered.

    It is asked in the transaction that books, so that nobody can make up a time.
    """
    person = db.session.scalar(_bookable(practitioner_id))
    if person is None or not now <= starts_at < now + FURTHEST:
        raise NotOffered
    days = [starts_at.date() + n * DAY for n in (-1, 0, 1)]
    hours = _hours([person.id], days)[person.id]
    closures = _closures([person.id], _around(days[0], days[-1]))
    closed = closures[person.id] + closures[None]
    for visit in free_starts(hours, days, closed, (), now):
        if visit.start == starts_at:
            return person, visit
    raise NotOffered


def _bookable(only: uuid.UUID | None) -> sa.Select[Practitioner]:
    statement = sa.select(Practitioner).where(Practitioner.active, Practitioner.bookable)
    if only is not None:
        statement = statement.where(Practitioner.id == only)
    return statement.order_by(Practitioner.name, Practitioner.id)


def _around(first: dt.date, last: dt.date) -> Span:
    """An interval that holds these days in every time zone."""
    midnights = (dt.datetime.combine(day, dt.time(), dt.UTC) for day in (first, last))
    start, end = midnights
    return Span(start - DAY, end + 2 * DAY)


def _hours(ids: Sequence[uuid.UUID], days: Sequence[dt.date]) -> dict[uuid.UUID, list[Hours]]:
    in_force = sa.select(Schedule).where(
        Schedule.practitioner_id.in_(ids),
        Schedule.valid_from <= days[-1],
        sa.or_(Schedule.valid_until.is_(None), Schedule.valid_until >= days[0]),
    )
    found = defaultdict(list)
    for row in db.session.scalars(in_force):
        hours = Hours(
            row.weekday,
            row.opens,
            row.closes,
            ZoneInfo(row.zone),
            dt.timedelta(minutes=row.visit_minutes),
            row.valid_from,
            row.valid_until,
        )
        found[row.practitioner_id].append(hours)
    return found


def _closures(ids: Sequence[uuid.UUID], window: Span) -> dict[uuid.UUID | None, list[Span]]:
    """By practitioner; under None, when the whole clinic is closed."""
    meeting = sa.select(Closure).where(
        Closure.ends_at > window.start,
        Closure.starts_at < window.end,
        sa.or_(Closure.practitioner_id.is_(None), Closure.practitioner_id.in_(ids)),
    )
    found = defaultdict(list)
    for row in db.session.scalars(meeting):
        found[row.practitioner_id].append(Span(row.starts_at, row.ends_at))
    return found


def _taken(ids: Sequence[uuid.UUID], window: Span) -> dict[uuid.UUID, set[dt.datetime]]:
    in_window = sa.select(Slot.practitioner_id, Slot.cell_at).where(
        Slot.practitioner_id.in_(ids), Slot.cell_at >= window.start, Slot.cell_at < window.end
    )
    found = defaultdict(set)
    for practitioner_id, cell_at in db.session.execute(in_window):
        found[practitioner_id].add(cell_at)
    return found
