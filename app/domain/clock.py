"""How long a request of each level may wait, and who is told when nobody takes it.

Hours are those of the desk, in local wall time; days on which the whole clinic is closed are none.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.level import Level
from app.domain.slots import Span

DAY: Final = dt.timedelta(days=1)
# More days in a row than any clinic is closed: what cannot be counted is due after them.
FURTHEST: Final = 31


@dataclass(frozen=True, slots=True)
class DeskHours:
    """When the desk answers: from and to per weekday (Monday is 0), less closures."""

    zone: ZoneInfo
    week: tuple[tuple[int, dt.time, dt.time], ...]
    closed: tuple[Span, ...] = ()

    def open_at(self, instant: dt.datetime) -> bool:
        """Whether somebody is at the desk then."""
        day = instant.astimezone(self.zone).date()
        return any(span.start <= instant < span.end for span in self.spans(day))

    def spans(self, day: dt.date) -> list[Span]:
        """The hours of that day, in order; a closure that covers all of them leaves none."""
        hours = sorted(
            (opens, closes) for weekday, opens, closes in self.week if weekday == day.weekday()
        )
        found = [
            Span(self._instant(day, opens), self._instant(day, closes)) for opens, closes in hours
        ]
        for closure in self.closed:
            found = [left for span in found for left in _without(span, closure)]
        return found

    def working_day_after(self, day: dt.date) -> dt.date:
        """The next day on which the desk is open."""
        days = (day + n * DAY for n in range(1, FURTHEST))
        return next((each for each in days if self.spans(each)), day + FURTHEST * DAY)

    def after_working(self, since: dt.datetime, length: dt.timedelta) -> dt.datetime:
        """When so much open time has passed since that instant."""
        day = since.astimezone(self.zone).date()
        for _ in range(FURTHEST):
            for span in self.spans(day):
                start = max(span.start, since)
                if start < span.end:
                    if start + length <= span.end:
                        return start + length
                    length -= span.end - start
            day += DAY
        return since + FURTHEST * DAY

    def _instant(self, day: dt.date, time: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, time, self.zone).astimezone(dt.UTC)


@dataclass(frozen=True, slots=True)
class Targets:
    """How soon each level is answered. Source: triage rule base, section 1 (policy)."""

    emergency: dt.timedelta = dt.timedelta(minutes=15)
    emergency_out_of_hours: dt.timedelta = dt.timedelta(minutes=30)
    # Of open time, but never more than the second of all time.
    urgent: dt.timedelta = dt.timedelta(hours=4)
    urgent_at_most: dt.timedelta = dt.timedelta(hours=24)
    soon_days: int = 1
    routine_days: int = 3


@dataclass(frozen=True, slots=True)
class Clock:
    """By what a clinic counts."""

    hours: DeskHours
    targets: Targets = field(default_factory=Targets)

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return self.hours.zone

    def due_at(self, level: Level, since: dt.datetime) -> dt.datetime:
        """When the target of the level passes for a request waiting since that instant (UTC).

        A less pressing level is never due before a more pressing one. Source: triage rule base,
        section 1 (policy).
        """
        hours, targets = self.hours, self.targets
        if level is Level.emergency:
            in_hours = hours.open_at(since)
            return since + (targets.emergency if in_hours else targets.emergency_out_of_hours)
        earlier = self.due_at(Level(level + 1), since)
        if level is Level.urgent:
            worked = hours.after_working(since, targets.urgent)
            return max(earlier, min(worked, since + targets.urgent_at_most))
        days = targets.soon_days if level is Level.soon else targets.routine_days
        return max(earlier, self._after_days(since, days))

    def _after_days(self, since: dt.datetime, days: int) -> dt.datetime:
        """The same time of day so many working days later, within the hours of that day."""
        local = since.astimezone(self.zone)
        day = local.date()
        for _ in range(days):
            day = self.hours.working_day_after(day)
        same = dt.datetime.combine(day, local.time(), self.zone).astimezone(dt.UTC)
        spans = self.hours.spans(day)
        if not spans:
            return same
        return min(max(same, spans[0].start), spans[-1].end)


def _without(span: Span, closure: Span) -> Iterator[Span]:
    """What a closure leaves of a span."""
    if not span.meets(closure):
        yield span
        return
    if span.start < closure.start:
        yield Span(span.start, closure.start)
    if closure.end < span.end:
        yield Span(closure.end, span.end)


def share_used(since: dt.datetime, due: dt.datetime, now: dt.datetime) -> float:
    """The share of the target that has passed: 0 at the start, 1 when it is reached."""
    whole = (due - since).total_seconds()
    return max(0.0, (now - since).total_seconds() / whole) if whole > 0 else 1.0
