"""Correcting a person, and the ways to reach them."""

import pytest
from flask import Flask

from app.access import now
from app.domain.level import Level
from app.formats import whatsapp
from tests.builders import a_request
from tests.people import Receptionist

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def meera(app: Flask) -> Receptionist:
    """A receptionist at work."""
    return Receptionist.at_work(app)


@pytest.fixture
def reference(app: Flask) -> str:
    """A request of Asha, who speaks Marathi."""
    with app.app_context():
        person = {"name": "Asha Patil", "phone": "+919876543210", "speaks": "mr"}
        return a_request(Level.soon, at=now(), person=person).reference


def test_the_person_is_corrected_with_history(meera: Receptionist, reference: str) -> None:
    """What was there is in the history, in words; who may be spoken to has a source."""
    assert "The patient alone" in meera.opens(reference).text
    place = f"/desk/requests/{reference}/person"
    meera.get(place)
    page = meera.send(
        place, name="Usha Patil", speaks="hi", phone="98765 43211", speak_to="Rupali, daughter"
    )
    assert page.h1 == "Usha Patil"
    assert "Name: Asha Patil → Usha Patil" in page.text
    assert "Phone: 98765 43210 → 98765 43211" in page.text
    assert "Speaks: Marathi → Hindi" in page.text
    assert "Rupali, daughter (noted by Meera Kulkarni" in page.text


@pytest.mark.parametrize(
    ("field", "typed", "fault"),
    [
        ("phone", "12345", "Enter a mobile number with 10 digits"),
        ("email", "asha@", "Enter an e-mail address like name@example.com"),
        ("name", "123", "Enter the name in letters"),
        ("speaks", "klingon", "Select one of the answers"),
        ("speak_to", 201 * "x", "Use 200 letters or fewer"),
    ],
)
def test_what_cannot_be_taken_is_told_at_its_field(
    meera: Receptionist, reference: str, field: str, typed: str, fault: str
) -> None:
    """Nothing typed is lost."""
    place = f"/desk/requests/{reference}/person"
    meera.get(place)
    page = meera.send(place, 422, **{field: typed})
    assert fault in page.text
    assert field == "speaks" or typed in page.html


def test_the_slower_of_two_colleagues_is_told(meera: Receptionist, reference: str) -> None:
    """Nothing of theirs is saved."""
    place = f"/desk/requests/{reference}/person"
    meera.get(place)
    form = meera.page
    meera.send(place, name="Usha Patil")
    meera.page = form
    page = meera.send(place, 409, name="Nobody")
    assert "corrected what is known of the person" in page.text
    assert meera.opens(reference).h1 == "Usha Patil"


def test_the_whatsapp_link_says_the_reference_and_no_more(
    meera: Receptionist, reference: str
) -> None:
    """In a tab of its own that knows nothing of this page."""
    page = meera.opens(reference)
    (link,) = (each for each in page.top.all("a") if "wa.me" in each.attributes.get("href", ""))
    words = f"Please%20call%20022%200000%201234%20and%20say%20{reference}."
    assert link.attributes["href"] == f"https://wa.me/919876543210?text={words}"
    assert (link.attributes["target"], link.attributes["rel"]) == (
        "_blank",
        "noopener noreferrer",
    )


@pytest.mark.parametrize(
    ("number", "possible"),
    [("+919876543210", True), ("+12025550123", True), ("+912226543210", False), ("", False)],
)
def test_whatsapp_is_offered_for_numbers_that_can_have_it(number: str, possible: bool) -> None:
    """Not for a landline, nor where there is no number."""
    assert (whatsapp(number, "SPN-222-222", "022 0000 1234") is not None) == possible
