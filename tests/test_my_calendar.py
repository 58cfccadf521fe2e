"""The page on which staff make a calendar address, and what a calendar program reads there."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

import icalendar
import pytest
import time_machine
import vobject
from flask import Flask

from app.records import db
from app.records.lookup import request_with
from app.workflow import booking
from tests.builders import (
    NOW,
    PASSWORD,
    a_choice,
    a_doctor_with_hours,
    a_request,
    a_staff_member,
    the_clinic,
)
from tests.people import Doctor, Receptionist, Staff

FIRST: Final = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
SECRETS: Final = ("asha", "patil", "98765", "cancer", "pain", "routine", "urgent", "metasta")


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    """The doors' clock stands at NOW."""
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


@pytest.fixture
def reference(app: Flask) -> str:
    """A request with a visit on Wednesday at 9 am, to Dr Nisha Iyer."""
    with app.app_context():
        request = a_request()
        doctor = a_doctor_with_hours(name="Dr Nisha Iyer", email="nisha@example.org")
        choice = a_choice(doctor.id, FIRST)
        desk = a_staff_member()
        booking.book(request.reference, choice, request.version, desk, NOW, the_clinic().zone)
        return request.reference


def nisha(app: Flask) -> Doctor:
    """The doctor of that visit, signed in."""
    person = Doctor(app.test_client(), "nisha@example.org")
    person.get("/sign-in")
    person.send("/sign-in", email=person.email, password=PASSWORD)
    return person


def address_of(person: Staff) -> str:
    """Make an address on the page, and read it there."""
    person.get("/my-calendar")
    page = person.send("/my-calendar")
    (field,) = [e for e in page.top.all("input") if e.attributes.get("id") == "address"]
    assert "shown this once" in page.text
    return field.attributes["value"].removeprefix("http://localhost")


def test_a_calendar_reads_the_visits_without_signing_in(app: Flask, reference: str) -> None:
    """Reference, place and state; no name, no number, nothing of the illness."""
    address = address_of(nisha(app))
    response = app.test_client().get(address)
    assert response.content_type == "text/calendar; charset=utf-8"
    calendar: Any = icalendar.Calendar.from_ical(response.data)
    (event,) = calendar.events
    second = vobject.readOne(response.text).vevent
    assert str(event["SUMMARY"]) == second.summary.value == f"Visit {reference}"
    assert event.start == second.dtstart.value == FIRST
    assert str(event["LOCATION"]) == second.location.value == "Example Road"
    assert str(event["DESCRIPTION"]) == "Status: booked"
    for word in SECRETS:
        assert word not in response.text.lower()


def test_the_desk_reads_whom_each_patient_visits(app: Flask, reference: str) -> None:
    """Nobody visits the desk, so it sees everybody's visits, by name of the doctor."""
    response = app.test_client().get(address_of(Receptionist.at_work(app)))
    assert f"Visit {reference} with Dr Nisha Iyer" in response.text


def test_a_feed_that_has_not_changed_is_not_sent_again(app: Flask, reference: str) -> None:
    """304 while nothing happened, and the whole again after a cancelling."""
    address, calendar = address_of(nisha(app)), app.test_client()
    first = calendar.get(address)
    assert first.headers["Cache-Control"] == "private, max-age=900"
    known = {"If-None-Match": first.headers["ETag"]}
    again = calendar.get(address, headers=known)
    assert (again.status_code, again.data) == (304, b"")
    with app.app_context():
        visit = request_with(reference, db.session).appointments[0]
        booking.cancel(visit.id, visit.version, a_staff_member(), NOW, the_clinic())
    changed = calendar.get(address, headers=known)
    assert changed.status_code == 200
    assert "STATUS:CANCELLED" in changed.text


def test_the_address_is_shown_once_and_can_be_ended(app: Flask, reference: str) -> None:
    """Opened again the page keeps it to itself; a new one or the end makes the old one dead."""
    person = nisha(app)
    old = address_of(person)
    assert old.rpartition("/")[2] not in person.get("/my-calendar").html
    new = address_of(person)
    stranger = app.test_client()
    assert stranger.get(old).status_code == 404
    assert stranger.get(new).status_code == 200
    person.get("/my-calendar")
    page = person.send("/my-calendar/end")
    assert "does not work any more" in page.text
    assert stranger.get(new).status_code == 404


@pytest.mark.parametrize("secret", ["x", "%00", "é", "A" * 3000, "..%2f", "' OR 1=1 --", "None"])
def test_invented_addresses_are_not_there(app: Flask, reference: str, secret: str) -> None:
    """Whatever is asked for: not found, in words."""
    assert app.test_client().get(f"/calendar/{secret}.ics").status_code == 404


def test_looking_makes_no_address(app: Flask, reference: str) -> None:
    """A GET of the page leaves the feed as it is, and a POST alone ends nothing unseen."""
    person = nisha(app)
    for _ in range(2):
        assert "Make an address" in person.get("/my-calendar").html
    assert person.client.get("/my-calendar/end").status_code == 405
