"""How to reach the person: any way of writing a number, any name that can be read."""

import pytest
import sqlalchemy as sa
from flask import Flask

from app.records import db
from app.records.enquiry import Draft
from tests.patient.sent import everything_sent, the_one_sent
from tests.people import Patient

pytestmark = pytest.mark.databases("sqlite")
PHONE_WORDS = "Enter a mobile number with 10 digits"


@pytest.fixture
def asha(app: Flask) -> Patient:
    """A patient at the contact page."""
    patient = Patient(app.test_client())
    patient.begins()
    patient.answers("contact")
    return patient


def value_of(patient: Patient, name: str) -> str:
    """What stands in a field of the page."""
    found = [each for each in patient.page.top.all("input") if each.attributes["name"] == name]
    return found[0].attributes["value"]


def test_every_way_of_writing_a_number_is_kept_as_e164(app: Flask, asha: Patient) -> None:
    """Blanks, +91, 0, hyphens, Devanagari digits, a number abroad: all can be called."""
    written = {
        "9876543210": "+919876543210",
        "98765 43210": "+919876543210",
        " 98765-43210 ": "+919876543210",
        "+91 98765 43210": "+919876543210",
        "0091 98765 43210": "+919876543210",
        "09876543210": "+919876543210",
        "919876543210": "+919876543210",
        "(98765) 43210": "+919876543210",
        "९८७६५ ४३२१०": "+919876543210",
        "+९१ ९८७६५४३२१०": "+919876543210",
        "\u202a98765 43210\u202c": "+919876543210",
        "+44 20 7946 0958": "+442079460958",
        "+1 202-555-0143": "+12025550143",
    }
    for typed, dialled in written.items():
        asha.opens("contact")
        asha.answers("check", phone=typed)
        with app.app_context():
            draft = db.session.scalars(sa.select(Draft)).one()
            assert draft.person["phone"] == dialled, typed


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12345",
        "98765 4321",
        "98765 432100",
        "108",
        "phone",
        "+91",
        "\u0660",
        "9" * 300,
        "0000000000",
    ],
)
def test_a_number_that_cannot_be_called_is_told_and_kept(asha: Patient, typed: str) -> None:
    """What was typed is still in the field, and so is everything else on the page."""
    asha.continues(422, name="Asha Patil", phone=typed, speaks="mr", access=["wheelchair"])
    assert PHONE_WORDS in asha.page.text
    assert value_of(asha, "phone") == typed
    assert value_of(asha, "name") == "Asha Patil"
    on = [e.attributes["value"] for e in asha.page.top.all("input") if "checked" in e.attributes]
    assert on == ["mr", "wheelchair"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "\u200b",
        "\u200b\u200c\u200d\ufeff",
        "\u3164",
        "\u115f\u1160",
        "\u2800",
        "...",
        "4711",
        "\x00",
    ],
)
def test_a_name_that_nobody_can_read_is_refused(asha: Patient, name: str) -> None:
    """Invisible characters are no name, not even those that count as letters."""
    asha.continues(422, name=name, phone="98765 43210", speaks="mr")
    assert "Enter the" in asha.page.text
    assert value_of(asha, "phone") == "98765 43210"


@pytest.mark.parametrize(
    "name",
    [
        "आशा पाटील",
        "محمد",
        "Ng",
        "O’Brien-D'Souza",
        "José Ñuñez",
        "李小龙",
        "A",
        "Dr. (Mrs.) Asha S. Patil, MBBS",
        "क्षितिज ज़ाकिर",
        "\U0001d504\U0001d530\U0001d525\U0001d51e",
        "<b>Asha</b>",
        "Robert'); DROP TABLE draft;--",
        "{{ 7 * 7 }} Asha",
        "A" * 120,
    ],
)
def test_every_name_is_taken_as_it_is_written(app: Flask, asha: Patient, name: str) -> None:
    """People are called what they are called, in any script."""
    asha.answers("check", name=name)
    assert name in asha.page.text
    asha.answers("received")
    assert the_one_sent(app).person["name"] == name


def test_line_breaks_and_control_characters_of_a_pasted_name_vanish(
    app: Flask, asha: Patient
) -> None:
    """A name is one line that every mail and page can carry."""
    asha.answers("received", name=" Asha\r\nBcc: x@example.org\x00\x1b\tPatil\n")
    assert the_one_sent(app).person["name"] == "Asha  Bcc: x@example.org Patil"


@pytest.mark.parametrize(
    "email",
    [
        "asha",
        "asha@",
        "a@b@example.org",
        "asha@example.org\nBcc: x@example.org",
        "a b@example.org",
        "asha@example.org, x@example.org",
        f"asha@{'a' * 64}.org",
        "asha@localhost",
    ],
)
def test_one_address_or_none(app: Flask, asha: Patient, email: str) -> None:
    """What is not exactly one address is refused, and stays in the field to be put right."""
    asha.continues(422, name="Asha Patil", phone="98765 43210", speaks="mr", email=email)
    assert "Enter an e-mail address like name@example.com, or leave it empty" in asha.page.text
    assert value_of(asha, "email") == email.replace("\n", " ")
    assert everything_sent(app) == []


def test_needs_and_language_come_to_the_desk(app: Flask, asha: Patient) -> None:
    """Everything of the page is stored."""
    asha.answers("received", access=["wheelchair", "hearing"], email="asha@example.org")
    person = the_one_sent(app).person
    assert person["access"] == ["wheelchair", "hearing"]
    assert (person["email"], person["speaks"]) == ("asha@example.org", "mr")
    assert "acknowledgement" in the_one_sent(app).messages
