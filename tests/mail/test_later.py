"""What the mails say that fall due later: reminders, the question after a day, offers."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from app.domain.level import Level
from app.records import db, transaction
from app.records.link import RequestLink
from app.records.schedule import Appointment, Closure
from app.records.service_request import ServiceRequest
from app.workflow import outbox
from tests.builders import NOW, a_request, a_staff_member, visit_details
from tests.mail.arrived import ASHA, DAY, VISIT, a_visit, deliver, html_of, to_patient
from tests.servers import MailServer

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.databases("sqlite")]
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def asha(smtp: MailServer) -> ServiceRequest:
    """A routine request, which nobody asks whether it has got worse; its first mails are sent."""
    request = a_request(person=ASHA)
    deliver()
    smtp.mails.clear()
    return request


def tell(request: ServiceRequest, kind: str) -> None:
    """Write a message to the patient."""
    with transaction() as session:
        number = outbox.next_occurrence(session, request, kind)
        outbox.enqueue(session, request, kind, ["patient"], NOW, number)


def has_a_page(request: ServiceRequest) -> str:
    """The secret of the patient's page."""
    found = sa.select(RequestLink).where(RequestLink.request_id == request.id)
    return db.session.scalars(found).one().token


def is_offered(request: ServiceRequest, held_until: dt.datetime) -> None:
    """A freed time is kept for the patient."""
    doctor = a_staff_member("receptionist", name="Dr Nisha Iyer")
    details = visit_details(VISIT, status="held", held_until=held_until)
    with transaction() as session:
        session.add(Appointment(request_id=request.id, practitioner_id=doctor.id, **details))


def test_the_reminder_says_which_day_it_is(asha: ServiceRequest, smtp: MailServer) -> None:
    """Tomorrow on the day before, today on the day; when, with whom, where."""
    a_visit(asha, "reminder")
    assert deliver(VISIT - DAY) == ["reminder sent"]
    found = to_patient(smtp)
    assert found.subject == f"Tomorrow 11:00 am: your visit ({asha.reference})"
    for told in ("We expect you tomorrow.", "With: Dr Nisha Iyer", "Where: Example Spine Clinic"):
        assert told in found.text
    smtp.mails.clear()
    tell(asha, "reminder")
    deliver(VISIT - 2 * HOUR)
    assert to_patient(smtp).subject == f"Today 11:00 am: your visit ({asha.reference})"


def test_a_reminder_that_is_not_true_is_not_sent(asha: ServiceRequest) -> None:
    """Of a visit that is days away, has begun, or was written down already."""
    a_visit(asha, "reminder")
    assert deliver(VISIT - 3 * DAY) == ["reminder dropped"]
    for number, status in enumerate(("arrived", "fulfilled", "noshow", "cancelled")):
        other = a_request(person={**ASHA, "phone": f"+91987654325{number}"})
        deliver()
        a_visit(other, "reminder", status)
        assert "reminder dropped" in deliver(VISIT - DAY)


def test_the_question_leads_to_the_patients_page(smtp: MailServer) -> None:
    """And says whom to call."""
    asha = a_request(Level.soon, person=ASHA)
    deliver()
    smtp.mails.clear()
    token = has_a_page(asha)
    assert deliver(NOW + DAY) == ["worse sent"]
    found = to_patient(smtp)
    assert found.subject == f"How are you today? ({asha.reference})"
    assert f"http://localhost/r/{token}/worse" in found.text
    assert "call us: 022 0000 1234" in found.text


def test_an_offer_says_until_when_it_is_kept(asha: ServiceRequest, smtp: MailServer) -> None:
    """And what becomes of the visit that stands, if there is one."""
    token = has_a_page(asha)
    is_offered(asha, NOW + 2 * HOUR)
    tell(asha, "offer")
    assert deliver() == ["offer sent"]
    found = to_patient(smtp)
    assert found.subject == f"Free: Tue 1 Dec, 11:00 am ({asha.reference})"
    assert "until Tuesday 24 November 2026, 1:30 pm (Mumbai time)" in found.text
    assert f"Say yes or no: http://localhost/r/{token}" in found.text
    assert "You stay on our waiting list." in found.text
    smtp.mails.clear()
    a_visit(asha, None, starts_at=VISIT + DAY)
    tell(asha, "offer")
    deliver()
    assert "your visit on Wednesday 2 December 2026, 11:00 am stays" in to_patient(smtp).text


def test_an_offer_that_is_over_is_not_sent(asha: ServiceRequest, smtp: MailServer) -> None:
    """Nobody is told of a time that they cannot have."""
    is_offered(asha, NOW)
    tell(asha, "offer")
    assert deliver() == ["offer dropped"]


@pytest.mark.parametrize("told", [True, False])
def test_the_reason_is_told_if_the_desk_says_so(
    asha: ServiceRequest, smtp: MailServer, told: bool
) -> None:
    """Of a day that was closed; an offer that nobody took is no cancelled visit."""
    is_offered(asha, NOW)
    a_visit(asha, "cancelled", "cancelled")
    with transaction() as session:
        visit, *_ = session.get_one(ServiceRequest, asha.id).visits
        closure = Closure(
            practitioner_id=visit.practitioner_id,
            starts_at=VISIT - HOUR,
            ends_at=VISIT + HOUR,
            reason="The doctor is ill",
            told=told,
        )
        session.add(closure)
    assert deliver() == ["cancelled sent"]
    assert ("The reason: The doctor is ill" in to_patient(smtp).text) is told


@pytest.mark.parametrize("kind", ["reminder", "worse", "offer"])
def test_no_such_mail_tells_a_bystander_anything(smtp: MailServer, kind: str) -> None:
    """No name, level or illness, a short subject, the box, and the same words in HTML."""
    level = Level.soon if kind == "worse" else Level.routine
    request = a_request(level, person={**ASHA, "name": "Asha Patil"})
    deliver()
    smtp.mails.clear()
    token = has_a_page(request)
    if kind == "offer":
        is_offered(request, VISIT - 2 * HOUR)
    if kind == "reminder":
        a_visit(request, None)
    if kind != "worse":
        tell(request, kind)
    assert deliver(VISIT - DAY) == [f"{kind} sent"]
    found = to_patient(smtp)
    assert len(found.subject) <= 50
    for said in (found.text, html_of(found), found.subject):
        assert not re.search(r"(?i)cancer|tumour|metasta|urgent|routine|Asha|98765", said)
        assert token not in found.subject
    assert "DO NOT WAIT FOR US" in found.text
