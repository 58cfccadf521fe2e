"""The weeks before the demo began, so that the figures have something to tell.

All of it is over, but for what the people of the demo do: its mails have gone out long ago.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from app.domain import enquiry
from app.domain.clinic import Clinic
from app.domain.condition import Pack
from app.domain.level import Level
from app.records import transaction
from app.records.enquiry import add_counts
from app.records.outbox import Message
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import intake, queue, review

REQUESTS: Final = 48
BETWEEN: Final = timedelta(hours=13, minutes=25)
MIX: Final = (Level.routine, Level.emergency, Level.soon, Level.urgent, Level.routine, Level.soon)
# Minutes until a doctor took it, or until the first call, one after the other.
TOOK: Final = (4, 9, 6, 12, 3, 11, 8, 14, 5, 22, 7)
REASONS: Final = ("seen", "advice-given", "seen", "not-wanted", "not-reached")
# Of each day, how many enquiries ended on which page.
ENDED: Final = {
    "danger-signs": 2,
    "cancer": 1,
    "pain-pattern": 1,
    enquiry.EMERGENCY: 1,
    enquiry.CONTACT: 1,
    enquiry.SENT: 3,
}


def live_through(
    pack: Pack, clinic: Clinic, desk: Practitioner, doctor: Practitioner, now: datetime
) -> None:
    """Let people ask for help in the last weeks, and the clinic help them."""
    for number, (level, at) in enumerate(_weeks(now)):
        request = _ask(pack, clinic, level, at, number)
        after = at + timedelta(minutes=TOOK[number % len(TOOK)])
        if level >= Level.urgent:
            review.acknowledge(request.reference, doctor, after)
            _send_to_hospital(request, doctor, after + timedelta(minutes=20), clinic)
        else:
            queue.log_call(request.reference, "answered", desk, after)
            _close(request, desk, after, clinic, REASONS[number % len(REASONS)])
    with transaction() as session:
        session.execute(sa.update(Message).values(status="sent", settled_at=now, attempts=1))
        for back in range(1, 29):
            day = (now - timedelta(days=back)).astimezone(clinic.zone).date()
            some = {end: n for end, n in ENDED.items() if (back + len(end)) % 3}
            add_counts(session, {(day, pack.id, end): n for end, n in some.items()})


def _weeks(now: datetime) -> Iterator[tuple[Level, datetime]]:
    for number in range(REQUESTS):
        yield MIX[number % len(MIX)], now - (REQUESTS - number) * BETWEEN


def _ask(pack: Pack, clinic: Clinic, level: Level, at: datetime, number: int) -> ServiceRequest:
    case = next(case for case in pack.cases if case.level is level)
    return intake.submit(
        pack,
        intake.Submission(
            id=uuid.uuid4(),
            source="web",
            language="en",
            answering_for="self",
            wanted="call",
            answers=case.answers,
            person={"name": "Lata Kulkarni", "phone": f"+9198765432{20 + number:02}"},
            consent_version="demo",
        ),
        clinic,
        at,
    )


def _send_to_hospital(
    request: ServiceRequest, doctor: Practitioner, at: datetime, clinic: Clinic
) -> None:
    review.decide(
        request.reference,
        "send-to-hospital",
        "On the way to the emergency department.",
        request.version,
        doctor,
        at,
        clinic,
    )


def _close(
    request: ServiceRequest, desk: Practitioner, at: datetime, clinic: Clinic, reason: str
) -> None:
    queue.event(request.reference, "close", request.version, desk, at, clinic, reason=reason)
