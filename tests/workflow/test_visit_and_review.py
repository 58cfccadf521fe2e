"""A visit may stand while a doctor looks at the request, and none outlives its request."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.errors import NotAllowedNow, NotOffered, SlotTaken
from app.domain.level import Level
from app.mail import letter
from app.records import audit, db, transaction
from app.records.audit import AuditEvent
from app.records.outbox import Message
from app.records.schedule import Appointment, Hold, Slot
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import booking, enquiry, intake, outbox, queue, review
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

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
STARTS = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
EMAIL = {"email": "asha@example.org"}
Sends = Callable[..., ServiceRequest]


@pytest.fixture
def zone(app: Flask) -> ZoneInfo:
    """The clinic's."""
    found: ZoneInfo = app.extensions["settings"].clinic_zone
    return found


@pytest.fixture
def doctor(context: Flask) -> Practitioner:
    """Can be visited from 9 to 1."""
    return a_doctor_with_hours()


@pytest.fixture
def meera(context: Flask) -> Practitioner:
    """At the desk."""
    return a_staff_member()


def a_draft_that_keeps(doctor: Practitioner, starts_at: dt.datetime = STARTS) -> Hold:
    """Somebody who has chosen a time."""
    pack = the_pack()
    token = enquiry.start(pack, "en", "self", NOW - HOUR)
    enquiry.save_person(token, pack, {"wanted": "visit"}, NOW)
    draft = enquiry.keep_time(token, pack, a_choice(doctor.id, starts_at), NOW)
    held = enquiry.held(draft)
    assert held is not None
    return held


@pytest.fixture
def sends(doctor: Practitioner) -> Sends:
    """Somebody chooses a time and sends: `sends(level)`, nine o'clock tomorrow."""

    def sent(level: Level = Level.routine, at: dt.datetime = NOW) -> ServiceRequest:
        held = a_draft_that_keeps(doctor)
        submission = a_submission(level, id=held.draft_id, person=EMAIL, wanted="visit")
        return intake.submit(the_pack(), submission, the_clinic(), at)

    return sent


def kinds(status: str = "waiting") -> list[str]:
    """The messages to the patient with that status; not the question of a day later."""
    found = sa.select(Message.kind).where(
        Message.to == "patient", Message.status == status, Message.kind != "worse"
    )
    return list(db.session.scalars(found.order_by(Message.kind)))


def cells() -> int:
    """How many cells are taken."""
    return db.session.scalar(sa.select(sa.func.count(Slot.id))) or 0


def the_visit() -> Appointment:
    """The only one, as it is stored."""
    found = sa.select(Appointment).execution_options(populate_existing=True)
    return db.session.scalars(found).one()


@pytest.mark.parametrize(
    ("level", "status"),
    [(Level.routine, "booked"), (Level.soon, "booked"), (Level.urgent, "with-doctor")],
)
def test_the_visit_is_stored_with_the_request(sends: Sends, level: Level, status: str) -> None:
    """An urgent request waits for a doctor all the same; history, mail and audit tell of both."""
    request = sends(level)
    assert request.status == status
    assert the_visit().status == "booked"
    assert cells() == 6
    assert [change.event for change in request.history] == ["submit", "book"]
    assert request.history[-1].note == "Wed 25 Nov 2026, 09:00, Dr Arun Rao"
    assert kinds() == ["booked"]
    acts = db.session.scalars(
        sa.select(AuditEvent.action).where(AuditEvent.request_id == request.id)
    )
    assert sorted(acts) == ["book", "submit"]
    assert audit.first_broken(db.session) is None
    alerts = sa.select(sa.func.count()).where(
        Message.kind == "doctor-alert", Message.due_at == Message.created_at
    )
    assert db.session.scalar(alerts) == (level is Level.urgent)


def test_an_emergency_is_stored_without_the_visit(sends: Sends) -> None:
    """Whatever it kept is free again."""
    request = sends(Level.emergency)
    assert (request.status, request.appointments, cells()) == ("with-doctor", [], 0)
    assert kinds() == ["emergency-sent"]
    assert not booking.may_choose_again(request)


def test_an_emergency_of_the_same_phone_keeps_the_next_request_from_booking(sends: Sends) -> None:
    """The level of the open request counts."""
    a_request(Level.emergency)
    request = sends(Level.routine)
    assert (request.level, request.appointments, cells()) == (Level.emergency, [], 0)


def test_the_same_submission_twice_is_one_visit(doctor: Practitioner) -> None:
    """From two tabs, or by pressing twice."""
    held = a_draft_that_keeps(doctor)
    submission = a_submission(id=held.draft_id, wanted="visit")
    first = intake.submit(the_pack(), submission, the_clinic(), NOW)
    second = intake.submit(the_pack(), submission, the_clinic(), NOW + MINUTE)
    assert first.id == second.id
    assert the_visit().status == "booked"
    assert cells() == 6


@pytest.mark.parametrize("swept", [True, False])
def test_a_lost_time_is_chosen_anew(
    doctor: Practitioner, meera: Practitioner, zone: ZoneInfo, swept: bool
) -> None:
    """The request is there, and its patient may take another time, once."""
    held = a_draft_that_keeps(doctor)
    later = NOW + 11 * MINUTE
    if swept:
        enquiry.forget_expired({}, zone, later)
        assert cells() == 0
    other = a_request()
    booking.book(other.reference, a_choice(doctor.id, STARTS), other.version, meera, later, zone)
    submission = a_submission(id=held.draft_id, person=EMAIL, wanted="visit")
    request = intake.submit(the_pack(), submission, the_clinic(), later)
    assert (request.status, request.history[-1].event) == ("with-desk", "lose-time")
    assert kinds() == ["acknowledgement"]
    with pytest.raises(SlotTaken):
        booking.choose(request.reference, a_choice(doctor.id, STARTS), later, zone)
    with pytest.raises(NotOffered):
        booking.choose(request.reference, a_choice(doctor.id, STARTS + MINUTE), later, zone)
    booking.choose(request.reference, a_choice(doctor.id, STARTS + 2 * DAY), later, zone)
    assert "reminder" in kinds()
    after = intake.find(request.reference)
    assert (after.status, after.history[-1].event) == ("booked", "book")
    assert cells() == 12
    with pytest.raises(NotAllowedNow):
        booking.choose(request.reference, a_choice(doctor.id, STARTS + 2 * HOUR), later, zone)


def test_who_lost_nothing_chooses_nothing_here(doctor: Practitioner, zone: ZoneInfo) -> None:
    """The desk books for everybody else."""
    request = a_request()
    with pytest.raises(NotAllowedNow):
        booking.choose(request.reference, a_choice(doctor.id, STARTS), NOW, zone)


def test_closing_a_request_frees_its_visit(
    sends: Sends, meera: Practitioner, doctor: Practitioner, zone: ZoneInfo
) -> None:
    """After a doctor has given it back to the desk, the visit stands; closed, it does not."""
    request = sends(Level.urgent)
    review.decide(request.reference, "decide", "Call", request.version, doctor, NOW, the_clinic())
    request = intake.find(request.reference)
    assert (request.status, the_visit().status) == ("with-desk", "booked")
    version, reason = request.version, "not-wanted"
    queue.event(request.reference, "close", version, meera, NOW + HOUR, the_clinic(), reason=reason)
    after = intake.find(request.reference)
    assert (after.status, the_visit().status, cells()) == ("closed", "cancelled", 0)
    assert {change.event for change in after.history} >= {"close", "cancel"}
    assert kinds() == ["booked", "cancelled"]
    with pytest.raises(NotAllowedNow):
        booking.undo(the_visit().id, the_visit().version, meera, NOW + HOUR, the_clinic())


def test_sent_to_hospital_nobody_waits_for_a_visit(
    sends: Sends, doctor: Practitioner, zone: ZoneInfo
) -> None:
    """The time is free at once, and the mail about it is true when it is sent."""
    request = sends(Level.urgent)
    words = "Going now"
    review.decide(
        request.reference,
        "send-to-hospital",
        words,
        request.version,
        doctor,
        NOW + HOUR,
        the_clinic(),
    )
    assert (the_visit().status, the_visit().sequence, cells()) == ("cancelled", 1, 0)
    sent = []
    while leased := outbox.lease(NOW + HOUR):
        if leased.to == "patient" and (found := letter.write(leased, NOW + HOUR)):
            sent.append(found.subject)
        outbox.settle_sent(leased, NOW + HOUR)
    assert sent == [f"Visit on Wed 25 Nov is cancelled ({request.reference})"]


def test_a_visit_that_has_begun_was_seen(
    sends: Sends, meera: Practitioner, doctor: Practitioner, zone: ZoneInfo
) -> None:
    """Closing as seen writes its outcome, and nobody is told that it is cancelled."""
    request = sends(Level.urgent)
    review.decide(request.reference, "decide", "See", request.version, doctor, NOW, the_clinic())
    version = intake.find(request.reference).version
    during = STARTS + 10 * MINUTE
    queue.event(request.reference, "close", version, meera, during, the_clinic(), reason="seen")
    assert the_visit().status == "fulfilled"
    assert kinds() == ["booked"]
    booking.undo(the_visit().id, the_visit().version, meera, during + MINUTE, the_clinic())
    assert intake.find(request.reference).status == "booked"


def test_an_offer_that_ends_with_its_request_is_no_cancelled_visit(
    meera: Practitioner, sends: Sends, doctor: Practitioner, zone: ZoneInfo
) -> None:
    """Nobody had booked it."""
    request = sends(Level.urgent)
    review.decide(request.reference, "decide", "Call", request.version, doctor, NOW, the_clinic())
    with transaction():
        visit = the_visit()
        visit.status, visit.held_until = "held", NOW + DAY
    version = intake.find(request.reference).version
    queue.event(request.reference, "close", version, meera, NOW, the_clinic(), reason="not-wanted")
    assert (the_visit().status, cells()) == ("cancelled", 0)
    assert "cancelled" not in kinds()


def test_taking_a_cancellation_back_calls_its_mail_off(
    sends: Sends, meera: Practitioner, zone: ZoneInfo
) -> None:
    """It is dropped while it still waits."""
    sends()
    booking.cancel(the_visit().id, the_visit().version, meera, NOW, the_clinic())
    assert "cancelled" in kinds()
    booking.undo(the_visit().id, the_visit().version, meera, NOW + MINUTE, the_clinic())
    assert "cancelled" not in kinds()
    assert kinds("dropped") == ["cancelled"]


def test_a_visit_is_moved_while_a_doctor_reviews(
    sends: Sends, meera: Practitioner, doctor: Practitioner, zone: ZoneInfo
) -> None:
    """The request goes on waiting for the doctor."""
    sends(Level.urgent)
    visit = the_visit()
    booking.move(visit.id, a_choice(doctor.id, STARTS + HOUR), visit.version, meera, NOW, zone)
    after = the_visit()
    assert (after.starts_at, after.request.status) == (STARTS + HOUR, "with-doctor")
    assert cells() == 6
