"""What becomes of a visit, and how each act is taken back."""

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.clinic import Clinic
from app.domain.errors import AlreadyChanged, NotAllowedNow, NotFound, SlotTaken
from app.domain.level import Level
from app.records import audit, db, transaction
from app.records.audit import AuditEvent
from app.records.outbox import Message
from app.records.schedule import Appointment, Slot
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import booking, queue
from tests.builders import NOW, a_choice, a_doctor_with_hours, a_request, a_staff_member, the_clinic

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
STARTS = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
"""Tomorrow at 9 am in Mumbai: when the visit of these tests begins."""
DURING = STARTS + 10 * MINUTE

pytestmark = pytest.mark.usefixtures("context")
Act = Callable[..., Appointment]


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    """What the stages need to know of the clinic."""
    return the_clinic()


@pytest.fixture
def meera() -> Practitioner:
    """Somebody at the desk."""
    return a_staff_member("receptionist", email="receptionist@example.org")


@pytest.fixture
def doctor() -> Practitioner:
    """A doctor who can be visited."""
    return a_doctor_with_hours(email="doctor@example.org")


@pytest.fixture
def book(doctor: Practitioner, meera: Practitioner, clinic: Clinic) -> Act:
    """Books tomorrow at nine for a request, or for a new one."""

    def booked(
        request: ServiceRequest | None = None, starts_at: dt.datetime = STARTS
    ) -> Appointment:
        request = request or a_request(Level.soon, person={"email": "asha@example.com"})
        version = request_of_id(request.id).version
        return booking.book(
            request.reference,
            a_choice(doctor.id, starts_at),
            version,
            meera,
            NOW + MINUTE,
            clinic.zone,
        )

    return booked


@pytest.fixture
def act(meera: Practitioner, clinic: Clinic) -> Act:
    """Does something with a visit as it stands."""

    def done(name: str, visit: Appointment, now: dt.datetime = DURING) -> Appointment:
        stored = as_it_stands(visit)
        result: Appointment = getattr(booking, name)(stored.id, stored.version, meera, now, clinic)
        return result

    return done


def request_of_id(request_id: uuid.UUID) -> ServiceRequest:
    """The request, read again."""
    db.session.rollback()
    db.session.expire_all()
    found = db.session.get(ServiceRequest, request_id)
    assert found
    return found


def as_it_stands(visit: Appointment) -> Appointment:
    """The visit, read again."""
    request = request_of_id(visit.request_id)
    return next(each for each in request.appointments if each.id == visit.id)


def number_of_cells() -> int:
    """How many cells are taken."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Slot)) or 0


def messages() -> list[tuple[str, int]]:
    """What the patient is told about visits, in order."""
    rows = db.session.execute(
        sa.select(Message.kind, Message.occurrence)
        .where(Message.kind.in_(("booked", "changed", "cancelled")))
        .order_by(Message.created_at)
    )
    return [(row.kind, row.occurrence) for row in rows]


@pytest.mark.parametrize(
    ("name", "status", "request_status", "cells", "event"),
    [
        ("arrive", "arrived", "booked", 6, "arrive"),
        ("fulfil", "fulfilled", "closed", 6, "fulfil"),
        ("miss", "noshow", "with-desk", 6, "miss"),
        ("cancel", "cancelled", "with-desk", 0, "cancel"),
    ],
)
def test_every_act_and_its_undo(
    book: Act, act: Act, name: str, status: str, request_status: str, cells: int, event: str
) -> None:
    """The request goes along; undone, everything is as it was, and the history tells both."""
    visit = book()
    act(name, visit)
    after = as_it_stands(visit)
    assert (after.status, after.request.status) == (status, request_status)
    assert number_of_cells() == cells
    assert after.request.closed_reason == ("seen" if request_status == "closed" else None)
    act("undo", visit, DURING + booking.UNDO)
    after = as_it_stands(visit)
    assert (after.status, after.request.status) == ("booked", "booked")
    assert after.request.closed_reason is None
    assert number_of_cells() == 6
    told = [change.event for change in after.request.history]
    assert told == ["submit", "book", event, f"undo-{event}"]
    assert all(change.by for change in after.request.history[1:])
    order = AuditEvent.number.desc()
    newest = db.session.scalars(sa.select(AuditEvent.action).order_by(order).limit(2)).all()
    assert list(newest) == [f"undo-{event}", event]
    with transaction() as session:
        assert audit.first_broken(session) is None


def test_who_has_arrived_is_seen(book: Act, act: Act) -> None:
    """The usual day: arrived, then seen."""
    visit = book()
    act("arrive", visit, STARTS - 20 * MINUTE)
    act("fulfil", visit)
    assert as_it_stands(visit).request.closed_reason == "seen"


@pytest.mark.parametrize("name", ["miss", "cancel"])
def test_who_did_not_come_waits_for_the_desk_from_now(
    book: Act, act: Act, clinic: Clinic, name: str
) -> None:
    """The clock starts again, by the level."""
    visit = book()
    act(name, visit)
    request = as_it_stands(visit).request
    assert request.waiting_since == DURING
    assert request.due_at == clinic.clock.due_at(Level.soon, DURING)


def test_the_patient_hears_of_what_the_desk_changes(book: Act, act: Act) -> None:
    """Booked, cancelled, and booked again when that is taken back; nothing of a missed visit."""
    visit = book()
    act("miss", visit, DURING)
    act("undo", visit, DURING + MINUTE)
    assert messages() == [("booked", 1)]
    act("cancel", visit, DURING + 2 * MINUTE)
    act("undo", visit, DURING + 3 * MINUTE)
    assert messages() == [("booked", 1), ("cancelled", 1), ("booked", 2)]


def test_a_reason_of_cancelling_is_kept(book: Act, meera: Practitioner, clinic: Clinic) -> None:
    """In the history, sealed."""
    visit = book()
    booking.cancel(visit.id, visit.version, meera, NOW + HOUR, clinic, "Has a fever")
    change = as_it_stands(visit).request.history[-1]
    assert (change.event, change.note) == ("cancel", "Has a fever")


def test_a_cancelled_time_can_be_booked_by_somebody_else(book: Act, act: Act) -> None:
    """Then it cannot be taken back, and nothing changes by trying."""
    visit = book()
    act("cancel", visit, NOW + HOUR)
    other = book(a_request())
    with pytest.raises(SlotTaken):
        act("undo", visit, NOW + HOUR + MINUTE)
    assert as_it_stands(visit).status == "cancelled"
    assert as_it_stands(visit).request.status == "with-desk"
    assert as_it_stands(other).status == "booked"
    assert messages() == [("booked", 1), ("cancelled", 1)]


@pytest.mark.parametrize("name", ["arrive", "fulfil", "miss", "cancel"])
def test_ten_minutes_later_it_stays(book: Act, act: Act, name: str) -> None:
    """A mistake that is found later is put right in words, not by a press."""
    visit = book()
    act(name, visit)
    with pytest.raises(NotAllowedNow):
        act("undo", visit, DURING + booking.UNDO + MINUTE)


def test_a_booking_is_not_undone_but_cancelled(book: Act, act: Act) -> None:
    """Undo takes back what was done with a visit, never the visit."""
    with pytest.raises(NotAllowedNow):
        act("undo", book(), NOW + 2 * MINUTE)


def test_nothing_is_written_down_before_it_can_be_true(book: Act, act: Act, clinic: Clinic) -> None:
    """Nobody arrives the day before, nobody is missed before the time; page and act agree."""
    visit = book()
    allowed = [
        (NOW + HOUR, ("cancel",)),
        (STARTS - HOUR, ("arrive", "fulfil", "cancel")),
        (STARTS, ("arrive", "fulfil", "miss", "cancel")),
    ]
    for at, acts in allowed:
        assert booking.acts_now(visit, at, clinic.zone) == acts
        for name in set(booking.ACTS) - set(acts):
            with pytest.raises(NotAllowedNow):
                act(name, visit, at)


def test_the_slower_of_two_colleagues_is_told(
    book: Act, act: Act, meera: Practitioner, clinic: Clinic
) -> None:
    """Whoever saw an older version changes nothing; an unknown visit is not found."""
    visit = book()
    seen = visit.version
    act("arrive", visit)
    for name in booking.ACTS:
        with pytest.raises(AlreadyChanged):
            getattr(booking, name)(visit.id, seen, meera, DURING, clinic)
        with pytest.raises(NotFound):
            getattr(booking, name)(uuid.uuid4(), 1, meera, DURING, clinic)
    assert as_it_stands(visit).status == "arrived"


@pytest.mark.parametrize("meanwhile", ["booked again", "closed"])
def test_an_undo_does_not_overrun_what_came_after(
    book: Act, act: Act, meera: Practitioner, clinic: Clinic, meanwhile: str
) -> None:
    """A request that has another visit, or was closed, keeps that."""
    visit = book()
    act("cancel", visit, NOW + HOUR)
    request = as_it_stands(visit).request
    if meanwhile == "closed":
        at = NOW + HOUR + MINUTE
        version = request.version
        queue.event(request.reference, "close", version, meera, at, clinic, reason="not-wanted")
    else:
        book(request, STARTS + HOUR)
    with pytest.raises(NotAllowedNow):
        act("undo", visit, NOW + HOUR + 2 * MINUTE)
    assert as_it_stands(visit).status == "cancelled"


def test_a_request_closed_for_another_reason_stays_closed(
    book: Act, act: Act, meera: Practitioner, clinic: Clinic
) -> None:
    """Undoing “seen” does not open what somebody closed on purpose meanwhile."""
    visit = book()
    act("fulfil", visit)
    reference = visit.request.reference
    for event in ("reopen", "close"):
        version = as_it_stands(visit).request.version
        at = DURING + MINUTE
        queue.event(reference, event, version, meera, at, clinic, reason="advice-given")
    with pytest.raises(NotAllowedNow):
        act("undo", visit, DURING + 2 * MINUTE)
    assert as_it_stands(visit).request.closed_reason == "advice-given"


@pytest.mark.parametrize("name", ["arrive", "fulfil", "miss", "cancel"])
def test_what_a_doctor_was_asked_about_stays_with_the_doctor(
    book: Act, act: Act, meera: Practitioner, clinic: Clinic, name: str
) -> None:
    """The visit goes its way and is written down; the doctor decides about the request."""
    visit = book()
    request = as_it_stands(visit).request
    version = request.version
    queue.event(request.reference, "escalate", version, meera, NOW + HOUR, clinic, note="Worse")
    act(name, visit)
    after = as_it_stands(visit).request
    assert (after.status, after.history[-1].event) == ("with-doctor", name)
    act("undo", visit, DURING + MINUTE)
    after = as_it_stands(visit).request
    assert (as_it_stands(visit).status, after.status) == ("booked", "with-doctor")


@pytest.mark.parametrize("kept", [True, False])
def test_after_the_doctors_decision_the_visit_is_kept_or_moved(
    book: Act, doctor: Practitioner, meera: Practitioner, clinic: Clinic, kept: bool
) -> None:
    """Moved it may be before, and the doctor goes on looking; who keeps it waits for the doctor."""
    visit = book()
    request = as_it_stands(visit).request
    with transaction():
        as_it_stands(visit).request.move("escalate", NOW + HOUR, meera)
    later = STARTS + HOUR

    def settle() -> Appointment:
        if kept:
            return booking.keep(visit.id, 1, meera, NOW + 3 * HOUR)
        version = as_it_stands(visit).version
        choice = a_choice(doctor.id, later)
        return booking.move(visit.id, choice, version, meera, NOW + 3 * HOUR, clinic.zone)

    if kept:
        with pytest.raises(NotAllowedNow):
            settle()
    else:
        assert settle().request.status == "with-doctor"
        later += HOUR
    with transaction():
        as_it_stands(visit).request.move("decide", NOW + 2 * HOUR, doctor)
    with pytest.raises(NotAllowedNow):
        book(request, STARTS + 3 * HOUR)
    settle()
    after = as_it_stands(visit)
    assert (after.request.status, after.starts_at) == ("booked", STARTS if kept else later)
    assert after.request.history[-1].event == ("keep-visit" if kept else "move-visit")


def test_who_has_arrived_is_not_moved(
    book: Act, act: Act, doctor: Practitioner, meera: Practitioner, clinic: Clinic
) -> None:
    """The patient sits in the waiting room."""
    visit = book()
    arrived = act("arrive", visit, STARTS - HOUR)
    later = STARTS + HOUR
    with pytest.raises(NotAllowedNow):
        booking.move(
            visit.id, a_choice(doctor.id, later), arrived.version, meera, STARTS, clinic.zone
        )
    with pytest.raises(NotAllowedNow):
        booking.keep(visit.id, arrived.version, meera, STARTS)


def test_the_diary_of_a_day_is_in_order_of_time(
    book: Act, doctor: Practitioner, clinic: Clinic
) -> None:
    """All visits of that day at the clinic, cancelled ones too, or those of one practitioner."""
    second, first = book(a_request(), STARTS + HOUR), book(a_request())
    book(a_request(), STARTS + DAY)
    tomorrow = STARTS.astimezone(clinic.zone).date()
    found = booking.day(tomorrow, clinic.zone)
    assert [visit.id for visit in found] == [first.id, second.id]
    assert [visit.id for visit in booking.day(tomorrow, clinic.zone, doctor.id)] == [
        first.id,
        second.id,
    ]
    assert booking.day(tomorrow, clinic.zone, uuid.uuid4()) == []
    assert booking.day(tomorrow - DAY, clinic.zone) == []


def test_past_visits_without_an_outcome_are_listed(book: Act, act: Act) -> None:
    """Until somebody says what became of them; no clock decides that."""
    seen, arrived, silent = (book(a_request(), STARTS + n * HOUR) for n in range(3))
    act("fulfil", seen)
    act("arrive", arrived)
    ends = STARTS + 30 * MINUTE
    assert booking.unrecorded(ends - MINUTE) == []
    assert [visit.id for visit in booking.unrecorded(ends + HOUR)] == [arrived.id]
    found = booking.unrecorded(STARTS + 100 * DAY)
    assert [visit.id for visit in found] == [arrived.id, silent.id]
