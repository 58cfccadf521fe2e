"""Writing to a patient: the ready text, the preview, and sending just that."""

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask

from app.access import now
from app.domain.level import Level
from app.records import db, transaction
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest
from app.records.written import ReadyText, Written
from tests.builders import a_request, a_staff_member, visit_details
from tests.people import Receptionist

ASHA = {"name": "Asha Patil", "email": "asha@example.org"}

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def meera(app: Flask) -> Receptionist:
    """A receptionist at work."""
    return Receptionist.at_work(app)


@pytest.fixture
def place(app: Flask) -> str:
    """Where one writes to Asha."""
    with app.app_context():
        return f"/desk/requests/{a_request(Level.soon, at=now(), person=ASHA).reference}/write"


def ready(app: Flask, name: str) -> str:
    """The query that chooses a ready text."""
    with app.app_context():
        return f"?text={db.session.scalar(sa.select(ReadyText.id).where(ReadyText.name == name))}"


def number_written(app: Flask) -> int:
    """How many mails were written."""
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(Written)) or 0


def test_a_ready_text_is_seen_and_sent(app: Flask, meera: Receptionist, place: str) -> None:
    """Its fields are filled in; the preview has the box; the history has the words."""
    meera.get(place + ready(app, "We could not reach you"))
    page = meera.send(place, do="look")
    assert "This is what the patient gets" in page.text
    assert "DO NOT WAIT FOR US" in page.text
    assert number_written(app) == 0
    page = meera.send(place, do="send")
    assert "The mail is on its way" in page.text
    assert "Please call us: 022 0000 1234" in page.text
    assert "wrote to the patient" in page.text
    assert number_written(app) == 1


def test_only_what_was_seen_is_sent(app: Flask, meera: Receptionist, place: str) -> None:
    """Words that are changed after the preview, or never shown, are shown first."""
    meera.get(place)
    page = meera.send(place, 409, subject="Hello", text="Please call us.", do="send")
    assert "This is how they look now" in page.text
    page = meera.send(place, 409, text="Please call us today.", do="send")
    assert number_written(app) == 0
    meera.send(place, do="send")
    with app.app_context():
        assert db.session.scalars(sa.select(Written)).one().text == "Please call us today."


def test_pressing_send_twice_writes_once(app: Flask, meera: Receptionist, place: str) -> None:
    """The form carries its id."""
    meera.get(place)
    form = meera.send(place, subject="Hello", text="Please call us.", do="look")
    meera.send(place, do="send")
    meera.page = form
    meera.send(place, do="send")
    assert number_written(app) == 1


@pytest.mark.parametrize(
    ("field", "words", "fault"),
    [
        ("subject", "", "Enter a subject"),
        ("text", " ", "Enter the text"),
        ("subject", 51 * "x", "Use 50 letters or fewer"),
        ("subject", "Your tumour", "Leave out “tumour”"),
        ("text", "About the CANCER", "Leave out “cancer”"),
        ("text", "On {visit_day}", "Fill in {visit_day}"),
        ("text", 60 * "-", "Leave out lines made of dashes"),
    ],
)
def test_what_may_not_go_out_is_told_at_its_field(
    app: Flask, meera: Receptionist, place: str, field: str, words: str, fault: str
) -> None:
    """With everything that was typed."""
    meera.get(place)
    sent = {"subject": "Hello", "text": "Please call us.", field: words}
    page = meera.send(place, 422, do="send", **sent)
    assert fault in page.text
    assert page.title.startswith("Error: ")
    assert number_written(app) == 0


def test_a_text_about_a_visit_needs_one(app: Flask, meera: Receptionist, place: str) -> None:
    """What is not known is named, and stays to be filled in by hand."""
    page = meera.get(place + ready(app, "Please bring your scans"))
    assert "no visit is booked" in page.text
    assert "Fill in {visit_day}" in meera.send(place, 422, do="look").text
    with app.app_context(), transaction() as session:
        request = session.scalars(sa.select(ServiceRequest)).one()
        details = visit_details(dt.datetime(2026, 12, 1, 5, 30, tzinfo=dt.UTC))
        by = a_staff_member("doctor")
        session.add(Appointment(request_id=request.id, practitioner_id=by.id, **details))
    meera.get(place + ready(app, "Please bring your scans"))
    page = meera.send(place, do="look")
    assert "You visit us on Tuesday 1 December 2026, at 11:00 am." in page.text


def test_without_an_address_there_is_nothing_to_write(app: Flask, meera: Receptionist) -> None:
    """The way to note an address is shown; a form that is sent all the same sends nothing."""
    with app.app_context():
        reference = a_request(Level.soon, at=now()).reference
    assert "Write to the patient" not in meera.opens(reference).links()
    page = meera.get(f"/desk/requests/{reference}/write")
    assert "Correct the person" in page.links()
    assert meera.get(f"/desk/requests/{reference}/write?text=nonsense").status == 200
