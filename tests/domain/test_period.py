"""Days of the clinic as instants, and how far its clocks are ahead."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.period import Period

ZONES = ("Asia/Kolkata", "Europe/London", "America/St_Johns", "Australia/Lord_Howe", "UTC")


def utc(*parts: int) -> dt.datetime:
    """An instant."""
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc,arg-type]


def test_a_zone_without_changes_has_one_offset() -> None:
    """Mumbai is 5 h 30 min ahead all year."""
    period = Period(dt.date(2026, 1, 1), dt.date(2026, 12, 31), ZoneInfo("Asia/Kolkata"))
    assert list(period.offsets()) == [(utc(2026, 12, 31, 18, 30), 19_800)]
    assert period.days == 365


def test_both_changes_of_a_year_are_found() -> None:
    """London goes ahead on 29 March and back on 25 October 2026, both at 01:00 UTC."""
    period = Period(dt.date(2026, 1, 1), dt.date(2026, 12, 31), ZoneInfo("Europe/London"))
    assert list(period.offsets()) == [
        (utc(2026, 3, 29, 1), 0),
        (utc(2026, 10, 25, 1), 3600),
        (utc(2027, 1, 1), 0),
    ]


def test_the_day_of_a_change_is_a_period_as_any() -> None:
    """Its 23 hours have two offsets."""
    day = dt.date(2026, 3, 29)
    period = Period(day, day, ZoneInfo("Europe/London"))
    assert period.end - period.start == dt.timedelta(hours=23)
    assert list(period.offsets()) == [(utc(2026, 3, 29, 1), 0), (utc(2026, 3, 29, 23), 3600)]


@pytest.mark.parametrize("zone", ZONES)
@given(
    first=st.dates(dt.date(2000, 1, 1), dt.date(2035, 12, 31)),
    days=st.integers(0, 400),
    share=st.floats(0, 1, exclude_max=True),
)
def test_the_offsets_agree_with_the_zone(
    zone: str, first: dt.date, days: int, share: float
) -> None:
    """At any instant of any period."""
    period = Period(first, first + dt.timedelta(days=days), ZoneInfo(zone))
    length = (period.end - period.start).total_seconds()
    at = period.start + dt.timedelta(seconds=int(share * length))
    offset = next(offset for until, offset in period.offsets() if at < until)
    assert dt.timedelta(seconds=offset) == at.astimezone(period.zone).utcoffset()
