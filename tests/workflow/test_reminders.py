"""Reminders and the question after a day: once, by day, and only while they are true."""

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from app.domain.clinic import Clinic
from app.domain.level import Level
from app.records import db, transaction
from app.records.link import RequestLink
from app.records.outbox import Message
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.worker import Worker
from app.workflow import booking, intake, outbox, queue, reminders, review
from tests.builders import (
    NOW,
    a_choice,
    a_doctor_with_hours,
    a_request,
    a_staff_member,
    a_submission,
    the_clinic,
    the_pack,
)
from tests.servers import MailServer

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
ADDRESS = "asha@example.org"
ASHA = {"email": ADDRESS}
VISIT = dt.datetime(2026, 11, 27, 3, 30, tzinfo=dt.UTC)
"""Friday at 9 am in Mumbai, three days from NOW."""
REMINDED = VISIT - DAY
MIDNIGHT = dt.datetime(2026, 11, 26, 18, 30, tzinfo=dt.UTC)
"""Between Thursday and Friday, in Mumbai."""

pytestmark = pytest.mark.usefixtures("context")
Book = Callable[..., Appointment]


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    """What the stages need to know of the clinic."""
    return the_clinic()


@pytest.fixture
def meera() -> Practitioner:
    """Somebody at the desk."""
    return a_staff_member()


@pytest.fixture
def doctor() -> Practitioner:
    """A doctor who can be visited."""
    return a_doctor_with_hours(closes=dt.time(17))


@pytest.fixture
def book(doctor: Practitioner, meera: Practitioner, clinic: Clinic) -> Book:
    """Books a time for a request."""

    def booked(
        request: ServiceRequest, starts_at: dt.datetime = VISIT, now: dt.datetime = NOW
    ) -> Appointment:
        stored = as_stored(request)
        choice = a_choice(doctor.id, starts_at)
        return booking.book(stored.reference, choice, stored.version, meera, now, clinic.zone)

    return booked


@pytest.fixture
def work(context: Flask, smtp: MailServer) -> Callable[[dt.datetime], list[str]]:
    """Lets the worker sweep at that time; gives the subjects that the patient then gets."""
    worker: Worker = context.extensions["worker"]

    def swept(now: dt.datetime) -> list[str]:
        smtp.mails.clear()
        with time_machine.travel(now, tick=False):
            worker.sweep()
        db.session.rollback()
        return [mail.subject for mail in smtp.sent_to(ADDRESS)]

    return swept


Work = Callable[[dt.datetime], list[str]]


def as_stored(request: ServiceRequest) -> ServiceRequest:
    """The request, read again."""
    db.session.rollback()
    db.session.expire_all()
    found = db.session.get(ServiceRequest, request.id)
    assert found
    return found


def rows(kind: str) -> list[tuple[str, dt.datetime]]:
    """The messages of a kind, in order: how each stands, and when it is due."""
    found = db.session.execute(
        sa.select(Message.status, Message.due_at)
        .where(Message.kind == kind)
        .order_by(Message.occurrence)
    )
    return [(row.status, row.due_at) for row in found]


def started(subjects: list[str], words: str) -> int:
    """How many of the subjects begin so."""
    return sum(subject.startswith(words) for subject in subjects)


def test_a_visit_is_remembered_once_on_the_day_before(book: Book, work: Work) -> None:
    """The row lies there from the booking on, and goes out a day before, not earlier or again."""
    book(a_request(person=ASHA))
    assert rows("reminder") == [("waiting", REMINDED)]
    assert started(work(REMINDED - MINUTE), "Tomorrow") == 0
    assert started(work(REMINDED), "Tomorrow 9:00 am: your visit (SPN-") == 1
    assert work(REMINDED + MINUTE) == work(VISIT - MINUTE) == work(VISIT + DAY) == []


def test_a_reminder_that_waits_is_not_late(book: Book, clinic: Clinic) -> None:
    """The desk hears of it only when it did not go out in time; a try at night counts for it."""
    book(a_request(person=ASHA))
    while leased := outbox.lease(NOW):
        outbox.settle_sent(leased, NOW)
    assert outbox.undelivered(REMINDED + 4 * MINUTE) == []
    assert queue.count(REMINDED + 4 * MINUTE, clinic.zone).undelivered == 0
    leased = outbox.lease(REMINDED)
    assert leased
    outbox.settle_postponed(leased, REMINDED, "SMTP 450")
    assert outbox.undelivered(REMINDED + 4 * MINUTE) == []
    late = outbox.undelivered(REMINDED + 6 * MINUTE)
    assert [each.message.kind for each in late] == ["reminder"]
    assert queue.count(REMINDED + 6 * MINUTE, clinic.zone).undelivered == 1


def test_who_has_just_booked_is_not_reminded(book: Book) -> None:
    """Nor does anybody get a reminder without an address."""
    book(a_request(person=ASHA), VISIT, REMINDED - 5 * HOUR)
    book(a_request(person={"phone": "+919876543211"}), VISIT + HOUR)
    assert rows("reminder") == []


def test_a_moved_visit_is_remembered_at_its_new_time_alone(
    book: Book, work: Work, meera: Practitioner, doctor: Practitioner, clinic: Clinic
) -> None:
    """The reminder of the time before is dropped, wherever the visit moves."""
    visit = book(a_request(person=ASHA))
    moved = booking.move(
        visit.id, a_choice(doctor.id, VISIT + DAY), visit.version, meera, NOW + HOUR, clinic.zone
    )
    assert rows("reminder") == [("dropped", REMINDED), ("waiting", REMINDED + DAY)]
    assert started(work(REMINDED), "Tomorrow") == 0
    assert started(work(REMINDED + DAY), "Tomorrow 9:00 am") == 1
    booking.move(
        moved.id,
        a_choice(doctor.id, VISIT + 4 * DAY),
        moved.version,
        meera,
        REMINDED + DAY + HOUR,
        clinic.zone,
    )
    assert started(work(REMINDED + 4 * DAY), "Tomorrow") == 1


def test_a_cancelled_visit_is_not_remembered_and_a_reinstated_one_is(
    book: Book, work: Work, meera: Practitioner, clinic: Clinic
) -> None:
    """Cancelling drops the reminder; taking that back writes it anew."""
    visit = book(a_request(person=ASHA))
    cancelled = booking.cancel(visit.id, visit.version, meera, NOW + HOUR, clinic)
    assert [status for status, _ in rows("reminder")] == ["dropped"]
    booking.undo(cancelled.id, cancelled.version, meera, NOW + HOUR + MINUTE, clinic)
    assert rows("reminder") == [("dropped", REMINDED), ("waiting", REMINDED)]
    assert started(work(REMINDED), "Tomorrow") == 1


def test_a_worker_that_comes_back_at_night_lets_people_sleep(book: Book, work: Work) -> None:
    """What fell due while it was down goes out in the morning, and says the day that is true."""
    book(a_request(person=ASHA), VISIT + 2 * HOUR)
    work(NOW)
    assert work(MIDNIGHT) == []
    morning = dt.datetime(2026, 11, 27, 2, 30, tzinfo=dt.UTC)
    assert rows("reminder") == [("waiting", morning)]
    assert outbox.next_due(MIDNIGHT) == morning
    assert work(morning - MINUTE) == []
    assert outbox.undelivered(morning + 4 * MINUTE) == []
    assert started(work(morning), "Today 11:00 am: your visit") == 1


def test_what_is_not_a_reminder_goes_out_at_night(book: Book, work: Work) -> None:
    """Whoever books in the evening hears at once."""
    book(a_request(person=ASHA, at=MIDNIGHT), VISIT + 2 * HOUR, MIDNIGHT)
    assert started(work(MIDNIGHT + MINUTE), "Visit on Fri 27 Nov") == 1


def test_nobody_is_reminded_of_a_visit_that_has_begun(book: Book, work: Work) -> None:
    """A worker that was down for days drops it."""
    book(a_request(person=ASHA))
    work(NOW)
    assert work(VISIT + MINUTE) == []
    assert [status for status, _ in rows("reminder")] == ["dropped"]


def test_a_reminder_looks_at_the_visit_when_it_is_sent(book: Book, work: Work) -> None:
    """Even if somebody forgot to drop it, nobody is told to come to what does not stand."""
    visit = book(a_request(person=ASHA))
    with transaction():
        visit.status = "cancelled"
    work(NOW)
    assert work(REMINDED) == []
    assert [status for status, _ in rows("reminder")] == ["dropped"]


@pytest.mark.parametrize("level", [Level.urgent, Level.soon])
def test_who_waits_without_a_visit_is_asked_once_after_a_day(
    work: Work, level: Level, smtp: MailServer
) -> None:
    """The mail leads to the four questions on the patient's own page."""
    request = a_request(level, person=ASHA)
    link = db.session.scalars(
        sa.select(RequestLink).where(RequestLink.request_id == request.id)
    ).one()
    work(NOW)
    assert work(NOW + DAY - MINUTE) == []
    assert work(NOW + DAY) == [f"How are you today? ({request.reference})"]
    (mail,) = smtp.sent_to(ADDRESS)
    assert f"http://localhost/r/{link.token}/worse" in mail.text
    assert work(NOW + 2 * DAY) == []


@pytest.mark.parametrize("level", [Level.emergency, Level.routine])
def test_nobody_else_is_asked(level: Level) -> None:
    """An emergency is called, and routine can wait."""
    a_request(level, person=ASHA)
    assert rows("worse") == []


def test_the_question_waits_for_the_morning(work: Work) -> None:
    """Who asked for help at 9 pm is asked at 8 am, within 48 hours."""
    at = dt.datetime(2026, 11, 24, 15, 30, tzinfo=dt.UTC)
    a_request(Level.soon, person=ASHA, at=at)
    (due,) = [due for _, due in rows("worse")]
    assert due == dt.datetime(2026, 11, 26, 2, 30, tzinfo=dt.UTC)
    assert DAY <= due - at <= 2 * DAY
    work(at)
    assert len(work(due)) == 1


def test_who_has_a_visit_by_then_is_not_asked(book: Book, work: Work) -> None:
    """Nor whose request is closed."""
    book(a_request(Level.soon, person=ASHA))
    closed = a_request(Level.soon, person={**ASHA, "phone": "+919876543211"})
    with transaction():
        closed.move("close", NOW, closed_reason="duplicate")
    work(NOW)
    assert work(NOW + DAY) == []


def test_an_emergency_that_the_doctor_calls_soon_is_asked_a_day_later(
    work: Work, doctor: Practitioner, clinic: Clinic
) -> None:
    """The row is written with the decision, and never twice for one request."""
    emergency = a_request(Level.emergency, person=ASHA)
    soon = a_request(Level.urgent, person={**ASHA, "phone": "+919876543211"})
    for request in (emergency, soon):
        review.decide(
            request.reference,
            "decide",
            "Book a visit.",
            request.version,
            doctor,
            NOW + HOUR,
            clinic,
            level=Level.soon,
            reason="Walks well.",
        )
    work(NOW + HOUR)
    assert work(NOW + DAY) == [f"How are you today? ({soon.reference})"]
    assert work(NOW + DAY + HOUR) == [f"How are you today? ({emergency.reference})"]


def test_more_answers_do_not_ask_again() -> None:
    """One question for a request; who gives an address later is asked, too."""
    id_ = uuid.uuid4()
    pack, clinic = the_pack(), the_clinic()
    for number, person in enumerate(({}, ASHA, {**ASHA, "name": "Asha"})):
        submission = a_submission(Level.soon, id=id_, person=person)
        reminders_before = len(rows("worse"))
        intake.submit(pack, submission, clinic, NOW + number * HOUR)
        assert len(rows("worse")) == max(reminders_before, min(number, 1))
    assert rows("worse") == [("waiting", NOW + DAY + HOUR)]


def test_a_worker_at_night_touches_nothing_else(clinic: Clinic) -> None:
    """By day nothing is put off, and at night nothing but what can wait."""
    a_request(Level.soon, person=ASHA, at=MIDNIGHT)
    before = [rows(kind) for kind in ("new-request", "acknowledgement", "worse")]
    reminders.wait_for_morning(MIDNIGHT + HOUR, clinic.zone)
    assert [rows(kind) for kind in ("new-request", "acknowledgement", "worse")] == before
