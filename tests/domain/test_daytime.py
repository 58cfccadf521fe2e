"""By day: when the clinic writes of its own accord, and by when it expects an answer."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import daytime

MUMBAI = ZoneInfo("Asia/Kolkata")
ZONES = [ZoneInfo(name) for name in ("Asia/Kolkata", "Europe/London", "America/New_York")]
INSTANTS = st.integers(0, 5 * 365 * 24 * 60).map(
    lambda minutes: dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
)


def at(words: str) -> dt.datetime:
    """That wall time in Mumbai."""
    return dt.datetime.fromisoformat(words).replace(tzinfo=MUMBAI).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("told", "when"),
    [
        ("2026-11-24 07:59", "2026-11-24 08:00"),
        ("2026-11-24 08:00", "2026-11-24 08:00"),
        ("2026-11-24 19:59", "2026-11-24 19:59"),
        ("2026-11-24 20:00", "2026-11-25 08:00"),
        ("2026-12-31 23:30", "2027-01-01 08:00"),
    ],
)
def test_what_falls_into_the_night_waits_for_the_morning(told: str, when: str) -> None:
    """Night is from 8 pm to 8 am by the clinic's clock."""
    assert daytime.by_day(at(told), MUMBAI) == at(when)


@pytest.mark.parametrize(
    ("visit", "when"),
    [
        ("2026-11-25 11:00", "2026-11-24 11:00"),
        ("2026-11-25 07:30", "2026-11-24 08:00"),
        ("2026-11-25 19:30", "2026-11-24 18:00"),
        ("2027-01-01 09:00", "2026-12-31 09:00"),
    ],
)
def test_a_reminder_comes_on_the_day_before(visit: str, when: str) -> None:
    """At the time of the visit, within the day."""
    assert daytime.day_before(at(visit), MUMBAI) == at(when)


@pytest.mark.parametrize(
    ("asked", "until"),
    [
        ("2026-11-24 11:30", "2026-11-24 13:30"),  # a Tuesday
        ("2026-11-24 18:00", "2026-11-24 20:00"),
        ("2026-11-24 18:01", "2026-11-25 10:00"),
        ("2026-11-24 23:00", "2026-11-25 10:00"),
        ("2026-11-25 06:00", "2026-11-25 10:00"),
        ("2026-11-28 19:00", "2026-11-30 10:00"),  # a Saturday
        ("2026-11-29 11:00", "2026-11-30 10:00"),  # a Sunday
    ],
)
def test_an_answer_is_expected_while_the_desk_is_there(asked: str, until: str) -> None:
    """Two hours by day; never in the night, nor on a Sunday."""
    assert daytime.answer_by(at(asked), MUMBAI) == at(until)


@given(INSTANTS, st.sampled_from(ZONES))
def test_nothing_is_ever_due_at_night(instant: dt.datetime, zone: ZoneInfo) -> None:
    """Whatever the instant, zone and clock change."""
    for due in (daytime.by_day(instant, zone), daytime.day_before(instant, zone)):
        assert daytime.BEGINS <= due.astimezone(zone).time() < daytime.ENDS
    assert daytime.by_day(instant, zone) >= instant
    until = daytime.answer_by(instant, zone)
    assert until - instant >= daytime.TIME_TO_ANSWER
    assert daytime.BEGINS < until.astimezone(zone).time() <= daytime.ENDS
    assert until.astimezone(zone).weekday() != daytime.SUNDAY
