"""Free times, and taking them: nobody is booked twice, and no time can be made up."""

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.errors import AlreadyChanged, NotAllowedNow, NotFound, NotOffered, SlotTaken
from app.domain.level import Level
from app.records import db, transaction
from app.records.audit import AuditEvent
from app.records.calendar import take_visit
from app.records.outbox import Message
from app.records.schedule import Appointment, Closure, Schedule, Slot
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import booking, queue
from tests.builders import (
    NOW,
    a_choice,
    a_doctor_with_hours,
    a_request,
    a_staff_member,
    visit_details,
)

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 11, 24)
TOMORROW_AT_9 = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
"""When the doctors of these tests open tomorrow."""

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def zone(app: Flask) -> ZoneInfo:
    """The clinic's time zone."""
    found: ZoneInfo = app.extensions["settings"].clinic_zone
    return found


@pytest.fixture
def meera() -> Practitioner:
    """Somebody at the desk."""
    return a_staff_member("receptionist", email="receptionist@example.org")


@pytest.fixture
def doctor() -> Practitioner:
    """A doctor who can be visited."""
    return a_doctor_with_hours(email="doctor@example.org")


@pytest.fixture
def book(meera: Practitioner, zone: ZoneInfo) -> Callable[..., Appointment]:
    """Books a time for a request."""

    def booked(
        request: ServiceRequest,
        doctor: Practitioner,
        starts_at: dt.datetime = TOMORROW_AT_9,
        now: dt.datetime = NOW + MINUTE,
    ) -> Appointment:
        stored = as_it_stands(request)
        return booking.book(
            stored.reference, a_choice(doctor.id, starts_at), stored.version, meera, now, zone
        )

    return booked


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """What is sent to the database meanwhile."""
    seen: list[tuple[str, Any]] = []

    def sent(connection: Any, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append((statement, values))

    sa.event.listen(db.engine, "before_cursor_execute", sent)
    try:
        yield seen
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", sent)


def as_it_stands(request: ServiceRequest) -> ServiceRequest:
    """The request, read again."""
    db.session.rollback()
    db.session.expire_all()
    found = db.session.get(ServiceRequest, request.id)
    assert found
    return found


def number_of(model: type[Any]) -> int:
    """How many rows there are."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def close(start: dt.datetime, end: dt.datetime, doctor: Practitioner | None = None) -> None:
    """Close the clinic, or a doctor's practice."""
    with transaction() as session:
        who = doctor.id if doctor else None
        session.add(Closure(practitioner_id=who, starts_at=start, ends_at=end, reason="holiday"))


def free(days: int = 1, first: dt.date = TODAY, now: dt.datetime = NOW) -> dict[str, list[str]]:
    """The free times of everybody, as the clocks in Mumbai show them."""
    zone = ZoneInfo("Asia/Kolkata")
    times: dict[str, list[str]] = {}
    for day, offers in booking.free(booking.practitioners(), first, days, now):
        for offer in offers:
            known = times.setdefault(f"{day:%a} {offer.practitioner.name}", [])
            known.append(f"{offer.visit.start.astimezone(zone):%H:%M}")
    return times


ALL_MORNING = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00", "12:30"]


def test_free_times_are_the_hours_that_are_still_to_come(doctor: Practitioner) -> None:
    """Today from now on, then whole days; on Sunday there are none."""
    found = free(days=7)
    assert found["Tue Dr Arun Rao"] == ["11:30", "12:00", "12:30"]
    assert found["Wed Dr Arun Rao"] == ALL_MORNING
    assert [words[:3] for words in found] == ["Tue", "Wed", "Thu", "Fri", "Sat", "Mon"]


def test_closures_take_times_away(doctor: Practitioner) -> None:
    """One of the clinic takes everybody's, one of a doctor takes that doctor's alone."""
    a_doctor_with_hours(name="Dr Zoya Shah", email="zoya@example.org")
    close(TOMORROW_AT_9, TOMORROW_AT_9 + HOUR + MINUTE)
    close(TOMORROW_AT_9, TOMORROW_AT_9 + 3 * HOUR, doctor)
    close(TOMORROW_AT_9 - 9 * DAY, TOMORROW_AT_9 - DAY)
    assert free(first=TODAY + DAY) == {
        "Wed Dr Arun Rao": ["12:00", "12:30"],
        "Wed Dr Zoya Shah": ["10:30", "11:00", "11:30", "12:00", "12:30"],
    }


@pytest.mark.parametrize("change", [{"active": False}, {"bookable": False}])
def test_who_cannot_be_visited_has_no_free_times(
    doctor: Practitioner, change: dict[str, bool]
) -> None:
    """Neither those who have left nor those who see nobody."""
    with transaction() as session:
        session.execute(sa.update(Practitioner).values(change))
    assert free() == {}


def test_hours_hold_while_they_are_in_force(doctor: Practitioner) -> None:
    """Neither before they begin nor after they end."""
    with transaction() as session:
        session.execute(
            sa.update(Schedule).values(
                valid_from=TODAY + 2 * DAY, valid_until=TODAY + dt.timedelta(days=3)
            )
        )
    assert [words[:3] for words in free(days=14)] == ["Thu", "Fri"]


@pytest.mark.parametrize("first", [dt.date.min, dt.date.max, TODAY - 400 * DAY, TODAY + 400 * DAY])
def test_days_that_cannot_be_booked_have_no_free_times(
    doctor: Practitioner, first: dt.date
) -> None:
    """However far away they are: past days are left out, and so is what is too far ahead."""
    found = booking.free(booking.practitioners(), first, 14, NOW)
    assert all(offer.visit.start >= NOW for _, offers in found for offer in offers)
    assert (found == []) == (first > TODAY)


def test_times_of_another_zone_are_the_local_ones(zone: ZoneInfo) -> None:
    """A doctor in London opens at nine in London, whatever Mumbai's clocks say."""
    a_doctor_with_hours(zone="Europe/London", closes=dt.time(10))
    assert free() == {"Tue Dr Arun Rao": ["14:30", "15:00"]}


def test_free_times_cost_four_queries(
    doctor: Practitioner, book: Callable[..., Appointment]
) -> None:
    """However many doctors and visits there are."""
    seen_before = []
    for number in range(3):
        with statements() as seen:
            booking.free(booking.practitioners(), TODAY, 14, NOW)
        seen_before.append(len(seen))
        a_doctor_with_hours(email=f"doctor{number}@example.org")
        book(a_request(), doctor, TOMORROW_AT_9 + number * HOUR)
    assert seen_before == [4, 4, 4]


@pytest.mark.databases("sqlite")
def test_no_list_reads_past_visits(doctor: Practitioner, zone: ZoneInfo) -> None:
    """Every query of free times and of the diary walks an index."""
    with statements() as seen:
        booking.free(booking.practitioners(), TODAY, 14, NOW)
        booking.day(TODAY, zone)
        booking.unrecorded(NOW)
    read = [each for each in seen if " slot" in each[0] or " appointment" in each[0]]
    assert len(read) == 3
    for statement, values in read:
        plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = [row.detail for row in plan]
        assert not [step for step in steps if step.startswith("SCAN")], steps


def test_booking_takes_the_time_and_tells_everybody(
    doctor: Practitioner, meera: Practitioner, book: Callable[..., Appointment]
) -> None:
    """Visit, cells, history, log and message are one; no call is due any more."""
    request = a_request(person={"email": "asha@example.com"})
    queue.log_call(request.reference, "no-answer", meera, NOW)
    visit = book(request, doctor)
    after = as_it_stands(request)
    assert after.status == "booked"
    assert after.appointment
    assert after.appointment.id == visit.id
    assert (visit.status, visit.starts_at, visit.ends_at) == (
        "booked",
        TOMORROW_AT_9,
        TOMORROW_AT_9 + 30 * MINUTE,
    )
    assert [slot.cell_at for slot in visit.slots] == [
        TOMORROW_AT_9 + n * 5 * MINUTE for n in range(6)
    ]
    change = after.history[-1]
    assert change.by
    assert (change.event, change.by.id, change.note) == (
        "book",
        meera.id,
        "Wed 25 Nov 2026, 09:00, Dr Arun Rao",
    )
    assert [call.next_due_at for call in after.attempts] == [None]
    order = AuditEvent.number.desc()
    assert db.session.scalar(sa.select(AuditEvent.action).order_by(order).limit(1)) == "book"
    message = db.session.scalar(sa.select(Message).where(Message.kind == "booked"))
    assert message
    assert (message.to, message.occurrence) == ("patient", 1)
    assert free(first=TODAY + DAY) == {"Wed Dr Arun Rao": ALL_MORNING[1:]}


def test_who_left_no_address_gets_no_message(
    doctor: Practitioner, book: Callable[..., Appointment]
) -> None:
    """The desk has told them on the phone."""
    book(a_request(), doctor)
    assert not db.session.scalar(sa.select(Message).where(Message.kind == "booked"))


@pytest.mark.parametrize(
    "starts_at",
    [
        TOMORROW_AT_9 + MINUTE,
        TOMORROW_AT_9 + dt.timedelta(seconds=1),
        TOMORROW_AT_9 + 15 * MINUTE,
        TOMORROW_AT_9 - 30 * MINUTE,
        TOMORROW_AT_9 + 4 * HOUR,
        TOMORROW_AT_9 + 4 * DAY,
        TOMORROW_AT_9 - DAY,
        TOMORROW_AT_9 + 7 * DAY,
        TOMORROW_AT_9 + 371 * DAY,
        dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC),
        dt.datetime(1, 1, 1, tzinfo=dt.UTC),
    ],
)
def test_a_time_cannot_be_made_up(
    doctor: Practitioner, book: Callable[..., Appointment], starts_at: dt.datetime
) -> None:
    """Only what the hours offer is booked: not between, outside, past, closed or far away."""
    close(TOMORROW_AT_9 + 7 * DAY, TOMORROW_AT_9 + 8 * DAY)
    request = a_request()
    with pytest.raises(NotOffered):
        book(request, doctor, starts_at)
    assert as_it_stands(request).status == "with-desk"
    assert number_of(Appointment) == number_of(Slot) == 0


def test_nobody_is_booked_with_whom_nobody_can_be_booked(
    meera: Practitioner, zone: ZoneInfo, doctor: Practitioner
) -> None:
    """Neither with a receptionist, nor a stranger, nor a doctor who has left."""
    request = a_request()
    with transaction() as session:
        session.execute(
            sa.update(Practitioner).where(Practitioner.id == doctor.id).values(active=False)
        )
    for who in (meera.id, uuid.uuid4(), doctor.id):
        with pytest.raises(NotOffered):
            booking.book(request.reference, a_choice(who, TOMORROW_AT_9), 1, meera, NOW, zone)


@pytest.mark.parametrize("level", [Level.urgent, Level.emergency])
def test_what_waits_for_a_doctor_cannot_be_booked(
    doctor: Practitioner, book: Callable[..., Appointment], level: Level
) -> None:
    """A visit next week is no answer to a danger sign; after the doctor's decision it may be."""
    request = a_request(level)
    with pytest.raises(NotAllowedNow):
        book(request, doctor)
    with transaction():
        as_it_stands(request).move("decide", NOW, doctor)
    book(request, doctor)
    assert as_it_stands(request).status == "booked"


def test_the_slower_of_two_colleagues_books_nothing(
    doctor: Practitioner, meera: Practitioner, zone: ZoneInfo, book: Callable[..., Appointment]
) -> None:
    """A request has one visit, and an unknown one has none."""
    request = a_request()
    book(request, doctor)
    later = TOMORROW_AT_9 + HOUR
    with pytest.raises(AlreadyChanged):
        booking.book(request.reference, a_choice(doctor.id, later), 1, meera, NOW, zone)
    with pytest.raises(NotAllowedNow):
        book(request, doctor, later)
    with pytest.raises(NotFound):
        booking.book("SPN-222-222", a_choice(doctor.id, later), 1, meera, NOW, zone)
    assert number_of(Appointment) == 1


def test_a_taken_time_is_refused(doctor: Practitioner, book: Callable[..., Appointment]) -> None:
    """The second gets nothing, and the request stays where it was; another doctor is free."""
    book(a_request(), doctor)
    second = a_request(person={"email": "rupali@example.com"})
    with pytest.raises(SlotTaken):
        book(second, doctor)
    after = as_it_stands(second)
    assert (after.status, after.appointments) == ("with-desk", [])
    assert not db.session.scalar(sa.select(Message).where(Message.kind == "booked"))
    book(second, a_doctor_with_hours(email="zoya@example.org"))


def test_another_fault_of_the_data_is_not_called_a_taken_time(doctor: Practitioner) -> None:
    """Only the key of the cells means that somebody was faster."""
    request = as_it_stands(a_request())
    details = visit_details(TOMORROW_AT_9, ends_at=TOMORROW_AT_9 - HOUR)
    visit = Appointment(practitioner=doctor, **details)
    with transaction() as session:
        visit.request = request
        session.add(visit)
        with pytest.raises(sa.exc.IntegrityError):
            take_visit(session, visit, NOW)
        session.rollback()


def test_moving_takes_the_new_time_and_frees_the_old(
    doctor: Practitioner, meera: Practitioner, zone: ZoneInfo, book: Callable[..., Appointment]
) -> None:
    """It stays the same visit of the same request; the patient hears of each move."""
    request = a_request(person={"email": "asha@example.com"})
    visit = book(request, doctor)
    zoya = a_doctor_with_hours(name="Dr Zoya Shah", email="zoya@example.org")
    for number, who in enumerate((zoya, doctor), 1):
        moved = booking.move(
            visit.id,
            a_choice(who.id, TOMORROW_AT_9 + HOUR),
            number,
            meera,
            NOW + number * HOUR,
            zone,
        )
        assert (moved.id, moved.practitioner.name) == (visit.id, who.name)
    after = as_it_stands(request)
    assert [change.event for change in after.history[1:]] == ["book", "move-visit", "move-visit"]
    assert after.history[2].note == (
        "Wed 25 Nov 2026, 09:00, Dr Arun Rao → Wed 25 Nov 2026, 10:00, Dr Zoya Shah"
    )
    assert free(first=TODAY + DAY) == {
        "Wed Dr Arun Rao": [time for time in ALL_MORNING if time != "10:00"],
        "Wed Dr Zoya Shah": ALL_MORNING,
    }
    told = sa.select(Message.kind, Message.occurrence).where(Message.kind == "changed")
    assert sorted(db.session.execute(told).all()) == [("changed", 1), ("changed", 2)]


def test_a_move_that_fails_leaves_the_visit_where_it_was(
    doctor: Practitioner, meera: Practitioner, zone: ZoneInfo, book: Callable[..., Appointment]
) -> None:
    """Taken, made up, or seen in an older version: the old time is never lost."""
    visit = book(a_request(), doctor)
    book(a_request(), doctor, TOMORROW_AT_9 + HOUR)
    tries: list[tuple[dt.timedelta, int, type[Exception]]] = [
        (HOUR, 1, SlotTaken),
        (MINUTE, 1, NotOffered),
        (2 * HOUR, 9, AlreadyChanged),
    ]
    for later, version, error in tries:
        with pytest.raises(error):
            booking.move(
                visit.id,
                a_choice(doctor.id, TOMORROW_AT_9 + later),
                version,
                meera,
                NOW + HOUR,
                zone,
            )
    with pytest.raises(NotFound):
        booking.move(uuid.uuid4(), a_choice(doctor.id, TOMORROW_AT_9), 1, meera, NOW, zone)
    assert "09:00" not in free(first=TODAY + DAY)["Wed Dr Arun Rao"]


def colleague(meera: Practitioner) -> Practitioner:
    """The person at the desk, as each request to the app reads her for itself."""
    found = db.session.get(Practitioner, meera.id)
    assert found
    return found


def all_at_once(app: Flask, tries: list[Callable[[], object]]) -> list[str]:
    """Let everybody press at the same moment; gives what came of it."""
    together = threading.Barrier(len(tries))
    outcomes: list[str] = []

    def press(act: Callable[[], object]) -> None:
        with app.app_context():
            together.wait()
            try:
                act()
            except Exception as error:  # noqa: BLE001 - the test tells every kind apart
                outcomes.append(type(error).__name__)
            else:
                outcomes.append("won")

    threads = [threading.Thread(target=press, args=(act,)) for act in tries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_of_twenty_who_want_one_time_one_gets_it(
    app: Flask, doctor: Practitioner, meera: Practitioner, zone: ZoneInfo
) -> None:
    """Everybody else is told that it is taken, and nothing else goes wrong."""
    references = [a_request().reference for _ in range(20)]
    wanted = a_choice(doctor.id, TOMORROW_AT_9)
    db.session.remove()

    def booking_for(reference: str) -> Callable[[], object]:
        return lambda: booking.book(reference, wanted, 1, colleague(meera), NOW, zone)

    outcomes = all_at_once(app, [booking_for(reference) for reference in references])
    assert outcomes == ["SlotTaken"] * 19 + ["won"]
    assert (number_of(Appointment), number_of(Slot)) == (1, 6)


def test_of_seven_who_move_to_one_time_one_gets_it(
    app: Flask,
    doctor: Practitioner,
    meera: Practitioner,
    zone: ZoneInfo,
    book: Callable[..., Appointment],
) -> None:
    """The others keep the time that they had."""
    wanted = a_choice(doctor.id, TOMORROW_AT_9 + 7 * 30 * MINUTE)
    visits = [book(a_request(), doctor, TOMORROW_AT_9 + n * 30 * MINUTE).id for n in range(7)]
    db.session.remove()

    def moving(visit_id: uuid.UUID) -> Callable[[], object]:
        return lambda: booking.move(visit_id, wanted, 1, colleague(meera), NOW, zone)

    outcomes = all_at_once(app, [moving(visit_id) for visit_id in visits])
    assert outcomes == ["SlotTaken"] * 6 + ["won"]
    assert (number_of(Appointment), number_of(Slot)) == (7, 42)


def test_colleagues_who_book_for_one_patient_at_once_book_once(
    app: Flask, doctor: Practitioner, meera: Practitioner, zone: ZoneInfo
) -> None:
    """Pressing twice, or two people at two screens: one visit, and the others are told."""
    reference = a_request(person={"email": "asha@example.com"}).reference
    db.session.remove()

    def booking_at(number: int) -> Callable[[], object]:
        starts_at = TOMORROW_AT_9 + number // 2 * 30 * MINUTE
        return lambda: booking.book(
            reference, a_choice(doctor.id, starts_at), 1, colleague(meera), NOW, zone
        )

    outcomes = all_at_once(app, [booking_at(number) for number in range(8)])
    assert outcomes == ["AlreadyChanged"] * 7 + ["won"]
    assert (number_of(Appointment), number_of(Slot)) == (1, 6)
