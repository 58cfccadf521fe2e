"""Opening hours and exceptions give free starts, in UTC."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

CELL = dt.timedelta(minutes=5)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Hours:
    """A practitioner's weekly hours on one weekday (Monday is 0), in local wall time.

    `before` and `after` are the buffers around each visit. The last `kept` visits are for urgent
    requests until `released`, a wall time of the same day. `place` and `kind` are ids.
    """

    weekday: int
    opens: dt.time
    closes: dt.time
    zone: ZoneInfo
    visit: dt.timedelta
    valid_from: dt.date
    valid_until: dt.date | None = None
    before: dt.timedelta = dt.timedelta()
    after: dt.timedelta = dt.timedelta()
    kept: int = 0
    released: dt.time = dt.time()
    place: uuid.UUID | None = None
    kind: uuid.UUID | None = None

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


@dataclass(frozen=True, slots=True)
class Closed(Span):
    """A time without visits; only at one place, if it is named."""

    place: uuid.UUID | None = None

    def forbids(self, visit: Span, place: uuid.UUID | None) -> bool:
        """Whether a visit there cannot be at that time."""
        return self.place in (None, place) and self.meets(visit)


@dataclass(frozen=True, slots=True)
class Opening(Span):
    """A visit that the hours offer; until `kept_until` it is for urgent requests alone."""

    hours: Hours
    kept_until: dt.datetime | None = None

    @property
    def busy(self) -> Span:
        """The visit with its buffers: what it takes of the practitioner's time."""
        return Span(self.start - self.hours.before, self.end + self.hours.after)


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
    closed: Collection[Closed],
    taken: Collection[dt.datetime],
    not_before: dt.datetime,
) -> Iterator[Opening]:
    """The free visits of one practitioner, day by day, in order.

    Local opening and closing times become instants once; from then on time is stepped in UTC, so
    that a clock change neither repeats nor skips a visit.
    """
    week = tuple(hours)
    for day in days:
        for open_hours in sorted(week, key=lambda h: h.opens):
            if open_hours.holds_on(day):
                for opening in _offered(open_hours, day):
                    if opening.start >= not_before and _is_free(opening, closed, taken):
                        yield opening


def _is_free(opening: Opening, closed: Collection[Closed], taken: Collection[dt.datetime]) -> bool:
    if any(closure.forbids(opening, opening.hours.place) for closure in closed):
        return False
    return not any(cell in taken for cell in cells(opening.busy))


def _offered(hours: Hours, day: dt.date) -> Iterator[Opening]:
    """Every visit of these hours on that day, free or not."""
    start = _instant(day, hours.opens, hours.zone)
    end = _instant(day, hours.closes, hours.zone)
    step = hours.before + hours.visit + hours.after
    # The last visit must end by closing time; its buffer may run over.
    number = max(0, (end - start - hours.visit) // step + 1)
    released = _instant(day, hours.released, hours.zone) if hours.kept else None
    for n in range(number):
        begins = start + n * step
        kept_until = released if n >= number - hours.kept else None
        yield Opening(begins, begins + hours.visit, hours, kept_until)


def _instant(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, time, zone).astimezone(dt.UTC)
