"""Shifts and the gaps between them."""

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.domain.roster import WEEK, gaps, monday_of, shifts
from app.domain.slots import Span

KOLKATA, LONDON = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/London")
HAND_OVER = (dt.time(8), dt.time(20))
NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def test_a_week_has_two_shifts_a_day() -> None:
    """From Monday's first hand-over to that of the next Monday, without a break."""
    monday = monday_of(dt.date(2026, 11, 29))
    assert monday == dt.date(2026, 11, 23)
    week = shifts(monday, HAND_OVER, KOLKATA)
    assert len(week) == 14
    assert week[0].start == dt.datetime(2026, 11, 23, 2, 30, tzinfo=dt.UTC)
    assert all(a.end == b.start for a, b in itertools.pairwise(week))
    assert week[-1].end == shifts(monday + WEEK, HAND_OVER, KOLKATA)[0].start


def test_a_shift_over_a_clock_change_is_an_hour_longer_or_shorter() -> None:
    """The hand-over keeps its hour on the wall."""
    spring = shifts(dt.date(2027, 3, 22), (dt.time(8),), LONDON)
    autumn = shifts(dt.date(2027, 10, 25), (dt.time(8),), LONDON)
    assert [span.end - span.start for span in (spring[5], autumn[5])] == [23 * HOUR, 25 * HOUR]


def test_gaps_are_what_nobody_covers() -> None:
    """Before, between and after; duties that touch or overlap leave none."""
    window = Span(NOON, NOON + 10 * HOUR)
    assert gaps(window, []) == [window]
    assert gaps(window, [Span(NOON - HOUR, NOON + 20 * HOUR)]) == []
    covered = [
        Span(NOON + 4 * HOUR, NOON + 6 * HOUR),
        Span(NOON + HOUR, NOON + 4 * HOUR),
        Span(NOON + 2 * HOUR, NOON + 3 * HOUR),
    ]
    assert gaps(window, covered) == [
        Span(NOON, NOON + HOUR),
        Span(NOON + 6 * HOUR, NOON + 10 * HOUR),
    ]


@given(st.lists(st.tuples(st.integers(-20, 40), st.integers(1, 20)), max_size=6))
def test_every_hour_is_covered_or_in_a_gap(duties: list[tuple[int, int]]) -> None:
    """Never both, never neither."""
    window = Span(NOON, NOON + 24 * HOUR)
    covered = [Span(NOON + a * HOUR, NOON + (a + b) * HOUR) for a, b in duties]
    found = gaps(window, covered)
    for n in range(24):
        hour = Span(NOON + n * HOUR, NOON + (n + 1) * HOUR)
        assert any(hour.meets(gap) for gap in found) != any(hour.meets(each) for each in covered)
