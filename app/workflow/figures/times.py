"""How long things took: the median, the longest, and how many came in time.

A case counts in the period in which its clock began to run. Target and level are those that
the history kept with the act, or with the arrival, so that a later change does not touch them.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from app.domain import lifecycle
from app.domain.level import Level
from app.domain.period import Period
from app.records import db
from app.records.contact import ContactAttempt
from app.records.schedule import Appointment
from app.records.seconds import DAY, local_seconds, seconds, start_of
from app.records.service_request import ServiceRequest, StatusChange

FEWEST: Final = 5
"""Of fewer than this no median and no share is told: one more case would turn it round."""

TAKEN, TAKEN_BACK = "acknowledge", "unacknowledge"
CAME: Final = ("arrived", "fulfilled")
MOST_STRETCHES: Final = 31


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took in one group of cases, in seconds.

    `without` are the cases that have not had it. `judged` are those of which it is known whether
    it came in time, the late ones among `without` included; `met` are those in which it did.
    """

    number: int
    without: int
    median: int | None
    longest: int | None
    judged: int
    met: int

    @property
    def enough(self) -> bool:
        """Whether their median says anything."""
        return self.number >= FEWEST

    @property
    def enough_judged(self) -> bool:
        """Whether their share in time says anything."""
        return self.judged >= FEWEST


NONE: Final = Times(0, 0, None, None, 0, 0)


def acknowledged(period: Period, now: dt.datetime) -> dict[Level, Times]:
    """From the start of a case's clock until a doctor took it."""
    return dict(_sums(_taken_or_waiting(period, now)))


def emergencies(period: Period, now: dt.datetime, step: int) -> dict[dt.date, Times]:
    """The same of emergencies alone, by the first day of each stretch of that many days."""
    found = _taken_or_waiting(period, now).subquery()
    place = (local_seconds(found.c.since, period) - start_of(period)) // (DAY * step)
    cases = sa.select(place.label("of"), found.c.since, found.c.took, found.c.met)
    return {
        period.first + dt.timedelta(days=of * step): those
        for of, those in _sums(cases.where(found.c.of == Level.emergency))
    }


def step_of(period: Period) -> int:
    """How many days one point of a chart stands for: a day, a week, or four weeks and more."""
    return next(
        step for step in (1, 7, 28, 91, 364) if step == 364 or period.days <= step * MOST_STRETCHES
    )


def called(period: Period, now: dt.datetime) -> dict[Level, Times]:
    """From the arrival of a request until the first call, answered or not.

    Who has not been called is late when the target has passed and it is still the clinic's turn.
    """
    call = sa.select(sa.func.min(ContactAttempt.at)).where(
        ContactAttempt.request_id == StatusChange.request_id
    )
    cases = (
        sa.select(
            StatusChange.level,
            StatusChange.waiting_since,
            StatusChange.due_at,
            ServiceRequest.status,
            call.scalar_subquery().label("called_at"),
        )
        .join(ServiceRequest, ServiceRequest.id == StatusChange.request_id)
        .where(*_arrived_in(period))
        .subquery()
    ).c
    ours = cases.status.in_((lifecycle.WITH_DOCTOR, lifecycle.WITH_DESK))
    met = sa.case(
        (cases.due_at.is_(None), None),
        (cases.called_at <= cases.due_at, 1),
        (cases.called_at.is_not(None), 0),
        (sa.and_(ours, cases.due_at < now), 0),
    )
    return dict(_sums(_case(cases.level, cases.waiting_since, cases.called_at, met)))


def visited(period: Period) -> dict[Level, Times]:
    """From the arrival of a request until its first visit to which somebody came; no target."""
    visit = sa.select(sa.func.min(Appointment.starts_at)).where(
        Appointment.request_id == StatusChange.request_id, Appointment.status.in_(CAME)
    )
    came_at = visit.scalar_subquery()
    no_target = sa.cast(sa.null(), sa.Integer())
    cases = _case(StatusChange.level, StatusChange.waiting_since, came_at, no_target)
    return dict(_sums(cases.where(*_arrived_in(period))))


def _arrived_in(period: Period) -> Sequence[sa.ColumnElement[bool]]:
    """The line of history with which each request of the period came in."""
    return (StatusChange.event == "submit", *_within(StatusChange.waiting_since, period))


def _within(at: Any, period: Period) -> Sequence[sa.ColumnElement[bool]]:
    return (at >= period.start, at < period.end)


def _case(of: Any, since: Any, until: Any, met: Any) -> sa.Select[Any]:
    """A case of a group: since when, how many seconds it took, and whether that was in time."""
    took = seconds(until) - seconds(since)
    return sa.select(of.label("of"), since.label("since"), took.label("took"), met.label("met"))


def _taken_or_waiting(period: Period, now: dt.datetime) -> sa.CompoundSelect[Any]:
    """The acknowledgement that stands of each clock of the period, or that it has none.

    One that its doctor took back does not stand.
    """
    last = sa.func.row_number().over(
        partition_by=(StatusChange.request_id, StatusChange.waiting_since),
        order_by=(StatusChange.at.desc(), StatusChange.id.desc()),
    )
    acts = (
        sa.select(
            StatusChange.event,
            StatusChange.at,
            StatusChange.level,
            StatusChange.waiting_since,
            StatusChange.due_at,
            last.label("place"),
        )
        .where(StatusChange.event.in_((TAKEN, TAKEN_BACK)))
        .where(*_within(StatusChange.waiting_since, period))
        .subquery()
    ).c
    in_time = sa.case((acts.due_at.is_(None), None), (acts.at <= acts.due_at, 1), else_=0)
    taken = _case(acts.level, acts.waiting_since, acts.at, in_time)
    late = sa.case((ServiceRequest.due_at < now, 0))
    waiting = _case(ServiceRequest.level, ServiceRequest.waiting_since, sa.null(), late)
    return sa.union_all(
        taken.where(acts.place == 1, acts.event == TAKEN),
        waiting.where(
            ServiceRequest.status == lifecycle.WITH_DOCTOR,
            ServiceRequest.acknowledged_at.is_(None),
            *_within(ServiceRequest.waiting_since, period),
        ),
    )


def _sums(cases: sa.Select[Any] | sa.CompoundSelect[Any]) -> Any:
    """Each group of the cases with its `Times`, in one query.

    The median is the middle case of its group by length, or the mean of the two in the middle:
    those at whose place as many lie below as above.
    """
    case = cases.subquery().c
    ranked = sa.select(
        case.of,
        case.took,
        case.met,
        sa.func.row_number()
        .over(partition_by=case.of, order_by=(case.took.is_(None), case.took))
        .label("place"),
        sa.func.count(case.took).over(partition_by=case.of).label("number"),
    ).subquery()
    row = ranked.c
    in_the_middle = (row.place * 2).between(row.number, row.number + 2)
    summed = sa.select(
        row.of,
        sa.func.count(row.took),
        sa.func.count() - sa.func.count(row.took),
        sa.func.avg(sa.case((in_the_middle, row.took))),
        sa.func.max(row.took),
        sa.func.count(row.met),
        sa.func.coalesce(sa.func.sum(row.met), 0),
    ).group_by(row.of)
    for of, number, without, median, *rest in db.session.execute(summed):
        yield of, Times(number, without, None if median is None else round(median), *rest)
