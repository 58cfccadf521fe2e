"""What each mail says and to whom, seen where it arrives."""

import datetime as dt
import re

import pytest

from app.domain.level import Level
from app.records import db, transaction
from app.records.service_request import ServiceRequest
from app.workflow import review
from config import Settings
from tests import builders
from tests.builders import NOW, a_request, a_staff_member, the_clinic, the_pack
from tests.mail.arrived import (
    ADDRESS,
    ASHA,
    DAY,
    VISIT,
    a_visit,
    deliver,
    html_of,
    text_of,
    to_patient,
    words_of,
)
from tests.servers import Mail, MailServer

# What a mail says does not depend on the database; that it goes out is tested on both.
pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.databases("sqlite")]


def test_the_desk_hears_of_a_request_in_a_mail_that_gives_nothing_away(smtp: MailServer) -> None:
    """With `minimal` the desk reads level, reference, since when, and the link; no more."""
    request = a_request(Level.urgent, person=ASHA)
    deliver()
    (found,) = smtp.sent_to("desk@example.org")
    assert found.subject == f"[Today] {request.reference} needs a call"
    link = f"http://localhost/desk/requests/{request.reference}"
    for told in (request.reference, "urgent", "11:30 am (Mumbai time)", link):
        assert told in found.text
    assert link in html_of(found)
    for hidden in ("Asha", "98765", "61", *(f["title"] for f in request.triage.findings)):
        assert hidden not in found.subject + found.text + html_of(found)


def test_a_clinic_may_have_the_signs_in_the_mail_to_the_desk(
    smtp: MailServer, settings: Settings
) -> None:
    """With `flags` the desk also reads signs, age and number; the subject stays the same."""
    with builders.an_app(settings.replace(desk_mail="flags")).app_context():
        request = a_request(Level.emergency, person=ASHA)
        deliver()
        titles = [finding["title"] for finding in request.triage.findings]
        db.engine.dispose()
    (found,) = smtp.sent_to("desk@example.org")
    assert found.subject == f"[Now] {request.reference} needs a call"
    assert titles
    for told in ("Age: 61", "98765 43210", *titles):
        assert told in found.text
    assert "Asha" not in found.text


def test_every_doctor_is_told_by_when_to_look_and_who_else_knows(smtp: MailServer) -> None:
    """The alarm names the time, the link and the other doctors, and nothing clinical."""
    arun, nisha = (a_staff_member("doctor", name=name) for name in ("Dr Arun Rao", "Dr Nisha Iyer"))
    request = a_request(Level.emergency, person=ASHA)
    deliver()
    (found,) = smtp.sent_to(arun.email)
    assert found.subject == f"[Now] {request.reference}: look by 11:45 am"
    assert set(found.to) == {arun.email, nisha.email}
    assert f"Told at the same time: {arun.name}, {nisha.name}." in found.text
    assert f"http://localhost/doctor/reviews/{request.reference}" in found.text
    for hidden in ("Asha", "98765", *(f["title"] for f in request.triage.findings)):
        assert hidden not in found.text


def test_a_doctors_question_tells_the_desk_by_when_and_nothing_clinical(smtp: MailServer) -> None:
    """The question itself stays in the clinic; when it is late, doctors are led to the case."""
    doctor = a_staff_member("doctor")
    request = a_request(Level.emergency, person=ASHA)
    question = "Which leg is weak?"
    review.inquire(request.reference, question, request.version, doctor, NOW, the_clinic())
    deliver()
    found = smtp.sent_to("desk@example.org")[-1]
    assert found.subject == f"[Now] {request.reference}: a doctor asks, answer by 11:45 am"
    assert f"http://localhost/desk/requests/{request.reference}" in found.text
    assert "the first doctor on call" in found.text
    deliver(NOW + dt.timedelta(minutes=22))
    late = f"[Late 7 min] {request.reference}: a doctor still waits for an answer"
    to_doctor = [mail for mail in smtp.sent_to(doctor.email) if mail.subject == late]
    links = [f"http://localhost/doctor/reviews/{request.reference}" in m.text for m in to_doctor]
    assert any(links)
    texts = "".join(mail.text for mail in (found, *to_doctor))
    assert not any(words in texts for words in ("Asha", question))


def test_an_alarm_that_comes_late_says_how_late(smtp: MailServer) -> None:
    """A doctor who reads the subject alone knows that the time is over."""
    doctor = a_staff_member("doctor")
    request = a_request(Level.emergency)
    deliver(NOW + dt.timedelta(minutes=22))
    found = smtp.sent_to(doctor.email)[0]
    assert found.subject == f"[Late 7 min] {request.reference}: look now"


@pytest.mark.parametrize(
    ("level", "promise"),
    [
        (Level.routine, "within 3 working days"),
        (Level.soon, "within 1 working day"),
        (Level.urgent, "at most within 24 hours"),
    ],
)
def test_a_patient_reads_that_the_request_arrived(
    smtp: MailServer, level: Level, promise: str
) -> None:
    """The acknowledgement gives the reference, when the clinic answers, and how to reach it."""
    request = a_request(level, person=ASHA)
    deliver()
    found = to_patient(smtp)
    assert found.subject == f"We got your request ({request.reference})"
    for told in (request.reference, promise, "http://localhost/contact", "022 0000 1234"):
        assert told in found.text


def test_a_patient_in_an_emergency_reads_what_to_do(smtp: MailServer) -> None:
    """Call, go, and the words to say come before everything else."""
    request = a_request(Level.emergency, person=ASHA)
    deliver()
    found = to_patient(smtp)
    assert found.subject == f"Your request to Example Spine Clinic ({request.reference})"
    assert found.text.startswith("Do not wait for our call. Call 108")
    assert "call 112" in found.text
    say = next(words.say for words in the_pack().emergency_words if words.say)
    assert f"Say these words: “{say['en']}”" in found.text
    assert 'href="tel:108"' in html_of(found)


def test_a_visit_is_told_with_its_place_and_the_name_of_its_time(
    asha: ServiceRequest, smtp: MailServer
) -> None:
    """When (in the clinic's time, by name), with whom, where, what to bring."""
    a_visit(asha, "booked")
    deliver()
    found = to_patient(smtp)
    assert found.subject == f"Visit on Tue 1 Dec, 11:00 am ({asha.reference})"
    assert "When: Tuesday 1 December 2026, 11:00 am (Mumbai time)" in found.text
    assert "With: Dr Nisha Iyer" in found.text
    assert "Where: Example Spine Clinic, 1 Example Road, Mumbai" in found.text


def test_a_visit_that_was_moved_is_told_with_its_new_time(
    asha: ServiceRequest, smtp: MailServer
) -> None:
    """The new time is in the subject, and the old one is to be forgotten."""
    a_visit(asha, "changed")
    deliver()
    found = to_patient(smtp)
    assert found.subject == f"New time: Tue 1 Dec, 11:00 am ({asha.reference})"
    assert "When: Tuesday 1 December 2026, 11:00 am (Mumbai time)" in found.text
    assert "Please forget the one before." in found.text


def test_a_cancelled_visit_is_told(asha: ServiceRequest, smtp: MailServer) -> None:
    """Which visit it was, and how to get another; also when another one stands by now."""
    a_visit(asha, "cancelled", "cancelled")
    a_visit(asha, None, starts_at=VISIT + DAY, created_at=NOW + DAY)
    assert deliver() == ["cancelled sent"]
    found = to_patient(smtp)
    assert found.subject == f"Visit on Tue 1 Dec is cancelled ({asha.reference})"
    assert "Tuesday 1 December 2026, 11:00 am (Mumbai time)" in found.text


@pytest.fixture
def every_kind(smtp: MailServer) -> list[Mail]:
    """One mail of every kind that patients get."""
    a_request(Level.emergency, person={**ASHA, "phone": "+919876543211"})
    for number, kind in enumerate(("booked", "changed", "cancelled")):
        request = a_request(Level.soon, person={**ASHA, "phone": f"+91987654322{number}"})
        a_visit(request, kind, "cancelled" if kind == "cancelled" else "booked")
    assert "new-request sent" in deliver()
    return smtp.sent_to(ADDRESS)


def test_no_mail_tells_a_bystander_what_the_patient_has(every_kind: list[Mail]) -> None:
    """No symptom that was told, no level, no name, and never cancer or tumour."""
    assert len(every_kind) == 7
    for each in every_kind:
        assert len(each.subject) <= 50
        for said in (each.text, html_of(each), each.subject):
            assert not re.search(r"(?i)cancer|tumour|metasta|urgent|routine|Asha|98765", said)


def test_every_mail_to_a_patient_has_the_box_and_the_warning(every_kind: list[Mail]) -> None:
    """The get-help-now box is the pack's, but for the lines that name what must not be named."""
    signs = [card.text["en"] for card in the_pack().cards if card.level is Level.emergency]
    sayable = [sign for sign in signs if "cancer" not in sign]
    assert len(sayable) > 5
    for each in every_kind:
        for told in (*sayable, "Call 108", "call 112", "DO NOT WAIT FOR US"):
            assert told in each.text
        assert "We never ask for a password, an OTP or a payment by e-mail." in each.text


def test_what_patients_answered_does_not_change_their_mail(smtp: MailServer) -> None:
    """Two people of the same level who told different things get the same words."""
    cases = [case for case in the_pack().cases if case.level is Level.soon][:2]
    assert cases[0].answers != cases[1].answers
    for number, case in enumerate(cases):
        person = {**ASHA, "phone": f"+91987654323{number}"}
        a_request(Level.soon, answers=case.answers, person=person)
    deliver()
    texts = [re.sub(r"SPN-\w+-\w+|/r/\S+", "", mail.text) for mail in smtp.sent_to(ADDRESS)]
    assert len(texts) == 2
    assert texts[0] == texts[1]


def test_html_says_the_same_words_and_loads_nothing(every_kind: list[Mail]) -> None:
    """Word for word the plain text; no picture, script or form, and links to us alone."""
    for each in every_kind:
        markup = html_of(each)
        plain = re.sub(r"(\n\nSee[^:\n]*): \S+(?=\n\n)", r"\1", text_of(each))  # a button
        plain = re.sub(r"^-+ ?", "", plain, flags=re.MULTILINE)
        assert " ".join(words_of(markup)) == " ".join(plain.split())
        assert not re.search(r"<(img|script|form|link|iframe)|url\(|@import", markup)
        targets = re.findall(r'href="([^"]*)"', markup)
        assert all(re.match(r"http://localhost/|tel:[+\d]+$", target) for target in targets)


def test_an_enquiry_that_became_an_emergency_is_answered_as_one(smtp: MailServer) -> None:
    """The level that holds when the mail is sent decides what it says."""
    request = a_request(Level.soon, person=ASHA)
    with transaction():
        request.level = Level.emergency
    deliver()
    assert "Call now: 108" in to_patient(smtp).text
