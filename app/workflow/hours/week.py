"""A practitioner's weekly hours, and whether this person takes visits at all."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, scoped_session

from app.domain.errors import NotFound
from app.domain.hours import covered
from app.domain.slots import Hours
from app.records import db
from app.records.schedule import Schedule
from app.records.staff import Practitioner
from app.workflow.hours.kinds import kinds
from app.workflow.hours.places import places
from app.workflow.hours.taken import Taken, taken

DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when (None is for good) a week of hours is in force."""

    first: dt.date
    until: dt.date | None
    rows: Sequence[Schedule]


@dataclass(frozen=True, slots=True)
class Row:
    """Hours on one weekday (Monday is 0), in wall time."""

    weekday: int
    opens: dt.time
    closes: dt.time
    place_id: uuid.UUID
    kind_id: uuid.UUID
    kept: int
    released: dt.time


@dataclass(frozen=True, slots=True)
class NewWeek:
    """Other hours of a practitioner from a day on, until a day or for good.

    They take the place of all hours in between. What was in force before ends the day before; what
    would be in force after goes on then.
    """

    practitioner_id: uuid.UUID
    first: dt.date
    until: dt.date | None
    zone: str
    rows: tuple[Row, ...]

    def rests_on(self, now: dt.datetime) -> object:
        """The hours in force from then on, and what is known of the places and kinds."""
        person_with(self.practitioner_id)
        hours = [_values(row) for row in _in_force(self.practitioner_id, self.first)]
        lengths = {kind.id: (kind.minutes, kind.active) for kind in kinds()}
        used = {row.kind_id for row in self.rows}
        there = {place.id: place.active for place in places()}
        return (
            hours,
            sorted((which, known) for which, known in lengths.items() if which in used),
            sorted((row.place_id, there.get(row.place_id)) for row in self.rows),
        )

    def meets(self, now: dt.datetime) -> list[Taken]:
        """The times that fall outside the new hours while they are in force."""
        zone = ZoneInfo(self.zone)
        start = dt.datetime.combine(self.first, dt.time(), zone)
        end = dt.datetime.combine(self.until + DAY, dt.time(), zone) if self.until else None
        week = [self._hours(row, zone) for row in self.rows]
        return [
            each
            for each in taken(now, practitioner_id=self.practitioner_id)
            if each.starts_at >= start
            and (end is None or each.starts_at < end)
            and not covered(each.span, each.place_id, week)
        ]

    def _hours(self, row: Row, zone: ZoneInfo) -> Hours:
        return Hours(
            weekday=row.weekday,
            opens=row.opens,
            closes=row.closes,
            zone=zone,
            # Whom hours cover does not depend on how long their own visits are.
            visit=dt.timedelta(),
            valid_from=self.first,
            valid_until=self.until,
            place=row.place_id,
        )

    def write(self, session: scoped_session[Session]) -> str:
        """Cut what is in force meanwhile, and add the new."""
        for row in _in_force(self.practitioner_id, self.first):
            if self.until and row.valid_from > self.until:
                continue
            if self.until and (row.valid_until is None or row.valid_until > self.until):
                session.add(_copy(row, self.until + DAY))
            if row.valid_from < self.first:
                row.valid_until = self.first - DAY
            else:
                session.delete(row)
        session.add_all(
            Schedule(
                practitioner_id=self.practitioner_id,
                place_id=row.place_id,
                kind_id=row.kind_id,
                weekday=row.weekday,
                opens=row.opens,
                closes=row.closes,
                zone=self.zone,
                valid_from=self.first,
                valid_until=self.until,
                kept_for_urgent=row.kept,
                released_at=row.released,
            )
            for row in self.rows
        )
        return f"hours-set {self.practitioner_id}"


@dataclass(frozen=True, slots=True)
class Bookable:
    """Let a practitioner take visits, or no more."""

    practitioner_id: uuid.UUID
    bookable: bool

    def rests_on(self, now: dt.datetime) -> object:
        """Whether visits are taken now."""
        return person_with(self.practitioner_id).bookable

    def meets(self, now: dt.datetime) -> list[Taken]:
        """When there are to be none any more: all that are to come."""
        return [] if self.bookable else taken(now, practitioner_id=self.practitioner_id)

    def write(self, session: scoped_session[Session]) -> str:
        """Switch it."""
        person_with(self.practitioner_id).bookable = self.bookable
        return f"bookable-{'on' if self.bookable else 'off'} {self.practitioner_id}"


def people() -> list[Practitioner]:
    """Who can have hours: the doctors, and everybody else who takes visits, by name."""
    found = (
        sa.select(Practitioner)
        .where(Practitioner.active)
        .where(sa.or_(Practitioner.role == "doctor", Practitioner.bookable))
        .order_by(Practitioner.name, Practitioner.id)
    )
    return list(db.session.scalars(found))


def person_with(practitioner_id: uuid.UUID) -> Practitioner:
    """One of `people`; raises NotFound."""
    for person in people():
        if person.id == practitioner_id:
            return person
    raise NotFound


def periods(practitioner_id: uuid.UUID, today: dt.date) -> list[Period]:
    """The hours in force today and later, by the days on which they are."""
    rows = _in_force(practitioner_id, today)
    return [
        Period(first, until, list(each))
        for (first, until), each in groupby(rows, lambda row: (row.valid_from, row.valid_until))
    ]


def who_is_there(
    today: dt.date, *, place_id: uuid.UUID | None = None, **of: uuid.UUID
) -> list[str]:
    """Who has hours today or later at that place, or of that kind (`kind_id`), by name."""
    asked = {"place_id": place_id, **of} if place_id else of
    found = (
        sa.select(Practitioner.name)
        .join(Schedule, Schedule.practitioner_id == Practitioner.id)
        .where(Practitioner.active, _lasts_until(today))
        .where(*(getattr(Schedule, name) == value for name, value in asked.items()))
        .distinct()
        .order_by(Practitioner.name)
    )
    return list(db.session.scalars(found))


def _lasts_until(day: dt.date) -> sa.ColumnElement[bool]:
    return sa.or_(Schedule.valid_until.is_(None), Schedule.valid_until >= day)


def _in_force(practitioner_id: uuid.UUID, day: dt.date) -> list[Schedule]:
    """The hours of that day and later, by period, weekday and time."""
    found = (
        sa.select(Schedule)
        .where(Schedule.practitioner_id == practitioner_id, _lasts_until(day))
        .options(joinedload(Schedule.place), joinedload(Schedule.kind))
    )
    return sorted(
        db.session.scalars(found),
        key=lambda row: (
            row.valid_from,
            row.valid_until or dt.date.max,
            row.weekday,
            row.opens,
            row.id,
        ),
    )


def _values(row: Schedule) -> object:
    return tuple(getattr(row, column.key) for column in sa.inspect(Schedule).columns)


def _copy(row: Schedule, first: dt.date) -> Schedule:
    """The same hours, from another day on."""
    values = {column.key: getattr(row, column.key) for column in sa.inspect(Schedule).columns}
    return Schedule(**{**values, "id": None, "valid_from": first})
