"""The visits that the hours offer: hours, less closures, less what is taken.

Nothing is stored of them. However many visits there have been, only the rows of the days that are
asked for are read, in three queries.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from app.domain.errors import NotOffered
from app.domain.level import Level
from app.domain.slots import Closed, Hours, Opening, Span, free_starts
from app.records import db
from app.records.schedule import Appointment, Closure, Hold, Place, Schedule, Slot, VisitKind
from app.records.staff import Practitioner
from app.records.turns import while_hours_stand

DAY: Final = dt.timedelta(days=1)
FURTHEST: Final = 366 * DAY
"""How far ahead a visit can be booked."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which visit somebody wants: with whom, of what kind, and from when."""

    practitioner_id: uuid.UUID
    kind_id: uuid.UUID
    starts_at: dt.datetime


def choice_of(taken: Appointment | Hold) -> Choice:
    """What names the time that somebody has."""
    return Choice(taken.practitioner_id, taken.kind_id, taken.starts_at)


@dataclass(frozen=True, slots=True)
class Offer:
    """A visit that the hours offer, with everything that is shown and stored of it."""

    practitioner: Practitioner
    place: Place
    kind: VisitKind
    visit: Opening

    @property
    def choice(self) -> Choice:
        """What names it."""
        return Choice(self.practitioner.id, self.kind.id, self.visit.start)


@dataclass(frozen=True, slots=True)
class Seeker:
    """A patient who chooses by oneself, at that level; None stands for the desk.

    Patients are bound to lead time and horizon, to the kinds that they may choose, and to what is
    not kept for more urgent ones. An emergency gets no times at all: it must not wait for one.
    What is kept for the patient's own draft is free for that patient.
    """

    level: Level
    draft_id: uuid.UUID | None = None

    def may_have(self, offer: Offer, now: dt.datetime) -> bool:
        """Whether this visit is offered to the patient."""
        kind, start, kept_until = offer.kind, offer.visit.start, offer.visit.kept_until
        kept = kept_until is not None and now < kept_until and self.level < Level.urgent
        earliest = now + dt.timedelta(minutes=kind.lead_minutes)
        within = earliest <= start < now + kind.horizon_days * DAY
        return self.level < Level.emergency and kind.for_patients and within and not kept


def practitioners(only: uuid.UUID | None = None) -> list[Practitioner]:
    """Everybody who can be visited, by name; or one of them alone."""
    return list(db.session.scalars(_bookable(only)))


def last_day_for_patients(today: dt.date) -> dt.date:
    """Up to which day patients may choose a visit of some kind."""
    horizons = sa.select(sa.func.max(VisitKind.horizon_days)).where(
        VisitKind.active, VisitKind.for_patients
    )
    return today + (db.session.scalar(horizons) or 0) * DAY


def free(
    people: Sequence[Practitioner],
    first_day: dt.date,
    days: int,
    now: dt.datetime,
    seeker: Seeker | None = None,
) -> list[tuple[dt.date, list[Offer]]]:
    """The free visits of these practitioners on that many days, by local day; never an empty day.

    Within a day they stand by practitioner in the given order, then by time. There are none in the
    past, and none further ahead than `FURTHEST`.
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
    taken = _taken(ids, window, now, seeker.draft_id if seeker else None)
    found = []
    for day in wanted:
        offers = [
            offer
            for person in people
            for offer in _offers(hours[person.id], person, day, closures, taken[person.id], now)
            if offer.visit.start < now + FURTHEST
            and (seeker is None or seeker.may_have(offer, now))
        ]
        if offers:
            found.append((day, offers))
    return found


def offered(choice: Choice, now: dt.datetime, seeker: Seeker | None = None) -> Offer:
    """The visit that was chosen, whether or not it is taken; raises NotOffered.

    It is asked in the transaction that books, so that nobody can make up a time; the hours stand
    until that ends.
    """
    while_hours_stand(db.session)
    person = db.session.scalar(_bookable(choice.practitioner_id))
    if person is None or not now <= choice.starts_at < now + FURTHEST:
        raise NotOffered
    days = [choice.starts_at.date() + n * DAY for n in (-1, 0, 1)]
    week = _hours([person.id], days)[person.id]
    closures = _closures([person.id], _around(days[0], days[-1]))
    for day in days:
        for offer in _offers(week, person, day, closures, (), now):
            if offer.choice == choice and (seeker is None or seeker.may_have(offer, now)):
                return offer
    raise NotOffered


def _offers(
    week: Mapping[Hours, Schedule],
    person: Practitioner,
    day: dt.date,
    closures: Sequence[tuple[uuid.UUID | None, Closed]],
    taken: Collection[dt.datetime],
    now: dt.datetime,
) -> Iterator[Offer]:
    """What is free on that day, each visit with its place and kind."""
    closed = [span for who, span in closures if who in (None, person.id)]
    for opening in free_starts(week, (day,), closed, taken, now):
        row = week[opening.hours]
        yield Offer(person, row.place, row.kind, opening)


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


def _hours(
    ids: Sequence[uuid.UUID], days: Sequence[dt.date]
) -> dict[uuid.UUID, dict[Hours, Schedule]]:
    """By practitioner: the hours in force on any of these days, with their rows."""
    in_force = (
        sa.select(Schedule)
        .join(Schedule.place)
        .join(Schedule.kind)
        .options(contains_eager(Schedule.place), contains_eager(Schedule.kind))
        .where(
            Schedule.practitioner_id.in_(ids),
            Schedule.valid_from <= days[-1],
            sa.or_(Schedule.valid_until.is_(None), Schedule.valid_until >= days[0]),
            Place.active,
            VisitKind.active,
        )
    )
    found: dict[uuid.UUID, dict[Hours, Schedule]] = defaultdict(dict)
    for row in db.session.scalars(in_force):
        found[row.practitioner_id][hours_of(row)] = row
    return found


def hours_of(row: Schedule) -> Hours:
    """A row as the rules about free times read it."""
    kind = row.kind
    return Hours(
        weekday=row.weekday,
        opens=row.opens,
        closes=row.closes,
        zone=ZoneInfo(row.zone),
        visit=dt.timedelta(minutes=kind.minutes),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        before=dt.timedelta(minutes=kind.buffer_before),
        after=dt.timedelta(minutes=kind.buffer_after),
        kept=row.kept_for_urgent,
        released=row.released_at,
        place=row.place_id,
        kind=row.kind_id,
    )


def _closures(ids: Sequence[uuid.UUID], window: Span) -> list[tuple[uuid.UUID | None, Closed]]:
    """Each with the practitioner who is away, or None."""
    meeting = sa.select(Closure).where(
        Closure.ends_at > window.start,
        Closure.starts_at < window.end,
        sa.or_(Closure.practitioner_id.is_(None), Closure.practitioner_id.in_(ids)),
    )
    return [
        (row.practitioner_id, Closed(row.starts_at, row.ends_at, row.place_id))
        for row in db.session.scalars(meeting)
    ]


def _taken(
    ids: Sequence[uuid.UUID], window: Span, now: dt.datetime, draft_id: uuid.UUID | None
) -> dict[uuid.UUID, set[dt.datetime]]:
    """The cells that are taken, by practitioner; a hold or offer that is over takes nothing."""
    in_window = sa.select(Slot.practitioner_id, Slot.cell_at).where(
        Slot.practitioner_id.in_(ids),
        Slot.cell_at >= window.start,
        Slot.cell_at < window.end,
        sa.or_(Slot.expires_at.is_(None), Slot.expires_at > now),
    )
    if draft_id:
        own = sa.select(Hold.id).where(Hold.draft_id == draft_id)
        in_window = in_window.where(sa.or_(Slot.hold_id.is_(None), Slot.hold_id.not_in(own)))
    found = defaultdict(set)
    for practitioner_id, cell_at in db.session.execute(in_window):
        found[practitioner_id].add(cell_at)
    return found
