"""The pages that only inform."""

import datetime as dt

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app import access
from tests.people import Patient

pytestmark = pytest.mark.databases("sqlite")
CONDITION = "/spinal-metastasis"


@pytest.fixture
def reader(client: FlaskClient) -> Patient:
    """Somebody who reads."""
    return Patient(client)


def test_the_first_page_leads_to_every_condition_and_to_its_enquiry(reader: Patient) -> None:
    """Two ways from it: read, or ask for help."""
    links = reader.get("/").links()
    assert {CONDITION, f"{CONDITION}/enquiry", "tel:02200001234"} <= set(links.values())


def test_the_condition_page_tells_emergencies_first(app: Flask, reader: Patient) -> None:
    """The number to call comes before the explanation, and every sign of the cards is there."""
    text = reader.get(CONDITION).text
    pack = app.extensions["packs"]["spinal-metastasis"]
    for card in pack.cards:
        assert " ".join(card.text["en"].split()) in text
    assert text.index("Call 108") < text.index("Ask us for a call today")
    assert "Who checked this page" in text
    assert "Not yet signed off" in text


def test_the_condition_page_is_not_sent_twice(reader: Patient) -> None:
    """A browser that has it is told so, until the next day."""
    page = reader.get(CONDITION)
    etag = page.response.headers["ETag"]
    assert "Set-Cookie" not in page.response.headers
    again = reader.client.get(CONDITION, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    other = reader.client.get(CONDITION, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


def test_a_page_past_its_review_says_so(app: Flask, reader: Patient) -> None:
    """Readers are told that it is due, and still get it."""
    due = app.extensions["packs"]["spinal-metastasis"].review_due
    assert "due for a check since" not in reader.get(CONDITION).text
    after = dt.datetime.combine(due, dt.time(12), dt.UTC) + dt.timedelta(days=1)
    with time_machine.travel(max(after, access.now()), tick=False):
        assert "due for a check since" in reader.get(CONDITION).text


@pytest.mark.parametrize("path", ["/contact", "/privacy", "/accessibility", "/how-we-write"])
def test_every_page_has_the_number_to_call_in_an_emergency(reader: Patient, path: str) -> None:
    """The strip is on top of each, and the desk's number beside it."""
    links = reader.get(path).links()
    assert links["Call 108 now"] == "tel:108"
    assert links["Call us"] == "tel:02200001234"


def test_the_privacy_page_shows_the_words_of_the_consent(reader: Patient) -> None:
    """What the check page asks to agree to can be read at any time."""
    privacy = reader.get("/privacy").text
    reader.begins()
    reader.answers("check")
    consent = "We use these answers to decide how soon a doctor should speak to you"
    assert consent in privacy
    assert consent in reader.page.text


@pytest.mark.parametrize("path", ["/nothing", "/nothing/enquiry", f"{CONDITION}/enquiry/nothing"])
def test_a_page_that_is_not_there_helps_on(reader: Patient, path: str) -> None:
    """A way to the start and a number to call."""
    page = reader.get(path, 404)
    assert page.h1 == "This page is not here"
    assert page.links()["start at our first page"] == "/"
