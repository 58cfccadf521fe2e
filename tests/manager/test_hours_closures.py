"""The manager closes days and parts of days, and looks over the public holidays."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask

from app.workflow import booking, hours
from tests.builders import NOW, a_choice, a_doctor_with_hours, a_request, a_staff_member
from tests.manager.settings_page import digest_of, errors_of, typed_in
from tests.people import Manager, Page, filled_in

ZONE = ZoneInfo("Asia/Kolkata")
NEW, LIST = "/settings/closures/new", "/settings/closures"
HOLIDAYS = "/settings/closures/holidays?year=2027"
TOMORROW_AT_9 = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
ONE_DAY: dict[str, Any] = {"whose": "clinic", "first": "2026-11-25", "reason": "Staff outing"}


@pytest.fixture
def _tuesday() -> Iterator[None]:
    """Tuesday 24 November 2026, half past eleven in Mumbai."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def leela(app: Flask, _tuesday: None) -> Manager:
    """The manager at work."""
    return Manager.at_work(app)


@pytest.fixture
def reference(app: Flask) -> str:
    """A visit that is booked for nine o’clock tomorrow."""
    with app.app_context():
        doctor, by, request = a_doctor_with_hours(), a_staff_member(), a_request()
        choice = a_choice(doctor.id, TOMORROW_AT_9)
        booking.book(request.reference, choice, request.version, by, NOW, ZONE)
        return request.reference


def rows(page: Page) -> list[str]:
    """The closures of the list, in words."""
    return [row.text for row in page.top.all("tr")][1:]


def closed(leela: Manager, **typed: Any) -> list[str]:
    """Add a closure; gives the list as it is then."""
    leela.get(NEW)
    page = leela.send(NEW, **{**ONE_DAY, **typed})
    return rows(leela.send(NEW, digest=digest_of(page)))


def test_a_day_is_closed_after_a_look_at_the_visits(leela: Manager, reference: str) -> None:
    """Whom it meets, what patients read, that nothing is cancelled; later the visit is outside."""
    leela.get(NEW)
    page = leela.send(NEW, told="y", **ONE_DAY)
    assert "1 booked visit falls into this closure. Nothing is cancelled by itself." in page.text
    assert reference in page.text
    assert "Patients read: “Staff outing”." in page.text
    assert rows(leela.get(LIST)) == []
    leela.get(NEW)
    page = leela.send(NEW, told="y", **ONE_DAY)
    page = leela.send(NEW, digest=digest_of(page))
    (row,) = rows(page)
    assert row.startswith("Wed 25 November 2026 The whole clinic Staff outing See the reason")
    assert f"Closed {reference}" in leela.get("/settings/outside").text


def test_ranges_and_parts_of_a_day_are_told_in_words(leela: Manager, reference: str) -> None:
    """For a person or a place, from when until when."""
    leela.get(NEW)
    lists = next(each for each in leela.page.top.all("select"))
    person, place = [o.attributes["value"] for o in list(lists.all("option"))[:0:-1]]
    assert (person.partition(":")[0], place.partition(":")[0]) == ("person", "place")
    found = closed(leela, whose=person, last="3/12/2026", reason="Leave")
    assert "Wed 25 November 2026 to Thu 3 December 2026 Dr Arun Rao Leave See no reason" in found[0]
    found = closed(leela, whose=place, begins="14", ends="3.30 pm", reason="No power")
    assert "Wed 25 November 2026, 2:00 pm to 3:30 pm Example Road No power" in found[1]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"whose": "person:x"}, "whose", "Select the clinic, a place or a person"),
        ({"first": ""}, "first", "Enter the first day"),
        ({"first": "some day"}, "first", "Enter a date, such as 25/11/2026"),
        ({"first": "2026-11-23"}, "first", "This day is over"),
        ({"first": "2099-01-01"}, "first", "This is more than ten years ahead"),
        ({"last": "2026-11-24"}, "last", "The last day must not be before the first"),
        ({"begins": "9"}, "ends", "Enter until when it is closed, or leave both times empty"),
        ({"ends": "9"}, "begins", "Enter from when it is closed, or leave both times empty"),
        ({"begins": "9", "ends": "9"}, "ends", "“To” must be after “From” on the same day"),
        ({"begins": "9", "ends": "x"}, "ends", "Enter a time, such as 9:30 or 17:00"),
        (
            {"begins": "9", "ends": "10", "last": "2026-11-26"},
            "begins",
            "A part of a day goes with one day: clear the times or the last",
        ),
        ({"reason": "\0 "}, "reason", "Enter the reason"),
        ({"reason": "x" * 121}, "reason", "Use 120 letters or fewer"),
    ],
)
@pytest.mark.databases("sqlite")
def test_bad_input_is_told_at_its_field_and_kept(
    leela: Manager, typed: dict[str, Any], field: str, words: str
) -> None:
    """With everything else that was typed; nothing is closed."""
    leela.get(NEW)
    page = leela.send(NEW, 422, **{**ONE_DAY, "told": "y", **typed})
    assert errors_of(page) == {field: words}
    fields = typed_in(page, NEW)
    assert fields["told"] == "y"
    assert fields["reason"] == {**ONE_DAY, **typed}["reason"].strip("\0 ")
    if field in typed and field != "whose":
        assert fields[field].lstrip("0")[:1] == typed[field].strip("\0 ")[:1]
    assert rows(leela.get(LIST)) == []


def test_what_is_closed_already_is_not_closed_twice(leela: Manager) -> None:
    """Nor a part of it."""
    closed(leela, last="2026-11-30")
    leela.get(NEW)
    page = leela.send(NEW, 422, **{**ONE_DAY, "begins": "9", "ends": "10"})
    assert errors_of(page) == {"first": "It is closed then already"}


def test_a_booking_made_meanwhile_gives_a_fresh_preview(app: Flask, leela: Manager) -> None:
    """409 with the visit, and everything typed."""
    with app.app_context():
        doctor = a_doctor_with_hours().id
    leela.get(NEW)
    digest = digest_of(leela.send(NEW, **ONE_DAY))
    with app.app_context():
        by, request = a_staff_member(), a_request()
        choice = a_choice(doctor, TOMORROW_AT_9)
        booking.book(request.reference, choice, request.version, by, NOW, ZONE)
    page = leela.send(NEW, 409, digest=digest)
    assert "Nothing was saved." in page.text
    assert "1 booked visit falls into this closure" in page.text
    assert typed_in(page, NEW)["reason"] == "Staff outing"
    assert len(rows(leela.send(NEW, digest=digest_of(page)))) == 1


def test_a_closure_is_taken_away_after_a_look(leela: Manager) -> None:
    """Two managers who do it at once do no harm."""
    closed(leela)
    address = next(a for words, a in leela.page.links().items() if words.startswith("Take away"))
    page = leela.get(address)
    assert "Staff outing : The whole clinic, Wed 25 November 2026." in page.text
    digest = digest_of(page)
    leela.send(address, 409, digest="x")
    page = leela.send(address, digest=digest)
    assert "Nothing is closed." in page.text
    token = filled_in(page.form("/sign-out"))["csrf_token"]
    leela.post(address, {"csrf_token": token, "digest": digest}, 404)


def ticked(page: Page) -> list[str]:
    """The days that are ticked."""
    return filled_in(page.form(HOLIDAYS)).getlist("days")


def test_holidays_are_ticked_to_be_looked_over(app: Flask, leela: Manager) -> None:
    """Those of the library, estimated ones marked; nothing is closed before two presses."""
    page = leela.get(HOLIDAYS)
    days = ticked(page)
    assert days == [each.day.isoformat() for each in hours.public_holidays(2027)]
    labels = [label.text for label in page.top.all("label")]
    assert "Tue 26 January 2027 Republic Day" in labels
    assert [words for words in labels if "estimated" in words] == [
        "Wed 10 March 2027 Id-ul-Fitr estimated",
        "Mon 17 May 2027 Id-ul-Zuha (Bakrid) estimated",
        "Wed 16 June 2027 Muharram estimated",
    ]
    page = leela.send(HOLIDAYS, days=days[:-1])
    assert f"closed on {len(days) - 1} of the {len(days)} days" in page.text
    assert rows(leela.get(LIST)) == []
    leela.get(HOLIDAYS)
    page = leela.send(HOLIDAYS, days=days[:-1])
    page = leela.send(HOLIDAYS, digest=digest_of(page))
    assert len(rows(page)) == len(days) - 1
    assert "Tue 26 January 2027 The whole clinic Republic Day See the reason" in rows(page)[0]
    assert ticked(leela.get(HOLIDAYS)) == days[-1:]


def test_holidays_of_this_year_are_those_to_come(leela: Manager) -> None:
    """Other years than this and the next are not offered."""
    for year in ("2026", "1", "x", "99999999999"):
        page = leela.get(f"/settings/closures/holidays?year={year}")
        assert page.h1 == "Maharashtra public holidays 2026"
        form = page.form("/settings/closures/holidays?year=2026")
        assert filled_in(form).getlist("days") == ["2026-11-24", "2026-12-25"]


@pytest.mark.parametrize("days", [[], ["2027-01-02"], ["\0"], ["2027-01-26", "x"]])
def test_days_that_were_not_offered_are_refused(leela: Manager, days: list[str]) -> None:
    """And none at all."""
    leela.get(HOLIDAYS)
    page = leela.send(HOLIDAYS, 422, days=days)
    assert list(errors_of_group(page)) == ["days"]
    assert rows(leela.get(LIST)) == []


def errors_of_group(page: Page) -> list[str]:
    """The fields that the summary leads to."""
    summary = next(each for each in page.top.all("div") if each.attributes.get("class") == "errs")
    return [link.attributes["href"][1:] for link in summary.all("a")]


def test_holidays_on_which_somebody_is_booked_are_told(app: Flask, leela: Manager) -> None:
    """Before they are closed."""
    with app.app_context():
        doctor, by, request = a_doctor_with_hours(), a_staff_member(), a_request()
        choice = a_choice(doctor.id, dt.datetime(2026, 12, 25, 3, 30, tzinfo=dt.UTC))
        booking.book(request.reference, choice, request.version, by, NOW, ZONE)
    action = "/settings/closures/holidays?year=2026"
    leela.get(action)
    page = leela.send(action)
    assert "1 booked visit falls into these closures" in page.text
    assert request.reference in page.text
