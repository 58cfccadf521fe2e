"""A booking and a change of the hours at the same moment: one sees the other, in either order."""

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.errors import AlreadyChanged, NotOffered
from app.records import db, transaction
from app.records.calendar import take_visit
from app.records.openings import offered
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.records.turns import while_nobody_books
from app.workflow import booking, hours
from tests.builders import (
    NOW,
    a_choice,
    a_doctor_with_hours,
    a_request,
    a_staff_member,
    visit_details,
)

TOMORROW_AT_9 = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
ZONE = ZoneInfo("Asia/Kolkata")
SOON = 0.3
"""Seconds in which somebody who need not wait would be done."""
LONG = 20
ROUNDS = 8


@pytest.fixture
def doctor_id(context: Flask) -> uuid.UUID:
    """Of a doctor who can be visited tomorrow from 9 to 13, at a clinic with a manager."""
    a_staff_member("manager")
    return a_doctor_with_hours().id


class Racer(threading.Thread):
    """Does something in a thread of its own, at the same moment as others `together` with it."""

    def __init__(
        self, app: Flask, act: Callable[[], object], together: threading.Barrier | None = None
    ) -> None:
        super().__init__(daemon=True)
        self.app, self.act, self.together = app, act, together
        self.fault: Exception | None = None
        self.start()

    def run(self) -> None:
        """Do it."""
        with self.app.app_context():
            try:
                if self.together:
                    self.together.wait(LONG)
                self.act()
            except Exception as fault:  # noqa: BLE001 - told by the test's own thread
                self.fault = fault

    def ends(self) -> Exception | None:
        """What went wrong, once it is done."""
        self.join(LONG)
        assert not self.is_alive(), "it waits for ever"
        return self.fault


def no_hours(doctor_id: uuid.UUID) -> hours.NewWeek:
    """The doctor is away from tomorrow on."""
    return hours.NewWeek(doctor_id, TOMORROW_AT_9.date(), None, "Asia/Kolkata", ())


def manager() -> Practitioner:
    """The manager, as a thread of its own reads her."""
    found = db.session.scalar(sa.select(Practitioner).where(Practitioner.role == "manager"))
    assert found
    return found


def booker(request: ServiceRequest, doctor_id: uuid.UUID) -> Callable[[], object]:
    """Books nine o’clock tomorrow, in whatever thread."""
    reference, version = request.reference, request.version
    choice = a_choice(doctor_id, TOMORROW_AT_9)
    return lambda: booking.book(reference, choice, version, manager(), NOW, ZONE)


def changer(doctor_id: uuid.UUID) -> Callable[[], object]:
    """Confirms what the change did when this was called."""
    change = no_hours(doctor_id)
    seen = hours.preview(change, NOW).digest
    return lambda: hours.save(change, seen, manager(), NOW)


def test_a_change_waits_for_a_booking_that_has_read_the_hours(
    app: Flask, doctor_id: uuid.UUID
) -> None:
    """Otherwise the visit would be outside the new hours, and no preview would have shown it."""
    change, choice = changer(doctor_id), a_choice(doctor_id, TOMORROW_AT_9)
    request_id, details = a_request().id, visit_details(TOMORROW_AT_9)
    with transaction() as session:
        doctor = offered(choice, NOW).practitioner
        changed = Racer(app, change)
        changed.join(SOON)
        assert changed.is_alive(), "it did not wait"
        visit = Appointment(request_id=request_id, practitioner=doctor, **details)
        session.add(visit)
        take_visit(session, visit, NOW)
    assert isinstance(changed.ends(), AlreadyChanged)
    db.session.rollback()
    assert hours.outside(NOW) == []
    assert [each.how for each in hours.preview(no_hours(doctor_id), NOW).met] == ["booked"]


def test_a_booking_waits_for_a_change_and_then_sees_it(app: Flask, doctor_id: uuid.UUID) -> None:
    """The time is not offered any more."""
    book, change = booker(a_request(), doctor_id), no_hours(doctor_id)
    with transaction() as session:
        while_nobody_books(session)
        booked = Racer(app, book)
        booked.join(SOON)
        assert booked.is_alive(), "it did not wait"
        change.write(session)
    assert isinstance(booked.ends(), NotOffered)


def test_booking_and_change_never_both_go_unseen(app: Flask, context: Flask) -> None:
    """Whoever is first wins, again and again: no visit ends up outside without a preview of it."""
    a_staff_member("manager")
    for number in range(ROUNDS):
        doctor_id = a_doctor_with_hours().id
        request = a_request(person={"phone": f"+91987654322{number}"})
        together = threading.Barrier(2)
        acts = booker(request, doctor_id), changer(doctor_id)
        db.session.rollback()
        racers = [Racer(app, act, together) for act in acts]
        booked, changed = [racer.ends() for racer in racers]
        one_of_them = (
            (booked is None and isinstance(changed, AlreadyChanged)),
            (isinstance(booked, NotOffered) and changed is None),
        )
        assert any(one_of_them), (booked, changed)
    db.session.rollback()
    assert hours.outside(NOW) == []
