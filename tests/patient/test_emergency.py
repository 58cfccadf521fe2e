"""The emergency page: advice first, one phone field, and nobody is stopped."""

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.level import Level
from app.records import db
from app.records.service_request import ServiceRequest
from tests.patient.sent import everything_sent, the_one_sent
from tests.people import Patient

PRESSED_NERVES = {
    "danger-signs": ["leg_weakness", "saddle_numbness"],
    "leg_weakness.onset": "today",
    "leg_weakness.course": "worse_days",
    "leg_weakness.side": "both",
    "saddle_numbness.onset": "today",
    "saddle_numbness.course": "worse_days",
}
NOBODY_SAYS = ("appointment", "slot", "Book a visit", "WhatsApp")


@pytest.fixture
def asha(app: Flask) -> Patient:
    """A patient with a browser."""
    return Patient(app.test_client())


@pytest.fixture
def warned(asha: Patient) -> Patient:
    """A patient who has told of pressed nerves, and sees the emergency page."""
    asha.begins()
    asha.answers("emergency", **PRESSED_NERVES)
    return asha


def send_phone(patient: Patient, phone: str = "98765 43210", status: int = 200) -> None:
    """Fill in the phone field of the emergency page, and send it."""
    patient.send(f"{patient.place}/emergency", status, phone=phone)


def go_on(patient: Patient, status: int = 200, checked: str = "") -> None:
    """Press “Go on with the questions”."""
    patient.send(f"{patient.place}/emergency/go-on", status, already_checked=checked)


@pytest.mark.databases("sqlite")
def test_an_emergency_is_recognised_before_the_questions_are_over(warned: Patient) -> None:
    """Three pages of danger signs are enough; the number to call comes before everything else."""
    page = warned.page
    assert page.h1 == "You need emergency care now"
    assert page.text.startswith("You need emergency care now You told us about:")
    assert "numb between the legs" in page.text
    assert "weak leg" in page.text
    assert page.links()["Call 108 now"] == "tel:108"
    assert "I need a spine MRI today" in page.text


@pytest.mark.databases("sqlite")
def test_when_it_began_and_was_warned_go_with_the_number(app: Flask, warned: Patient) -> None:
    """The doctor's timeline tells how fast it went; going on changes nothing of it."""
    send_phone(warned)
    with app.app_context():
        sent = db.session.scalars(sa.select(ServiceRequest)).one()
        times = sent.begun_at, sent.warned_at
        assert sent.begun_at
        assert sent.warned_at
        assert sent.begun_at <= sent.warned_at <= sent.created_at
    go_on(warned)
    warned.answers("advice", fever="no")
    with app.app_context():
        sent = db.session.scalars(sa.select(ServiceRequest)).one()
        assert (sent.begun_at, sent.warned_at) == times


@pytest.mark.databases("sqlite")
def test_the_emergency_page_offers_no_other_way(warned: Patient) -> None:
    """No times, no visits, no strip, no button to call the desk: one message only."""
    assert not [words for words in NOBODY_SAYS if words in warned.page.html]
    assert "Call us" not in warned.page.html
    assert not list(warned.page.top.all("aside"))


@pytest.mark.databases("sqlite")
def test_thoughts_of_ending_life_get_the_helpline(asha: Patient) -> None:
    """The helpline stands beside the ambulance, and the words are not those of a pressed cord."""
    asha.begins()
    asha.answers("very-unwell")
    asha.continues(**{"very-unwell": "self_harm_thoughts"})
    assert asha.at == "emergency"
    assert asha.page.links()["Talk to someone: 14416"] == "tel:14416"
    assert "MRI today" not in asha.page.text


def test_a_phone_number_alone_starts_the_clock_and_tells_the_doctor(
    app: Flask, warned: Patient
) -> None:
    """The answers so far are stored with it, without a consent; pressing twice sends once."""
    send_phone(warned)
    sent = the_one_sent(app)
    assert sent.reference in warned.page.text
    assert "We have told the doctor on call" in warned.page.text
    assert "Do not wait for this call" in warned.page.text
    assert warned.page.links()["Call 108 now"] == "tel:108"
    assert (sent.level, sent.status, sent.consent_version) == (
        Level.emergency,
        "with-doctor",
        None,
    )
    assert sent.person == {"phone": "+919876543210"}
    assert sent.answers["saddle_numbness"] == "yes"
    assert "E04" in sent.rules
    warned.post(
        f"{warned.place}/emergency",
        {"csrf_token": a_token(warned), "phone": "98765 43210"},
    )
    assert the_one_sent(app).responses == 1


def a_token(patient: Patient) -> str:
    """The form token of the page that a patient sees."""
    tokens = [each for each in patient.page.top.all("input") if "csrf" in each.attributes["name"]]
    return tokens[0].attributes["value"]


@pytest.mark.databases("sqlite")
def test_a_bad_phone_number_is_kept_and_the_advice_stays(app: Flask, warned: Patient) -> None:
    """The field says what it wants; what was typed is still there, under the same advice."""
    send_phone(warned, "98765 4321", 422)
    assert warned.page.h1 == "You need emergency care now"
    assert "Enter a mobile number with 10 digits" in warned.page.text
    typed = [each for each in warned.page.top.all("input") if each.attributes["name"] == "phone"]
    assert typed[0].attributes["value"] == "98765 4321"
    assert everything_sent(app) == []


def test_going_on_adds_the_rest_to_the_same_request(app: Flask, warned: Patient) -> None:
    """The questions go on after the phone number, and end in one request with one reference."""
    send_phone(warned)
    reference = the_one_sent(app).reference
    go_on(warned, checked="Yes, at Example Hospital on Monday")
    assert warned.at == "very-unwell"
    warned.answers("advice")
    assert warned.page.h1 == "You need emergency care now"
    warned.answers("received")
    sent = the_one_sent(app)
    assert warned.page.text.count(reference) == 1
    assert (sent.reference, sent.level, sent.responses) == (reference, Level.emergency, 2)
    assert sent.history == ["submit", "add"]
    assert sent.consent_version
    assert sent.person["name"] == "Asha Patil"
    assert sent.person["already_checked"] == "Yes, at Example Hospital on Monday"


@pytest.mark.databases("sqlite")
def test_the_contact_page_knows_the_number_already(warned: Patient) -> None:
    """Nobody types a number twice."""
    send_phone(warned, "+91 98765-43210")
    go_on(warned)
    warned.answers("contact")
    typed = [each for each in warned.page.top.all("input") if each.attributes["name"] == "phone"]
    assert typed[0].attributes["value"] == "+91 98765-43210"


@pytest.mark.databases("sqlite")
def test_what_a_doctor_has_checked_goes_with_the_phone_number(app: Flask, warned: Patient) -> None:
    """Text typed before the number was sent reaches the doctor with it."""
    go_on(warned, checked="At Example Hospital on Monday")
    warned.opens("emergency")
    send_phone(warned)
    assert the_one_sent(app).person["already_checked"] == "At Example Hospital on Monday"


@pytest.mark.databases("sqlite")
def test_too_long_a_text_is_refused_beside_the_advice(warned: Patient) -> None:
    """The text stays to be shortened; the advice stays, too."""
    long = "word " * 101
    go_on(warned, 422, checked=long)
    assert warned.page.h1 == "You need emergency care now"
    assert "Use 500 letters or fewer" in warned.page.text
    assert long.strip() in warned.page.html


def test_answers_changed_after_the_warning_stay_in_the_history(app: Flask, warned: Patient) -> None:
    """Taking a danger sign back is possible; the doctor sees both, and the rules that had fired."""
    go_on(warned)
    warned.opens("danger-signs")
    warned.continues(**{"danger-signs": "none"})
    assert warned.at == "very-unwell"
    warned.answers("received")
    sent = the_one_sent(app)
    (line,) = sent.changes
    assert line["page"] == "danger-signs"
    assert line["changed"]["saddle_numbness"] == ["yes", "no"]
    assert "E04" in line["warned"]
    assert sent.answers["saddle_numbness"] == "no"


@pytest.mark.databases("sqlite")
def test_a_level_that_a_phone_number_was_sent_with_never_falls(app: Flask, warned: Patient) -> None:
    """Taking every sign back after the doctor was told lowers nothing."""
    send_phone(warned)
    warned.opens("danger-signs")
    warned.continues(**{"danger-signs": "none"})
    warned.answers("received")
    sent = the_one_sent(app)
    assert sent.level is Level.emergency
    assert sent.levels == [Level.emergency, Level.emergency]
    assert "Go to the nearest emergency department now" in warned.page.text


@pytest.mark.databases("sqlite")
def test_the_same_emergency_is_not_shown_twice_but_a_new_one_is(warned: Patient) -> None:
    """Who goes on is not thrown back by every page; another kind of emergency is said at once."""
    go_on(warned)
    warned.continues(**{"very-unwell": "none"})
    assert warned.at == "cancer"
    warned.opens("very-unwell")
    warned.continues(**{"very-unwell": "stroke_signs"})
    assert warned.at == "emergency"
    assert "signs of a stroke" in warned.page.text


@pytest.mark.databases("sqlite")
def test_what_is_not_certain_counts(app: Flask, asha: Patient) -> None:
    """Not sure of every nerve sign, with pain after cancer: that is an emergency until asked."""
    signs = app.extensions["packs"]["spinal-metastasis"].page("danger-signs").signs
    asha.begins()
    asha.answers("danger-check", **{"danger-signs": "not_sure"})
    asha.answers(
        "emergency",
        **dict.fromkeys(signs, "not_sure"),
        cancer_status="past",
        cancer_type="breast",
        known_spinal_mets="no",
        known_bone_mets="no",
        anticancer_treatment_6w="no",
    )
    assert "(not sure)" in asha.page.text
    go_on(asha)
    asha.answers("received")
    assert the_one_sent(app).level is Level.emergency


@pytest.mark.databases("sqlite")
def test_without_a_warning_there_is_no_emergency_page(app: Flask, asha: Patient) -> None:
    """Its forms do nothing for somebody who was not warned, and never break."""
    asha.begins()
    token = a_token(asha)
    fields = {"csrf_token": token, "phone": "98765 43210", "already_checked": "x" * 501}
    for path in ("emergency", "emergency/go-on"):
        asha.post(f"{asha.place}/{path}", fields)
        assert asha.at in ("", "danger-signs")
    assert everything_sent(app) == []
