"""A stretch of days of the clinic, for figures."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both included, as the clinic's clocks count days."""

    first: dt.date
    last: dt.date
    zone: ZoneInfo

    @property
    def start(self) -> dt.datetime:
        """The midnight with which it begins (UTC)."""
        return self._midnight(self.first)

    @property
    def end(self) -> dt.datetime:
        """The midnight after its last day (UTC)."""
        return self._midnight(self.last + DAY)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def offsets(self) -> Iterator[tuple[dt.datetime, int]]:
        """How many seconds the clocks are ahead of UTC, and until when, for each time of the year.

        The change is found to the day and then to the minute; most zones have one pair.
        """
        since, offset = self.start, self._offset(self.start)
        while since < self.end:
            until = min(since + DAY, self.end)
            if self._offset(until) != offset:
                until = self._change(since, until)
                yield until, offset
                offset = self._offset(until)
            since = until
        yield self.end, offset

    def _midnight(self, day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(), self.zone).astimezone(dt.UTC)

    def _offset(self, at: dt.datetime) -> int:
        found = at.astimezone(self.zone).utcoffset()
        return int(found.total_seconds()) if found else 0

    def _change(self, before: dt.datetime, after: dt.datetime) -> dt.datetime:
        """The first minute after `before` at which the clocks go otherwise."""
        offset = self._offset(before)
        while after - before > dt.timedelta(minutes=1):
            middle = before + dt.timedelta(minutes=(after - before) // dt.timedelta(minutes=2))
            if self._offset(middle) == offset:
                before = middle
            else:
                after = middle
        return after
