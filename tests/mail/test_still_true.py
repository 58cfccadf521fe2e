"""What is not sent, because it is no longer true when its turn comes."""

import pytest

from app.domain import lifecycle
from app.domain.level import Level
from app.records import transaction
from app.records.service_request import ServiceRequest
from app.workflow import outbox, staff
from config import Settings
from tests.builders import NOW, a_request, a_staff_member
from tests.mail.arrived import ASHA, DAY, a_visit, deliver
from tests.servers import MailServer

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.databases("sqlite")]


def test_what_is_no_longer_true_is_not_sent(asha: ServiceRequest, smtp: MailServer) -> None:
    """A visit that is over or does not stand any more is not told."""
    a_visit(asha, "booked", starts_at=NOW)
    a_visit(asha, "changed", "noshow", created_at=NOW + DAY)
    a_visit(asha, "cancelled", "fulfilled", created_at=NOW + DAY)
    assert sorted(deliver()) == ["booked dropped", "cancelled dropped", "changed dropped"]
    assert smtp.mails == []


def test_a_cancelling_that_was_taken_back_is_not_told(
    asha: ServiceRequest, smtp: MailServer
) -> None:
    """When the visit stands again, nobody hears that it was cancelled, or of an older one."""
    a_visit(asha, None, "cancelled", created_at=NOW - 2 * DAY, changed_at=NOW - DAY)
    a_visit(asha, "cancelled", created_at=NOW - DAY)
    assert deliver() == ["cancelled dropped"]


def test_nobody_is_alarmed_about_a_case_that_was_taken(smtp: MailServer) -> None:
    """A doctor who took the case, or left the clinic, gets no alarm; the others are spared, too."""
    gone = a_staff_member("doctor")
    staff.deactivate(gone.email, NOW)
    doctor = a_staff_member("doctor")
    taken, moved = (
        a_request(Level.urgent, person={"phone": f"+91987654324{number}"}) for number in (1, 2)
    )
    with transaction():
        taken.acknowledged_at, taken.acknowledged_by_id = NOW, doctor.id
        moved.status = lifecycle.WITH_DESK
    assert deliver().count("doctor-alert dropped") == 2
    assert smtp.sent_to(doctor.email) == smtp.sent_to(gone.email) == []


def test_a_doctor_who_leaves_before_the_mail_gets_none(smtp: MailServer) -> None:
    """Whoever works here no more is told nothing, however long the mail has waited."""
    doctor = a_staff_member("doctor")
    a_request(Level.urgent)
    staff.deactivate(doctor.email, NOW)
    assert "doctor-alert dropped" in deliver()
    assert smtp.sent_to(doctor.email) == []


def test_who_has_no_address_any_more_gets_no_mail(smtp: MailServer, settings: Settings) -> None:
    """A patient whose address was taken out, and a mailbox that the desk gave up."""
    request = a_request(person=ASHA)
    with transaction() as session:
        request.person = {}
        outbox.enqueue(session, request, "new-request", ["desk:1"], NOW)
    assert deliver() == ["new-request sent", "new-request dropped", "acknowledgement dropped"]
    assert [each.to for each in smtp.mails] == [("desk@example.org",)]


def test_a_closed_request_needs_no_call(smtp: MailServer) -> None:
    """What the desk has closed before the mail went out is neither rung nor promised."""
    request = a_request(person=ASHA)
    with transaction():
        request.move("close", NOW, closed_reason="duplicate")
    assert deliver() == ["new-request dropped", "acknowledgement dropped"]
    assert smtp.mails == []
