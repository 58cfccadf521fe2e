"""Mails that went out, as they arrived, and what they are about."""

import datetime as dt
import html
import re

from app import mail
from app.records import transaction
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest
from app.workflow import outbox
from tests.builders import NOW, a_staff_member, visit_details
from tests.servers import Mail, MailServer

DAY = dt.timedelta(days=1)
ADDRESS = "asha@example.org"
ASHA = {"email": ADDRESS, "age": 61}
VISIT = dt.datetime(2026, 12, 1, 5, 30, tzinfo=dt.UTC)  # a Tuesday, 11:00 am in Mumbai


def deliver(now: dt.datetime = NOW) -> list[str]:
    """Send all that is due, and say of each kind whether it went out; bells to the desk aside."""
    fates = []
    while leased := outbox.lease(now):
        sent = mail.send(leased, now)
        (outbox.settle_sent if sent else outbox.settle_dropped)(leased, now)
        if leased.kind != "late":
            fates.append(f"{leased.kind} {'sent' if sent else 'dropped'}")
    return fates


def to_patient(smtp: MailServer) -> Mail:
    """The one mail that the patient got."""
    (found,) = smtp.sent_to(ADDRESS)
    return found


def text_of(found: Mail) -> str:
    """Its plain text, with the line ends of this machine."""
    return "\n".join(found.text.splitlines())


def html_of(found: Mail) -> str:
    """What its HTML holds."""
    body = found.message.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def words_of(markup: str) -> list[str]:
    """The words that somebody reads in HTML."""
    shown = re.sub(r"</?a\b[^>]*>", "", markup)
    shown = re.sub(r"<(style|title)>.*?</\1>|<[^>]+>", " ", shown, flags=re.DOTALL)
    return html.unescape(shown).split()


def a_visit(
    request: ServiceRequest, kind: str | None, status: str = "booked", **times: dt.datetime
) -> None:
    """A visit of that request, and the message about it."""
    doctor = a_staff_member("receptionist", name="Dr Nisha Iyer")
    details = {**visit_details(times.pop("starts_at", VISIT), status=status), **times}
    with transaction() as session:
        session.add(
            Appointment(
                request_id=request.id,
                practitioner_id=doctor.id,
                **details,
            )
        )
        if kind:
            outbox.enqueue(session, request, kind, ["patient"], NOW)
