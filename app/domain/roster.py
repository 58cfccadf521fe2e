"""Shifts of the doctors on call, and the gaps between them."""

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from app.domain.slots import Span

FIRST, SECOND = 1, 2
"""The ranks of the doctors on call."""

DAY = dt.timedelta(days=1)
WEEK = 7 * DAY


def monday_of(day: dt.date) -> dt.date:
    """The Monday of that day's week."""
    return day - day.weekday() * DAY


def shifts(monday: dt.date, hand_over: Sequence[dt.time], zone: ZoneInfo) -> list[Span]:
    """The shifts of a week, from its first hand-over to the first one of the next week (UTC)."""
    starts = [
        dt.datetime.combine(monday + n * DAY, time, zone).astimezone(dt.UTC)
        for n in range(8)
        for time in hand_over
    ][: 7 * len(hand_over) + 1]
    return [Span(start, end) for start, end in itertools.pairwise(starts)]


def gaps(window: Span, covered: Iterable[Span]) -> list[Span]:
    """The parts of the window that nothing covers, in order."""
    found, since = [], window.start
    for span in sorted(covered, key=lambda each: each.start):
        if span.start > since:
            found.append(Span(since, min(span.start, window.end)))
        since = max(since, span.end)
        if since >= window.end:
            return found
    return [*found, Span(since, window.end)]
