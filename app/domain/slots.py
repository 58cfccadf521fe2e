"""Opening hours and exceptions give free starts, in UTC."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

CELL = dt.timedelta(minutes=5)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Hours:
    """A practitioner's weekly hours on one weekday (Monday is 0), in local wall time."""

    weekday: int
    opens: dt.time
    closes: dt.time
    zone: ZoneInfo
    visit: dt.timedelta
    valid_from: dt.date
    valid_until: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Whether these hours are in force on that day."""
        return (
            day.weekday() == self.weekday
            and self.valid_from <= day
            and (self.valid_until is None or day <= self.valid_until)
        )


@dataclass(frozen=True, slots=True)
class Span:
    """From an instant up to, not including, another (UTC)."""

    start: dt.datetime
    end: dt.datetime

    def meets(self, other: "Span") -> bool:
        """Whether the two share any moment."""
        return self.start < other.end and other.start < self.end


def cells(span: Span) -> tuple[dt.datetime, ...]:
    """The starts of the five-minute cells that the span takes up.

    Cells lie on one grid, so that spans of any start and length that meet share a cell.
    """
    first = span.start - (span.start - EPOCH) % CELL
    count = -((first - span.end) // CELL)
    return tuple(first + CELL * number for number in range(count))


def free_starts(
    hours: Iterable[Hours],
    days: Iterable[dt.date],
    closed: Collection[Span],
    taken: Collection[dt.datetime],
    not_before: dt.datetime,
) -> Iterator[Span]:
    """The free visits of one practitioner, day by day, in order.

    Local opening and closing times become instants once; from then on time is stepped in UTC, so
    that a clock change neither repeats nor skips a visit.
    """
    week = tuple(hours)
    for day in days:
        for open_hours in sorted(week, key=lambda h: h.opens):
            if open_hours.holds_on(day):
                yield from _free_within(open_hours, day, closed, taken, not_before)


def _free_within(
    hours: Hours,
    day: dt.date,
    closed: Collection[Span],
    taken: Collection[dt.datetime],
    not_before: dt.datetime,
) -> Iterator[Span]:
    start = _instant(day, hours.opens, hours.zone)
    end = _instant(day, hours.closes, hours.zone)
    while start + hours.visit <= end:
        visit = Span(start, start + hours.visit)
        open_then = start >= not_before and not any(visit.meets(closure) for closure in closed)
        if open_then and not any(cell in taken for cell in cells(visit)):
            yield visit
        start += hours.visit


def _instant(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, time, zone).astimezone(dt.UTC)
