"""What is written to patients later than its cause: reminders, and the question after a day.

Each is a row of the outbox, written in the transaction of its cause with the instant at which it
falls due. Whether it is still true is looked at when it is sent. None goes out at night.
"""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from app.domain import daytime
from app.domain.level import Level
from app.records import db, transaction
from app.records.outbox import Message
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest
from app.workflow import outbox

VISIT: Final = "reminder"
QUESTION: Final = "worse"
OFFER: Final = "offer"
BY_DAY: Final = (VISIT, QUESTION, OFFER)

# Who booked a few hours before the reminder would go out knows of the visit.
STILL_KNOWN: Final = dt.timedelta(hours=6)
# At night the question waits for the morning, which comes within 48 hours.
ASKED_AFTER: Final = dt.timedelta(hours=24)
ASKED: Final = (Level.urgent, Level.soon)


def remind(
    session: scoped_session[Session], visit: Appointment, now: dt.datetime, zone: ZoneInfo
) -> None:
    """Remind the patient on the day before the visit, instead of any reminder of before.

    Whoever takes, moves or reinstates a visit calls it in the same transaction.
    """
    request = visit.request
    call_off(session, request, now)
    due_at = daytime.day_before(visit.starts_at, zone)
    if request.person.get("email") and due_at - now >= STILL_KNOWN:
        number = outbox.next_occurrence(session, request, VISIT)
        outbox.enqueue(session, request, VISIT, ["patient"], now, number, due_at)


def call_off(session: scoped_session[Session], request: ServiceRequest, now: dt.datetime) -> None:
    """Drop the reminder of a visit that does not stand any more."""
    outbox.call_off(session, request, VISIT, now)


def ask_if_worse(
    session: scoped_session[Session], request: ServiceRequest, now: dt.datetime, zone: ZoneInfo
) -> None:
    """Ask an urgent or soon patient a day later whether it has got worse, once for a request.

    It is not sent if a visit is booked by then, or the request closed.
    """
    if request.level not in ASKED or not request.person.get("email"):
        return
    number = outbox.next_occurrence(session, request, QUESTION)
    if number == 1:
        due_at = daytime.by_day(now + ASKED_AFTER, zone)
        outbox.enqueue(session, request, QUESTION, ["patient"], now, number, due_at)


def wait_for_morning(now: dt.datetime, zone: ZoneInfo) -> None:
    """At night, put off what has fallen due and would wake people, such as after an outage."""
    morning = daytime.by_day(now, zone)
    due = (Message.status == "waiting", Message.kind.in_(BY_DAY), Message.due_at <= now)
    if morning == now or not db.session.scalar(sa.select(sa.exists().where(*due))):
        return
    with transaction() as session:
        session.execute(
            sa.update(Message)
            .where(*due)
            .values(due_at=morning, give_up_at=morning + outbox.GIVE_UP)
        )
