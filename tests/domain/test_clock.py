"""How long a request of each level may wait."""

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.clock import Clock, DeskHours, share_used
from app.domain.level import Level
from app.domain.slots import Span

KOLKATA, LONDON = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/London")
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
TUESDAY = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
NINE_TO_SEVEN = tuple((weekday, dt.time(9), dt.time(19)) for weekday in range(6))
WITH_A_BREAK = tuple(
    (weekday, opens, closes)
    for weekday in range(5)
    for opens, closes in ((dt.time(9), dt.time(13)), (dt.time(14), dt.time(17)))
)


def clock(
    zone: ZoneInfo = KOLKATA,
    week: tuple[tuple[int, dt.time, dt.time], ...] = NINE_TO_SEVEN,
    closed: tuple[Span, ...] = (),
) -> Clock:
    """The clock of a clinic."""
    return Clock(DeskHours(zone, week, closed))


def local(zone: ZoneInfo, text: str) -> dt.datetime:
    """An instant by a clock on the wall."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("since", "wait"),
    [
        ("2026-11-24 11:30", 15),
        ("2026-11-24 09:00", 15),
        ("2026-11-24 18:59", 15),
        ("2026-11-24 19:00", 30),
        ("2026-11-24 03:00", 30),
        ("2026-11-29 11:30", 30),  # a Sunday
    ],
)
def test_an_emergency_waits_a_quarter_of_an_hour_or_half_of_one(since: str, wait: int) -> None:
    """Fifteen minutes while somebody is at the desk, thirty while the doctor on call is asked."""
    at = local(KOLKATA, since)
    assert clock().due_at(Level.emergency, at) == at + wait * MINUTE


@pytest.mark.parametrize(
    ("level", "since", "due"),
    [
        (Level.urgent, "2026-11-24 11:30", "2026-11-24 15:30"),
        (Level.urgent, "2026-11-24 17:00", "2026-11-25 11:00"),
        (Level.urgent, "2026-11-24 03:00", "2026-11-24 13:00"),
        (Level.urgent, "2026-11-28 18:00", "2026-11-29 18:00"),  # 24 hours, Sunday or not
        (Level.urgent, "2026-11-29 11:30", "2026-11-30 11:30"),
        (Level.soon, "2026-11-24 11:30", "2026-11-25 11:30"),
        (Level.soon, "2026-11-24 23:30", "2026-11-25 19:00"),
        (Level.soon, "2026-11-24 03:00", "2026-11-25 09:00"),
        (Level.soon, "2026-11-28 11:30", "2026-11-30 11:30"),  # Saturday, so Monday
        (Level.soon, "2026-11-29 11:30", "2026-11-30 11:30"),
        (Level.routine, "2026-11-24 11:30", "2026-11-27 11:30"),
        (Level.routine, "2026-11-26 11:30", "2026-11-30 11:30"),
        (Level.routine, "2026-12-30 18:55", "2027-01-02 18:55"),  # over the year's end
        (Level.routine, "2028-02-26 09:00", "2028-03-01 09:00"),  # over a Sunday and the leap day
        (Level.soon, "2028-02-28 12:00", "2028-02-29 12:00"),
    ],
)
def test_the_others_wait_by_the_hours_of_the_desk(level: Level, since: str, due: str) -> None:
    """Four open hours but at most a day; one and three working days."""
    assert clock().due_at(level, local(KOLKATA, since)) == local(KOLKATA, due)


def test_a_holiday_is_no_working_day() -> None:
    """A day on which the whole clinic is closed is passed over, and its hours are none."""
    christmas = Span(local(KOLKATA, "2026-12-25 00:00"), local(KOLKATA, "2026-12-26 00:00"))
    holiday = clock(closed=(christmas,))
    assert holiday.due_at(Level.soon, local(KOLKATA, "2026-12-24 12:00")) == local(
        KOLKATA, "2026-12-26 12:00"
    )
    at = local(KOLKATA, "2026-12-25 12:00")
    assert not holiday.hours.open_at(at)
    assert holiday.due_at(Level.emergency, at) == at + 30 * MINUTE
    assert holiday.due_at(Level.urgent, local(KOLKATA, "2026-12-24 17:00")) == local(
        KOLKATA, "2026-12-25 17:00"
    )


def test_a_closed_afternoon_leaves_the_morning() -> None:
    """A closure takes a part of the day away, and the clock stands still in it."""
    afternoon = Span(local(KOLKATA, "2026-11-24 13:00"), local(KOLKATA, "2026-11-24 16:00"))
    found = clock(closed=(afternoon,)).due_at(Level.urgent, local(KOLKATA, "2026-11-24 11:00"))
    assert found == local(KOLKATA, "2026-11-24 18:00")


def test_a_break_at_noon_does_not_count() -> None:
    """Four hours from eleven are two before the break and two after it."""
    found = clock(week=WITH_A_BREAK).due_at(Level.urgent, local(KOLKATA, "2026-11-24 11:00"))
    assert found == local(KOLKATA, "2026-11-24 16:00")


def test_a_clinic_that_never_opens_still_has_an_end() -> None:
    """When nothing can be counted, the wait has an end all the same."""
    closed = Span(TUESDAY - DAY, TUESDAY + 4000 * DAY)
    never = clock(closed=(closed,))
    dues = [never.due_at(level, TUESDAY) for level in sorted(Level, reverse=True)]
    assert dues == sorted(dues)
    assert dues[1] == TUESDAY + DAY


@pytest.mark.parametrize(
    ("since", "due"),
    [
        ("2027-03-27 10:00", "2027-03-29 10:00"),  # an hour is lost on Sunday
        ("2027-10-30 10:00", "2027-11-01 10:00"),  # an hour is won
    ],
)
def test_a_clock_change_keeps_the_hour_of_the_day(since: str, due: str) -> None:
    """Ten o'clock on Saturday is due at ten o'clock on Monday."""
    found = clock(LONDON).due_at(Level.soon, local(LONDON, since))
    assert found == local(LONDON, due)
    assert found.tzinfo is dt.UTC


@given(
    st.integers(0, 5 * 365 * 24 * 60).map(lambda minute: TUESDAY + minute * MINUTE),
    st.sampled_from([KOLKATA, LONDON, ZoneInfo("America/New_York")]),
    st.sampled_from([NINE_TO_SEVEN, WITH_A_BREAK, ((2, dt.time(10), dt.time(11)),)]),
    st.lists(st.tuples(st.integers(-100, 300), st.integers(1, 200)), max_size=3),
)
def test_a_higher_level_is_never_due_later(
    since: dt.datetime,
    zone: ZoneInfo,
    week: tuple[tuple[int, dt.time, dt.time], ...],
    closures: list[tuple[int, int]],
) -> None:
    """At any instant and with any hours, the more pressing level is due first, and all are due."""
    closed = tuple(
        Span(since + start * HOUR, since + (start + length) * HOUR) for start, length in closures
    )
    found = clock(zone, week, closed)
    dues = [found.due_at(level, since) for level in sorted(Level, reverse=True)]
    assert dues == sorted(dues)
    assert since < dues[0] <= since + 30 * MINUTE
    assert dues[1] <= since + DAY


def test_a_clinic_sets_its_own_targets() -> None:
    """Targets are settings; the rule base gives the usual ones."""
    usual = clock()
    hurried = dataclasses.replace(
        usual, targets=dataclasses.replace(usual.targets, emergency=5 * MINUTE, routine_days=2)
    )
    assert hurried.due_at(Level.emergency, TUESDAY) == TUESDAY + 5 * MINUTE
    assert hurried.due_at(Level.routine, TUESDAY) == TUESDAY + 2 * DAY


def test_the_share_of_a_target_grows_from_nothing_to_all() -> None:
    """Nothing at the start and before it, half in the middle, more than all when overdue."""
    due = TUESDAY + 4 * HOUR
    shares = [share_used(TUESDAY, due, TUESDAY + hour * HOUR) for hour in (-1, 0, 2, 4, 6)]
    assert shares == [0.0, 0.0, 0.5, 1.0, 1.5]
    assert share_used(TUESDAY, TUESDAY, TUESDAY) == 1.0, "no time at all is all used"
