"""The open urgent cases on paper."""

import datetime as dt

import pytest
from flask import Flask

from app.access import now
from app.domain.level import Level
from app.workflow import queue
from tests.builders import a_request, a_staff_member
from tests.people import Doctor, Receptionist, Staff


def test_without_a_case_the_sheet_says_so(app: Flask) -> None:
    """A routine request is no urgent case."""
    meera = Receptionist.at_work(app)
    with app.app_context():
        a_request(Level.routine, at=now())
    assert "No emergency and no urgent case is open" in meera.get("/desk/urgent-sheet").text


@pytest.mark.parametrize("kind", [Receptionist, Doctor])
def test_it_holds_what_is_needed_to_phone(app: Flask, kind: type[Staff]) -> None:
    """Name, number, level, what was told, how late it is, the last call, and who printed it."""
    person = kind.at_work(app)
    with app.app_context():
        at = now() - dt.timedelta(minutes=40)
        told = {"name": "Asha Patil", "age": "61", "phone": "+919876543210", "speaks": "mr"}
        request = a_request(Level.emergency, at=at, person=told)
        queue.log_call(request.reference, "no-answer", a_staff_member(), at)
    page = person.get("/desk/urgent-sheet")
    assert page.h1 == "Open urgent cases"
    for words in (
        "1 as of",
        f"Printed by {'Meera Kulkarni' if kind is Receptionist else 'Dr Arun Rao'}",
        "Asha Patil, 61",
        "98765 43210",
        "Emergency",
        "With the doctor. Waiting 40 min, late 25 min",
        "Marathi",
        "No answer",
        request.reference,
    ):
        assert words in page.text
    assert page.links()["98765 43210"] == "tel:+919876543210"
