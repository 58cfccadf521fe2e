"""The manager changes hours: nothing typed is lost, and nothing unseen is saved."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from app.records import db
from app.records.schedule import Schedule
from app.workflow import booking, hours
from tests.builders import (
    NOW,
    a_choice,
    a_doctor_with_hours,
    a_kind,
    a_place,
    a_request,
    a_staff_member,
)
from tests.manager.settings_page import digest_of, errors_of, typed_in
from tests.people import Element, Manager, Page

TOMORROW_AT_9 = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
ZONE = ZoneInfo("Asia/Kolkata")
WEDNESDAY, SUNDAY = 2, 6

pytestmark = pytest.mark.usefixtures("_tuesday")


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
def doctor(app: Flask) -> uuid.UUID:
    """The id of a doctor who can be visited from Monday to Saturday, from 9 to 13."""
    with app.app_context():
        a_place("Thane")
        a_kind(60)
        return a_doctor_with_hours().id


@pytest.fixture
def week(doctor: uuid.UUID) -> str:
    """The address of this doctor's hours."""
    return f"/settings/hours/{doctor}"


def book(app: Flask, doctor: uuid.UUID, at: dt.datetime = TOMORROW_AT_9) -> str:
    """Book a visit; gives its reference."""
    with app.app_context():
        by = a_staff_member()
        request = a_request(person={"phone": f"+91987654{at:%H%M}"})
        choice = a_choice(doctor, at)
        booking.book(request.reference, choice, request.version, by, NOW, ZONE)
        return request.reference


def stored(app: Flask) -> list[tuple[int, str, str]]:
    """Weekday, from, to and first day of all hours that are stored."""
    with app.app_context():
        order = (Schedule.valid_from, Schedule.weekday, Schedule.opens)
        rows = db.session.scalars(sa.select(Schedule).order_by(*order))
        return [(r.weekday, f"{r.opens:%H:%M}-{r.closes:%H:%M}", str(r.valid_from)) for r in rows]


def test_hours_are_shown_as_they_stand(leela: Manager, doctor: uuid.UUID) -> None:
    """Each person with each row, in words."""
    page = leela.get("/settings/hours")
    assert "Dr Arun Rao Takes visits" in page.text
    assert "Wednesday, 9:00 am to 1:00 pm , Example Road, Visit of 30 minutes" in page.text
    assert leela.get("/settings/").path == "/settings/hours"


def test_the_form_is_filled_in_with_what_stands(leela: Manager, week: str) -> None:
    """Six rows that are open, one that is not; from tomorrow on."""
    leela.get(week)
    fields = typed_in(leela.page, week)
    assert fields["first"] == "2026-11-25"
    assert [fields.get(f"rows-{n}-open") for n in range(7)] == ["y"] * 6 + [None]
    assert (fields["rows-2-opens"], fields["rows-2-closes"]) == ("09:00", "13:00")


def test_a_change_is_shown_first_and_then_saved(
    app: Flask, leela: Manager, doctor: uuid.UUID, week: str
) -> None:
    """When it starts, whom it meets, that nothing is cancelled; then one press."""
    reference = book(app, doctor)
    inside = book(app, doctor, TOMORROW_AT_9 + dt.timedelta(hours=2))
    before = stored(app)
    leela.get(week)
    page = leela.send(week, **row(2, opens="10"))
    assert "Starts Wednesday 25 November 2026." in page.text
    assert "The hours since 1 January 2026 end on 24 November 2026." in page.text
    assert (
        "1 booked visit falls outside the new hours. Nothing is cancelled by itself." in page.text
    )
    assert f"Wed 25 Nov, 9:00 am Dr Arun Rao {reference}" in page.text
    assert inside not in page.text
    assert stored(app) == before
    page = leela.send(week, digest=digest_of(page))
    assert page.path == "/settings/hours"
    assert "The new hours of Dr Arun Rao are saved." in page.text
    assert (WEDNESDAY, "10:00-13:00", "2026-11-25") in stored(app)
    assert "1 booked visit is outside the hours" in page.text
    page = leela.get("/settings/outside")
    assert f"Wed 25 Nov, 9:00 am Dr Arun Rao Example Road No hours then {reference}" in page.text


def row(number: int, **typed: str) -> dict[str, Any]:
    """Fields of a row of the form, as they are sent."""
    return {f"rows-{number}-{name}": value for name, value in typed.items()}


def test_no_word_about_an_illness_is_on_the_preview(
    app: Flask, leela: Manager, doctor: uuid.UUID, week: str
) -> None:
    """Time, person and reference: no name, no phone, no level."""
    book(app, doctor)
    leela.get(week)
    page = leela.send(week, **row(2, opens="10"))
    for word in ("Asha", "98765", "Routine", "pain", "cancer"):
        assert word not in page.text


def test_a_booking_made_meanwhile_gives_a_fresh_preview(
    app: Flask, leela: Manager, doctor: uuid.UUID, week: str
) -> None:
    """409, nothing saved, everything typed still there; one more press saves."""
    leela.get(week)
    page = leela.send(week, until="2026-12-24", **row(2, opens="10.15", kept="2"))
    assert "No booked visit is met." in page.text
    reference, before = book(app, doctor), stored(app)
    page = leela.send(week, 409, digest=digest_of(page))
    assert "Nothing was saved." in page.text
    assert "1 booked visit falls outside" in page.text
    assert reference in page.text
    assert stored(app) == before
    fields = typed_in(page, week)
    assert (fields["until"], fields["rows-2-opens"], fields["rows-2-kept"]) == (
        "2026-12-24",
        "10:15",
        "2",
    )
    leela.send(week, digest=digest_of(page))
    assert (WEDNESDAY, "10:15-13:00", "2026-11-25") in stored(app)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("digest", ["x", "ä" * 500, "0" * 64, " "])
def test_a_made_up_digest_saves_nothing(app: Flask, leela: Manager, week: str, digest: str) -> None:
    """It is not what was shown."""
    before = stored(app)
    leela.get(week)
    leela.send(week, 409, digest=digest)
    assert stored(app) == before


def test_what_was_changed_after_the_preview_is_shown_again(
    app: Flask, leela: Manager, week: str
) -> None:
    """Nobody saves what was not shown."""
    before = stored(app)
    leela.get(week)
    page = leela.send(week, **row(2, opens="10"))
    page = leela.send(week, 409, digest=digest_of(page), **row(2, opens="11"))
    assert stored(app) == before
    assert typed_in(page, week)["rows-2-opens"] == "11:00"


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        (row(2, opens="nine"), "rows-2-opens", "Wednesday: Enter a time, such as 9:30 or 17:00"),
        (row(2, opens=""), "rows-2-opens", "Wednesday: Enter when the hours begin"),
        (row(2, closes=" "), "rows-2-closes", "Wednesday: Enter when the hours end"),
        (
            row(2, opens="22", closes="2"),
            "rows-2-closes",
            "Wednesday: “To” must be after “From”: hours do not run past midnight",
        ),
        (
            row(2, opens="9", closes="9"),
            "rows-2-closes",
            "Wednesday: “To” must be after “From”: hours do not run past midnight",
        ),
        (
            row(2, closes="24:00"),
            "rows-2-closes",
            "Wednesday: Hours end on the same day: enter 23:55 at the latest",
        ),
        (
            row(2, closes="9:20"),
            "rows-2-closes",
            "Wednesday: “Visit of 30 minutes” takes 30 minutes: these hours are too short for it",
        ),
        (row(2, kept="9"), "rows-2-kept", "Wednesday: There are only 8 visits in these hours"),
        (
            row(2, kept="many"),
            "rows-2-kept",
            "Wednesday: Enter how many visits are kept, from 0 to 99",
        ),
        (row(2, released="x"), "rows-2-released", "Wednesday: Enter a time, such as 9:30 or 17:00"),
        (row(2, place="x"), "rows-2-place", "Wednesday: Select a place that is in use"),
        (row(2, kind=""), "rows-2-kind", "Wednesday: Select a kind of visit that is in use"),
        (row(6, open="y"), "rows-6-opens", "Sunday: Enter when the hours begin"),
        ({"first": "soon"}, "first", "Enter a date, such as 25/11/2026"),
        ({"first": ""}, "first", "Enter the first day of these hours"),
        (
            {"first": "2026-11-23"},
            "first",
            "Hours can begin today at the earliest: what has been stays as it was",
        ),
        ({"first": "2099-01-01"}, "first", "This is more than ten years ahead"),
        ({"until": "2026-11-24"}, "until", "The last day must not be before the first"),
        ({"until": "31/11/2026"}, "until", "Enter a date, such as 25/11/2026"),
        (
            {"until": "2199-12-31"},
            "until",
            "This is more than ten years ahead: leave it empty for good",
        ),
    ],
)
def test_bad_input_is_told_at_its_field_and_kept(
    app: Flask, leela: Manager, week: str, typed: dict[str, Any], field: str, words: str
) -> None:
    """Nothing typed is lost, here or elsewhere, and nothing is saved."""
    before = stored(app)
    leela.get(week)
    page = leela.send(week, 422, **{**row(3, opens="10:45"), **typed})
    assert errors_of(page)[field] == words
    fields = typed_in(page, week)
    assert fields["rows-3-opens"] == "10:45"
    if "Enter" in words:
        assert fields[field] == typed.get(field, "").strip()
    assert stored(app) == before


def test_a_row_more_can_be_had_for_a_day(app: Flask, leela: Manager, week: str) -> None:
    """Without losing what was typed; what overlaps is told, and then both are saved."""
    leela.get(week)
    page = leela.send(week, add=str(WEDNESDAY), **row(3, opens="10:45"))
    assert page.status == 200
    fields = typed_in(page, week)
    assert fields["rows-3-opens"] == "10:45"
    added = next(n for n in range(7, 9) if fields.get(f"rows-{n}-weekday") == str(WEDNESDAY))
    both = row(added, opens="12:30", closes="16", open="y")
    page = leela.send(week, 422, **both)
    assert errors_of(page) == {
        f"rows-{added}-opens": "Wednesday: These hours overlap others of the same day"
    }
    page = leela.send(week, **row(added, opens="13"))
    leela.send(week, digest=digest_of(page))
    wednesday = [hours for day, hours, first in stored(app) if day == 2 and first > "2026-11"]
    assert wednesday == ["09:00-13:00", "13:00-16:00"]


def test_no_day_has_rows_without_end(leela: Manager, week: str) -> None:
    """Six are enough for anybody."""
    leela.get(week)
    for _ in range(8):
        leela.send(week, add=str(SUNDAY))
    weekdays = [v for name, v in typed_in(leela.page, week).items() if name.endswith("weekday")]
    assert weekdays.count(str(SUNDAY)) == 6


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "extra",
    [
        {"rows-²-opens": "9"},
        {"rows-99999999999-opens": "9"},
        {"rows-x-opens": "9", "rows": "1", "rows-": "1"},
        {"rows-50-open": "y", "rows-50-weekday": "9"},
        {"rows-50-open": "y", "rows-50-weekday": "\0"},
        {"rows-2-opens": ["9", "10"]},
        {"add": "99"},
        {"add": "x"},
        {"bookable": "\0"},
    ],
)
def test_fields_that_no_form_of_ours_sends_do_no_harm(
    app: Flask, leela: Manager, week: str, extra: dict[str, Any]
) -> None:
    """They are left out, and nothing is saved."""
    before = stored(app)
    leela.get(week)
    leela.send(week, **extra)
    assert stored(app) == before


def test_an_odd_table_of_rows_is_answered_in_words(leela: Manager, week: str) -> None:
    """Next to nothing, and far too much."""
    leela.get(week)
    token = typed_in(leela.page, week)["csrf_token"]
    leela.post(week, {"csrf_token": token}, 422)
    many = {f"rows-{n}-weekday": "1" for n in range(100)}
    many |= {f"rows-{n}-open": "y" for n in range(100)}
    leela.post(week, {"csrf_token": token, "first": "2026-12-01", **many}, 422)


def test_planned_hours_that_are_replaced_are_told(leela: Manager, week: str) -> None:
    """And that the old ones go on after hours that end."""
    leela.get(week)
    page = leela.send(week, first="2026-12-07", **row(2, opens="10"))
    leela.send(week, digest=digest_of(page))
    leela.get(week)
    page = leela.send(week, first="2026-12-01", until="2026-12-10", **row(2, opens="11"))
    assert "Ends Thursday 10 December 2026." in page.text
    assert "The hours planned from 7 December 2026 are replaced." in page.text
    assert "They go on from 11 December 2026." in page.text
    assert "No hours on Sunday." in page.text


def test_taking_no_new_visits_shows_those_that_stand(
    app: Flask, leela: Manager, doctor: uuid.UUID, week: str
) -> None:
    """Then one press; and back again."""
    reference = book(app, doctor)
    leela.get("/settings/hours")
    page = leela.send(f"{week}/bookable")
    assert page.h1 == "Dr Arun Rao: take no new visits"
    assert "1 booked visit stands. Nothing is cancelled by itself." in page.text
    assert reference in page.text
    page = leela.send(f"{week}/bookable", digest=digest_of(page))
    assert "Dr Arun Rao Takes no visits" in page.text
    page = leela.send(f"{week}/bookable")
    leela.send(f"{week}/bookable", digest=digest_of(page))
    assert "Dr Arun Rao Takes visits" in leela.page.text


def test_a_clinic_without_places_is_told_what_to_do(app: Flask, leela: Manager) -> None:
    """Hours need a place and a kind of visit."""
    with app.app_context():
        doctor = a_staff_member("doctor").id
    assert leela.get("/settings/hours").links()["Add a place"] == "/settings/places/new"
    assert "Hours need a place" in leela.get(f"/settings/hours/{doctor}").text


def test_who_has_no_hours_to_give_is_not_found(leela: Manager) -> None:
    """Nobody, and the manager."""
    leela.get(f"/settings/hours/{uuid.uuid4()}", 404)


def options_of(page: Page, name: str) -> list[str]:
    """What a list offers."""
    lists = [each for each in page.top.all("select") if each.attributes["name"] == name]
    return [option.text for option in _options(lists[0])]


def _options(found: Element) -> list[Element]:
    return list(found.all("option"))


def test_only_places_and_kinds_in_use_are_offered(app: Flask, leela: Manager, week: str) -> None:
    """What was given up cannot be chosen again by accident."""
    with app.app_context():
        place = a_place("Thane")
        given_up = hours.ChangedPlace(place.id, "Thane", "x", "", step_free=True, active=False)
        by = a_staff_member("manager", name="Another")
        hours.save(given_up, hours.preview(given_up, NOW).digest, by, NOW)
    assert options_of(leela.get(week), "rows-0-place") == ["Example Road"]
