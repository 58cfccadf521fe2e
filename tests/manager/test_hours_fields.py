"""Times and days as people type them."""

import datetime as dt

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form

from app.manager.fields import Day, TimeOfDay, Whole


class Asked(Form):
    """A form with one field of each kind."""

    time = TimeOfDay("Time", needed="Enter a time")
    day = Day("Day")
    count = Whole("Count", words="Enter a number from 1 to 9", least=1, most=9)


def sent(**typed: str) -> Asked:
    """The form as it was sent."""
    form = Asked(formdata=MultiDict({"time": "9", "count": "1", **typed}))
    form.validate()
    return form


@pytest.mark.parametrize(
    ("typed", "time"),
    [
        ("9", dt.time(9)),
        ("9:30", dt.time(9, 30)),
        ("09.30", dt.time(9, 30)),
        ("0930", dt.time(9, 30)),
        ("930", dt.time(9, 30)),
        (" 9 30 ", dt.time(9, 30)),
        ("9 am", dt.time(9)),
        ("9.30PM", dt.time(21, 30)),
        ("9 p.m.", dt.time(21)),
        ("12 am", dt.time(0)),
        ("12 pm", dt.time(12)),
        ("00:00", dt.time(0)),
        ("23:59", dt.time(23, 59)),
        ("09:00:00", dt.time(9)),
    ],
)
def test_times_are_read_kindly(typed: str, time: dt.time) -> None:
    """However people write them; a picker then shows the same."""
    field = sent(time=typed).time
    assert (field.data, list(field.errors)) == (time, [])
    assert (field._value(), field.type_now) == (f"{time:%H:%M}", "time")


@pytest.mark.parametrize(
    "typed", ["25", "9:60", "9:3", "13 pm", "0 am", "noon", "-9", "9:30-10", "٩", "9" * 5000]
)
def test_what_is_no_time_is_refused_and_kept(typed: str) -> None:
    """A picker would hide it, so it comes back as text."""
    field = sent(time=typed).time
    assert list(field.errors) == ["Enter a time, such as 9:30 or 17:00"]
    assert (field._value(), field.type_now) == (typed, "text")


def test_midnight_at_the_end_of_a_day_is_refused_in_its_own_words() -> None:
    """Hours do not run past the day."""
    assert list(sent(time="24:00").time.errors) == [
        "Hours end on the same day: enter 23:55 at the latest"
    ]


def test_nothing_is_refused_where_something_is_needed_only() -> None:
    """Blanks are nothing."""
    form = sent(time="  ", day=" ")
    assert list(form.time.errors) == ["Enter a time"]
    assert (form.day.data, list(form.day.errors)) == (None, [])


@pytest.mark.parametrize(
    "typed", ["2026-12-01", "1/12/2026", "01.12.2026", "1-12-2026", "1 Dec 2026", "1 december 2026"]
)
def test_days_are_read_kindly(typed: str) -> None:
    """The day comes before the month, as in India."""
    field = sent(day=typed).day
    assert field.data == dt.date(2026, 12, 1)
    assert (field._value(), field.type_now) == ("2026-12-01", "date")


@pytest.mark.parametrize(
    "typed",
    ["31/2/2026", "12/25/2026", "tomorrow", "9999-12-31", "1.12.", "2026-12-01T00:00", "\0"],
)
def test_what_is_no_day_is_refused_and_kept(typed: str) -> None:
    """Odd ones and far ones, too; a control character is nothing."""
    field = sent(day=typed).day
    expected = [] if typed == "\0" else ["Enter a date, such as 25/11/2026"]
    assert list(field.errors) == expected
    assert field._value() == typed.strip("\0")


@pytest.mark.parametrize("typed", ["", "0", "10", "1.5", "-1", "1_0", "²", "٣", "1e1", "9" * 5000])
def test_what_is_no_number_from_least_to_most_is_refused_and_kept(typed: str) -> None:
    """In one sentence that says what is one."""
    field = sent(count=typed).count
    assert list(field.errors) == ["Enter a number from 1 to 9"]
    assert field._value() == typed


def test_a_number_is_read() -> None:
    """With blanks around it, too."""
    assert sent(count=" 7 ").count.data == 7
