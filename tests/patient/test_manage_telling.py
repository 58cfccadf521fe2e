"""What patients tell on their own page: four questions, more words, another number."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
import time_machine
from flask import Flask

from app.domain.level import Level
from app.records import db
from tests.builders import NOW
from tests.hostile import BODIES, RARE, TEXTS
from tests.patient.test_manage import DIGITS, Link, a_link
from tests.people import Receptionist

QUESTIONS: Final = ("walking", "legs", "bladder-bowel", "pain")


@pytest.fixture
def clock() -> Iterator[Any]:
    """The doors' clock stands at NOW."""
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


@pytest.fixture
def link(app: Flask, clock: Any) -> Link:
    """A patient without a visit."""
    return a_link(app)


def tells(link: Link, status: int = 200, **told: str) -> Any:
    """Answer the four questions; what is not named is the same."""
    answers: dict[str, Any] = dict.fromkeys(QUESTIONS, "same")
    answers |= {name.replace("_", "-"): value for name, value in told.items()}
    return link.sends("worse", status, **answers)


def test_a_danger_shows_the_emergency_advice_at_once(link: Link) -> None:
    """No digits stand before it; the number to call comes first, and the doctors are told."""
    page = tells(link, bladder_bowel="worse")
    assert page.h1 == "You need emergency care now"
    calls = [href for href in page.links().values() if href.startswith("tel:")]
    assert calls[0] == "tel:108"
    assert "I need a spine MRI today" in page.text
    assert link.stored()["level"] is Level.emergency
    assert link.stored()["status"] == "with-doctor"


def test_something_urgent_says_when_we_call(link: Link) -> None:
    """Less than an emergency still reaches the doctors today."""
    page = tells(link, walking="worse")
    assert page.h1 == "A doctor hears about this today"
    assert "within 4 hours" in page.text
    assert link.stored()["level"] is Level.urgent


def test_nothing_worse_thanks_and_warns(link: Link) -> None:
    """The danger signs stand there all the same."""
    page = tells(link)
    assert page.h1 == "Thank you. We have it."
    assert "Call 108 while you wait" in page.text


def test_advice_is_for_the_browser_that_told(app: Flask, link: Link) -> None:
    """Whoever has the link alone learns nothing of it."""
    tells(link, legs="worse")
    other = app.test_client().get(f"{link.path}/advice")
    assert (other.status_code, other.location) == (303, link.path)


def test_every_question_needs_an_answer(link: Link) -> None:
    """The error stands at its field, and what was chosen stays chosen."""
    page = link.sends("worse", 422, legs="worse")
    assert page.title.startswith("Error: ")
    checked = [e.attributes["value"] for e in page.top.all("input") if "checked" in e.attributes]
    assert checked == ["worse"]
    link.sends("worse", 422, **dict.fromkeys(QUESTIONS, "terrible"))
    assert link.stored()["responses"] == 1


def test_pressing_twice_tells_once(link: Link) -> None:
    """The second press shows the same advice."""
    for _ in range(2):
        assert tells(link, legs="worse").h1 == "You need emergency care now"
    assert link.stored()["responses"] == 2


def test_the_desk_and_the_doctor_read_what_was_told(app: Flask, link: Link) -> None:
    """The questions with their answers, and that the patient said so."""
    tells(link, legs="worse")
    page = Receptionist.at_work(app).opens(link.reference)
    assert "Are the legs weaker, heavier or more numb?" in page.text
    assert "The patient told us that it has got worse" in page.text


def test_added_words_are_kept_with_the_answers(app: Flask, link: Link) -> None:
    """The digits are asked with the text, so that nothing is lost when they were wrong."""
    page = link.sends("add", 422, digits="0000", more="I forgot: I take tablets")
    assert "I forgot: I take tablets" in page.html
    page = link.sends("add", digits=DIGITS, more="I forgot: I take tablets")
    assert "We got it" in page.text
    assert "I forgot: I take tablets" in page.text
    assert "I forgot: I take tablets" in Receptionist.at_work(app).opens(link.reference).text


def test_dangerous_words_show_what_to_do(link: Link) -> None:
    """What stands on the list of watchwords raises the level at once."""
    page = link.sends("add", digits=DIGITS, more="Since today I cannot feel my feet")
    assert page.h1 == "A doctor hears about this today"
    assert link.stored()["level"] is Level.urgent


def test_another_number_is_checked_and_kept(app: Flask, link: Link) -> None:
    """However it is typed; the digits of the new one open the page from then on."""
    for wrong in ("", "12", "98765 4321", "not a number", "+1 000"):
        page = link.sends("number", 422, digits=DIGITS, phone=wrong)
        assert "Enter a mobile number with 10 digits" in page.text
    page = link.sends("number", digits=DIGITS, phone="098765-43288")
    assert "We have your new number" in page.text
    assert link.stored()["person"]["phone"] == "+919876543288"
    link.patient = type(link.patient)(app.test_client())
    link.unlocks(DIGITS, 422)
    assert "98765 43288" in link.unlocks("3288").text
    assert "changed the phone number" in Receptionist.at_work(app).opens(link.reference).text


@pytest.mark.parametrize("name", [*RARE, "script", "formula", "sql", "path", "many marks"])
@pytest.mark.databases("postgresql")
def test_whatever_is_typed_is_kept_or_told(app: Flask, link: Link, name: str) -> None:
    """Hostile words act on no page, of the patient or of the desk."""
    text = TEXTS[name]
    response = link.patient.client.post(f"{link.path}/add", data=_fields(link, more=text))
    assert response.status_code in (303, 422)
    link.gets()
    if response.status_code == 303:
        Receptionist.at_work(app).opens(link.reference)
    places = ("digits", ""), ("phone", "/number"), ("reason", "/cancel"), ("walking", "/worse")
    for field, page in (*places, ("visit", "/cancel"), ("version", "/change"), ("time", "/change")):
        sent = link.patient.client.post(link.path + page, data=_fields(link, **{field: text}))
        assert sent.status_code < 500, f"{field} at {page}"
        assert b"<script>alert" not in sent.data


def _fields(link: Link, **given: str) -> dict[str, str]:
    link.gets("worse")
    form = link.patient.page.form(None)
    token = next(e for e in form.all("input") if e.attributes["name"] == "csrf_token")
    return {"csrf_token": token.attributes["value"], "digits": DIGITS, **given}


@pytest.mark.databases("sqlite")
def test_odd_bodies_and_methods_are_refused_in_words(database: str, link: Link) -> None:
    """Whatever arrives at a page of the link, it is no fault of ours."""
    for page in ("", "/add", "/number", "/worse", "/cancel", "/change", "/not-me"):
        for kind, body in BODIES.values():
            sent = link.patient.client.post(link.path + page, data=body, content_type=kind)
            assert sent.status_code in (400, 413), page
        for method in ("PUT", "DELETE", "PATCH"):
            assert link.patient.client.open(link.path + page, method=method).status_code == 405
    assert link.stored()["events"] == ["submit"]


@pytest.mark.databases("sqlite")
def test_advice_comes_even_when_storing_fails(database: str, link: Link) -> None:
    """The database is away at the press: the emergency number stands on the page of our fault."""
    fields = _fields(link, **dict.fromkeys(QUESTIONS, "worse"))
    with link.app.app_context():
        db.session.execute(db.text("DROP TABLE triage"))
        db.session.commit()
    page = link.patient.post(f"{link.path}/worse", fields, 503)
    assert "Call 108" in page.text
