"""What hours hold and whom they cover."""

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.hours import covered, overlapping, visits_within
from app.domain.slots import Hours, Span, free_starts

MINUTE = dt.timedelta(minutes=1)
MONDAY = dt.date(2026, 11, 30)
MUMBAI = ZoneInfo("Asia/Kolkata")
HERE, THERE = uuid.uuid4(), uuid.uuid4()


def open_on(
    day: dt.date,
    opens: dt.time,
    closes: dt.time,
    zone: ZoneInfo = MUMBAI,
    since: dt.timedelta = dt.timedelta(),
    until: dt.date | None = None,
) -> Hours:
    """Hours on the weekday of that day, at the place HERE."""
    return Hours(
        weekday=day.weekday(),
        opens=opens,
        closes=closes,
        zone=zone,
        visit=30 * MINUTE,
        place=HERE,
        valid_from=day - since,
        valid_until=until,
    )


def at(day: dt.date, begins: dt.time, minutes: int = 30, zone: ZoneInfo = MUMBAI) -> Span:
    """A visit at that wall time."""
    start = dt.datetime.combine(day, begins, zone).astimezone(dt.UTC)
    return Span(start, start + minutes * MINUTE)


NINE_TO_ONE = open_on(MONDAY, dt.time(9), dt.time(13))


@pytest.mark.parametrize(
    ("begins", "minutes", "inside"),
    [
        (dt.time(9), 30, True),
        (dt.time(12, 30), 30, True),
        (dt.time(9), 240, True),
        (dt.time(8, 59), 30, False),
        (dt.time(12, 31), 30, False),
        (dt.time(14), 30, False),
    ],
)
def test_hours_cover_what_begins_and_ends_in_them(
    begins: dt.time, minutes: int, inside: bool
) -> None:
    """To the minute at both ends."""
    assert covered(at(MONDAY, begins, minutes), HERE, [NINE_TO_ONE]) is inside


def test_hours_cover_their_place_weekday_and_days_only() -> None:
    """Nobody is in two places, and old hours cover nothing new."""
    visit = at(MONDAY, dt.time(10))
    assert not covered(visit, THERE, [NINE_TO_ONE])
    assert not covered(at(MONDAY + dt.timedelta(1), dt.time(10)), HERE, [NINE_TO_ONE])
    ended = open_on(
        MONDAY,
        dt.time(9),
        dt.time(13),
        since=dt.timedelta(14),
        until=MONDAY - dt.timedelta(1),
    )
    assert not covered(visit, HERE, [ended])
    assert covered(visit, HERE, [ended, NINE_TO_ONE])


def test_two_hours_that_touch_do_not_cover_a_visit_together() -> None:
    """A visit across the break between them has nobody who is there all the time."""
    evening = open_on(MONDAY, dt.time(13, 30), dt.time(17))
    assert not covered(at(MONDAY, dt.time(12, 45), 60), HERE, [NINE_TO_ONE, evening])


def test_hours_on_the_night_of_a_clock_change_are_as_long_as_they_are() -> None:
    """In London clocks go back at two: from one to three are three hours, all covered."""
    sunday, london = dt.date(2026, 10, 25), ZoneInfo("Europe/London")
    night = open_on(sunday, dt.time(1), dt.time(3), london)
    start = dt.datetime(2026, 10, 25, 0, 0, tzinfo=dt.UTC)
    hour = dt.timedelta(hours=1)
    inside = [
        covered(Span(start + n * hour, start + (n + 1) * hour), HERE, [night]) for n in range(4)
    ]
    assert inside == [True, True, True, False]


def test_overlapping_hours_are_found_by_their_number() -> None:
    """Touching is no overlap, and another weekday is none."""
    nine, ten, one, two = dt.time(9), dt.time(10), dt.time(13), dt.time(14)
    assert overlapping([(0, nine, one), (0, one, two), (1, ten, two)]) == []
    assert overlapping([(0, nine, one), (0, ten, two), (1, ten, two), (0, nine, ten)]) == [1, 3]


@given(
    length=st.integers(1, 600),
    visit=st.integers(5, 240),
    before=st.integers(0, 120),
    after=st.integers(0, 120),
)
def test_the_number_of_visits_is_that_of_the_free_times(
    length: int, visit: int, before: int, after: int
) -> None:
    """What the settings promise is what patients are offered."""
    closes = (dt.datetime.combine(MONDAY, dt.time(8)) + length * MINUTE).time()
    hours = Hours(
        weekday=0,
        opens=dt.time(8),
        closes=closes,
        zone=MUMBAI,
        visit=visit * MINUTE,
        valid_from=MONDAY,
        before=before * MINUTE,
        after=after * MINUTE,
    )
    earliest = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    offered = list(free_starts([hours], [MONDAY], (), (), earliest))
    assert len(offered) == visits_within(length, visit, before, after)
