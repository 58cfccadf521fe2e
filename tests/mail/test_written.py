"""What the desk writes arrives just as the preview showed it."""

import uuid

import pytest

from app.domain.level import Level
from app.mail import letter
from app.records.service_request import ServiceRequest
from app.workflow import manage, writing
from tests.builders import NOW, a_request, a_staff_member, the_clinic
from tests.mail.arrived import ASHA, deliver, html_of, text_of, to_patient
from tests.servers import MailServer

SUBJECT, TEXT = "Please call us (SPN-222-222)", "We could not reach you.\n\nCall: <022 0000 1234>"

pytestmark = pytest.mark.usefixtures("context")


def write(request: ServiceRequest) -> None:
    """Write to the patient."""
    meera = a_staff_member("receptionist")
    writing.write(request.reference, uuid.uuid4(), SUBJECT, TEXT, meera, NOW)


def test_the_mail_that_arrives_is_the_one_that_was_seen(
    asha: ServiceRequest, smtp: MailServer
) -> None:
    """Subject and text, letter for letter, with the box that every mail carries."""
    seen = letter.preview(asha, SUBJECT, TEXT, NOW)
    write(asha)
    assert deliver() == ["written sent"]
    found = to_patient(smtp)
    assert found.message["Subject"] == seen.subject == SUBJECT
    assert f"{text_of(found)}\n" == seen.text
    assert "DO NOT WAIT FOR US" in seen.text
    assert "/r/" in seen.text
    assert "&lt;<a" in html_of(found)


def test_each_mail_has_its_own_words(asha: ServiceRequest, smtp: MailServer) -> None:
    """The second does not repeat the first; the words of other requests are not met."""
    other = a_request(Level.soon, person={"email": "other@example.org"})
    write(other)
    meera = a_staff_member("receptionist")
    for words in ("One", "Two"):
        writing.write(asha.reference, uuid.uuid4(), words, f"{words}.", meera, NOW)
    deliver()
    subjects = [mail.message["Subject"] for mail in smtp.sent_to("asha@example.org")]
    assert subjects == ["One", "Two"]


def test_nothing_goes_to_an_address_that_is_not_the_patients(
    asha: ServiceRequest, smtp: MailServer
) -> None:
    """Somebody said “not me” between the writing and the sending."""
    write(asha)
    token = manage.address(asha, NOW)
    assert token
    manage.not_me(token, the_clinic(), NOW)
    assert "written dropped" in deliver()
    assert smtp.sent_to(ASHA["email"]) == []  # type: ignore[arg-type]
