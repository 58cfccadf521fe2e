"""The hours in which the clinic writes of its own accord, and by when it expects an answer."""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

BEGINS: Final = dt.time(8)
ENDS: Final = dt.time(20)
LAST_REMINDER: Final = dt.time(18)
TIME_TO_ANSWER: Final = dt.timedelta(hours=2)
DAY: Final = dt.timedelta(days=1)
SUNDAY: Final = 6


def by_day(at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """That instant, or the next morning's 8 o'clock when it is night at the clinic (UTC)."""
    local = at.astimezone(zone)
    if local.time() < BEGINS:
        return _morning(local.date(), zone)
    return at if local.time() < ENDS else _morning(local.date() + DAY, zone)


def day_before(at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The day before at the same time of day, though never before 8 and never after 18 (UTC)."""
    local = at.astimezone(zone)
    time = min(max(local.time(), BEGINS), LAST_REMINDER)
    return dt.datetime.combine(local.date() - DAY, time, zone).astimezone(dt.UTC)


def answer_by(asked_at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Until when somebody who is asked then may answer: two hours by day, never overnight (UTC).

    What would end in the night or on a Sunday ends two hours into the next working day.
    """
    asked_at = by_day(asked_at, zone)
    until = asked_at + TIME_TO_ANSWER
    day = asked_at.astimezone(zone).date()
    if day.weekday() != SUNDAY and until <= dt.datetime.combine(day, ENDS, zone):
        return until
    day += DAY
    if day.weekday() == SUNDAY:
        day += DAY
    return _morning(day, zone) + TIME_TO_ANSWER


def _morning(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, BEGINS, zone).astimezone(dt.UTC)
