"""Cancel the day: numbers first, then all of it, then the list of whom to call."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from app.domain.level import Level
from app.records import db
from app.records.contact import ContactAttempt
from app.records.schedule import Appointment, Closure
from app.workflow import booking, staff
from tests.builders import NOW, a_choice, a_doctor_with_hours, a_request
from tests.people import Page, Receptionist

HOUR = dt.timedelta(hours=1)
NINE = dt.datetime(2026, 11, 27, 3, 30, tzinfo=dt.UTC)
"""Friday at 9 am in Mumbai."""
PAGE = "/desk/diary/cancel-day"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """The clock stands still, on a Tuesday at 11:30 am in Mumbai."""
    with time_machine.travel(NOW, tick=False) as found:
        yield found


@pytest.fixture
def meera(app: Flask) -> Receptionist:
    """A receptionist at work."""
    return Receptionist.at_work(app)


@pytest.fixture
def rao(app: Flask) -> str:
    """The id of the doctor who falls ill."""
    with app.app_context():
        return str(a_doctor_with_hours(closes=dt.time(17), email="rao@example.org").id)


@pytest.fixture
def visits(app: Flask, meera: Receptionist, rao: str) -> list[str]:
    """The references of three who come on Friday; two have an address, one a phone only."""
    people = [
        {"name": "Asha Patil", "email": "asha@example.org"},
        {"name": "Vikram Rao", "phone": "+919876543212"},
        {"name": "Imran Shaikh", "email": "imran@example.org"},
    ]
    return [a_visit(app, meera, rao, NINE + n * HOUR, **each) for n, each in enumerate(people)]


def a_visit(app: Flask, meera: Receptionist, doctor: str, at: dt.datetime, **person: Any) -> str:
    """The reference of somebody who has a visit at that time."""
    with app.app_context():
        by, zone = staff.by_email(meera.email), app.extensions["settings"].clinic_zone
        assert by
        request = a_request(Level.soon, at=NOW - HOUR, person=person)
        choice = a_choice(uuid.UUID(doctor), at)
        booking.book(request.reference, choice, 1, by, NOW, zone)
        return request.reference


def statuses(app: Flask) -> list[str]:
    """How each visit stands, by time."""
    with app.app_context():
        found = db.session.scalars(sa.select(Appointment.status).order_by(Appointment.starts_at))
        return list(found)


def number_of_closures(app: Flask) -> int:
    """How many times are closed."""
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(Closure)) or 0


def opens(meera: Receptionist, rao: str, more: str = "") -> Page:
    """What closing Friday would do."""
    return meera.get(f"{PAGE}?practitioner={rao}&date=2026-11-27{more}")


def test_the_day_is_cancelled_from_the_diary(
    app: Flask, meera: Receptionist, rao: str, visits: list[str]
) -> None:
    """Numbers, then one press; who has no e-mail is called, ticked, and offered another time."""
    page = meera.get("/desk/diary?date=2026-11-27")
    page = meera.get(page.links()["Cancel the day or close hours : Dr Arun Rao"])
    assert "3 visits : 2 with an e-mail, 1 with a phone only." in page.text
    assert "Nothing has happened yet." in page.text
    assert statuses(app) == ["booked"] * 3
    page = meera.send(PAGE, reason="Dr Rao is ill", told="yes")
    assert "The time is closed. Visits cancelled: 3." in page.text
    assert page.h1 == "To call: 1"
    assert "Vikram Rao" in page.text
    assert "Asha Patil" not in page.text
    assert page.links()["98765 43212"] == "tel:+919876543212"
    page = meera.send(f"/desk/diary/phone-list/{visits[1]}/answered")
    assert "The call is logged." in page.text
    assert page.h1 == "To call: 1"
    assert "Called" in next(page.top.all("ol")).text
    assert statuses(app) == ["cancelled"] * 3
    with app.app_context():
        call = db.session.scalars(sa.select(ContactAttempt)).one()
        closure = db.session.scalars(sa.select(Closure)).one()
        assert (call.outcome, closure.told) == ("answered", True)
    meera.get(page.links()["Offer a time : Vikram Rao"])


def test_a_visit_that_came_meanwhile_is_shown_before_anything_happens(
    app: Flask, meera: Receptionist, rao: str, visits: list[str]
) -> None:
    """409 with the fresh numbers; what was typed is there, and confirming that works."""
    opens(meera, rao)
    a_visit(app, meera, rao, NINE + 3 * HOUR, name="Kamala Iyer", phone="+919876543213")
    page = meera.send(PAGE, 409, reason="Dr Rao is ill", told="yes")
    assert page.title.startswith("Error: ")
    assert "Nothing was done." in page.text
    assert "4 visits : 2 with an e-mail, 2 with a phone only." in page.text
    assert (statuses(app), number_of_closures(app)) == (["booked"] * 4, 0)
    page = meera.send(PAGE)
    assert page.h1 == "To call: 2"
    assert statuses(app) == ["cancelled"] * 4


def test_who_is_not_ticked_keeps_the_visit(
    app: Flask, meera: Receptionist, rao: str, visits: list[str]
) -> None:
    """The rest is cancelled, and the time closed."""
    page = opens(meera, rao)
    ticks = [
        each.attributes["value"]
        for each in page.top.all("input")
        if each.attributes.get("name") == "visit"
    ]
    meera.send(PAGE, reason="A meeting", visit=ticks[:2])
    assert statuses(app) == ["cancelled", "cancelled", "booked"]


def test_hours_and_several_days_can_be_closed(
    app: Flask, meera: Receptionist, rao: str, visits: list[str]
) -> None:
    """From a time of the first day until a time of the last."""
    page = opens(meera, rao, "&opens=09:30&closes=10:30")
    assert "1 visit : 0 with an e-mail, 1 with a phone only." in page.text
    page = opens(meera, rao, "&until=2026-11-29&opens=10:00")
    assert "Friday 27 November 2026 to Sunday 29 November 2026" in page.text
    meera.send(PAGE, reason="A congress")
    assert statuses(app) == ["booked", "cancelled", "cancelled"]
    page = meera.get("/desk/diary?date=2026-11-28")
    assert "Free until" not in page.text


def test_a_time_without_visits_can_be_closed(app: Flask, meera: Receptionist, rao: str) -> None:
    """The page says that nobody is met."""
    page = opens(meera, rao)
    assert "No visits are met." in page.text
    page = meera.send(PAGE, reason="A meeting")
    assert page.h1 == "To call: 0"
    assert number_of_closures(app) == 1


def test_the_form_comes_empty(meera: Receptionist, rao: str) -> None:
    """Nothing is wrong before anything was typed."""
    page = meera.get(PAGE)
    assert not page.title.startswith("Error")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("date=2026-11-27", "Select a doctor"),
        ("practitioner={rao}", "Enter the first day"),
        ("practitioner={rao}&date=x", "Enter the first day"),
        ("practitioner={rao}&date=2026-11-27&until=x", "Enter the last day"),
        ("practitioner={rao}&date=2026-11-27&until=2026-11-26", "must come after the beginning"),
        ("practitioner={rao}&date=2026-11-27&opens=9&closes=x", "Enter a time such as 14:30"),
        (
            "practitioner={rao}&date=2026-11-27&opens=12:00&closes=12:00",
            "must come after the beginning",
        ),
        ("practitioner={rao}&date=2026-11-20", "This time is over"),
        ("practitioner={rao}&date=2026-11-27&until=2027-11-27", "at most 93 days"),
        ("practitioner=%00&date=2199-12-31&until=9999-12-31", "Select a doctor"),
        ("practitioner={rao}&date=2026-11-27&opens=%00", "Enter a time such as 14:30"),
    ],
)
def test_what_cannot_be_closed_is_told_at_its_field(
    meera: Receptionist, rao: str, query: str, words: str
) -> None:
    """422; the field is named, and keeps what was typed."""
    page = meera.get(f"{PAGE}?{query.format(rao=rao)}", 422)
    assert page.title.startswith("Error: ")
    assert words in page.text


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_a_reason_is_needed(
    app: Flask, meera: Receptionist, rao: str, visits: list[str], reason: str
) -> None:
    """Without one, or with a whole story, nothing happens."""
    page = opens(meera, rao)
    page = meera.send(PAGE, 422, reason=reason, told="yes")
    assert page.title.startswith("Error: ")
    told = next(each for each in page.top.all("input") if each.attributes.get("id") == "told")
    assert "checked" in told.attributes
    assert (statuses(app), number_of_closures(app)) == (["booked"] * 3, 0)


def test_odd_forms_change_nothing(
    app: Flask, meera: Receptionist, rao: str, visits: list[str]
) -> None:
    """A made-up digest, visits that are none, outcomes that do not exist, lists of nobody."""
    opens(meera, rao)
    meera.send(PAGE, 409, reason="x", digest="0")
    opens(meera, rao)
    meera.send(PAGE, 409, reason="x", visit=[str(uuid.uuid4())])
    opens(meera, rao)
    meera.send(PAGE, 422, reason="x", date="")
    assert (statuses(app), number_of_closures(app)) == (["booked"] * 3, 0)
    meera.get("/desk/diary/phone-list", 404)
    meera.get(f"/desk/diary/phone-list?practitioner={rao}&date=x", 404)
