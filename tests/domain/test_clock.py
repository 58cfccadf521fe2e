"""How long a request of each level may wait."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from app.domain.clock import due_at, share_used
from app.domain.level import Level

KOLKATA, LONDON = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/London")
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
TUESDAY = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("level", "wait"), [(Level.emergency, 15 * MINUTE), (Level.urgent, 4 * HOUR)]
)
def test_emergency_and_urgent_run_day_and_night(level: Level, wait: dt.timedelta) -> None:
    """Fifteen minutes and four hours count on Sunday nights, too."""
    sunday_night = dt.datetime(2026, 11, 29, 20, 0, tzinfo=dt.UTC)
    for since in (TUESDAY, sunday_night):
        assert due_at(level, since, KOLKATA) == since + wait


@pytest.mark.parametrize(
    ("level", "since", "due"),
    [
        (Level.soon, "2026-11-24 11:30", "2026-11-25 11:30"),
        (Level.soon, "2026-11-28 11:30", "2026-11-30 11:30"),  # Saturday, so Monday
        (Level.soon, "2026-11-29 11:30", "2026-11-30 11:30"),  # Sunday, so Monday
        (Level.routine, "2026-11-24 11:30", "2026-11-27 11:30"),
        (Level.routine, "2026-11-26 11:30", "2026-11-30 11:30"),  # Thursday, so Monday
        (Level.routine, "2026-12-30 23:55", "2027-01-02 23:55"),  # over the year's end
        (Level.routine, "2028-02-26 09:00", "2028-03-01 09:00"),  # over a Sunday and the leap day
    ],
)
def test_soon_and_routine_count_days_without_sundays(level: Level, since: str, due: str) -> None:
    """One and three working days, by the days of the clinic."""
    found = due_at(level, _in(KOLKATA, since), KOLKATA)
    assert found == _in(KOLKATA, due)
    assert found.tzinfo is dt.UTC


def test_the_day_is_that_of_the_clinic() -> None:
    """Late on Saturday in UTC it is Sunday in Mumbai: the next working day is Monday."""
    since = dt.datetime(2026, 11, 28, 20, 0, tzinfo=dt.UTC)
    assert due_at(Level.soon, since, KOLKATA) == dt.datetime(2026, 11, 29, 20, 0, tzinfo=dt.UTC)


def test_a_clock_change_keeps_the_hour_of_the_day() -> None:
    """Ten o'clock on Saturday is due at ten o'clock on Monday, although an hour was lost."""
    since = _in(LONDON, "2027-03-27 10:00")
    assert due_at(Level.soon, since, LONDON) == _in(LONDON, "2027-03-29 10:00")


def test_a_higher_level_is_never_due_later() -> None:
    """At every hour of two weeks, the more pressing level is due first."""
    for hour in range(14 * 24):
        since = TUESDAY + hour * HOUR
        dues = [due_at(level, since, KOLKATA) for level in sorted(Level, reverse=True)]
        assert dues == sorted(dues)
        assert dues[0] > since


def test_the_share_of_a_target_grows_from_nothing_to_all() -> None:
    """Nothing at the start and before it, half in the middle, more than all when overdue."""
    due = TUESDAY + 4 * HOUR
    shares = [share_used(TUESDAY, due, TUESDAY + hour * HOUR) for hour in (-1, 0, 2, 4, 6)]
    assert shares == [0.0, 0.0, 0.5, 1.0, 1.5]
    assert share_used(TUESDAY, TUESDAY, TUESDAY) == 1.0, "no time at all is all used"


def _in(zone: ZoneInfo, local: str) -> dt.datetime:
    return dt.datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(dt.UTC)
