"""Closing a day: what was seen is what happens, all of it or nothing, and nobody books it."""

import datetime as dt
import threading
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.errors import (
    AlreadyChanged,
    ClinicError,
    NotFound,
    NotOffered,
    ReasonMissing,
    SlotTaken,
)
from app.domain.level import Level
from app.domain.slots import Span
from app.records import audit, db
from app.records.outbox import Message
from app.records.schedule import Appointment, Closure, Slot
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import booking, outbox
from app.workflow.booking import day_off, waitlist
from tests.builders import NOW, a_choice, a_doctor_with_hours, a_request, a_staff_member, the_clinic

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
FRIDAY = dt.datetime(2026, 11, 26, 18, 30, tzinfo=dt.UTC)
"""Midnight in Mumbai, three days from NOW."""
NINE = FRIDAY + 9 * HOUR
WHOLE = Span(FRIDAY, FRIDAY + DAY)
WHY = "Dr Rao is ill"

pytestmark = pytest.mark.usefixtures("context")
PHONES = iter(f"+9198765{number:05}" for number in range(99_999))


@pytest.fixture
def zone(app: Flask) -> ZoneInfo:
    """The clinic's time zone."""
    found: ZoneInfo = app.extensions["settings"].clinic_zone
    return found


@pytest.fixture
def meera(context: Flask) -> Practitioner:
    """Somebody at the desk."""
    return a_staff_member()


@pytest.fixture
def rao(context: Flask) -> Practitioner:
    """The doctor who falls ill."""
    return a_doctor_with_hours(closes=dt.time(17))


@pytest.fixture
def visits(rao: Practitioner, meera: Practitioner, zone: ZoneInfo) -> list[Appointment]:
    """Three visits of Friday: two patients have an address."""
    people: list[dict[str, Any]] = [
        {"email": "asha@example.org"},
        {},
        {"email": "imran@example.org"},
    ]
    return [
        a_visit(rao, NINE + number * HOUR, meera, zone, **person)
        for number, person in enumerate(people)
    ]


def a_visit(
    doctor: Practitioner,
    starts_at: dt.datetime,
    by: Practitioner,
    zone: ZoneInfo,
    now: dt.datetime = NOW,
    **person: Any,
) -> Appointment:
    """A booked visit of somebody new."""
    request = a_request(Level.soon, person={"phone": next(PHONES), **person})
    return booking.book(
        request.reference, a_choice(doctor.id, starts_at), request.version, by, now, zone
    )


def closes(
    seen: day_off.Preview,
    by: Practitioner,
    chosen: set[uuid.UUID] | None = None,
    **changes: object,
) -> Closure:
    """Confirm what was seen, two minutes later."""
    usual = {"reason": WHY, "told": False, "digest": seen.digest}
    details = {**usual, **changes}
    ids = {visit.id for visit in seen.visits} if chosen is None else chosen
    return day_off.close(
        seen.practitioner.id,
        seen.span,
        ids,
        str(details["digest"]),
        str(details["reason"]),
        bool(details["told"]),
        by,
        NOW + 2 * MINUTE,
        the_clinic(),
    )


def statuses() -> list[tuple[str, str]]:
    """How every visit and its request stands, by time."""
    db.session.rollback()
    found = db.session.execute(
        sa.select(Appointment.status, ServiceRequest.status)
        .join(ServiceRequest, ServiceRequest.id == Appointment.request_id)
        .order_by(Appointment.starts_at)
    )
    return [(row[0], row[1]) for row in found]


def number(of: type[Closure | Slot]) -> int:
    """How many rows there are."""
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(of)) or 0


def sent(kind: str) -> int:
    """How many messages of a kind wait."""
    found = sa.select(sa.func.count()).where(Message.kind == kind, Message.status == "waiting")
    return db.session.scalar(found) or 0


def test_the_preview_counts_what_is_met(
    rao: Practitioner, meera: Practitioner, visits: list[Appointment], zone: ZoneInfo
) -> None:
    """Visits that touch the time, of this practitioner; not other days, nor what is over."""
    khan = a_doctor_with_hours(name="Dr Khan", email="khan@example.org")
    a_visit(khan, NINE, meera, zone)
    a_visit(rao, NINE + DAY, meera, zone)
    seen = day_off.preview(rao.id, WHOLE, NOW)
    assert [visit.id for visit in seen.visits] == [visit.id for visit in visits]
    hours = Span(NINE + 15 * MINUTE, NINE + HOUR)
    assert [each.id for each in day_off.preview(rao.id, hours, NOW).visits] == [visits[0].id]
    later = day_off.preview(rao.id, WHOLE, NINE + HOUR)
    assert [each.id for each in later.visits] == [visits[2].id]
    arrived = booking.arrive(visits[2].id, visits[2].version, meera, NINE, the_clinic())
    seen = day_off.preview(rao.id, WHOLE, NOW)
    assert [each.id for each in seen.arrived] == [arrived.id]
    with pytest.raises(NotFound):
        day_off.preview(uuid.uuid4(), WHOLE, NOW)


def test_a_closed_day_frees_tells_and_gives_back(
    rao: Practitioner, meera: Practitioner, visits: list[Appointment], zone: ZoneInfo
) -> None:
    """Visits are cancelled, requests wait for the desk from now, and nobody can book the day."""
    closes(day_off.preview(rao.id, WHOLE, NOW), meera, told=True)
    assert statuses() == [("cancelled", "with-desk")] * 3
    assert number(Slot) == 0
    assert sent("cancelled") == 2
    assert sent("reminder") == 0
    after = db.session.scalars(sa.select(ServiceRequest)).all()
    at = NOW + 2 * MINUTE
    assert {each.waiting_since for each in after} == {at}
    assert {each.due_at for each in after} == {the_clinic().clock.due_at(Level.soon, at)}
    assert {each.history[-1].note for each in after} == {WHY}
    with pytest.raises(NotOffered):
        a_visit(rao, NINE, meera, zone)
    assert booking.free([rao], dt.date(2026, 11, 27), 1, NOW) == []
    assert audit.first_broken(db.session) is None
    closure = db.session.scalars(sa.select(Closure)).one()
    assert (closure.practitioner_id, closure.reason, closure.told) == (rao.id, WHY, True)


def test_who_was_not_chosen_keeps_the_visit(
    rao: Practitioner, meera: Practitioner, visits: list[Appointment], zone: ZoneInfo
) -> None:
    """The day is closed all the same."""
    seen = day_off.preview(rao.id, WHOLE, NOW)
    closes(seen, meera, {visits[1].id})
    assert [status for status, _ in statuses()] == ["booked", "cancelled", "booked"]
    with pytest.raises(NotOffered):
        a_visit(rao, NINE + HOUR, meera, zone)


def test_a_visit_that_came_meanwhile_stops_it(
    rao: Practitioner, meera: Practitioner, visits: list[Appointment], zone: ZoneInfo
) -> None:
    """Nothing is cancelled and nothing is closed; the new preview counts it."""
    seen = day_off.preview(rao.id, WHOLE, NOW)
    late = a_visit(rao, NINE + 3 * HOUR, meera, zone)
    with pytest.raises(AlreadyChanged):
        closes(seen, meera)
    assert statuses() == [("booked", "booked")] * 4
    assert (number(Closure), sent("cancelled")) == (0, 0)
    seen = day_off.preview(rao.id, WHOLE, NOW)
    booking.move(late.id, a_choice(rao.id, NINE + 4 * HOUR), late.version, meera, NOW, zone)
    with pytest.raises(AlreadyChanged):
        closes(seen, meera)
    closes(day_off.preview(rao.id, WHOLE, NOW), meera)
    assert statuses() == [("cancelled", "with-desk")] * 4


def test_nothing_but_what_was_seen_can_be_chosen(
    rao: Practitioner, meera: Practitioner, visits: list[Appointment], zone: ZoneInfo
) -> None:
    """A visit of another day is not cancelled by a made-up form; a reason is needed."""
    other = a_visit(rao, NINE + DAY, meera, zone)
    seen = day_off.preview(rao.id, WHOLE, NOW)
    with pytest.raises(AlreadyChanged):
        closes(seen, meera, {other.id})
    with pytest.raises(AlreadyChanged):
        closes(seen, meera, digest="0" * 64)
    with pytest.raises(ReasonMissing):
        closes(seen, meera, reason="")
    assert statuses() == [("booked", "booked")] * 4


def test_the_times_of_a_closed_day_are_offered_to_nobody(
    rao: Practitioner, meera: Practitioner, visits: list[Appointment], zone: ZoneInfo
) -> None:
    """Neither those of its visits, nor one that was on offer already."""
    for _ in range(2):
        request = a_request(Level.soon, person={"phone": next(PHONES)})
        waitlist.put_on(request.reference, None, None, meera, NOW)
    booking.cancel(visits[0].id, visits[0].version, meera, NOW, the_clinic())
    (held,) = waitlist.live(NOW)
    closes(day_off.preview(rao.id, WHOLE, NOW), meera)
    db.session.rollback()
    assert waitlist.live(NOW) == []
    assert held.status == "cancelled"
    assert len(waitlist.waiting()) == 2


def test_cancelling_a_closed_day_cannot_be_undone_visit_by_visit(
    rao: Practitioner, meera: Practitioner, visits: list[Appointment], zone: ZoneInfo
) -> None:
    """The time is closed, so the visit cannot come back to it."""
    closes(day_off.preview(rao.id, WHOLE, NOW), meera)
    db.session.rollback()
    visit = db.session.get(Appointment, visits[0].id)
    assert visit
    with pytest.raises(NotOffered):
        booking.undo(visit.id, visit.version, meera, NOW + 3 * MINUTE, the_clinic())
    assert statuses()[0] == ("cancelled", "with-desk")


def test_who_cannot_be_reached_by_mail_is_to_be_called(
    rao: Practitioner, meera: Practitioner, visits: list[Appointment], zone: ZoneInfo
) -> None:
    """Whoever has no address, or whose mail was refused; visits that stand are not listed."""
    stands = a_visit(rao, NINE + 3 * HOUR, meera, zone)
    seen = day_off.preview(rao.id, WHOLE, NOW)
    closes(seen, meera, {visit.id for visit in seen.visits} - {stands.id})
    assert [each.visit.id for each in day_off.to_call(rao.id, WHOLE)] == [visits[1].id]
    now = NOW + 3 * MINUTE
    while leased := outbox.lease(now):
        imran = leased.request_id == visits[2].request_id
        if leased.kind == "cancelled" and imran:
            outbox.settle_refused(leased, now, "SMTP 550")
        else:
            outbox.settle_sent(leased, now)
    listed = [each.visit.id for each in day_off.to_call(rao.id, WHOLE)]
    assert listed == [visits[1].id, visits[2].id]


def test_a_booking_at_the_same_moment_is_seen_or_refused(
    app: Flask, rao: Practitioner, meera: Practitioner, visits: list[Appointment], zone: ZoneInfo
) -> None:
    """However the two meet, no visit stands in a closed day without having been shown."""
    seen = day_off.preview(rao.id, WHOLE, NOW)
    digest, ids = seen.digest, {visit.id for visit in seen.visits}
    requests = [a_request(Level.soon, person={"phone": next(PHONES)}).reference for _ in range(6)]
    choices = [a_choice(rao.id, NINE + (2 + n) * 30 * MINUTE + HOUR * 2) for n in range(6)]
    by_id, rao_id = meera.id, rao.id
    db.session.remove()
    start = threading.Barrier(7)
    ends: dict[str, str] = {}

    def do(name: str) -> None:
        with app.app_context():
            me = db.session.get(Practitioner, by_id)
            assert me
            start.wait()
            try:
                if name == "close":
                    day_off.close(rao_id, WHOLE, ids, digest, WHY, False, me, NOW, the_clinic())
                else:
                    order = requests.index(name)
                    booking.book(name, choices[order], 1, me, NOW, zone)
                ends[name] = "done"
            except ClinicError as error:
                ends[name] = type(error).__name__
            finally:
                db.session.remove()

    threads = [threading.Thread(target=do, args=(name,)) for name in ("close", *requests)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    booked = [name for name in requests if ends[name] == "done"]
    assert len(ends) == 7
    assert {ends[name] for name in requests} <= {"done", NotOffered.__name__, SlotTaken.__name__}
    if ends["close"] == "done":
        assert booked == []
        assert number(Closure) == 1
    else:
        assert ends["close"] == "AlreadyChanged"
        assert booked
        assert number(Closure) == 0
