"""Hours give free visits: through clock changes, leap days and closures, never twice."""

import dataclasses
import datetime as dt
import itertools
import uuid
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.slots import CELL, Closed, Hours, Span, cells, free_starts

KOLKATA, LONDON, NEW_YORK = map(ZoneInfo, ("Asia/Kolkata", "Europe/London", "America/New_York"))
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
EVER = dt.date(2020, 1, 1)

# Every clock change from 2026 to 2030, by the laws in force: zone, day, hours of that day.
CHANGES = [
    (zone, dt.date.fromisoformat(day), length)
    for zone, days in {
        LONDON: {
            "2026-03-29": 23, "2026-10-25": 25,
            "2027-03-28": 23, "2027-10-31": 25,
            "2028-03-26": 23, "2028-10-29": 25,
            "2029-03-25": 23, "2029-10-28": 25,
            "2030-03-31": 23, "2030-10-27": 25,
        },
        NEW_YORK: {
            "2026-03-08": 23, "2026-11-01": 25,
            "2027-03-14": 23, "2027-11-07": 25,
            "2028-03-12": 23, "2028-11-05": 25,
            "2029-03-11": 23, "2029-11-04": 25,
            "2030-03-10": 23, "2030-11-03": 25,
        },
    }.items()
    for day, length in days.items()
]  # fmt: skip


def hours_on(
    day: dt.date, opens: str, closes: str, zone: ZoneInfo = KOLKATA, minutes: int = 30
) -> Hours:
    """Hours on the weekday of that day."""
    return Hours(
        day.weekday(),
        dt.time.fromisoformat(opens),
        dt.time.fromisoformat(closes),
        zone,
        minutes * MINUTE,
        EVER,
    )


def free(*hours: Hours, day: dt.date, taken: Sequence[dt.datetime] = ()) -> Sequence[Span]:
    """The free visits of one day."""
    return list(free_starts(hours, [day], (), taken, LONG_AGO))


def local_starts(visits: Sequence[Span], zone: ZoneInfo) -> list[str]:
    """The starts as a clock on the wall shows them."""
    return [f"{visit.start.astimezone(zone):%H:%M}" for visit in visits]


def test_a_day_is_cut_into_visits_that_end_in_time() -> None:
    """Visits follow each other from the opening on; one that would not end in time is left out."""
    day = dt.date(2026, 11, 24)
    visits = free(hours_on(day, "09:00", "10:50"), day=day)
    assert local_starts(visits, KOLKATA) == ["09:00", "09:30", "10:00"]
    assert visits[0].start == dt.datetime(2026, 11, 24, 3, 30, tzinfo=dt.UTC)


def test_hours_of_one_day_are_taken_in_order() -> None:
    """Morning comes before evening, in whatever order they are written."""
    day = dt.date(2026, 11, 24)
    visits = free(
        hours_on(day, "17:00", "18:00"),
        hours_on(day, "09:00", "09:40", minutes=20),
        day=day,
    )
    assert local_starts(visits, KOLKATA) == ["09:00", "09:20", "17:00", "17:30"]


def test_hours_hold_on_their_weekday_between_their_days() -> None:
    """Before, after, and on other weekdays there is nothing."""
    tuesday = dt.date(2026, 11, 24)
    hours = Hours(1, dt.time(9), dt.time(10), KOLKATA, 30 * MINUTE, tuesday, tuesday + 7 * DAY)
    week = [tuesday + number * DAY for number in range(-7, 22)]
    found = {visit.start.date() for visit in free_starts([hours], week, (), (), LONG_AGO)}
    assert found == {tuesday, tuesday + 7 * DAY}
    assert not hours.holds_on(tuesday + DAY)


def test_buffers_lie_between_visits_and_are_taken_with_them() -> None:
    """Ten minutes before and five after: nobody else gets them, and the last may run over."""
    day = dt.date(2026, 11, 24)
    hours = dataclasses.replace(
        hours_on(day, "09:00", "11:00"), before=10 * MINUTE, after=5 * MINUTE
    )
    visits = list(free_starts([hours], [day], (), (), LONG_AGO))
    assert local_starts(visits, KOLKATA) == ["09:00", "09:45", "10:30"]
    assert local_starts([visits[1].busy], KOLKATA) == ["09:35"]
    assert visits[1].busy.end - visits[1].end == 5 * MINUTE
    taken = cells(visits[1].busy)
    assert local_starts(free(hours, day=day, taken=taken), KOLKATA) == ["09:00", "10:30"]


def test_a_place_that_is_closed_closes_no_other() -> None:
    """A closure of a place takes the visits there alone."""
    day = dt.date(2026, 11, 24)
    here, there = uuid.uuid4(), uuid.uuid4()
    nine = dt.datetime(2026, 11, 24, 3, 30, tzinfo=dt.UTC)
    closed = [Closed(nine, nine + 8 * HOUR, here)]
    week = [
        dataclasses.replace(hours_on(day, "09:00", "10:00"), place=here),
        dataclasses.replace(hours_on(day, "15:00", "16:00"), place=there),
    ]
    visits = list(free_starts(week, [day], closed, (), LONG_AGO))
    assert local_starts(visits, KOLKATA) == ["15:00", "15:30"]


def test_the_last_visits_of_the_day_are_kept_for_urgent_requests() -> None:
    """Until the set hour of that day, on the clock of the hours."""
    day = dt.date(2026, 11, 24)
    hours = dataclasses.replace(hours_on(day, "09:00", "11:00"), kept=2, released=dt.time(8, 15))
    visits = list(free_starts([hours], [day], (), (), LONG_AGO))
    released = dt.datetime(2026, 11, 24, 2, 45, tzinfo=dt.UTC)
    assert [visit.kept_until for visit in visits] == [None, None, released, released]


def test_taken_closed_and_past_times_are_not_free() -> None:
    """A visit that meets a closure, a taken cell or the past is left out; its neighbours stay."""
    day = dt.date(2026, 11, 24)
    hours = hours_on(day, "09:00", "12:00")
    nine = dt.datetime(2026, 11, 24, 3, 30, tzinfo=dt.UTC)
    closed = [Closed(nine + HOUR, nine + HOUR + MINUTE)]
    taken = cells(Span(nine + 2 * HOUR, nine + 2 * HOUR + 30 * MINUTE))
    visits = list(free_starts([hours], [day], closed, taken, nine + MINUTE))
    assert local_starts(visits, KOLKATA) == ["09:30", "10:30", "11:30"]


def test_a_visit_beginning_now_is_still_free() -> None:
    """`not_before` itself is free."""
    day = dt.date(2026, 11, 24)
    nine = dt.datetime(2026, 11, 24, 3, 30, tzinfo=dt.UTC)
    visits = free_starts([hours_on(day, "09:00", "09:30")], [day], (), (), nine)
    assert [visit.start for visit in visits] == [nine]


@pytest.mark.parametrize(("zone", "day", "length"), CHANGES)
def test_opening_hours_follow_the_clock_on_the_wall(
    zone: ZoneInfo, day: dt.date, length: int
) -> None:
    """On the day of a change, before and after, nine o'clock is nine o'clock."""
    week = [day + number * DAY for number in (-1, 0, 1)]
    hours = [hours_on(each, "09:00", "10:00", zone) for each in week]
    visits = list(free_starts(hours, week, (), (), LONG_AGO))
    assert local_starts(visits, zone) == ["09:00", "09:30"] * 3
    before, changed, after = (visit.start for visit in visits[::2])
    # The hour was won or lost in the night before the opening, so once in these two days.
    assert changed - before == length * HOUR
    assert after - changed == DAY


@pytest.mark.parametrize(("zone", "day", "length"), CHANGES)
def test_a_night_with_a_clock_change_repeats_and_skips_no_visit(
    zone: ZoneInfo, day: dt.date, length: int
) -> None:
    """From midnight to six are five hours or seven, each half hour of them free once."""
    visits = free(hours_on(day, "00:00", "06:00", zone), day=day)
    assert len(visits) == 2 * (6 + length - 24)
    assert all(b.start == a.end for a, b in itertools.pairwise(visits))
    assert local_starts(visits[:1], zone) == ["00:00"]
    assert f"{visits[-1].end.astimezone(zone):%H:%M}" == "06:00"


@pytest.mark.parametrize(("zone", "day", "length"), CHANGES)
def test_an_opening_that_the_clock_skips_or_repeats_is_one_instant(
    zone: ZoneInfo, day: dt.date, length: int
) -> None:
    """A skipped opening is as long after midnight as on other days; a repeated one is the first."""
    half_past = "01:30" if zone is LONDON else "02:30"
    if length == 25 and zone is NEW_YORK:
        half_past = "01:30"
    visits = free(hours_on(day, half_past, "05:00", zone), day=day)
    midnight = dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
    at = dt.time.fromisoformat(half_past)
    assert visits[0].start - midnight == at.hour * HOUR + at.minute * MINUTE
    assert visits[0].start.astimezone(zone).fold == 0
    assert f"{visits[-1].end.astimezone(zone):%H:%M}" == "05:00"
    assert len({visit.start for visit in visits}) == len(visits)


@pytest.mark.parametrize("year", range(2026, 2031))
def test_in_india_every_day_of_five_years_is_alike(year: int) -> None:
    """Without clock changes nine o'clock in Mumbai is 03:30 UTC on each day, leap day included."""
    first = dt.date(year, 1, 1)
    days = [first + number * DAY for number in range((dt.date(year + 1, 1, 1) - first).days)]
    hours = [hours_on(day, "09:00", "09:30") for day in days[:7]]
    visits = list(free_starts(hours, days, (), (), LONG_AGO))
    assert len(visits) == len(days)
    assert {visit.start.time() for visit in visits} == {dt.time(3, 30)}


@pytest.mark.parametrize("zone", [KOLKATA, LONDON, NEW_YORK])
def test_the_leap_day_has_visits(zone: ZoneInfo) -> None:
    """29 February 2028, a Tuesday, is a day like others, and lies between its neighbours."""
    day = dt.date(2028, 2, 29)
    week = [day + number * DAY for number in (-1, 0, 1)]
    hours = [hours_on(each, "09:00", "10:00", zone) for each in week]
    visits = list(free_starts(hours, week, (), (), LONG_AGO))
    assert local_starts(visits, zone) == ["09:00", "09:30"] * 3
    assert [visit.start.astimezone(zone).date() for visit in visits[::2]] == week


@pytest.mark.parametrize("year", range(2026, 2031))
@pytest.mark.parametrize("zone", [KOLKATA, LONDON, NEW_YORK])
def test_the_year_ends_without_a_gap(zone: ZoneInfo, year: int) -> None:
    """Early or late on 31 December it may be another year in UTC; each visit is there once."""
    days = [dt.date(year, 12, 31), dt.date(year + 1, 1, 1)]
    hours = [
        hours_on(day, *opening, zone, 60)
        for day in days
        for opening in (("00:00", "02:00"), ("20:00", "22:00"))
    ]
    visits = list(free_starts(hours, days, (), (), LONG_AGO))
    assert local_starts(visits, zone) == ["00:00", "01:00", "20:00", "21:00"] * 2
    assert all(b.start > a.start for a, b in itertools.pairwise(visits))
    assert visits[4].start - visits[0].start == DAY


def test_spans_meet_when_they_share_a_moment() -> None:
    """One that ends when the other begins does not meet it."""
    nine = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
    visit = Span(nine, nine + HOUR)
    assert visit.meets(Span(nine + 59 * MINUTE, nine + 2 * HOUR))
    assert visit.meets(Span(nine - HOUR, nine + 3 * HOUR))
    assert not visit.meets(Span(nine + HOUR, nine + 2 * HOUR))
    assert not visit.meets(Span(nine - HOUR, nine))


INSTANTS = st.integers(0, 24 * 60).map(
    lambda minute: dt.datetime(2026, 11, 24, tzinfo=dt.UTC) + minute * MINUTE
)
SPANS = st.builds(
    lambda start, minutes: Span(start, start + minutes * MINUTE), INSTANTS, st.integers(5, 240)
)


@settings(deadline=None)
@given(SPANS)
def test_cells_cover_their_span_and_lie_on_one_grid(span: Span) -> None:
    """Cells begin on multiples of five minutes, follow each other, and none lies outside."""
    found = cells(span)
    assert found[0] <= span.start < found[0] + CELL
    assert found[-1] < span.end <= found[-1] + CELL
    assert all(b - a == CELL for a, b in itertools.pairwise(found))
    assert all(cell.minute % 5 == 0 and cell.second == 0 for cell in found)


@settings(deadline=None)
@given(SPANS, SPANS)
def test_spans_that_meet_share_a_cell(one: Span, other: Span) -> None:
    """So the unique key on cells refuses every overlap, whatever the lengths."""
    if one.meets(other):
        assert set(cells(one)) & set(cells(other))


@st.composite
def days_at_work(draw: st.DrawFn) -> tuple[Hours, list[dt.date]]:
    """Hours of any length on a day near a clock change, a leap day, or any other."""
    special = [day for _, day, _ in CHANGES] + [dt.date(2028, 2, 29), dt.date(2026, 12, 31)]
    anywhere = st.dates(dt.date(2026, 1, 1), dt.date(2030, 12, 31))
    day = draw(st.one_of(st.sampled_from(special), anywhere))
    opens = draw(st.integers(0, 23 * 60))
    closes = draw(st.integers(opens + 1, 24 * 60 - 1))
    hours = Hours(
        day.weekday(),
        dt.time(*divmod(opens, 60)),
        dt.time(*divmod(closes, 60)),
        draw(st.sampled_from([KOLKATA, LONDON, NEW_YORK])),
        draw(st.integers(5, 240)) * MINUTE,
        EVER,
    )
    return hours, [day, day + 7 * DAY]


@settings(deadline=None)
@given(days_at_work(), st.data())
def test_free_visits_are_free_in_order_and_within_the_hours(
    work: tuple[Hours, list[dt.date]], data: st.DataObject
) -> None:
    """Whatever is closed or taken: visits are disjoint, in order, inside the hours, and all."""
    hours, days = work
    possible = list(free_starts([hours], days, (), (), LONG_AGO))
    near = st.integers(-300, 1800).map(
        lambda minute: dt.datetime.combine(days[0], dt.time(), dt.UTC) + minute * MINUTE
    )
    spans = st.builds(
        lambda start, minutes: Span(start, start + minutes * MINUTE), near, st.integers(1, 300)
    )
    closed = [Closed(s.start, s.end) for s in data.draw(st.lists(spans, max_size=3))]
    booked = data.draw(st.lists(spans, max_size=3))
    taken = {cell for span in booked for cell in cells(span)}
    not_before = data.draw(near)
    visits = list(free_starts([hours], days, closed, taken, not_before))
    assert all(a.end <= b.start for a, b in itertools.pairwise(visits))
    for visit in visits:
        assert visit.end - visit.start == hours.visit
        assert visit.start >= not_before
        assert not any(visit.meets(span) for span in (*closed, *booked))
    for visit in possible:
        opens, closes = _bounds(hours, visit)
        assert opens <= visit.start < visit.end <= closes
        held = not_before > visit.start or any(visit.meets(span) for span in closed)
        assert (visit in visits) is not (held or not taken.isdisjoint(cells(visit)))


def _bounds(hours: Hours, visit: Span) -> tuple[dt.datetime, dt.datetime]:
    """Opening and closing of the local day of a visit, as instants."""
    day = visit.start.astimezone(hours.zone).date()
    ends = (dt.datetime.combine(day, time, hours.zone) for time in (hours.opens, hours.closes))
    opens, closes = (end.astimezone(dt.UTC) for end in ends)
    return opens, closes
