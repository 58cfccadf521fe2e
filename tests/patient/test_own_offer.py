"""A freed time is taken or declined on the patient's own page."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from app.domain.level import Level
from app.workflow import booking, manage
from tests.builders import NOW, a_choice, a_doctor_with_hours, a_request, a_staff_member, the_clinic
from tests.people import Page, Patient, filled_in

DIGITS = "3210"
FREED = dt.datetime(2026, 11, 26, 3, 30, tzinfo=dt.UTC)
"""Nine o'clock on Thursday in Mumbai."""


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The doors' clock stands at NOW."""
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


@pytest.fixture
def path(app: Flask, clock: time_machine.Traveller) -> str:
    """The page of a patient to whom a freed time is offered."""
    with app.app_context():
        desk, doctor, clinic = a_staff_member(), a_doctor_with_hours(), the_clinic()
        choice = a_choice(doctor.id, FREED)
        other, waits = a_request(Level.soon), a_request(Level.soon)
        visit = booking.book(other.reference, choice, other.version, desk, NOW, clinic.zone)
        booking.waitlist.put_on(waits.reference, None, None, desk, NOW)
        booking.cancel(visit.id, visit.version, desk, NOW, clinic)
        return f"/r/{manage.address(waits, NOW)}"


@pytest.fixture
def asha(app: Flask) -> Patient:
    """The patient."""
    return Patient(app.test_client())


def answers(asha: Patient, path: str, answer: str, status: int = 200, digits: str = DIGITS) -> Page:
    """Open the page and press one of its buttons."""
    asha.get(f"{path}/offer")
    fields = {**filled_in(asha.page.form(f"{path}/offer")), "digits": digits, "answer": answer}
    return asha.post(f"{path}/offer", fields, status)


def test_the_page_leads_to_the_offer(asha: Patient, path: str) -> None:
    """It says when, with whom, and until when the time is kept."""
    page = asha.get(path)
    assert "A time is free for you Thursday 26 November 2026, 9:00 am" in page.text
    page = asha.get(page.links()["Take it, or say no"])
    assert page.h1 == "A time is free for you"
    assert "We keep it for you until 1:40 pm" in page.text


def test_the_patient_takes_it(asha: Patient, path: str) -> None:
    """The visit stands; pressing again changes nothing."""
    asha.get(f"{path}/offer")
    fields = {**filled_in(asha.page.form(f"{path}/offer")), "digits": DIGITS, "answer": "accept"}
    for _ in range(2):
        page = asha.post(f"{path}/offer", fields)
        assert "The time is yours. Your visit is booked." in page.text
    assert "Thursday 26 November 2026, 9:00 am" in page.text
    assert "A time is free for you" not in page.text


def test_the_patient_declines_it(asha: Patient, path: str) -> None:
    """The time is free for the next, and this person waits on."""
    page = answers(asha, path, "decline")
    assert "Somebody else gets this time; you stay on our list." in page.text
    assert asha.get(f"{path}/offer").h1 == "No time is kept for you"


def test_the_digits_come_first(asha: Patient, path: str) -> None:
    """A link that was passed on takes and gives away nothing."""
    for answer in ("accept", "decline"):
        page = answers(asha, path, answer, 422, digits="0000")
        assert page.h1 == "A time is free for you"


def test_an_answer_that_comes_too_late_is_told(
    asha: Patient, path: str, clock: time_machine.Traveller
) -> None:
    """The time is not kept any more; nothing is lost, and nothing is doubled."""
    asha.get(f"{path}/offer")
    fields = {**filled_in(asha.page.form(f"{path}/offer")), "digits": DIGITS, "answer": "accept"}
    clock.shift(dt.timedelta(hours=3))
    page = asha.post(f"{path}/offer", fields)
    assert "A time is free for you" not in page.text
    assert asha.get(f"{path}/offer").h1 == "No time is kept for you"


@pytest.mark.parametrize(
    "sent", [{}, {"answer": "x" * 9999}, {"version": "NaN", "answer": "accept"}]
)
def test_what_no_button_sends_takes_nothing(asha: Patient, path: str, sent: dict[str, str]) -> None:
    """An odd version is an old page, and what is no answer changes nothing."""
    asha.get(f"{path}/offer")
    fields = {**filled_in(asha.page.form(f"{path}/offer")), "digits": DIGITS, **sent}
    asha.client.post(f"{path}/offer", data=fields)
    assert "Your visit is booked" not in asha.get(path).text
