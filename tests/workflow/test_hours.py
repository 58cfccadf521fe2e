"""Changes of hours, places, kinds and closures: previewed, then done just so, or not at all."""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.errors import AlreadyChanged, NotFound
from app.domain.level import Level
from app.records import audit, db, transaction
from app.records.audit import AuditEvent
from app.records.calendar import hold
from app.records.openings import offered
from app.records.schedule import Appointment, Closure, Schedule
from app.records.staff import Practitioner
from app.workflow import booking, enquiry, hours, staff
from app.workflow.hours import Closing, NewClosures, NewWeek, Row
from tests.builders import (
    KIND_ID,
    NOW,
    a_choice,
    a_doctor_with_hours,
    a_kind,
    a_place,
    a_request,
    a_staff_member,
    the_pack,
    visit_details,
)

MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 11, 24)
TOMORROW_AT_9 = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
ZONE = ZoneInfo("Asia/Kolkata")

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def leela() -> Practitioner:
    """The manager."""
    return a_staff_member("manager", email="manager@example.org")


@pytest.fixture
def doctor() -> Practitioner:
    """A doctor who can be visited from Monday to Saturday, from 9 to 13."""
    return a_doctor_with_hours(email="doctor@example.org")


@pytest.fixture
def book(leela: Practitioner) -> Callable[..., Appointment]:
    """Books a time of a doctor for a new request."""

    def booked(doctor: Practitioner, at: dt.datetime = TOMORROW_AT_9) -> Appointment:
        number = f"+9198765432{db.session.scalar(sa.select(sa.func.count(Appointment.id))) or 0:02}"
        request = a_request(person={"phone": number})
        choice = a_choice(doctor.id, at)
        return booking.book(request.reference, choice, request.version, leela, NOW, ZONE)

    return booked


def a_row(
    weekday: int = 2, opens: dt.time = dt.time(10), closes: dt.time = dt.time(13), kept: int = 0
) -> Row:
    """Hours on one weekday, Wednesday if nothing is said."""
    return Row(weekday, opens, closes, a_place().id, KIND_ID, kept, dt.time(8))


def a_week(
    doctor: Practitioner,
    *rows: Row,
    first: dt.date = TODAY + DAY,
    until: dt.date | None = None,
) -> NewWeek:
    """Other hours from tomorrow on."""
    return NewWeek(doctor.id, first, until, "Asia/Kolkata", rows)


def do(change: hours.Change, by: Practitioner, now: dt.datetime = NOW) -> None:
    """Look at what it does, and confirm that."""
    hours.save(change, hours.preview(change, now).digest, by, now)


def free(first: dt.date = TODAY + DAY, days: int = 1) -> dict[dt.date, list[str]]:
    """The free times, as the clocks in Mumbai show them."""
    found = booking.free(booking.practitioners(), first, days, NOW)
    return {
        day: [f"{each.visit.start.astimezone(ZONE):%H:%M}" for each in offers]
        for day, offers in found
    }


def stored(doctor: Practitioner) -> list[tuple[dt.date, dt.date | None, int]]:
    """From when, until when, and how many rows: each period of a doctor's hours."""
    known = hours.periods(doctor.id, dt.date(2020, 1, 1))
    return [(period.first, period.until, len(period.rows)) for period in known]


def met(change: hours.Change, now: dt.datetime = NOW) -> list[str]:
    """How each time that a change meets is taken, and when."""
    return [
        f"{each.how} {each.starts_at.astimezone(ZONE):%a %H:%M}"
        for each in hours.preview(change, now).met
    ]


def test_new_hours_end_the_old_ones_the_day_before(
    doctor: Practitioner, leela: Practitioner
) -> None:
    """From their first day on the free times are theirs alone."""
    do(a_week(doctor, a_row(), first=TODAY + 8 * DAY), leela)
    assert stored(doctor) == [
        (dt.date(2026, 1, 1), TODAY + 7 * DAY, 6),
        (TODAY + 8 * DAY, None, 1),
    ]
    found = free(days=15)
    assert found[TODAY + DAY][0] == "09:00"
    assert found[TODAY + 8 * DAY] == ["10:00", "10:30", "11:00", "11:30", "12:00", "12:30"]
    assert TODAY + 9 * DAY not in found


def test_hours_for_some_days_let_the_old_ones_go_on_after(
    doctor: Practitioner, leela: Practitioner
) -> None:
    """A fortnight of other hours needs no second change."""
    do(a_week(doctor, a_row(), until=TODAY + 14 * DAY), leela)
    assert stored(doctor) == [
        (dt.date(2026, 1, 1), TODAY, 6),
        (TODAY + DAY, TODAY + 14 * DAY, 1),
        (TODAY + 15 * DAY, None, 6),
    ]


def test_hours_that_were_planned_are_replaced(doctor: Practitioner, leela: Practitioner) -> None:
    """Two plans never hold on the same day, and one that comes after the new hours stays."""
    do(a_week(doctor, a_row(), first=TODAY + 10 * DAY), leela)
    do(a_week(doctor, a_row(), a_row(3), until=TODAY + 4 * DAY), leela)
    assert stored(doctor)[1:] == [
        (TODAY + DAY, TODAY + 4 * DAY, 2),
        (TODAY + 5 * DAY, TODAY + 9 * DAY, 6),
        (TODAY + 10 * DAY, None, 1),
    ]
    do(a_week(doctor, a_row(4)), leela)
    assert stored(doctor)[1:] == [(TODAY + DAY, None, 1)]


def test_a_week_without_hours_can_be_had(doctor: Practitioner, leela: Practitioner) -> None:
    """A long absence is a week with nothing in it."""
    do(a_week(doctor), leela)
    assert free(days=30) == {}


def test_every_time_that_falls_outside_is_met(
    doctor: Practitioner, leela: Practitioner, book: Callable[..., Appointment]
) -> None:
    """Booked, offered and held ones, while they count; not those inside, past, or of others."""
    other = a_doctor_with_hours(name="Dr Zoya Shah", email="zoya@example.org")
    book(doctor)
    book(doctor, TOMORROW_AT_9 + 60 * MINUTE)
    book(doctor, TOMORROW_AT_9 + DAY)
    book(doctor, TOMORROW_AT_9 - DAY + 150 * MINUTE)
    book(other)
    request = a_request(person={"phone": "+919876543299"})
    with transaction() as session:
        details = visit_details(TOMORROW_AT_9 + 2 * DAY, status="held")
        until = NOW + 30 * MINUTE
        visit = Appointment(
            request_id=request.id, practitioner_id=doctor.id, held_until=until, **details
        )
        session.add(visit)
    draft = enquiry.find(enquiry.start(the_pack(), "en", "self", NOW), the_pack().id, NOW)
    assert draft
    with transaction() as session:
        choice = a_choice(doctor.id, TOMORROW_AT_9 + 30 * MINUTE)
        hold(session, draft.id, offered(choice, NOW), NOW + 10 * MINUTE, NOW)
    change = a_week(doctor, a_row())
    assert met(change) == [
        "booked Wed 09:00",
        "held Wed 09:30",
        "booked Thu 09:00",
        "offered Fri 09:00",
    ]
    assert met(change, NOW + 11 * MINUTE) == [
        "booked Wed 09:00",
        "booked Thu 09:00",
        "offered Fri 09:00",
    ]
    assert met(change, NOW + 31 * MINUTE) == ["booked Wed 09:00", "booked Thu 09:00"]
    until_tomorrow = a_week(doctor, a_row(), until=TODAY + DAY)
    assert met(until_tomorrow, NOW + 31 * MINUTE) == ["booked Wed 09:00"]
    names = {each.practitioner for each in hours.preview(change, NOW).met}
    assert names == {"Dr Arun Rao"}


def test_a_booking_made_meanwhile_stops_the_change(
    doctor: Practitioner, leela: Practitioner, book: Callable[..., Appointment]
) -> None:
    """Nothing is written; the fresh preview names the visit, and can be confirmed."""
    change = a_week(doctor, a_row())
    seen = hours.preview(change, NOW)
    visit = book(doctor)
    before, logged = stored(doctor), number_of(AuditEvent)
    with pytest.raises(AlreadyChanged):
        hours.save(change, seen.digest, leela, NOW)
    assert (stored(doctor), number_of(AuditEvent)) == (before, logged)
    fresh = hours.preview(change, NOW)
    assert [each.reference for each in fresh.met] == [visit.request.reference]
    hours.save(change, fresh.digest, leela, NOW)
    assert stored(doctor) != before
    stands = db.session.get(Appointment, visit.id)
    assert stands
    assert stands.status == "booked"


def number_of(model: type[AuditEvent | Schedule]) -> int:
    """How many rows there are."""
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_a_booking_that_the_change_does_not_meet_does_not_stop_it(
    doctor: Practitioner, leela: Practitioner, book: Callable[..., Appointment]
) -> None:
    """A manager of a busy clinic gets something done, too."""
    change = a_week(doctor, a_row())
    seen = hours.preview(change, NOW)
    book(doctor, TOMORROW_AT_9 + 60 * MINUTE)
    hours.save(change, seen.digest, leela, NOW)


def test_another_change_is_not_what_was_seen(
    doctor: Practitioner, leela: Practitioner, book: Callable[..., Appointment]
) -> None:
    """One that was filled in otherwise, a visit that moved, hours that a colleague changed."""
    visit = book(doctor)
    change = a_week(doctor, a_row())
    seen = hours.preview(change, NOW).digest
    with pytest.raises(AlreadyChanged):
        hours.save(a_week(doctor, a_row(kept=1)), seen, leela, NOW)
    choice = a_choice(doctor.id, TOMORROW_AT_9 + 30 * MINUTE)
    booking.move(visit.id, choice, visit.version, leela, NOW, ZONE)
    with pytest.raises(AlreadyChanged):
        hours.save(change, seen, leela, NOW)
    seen = hours.preview(change, NOW).digest
    do(a_week(doctor, a_row(), until=TODAY + 3 * DAY), leela)
    with pytest.raises(AlreadyChanged):
        hours.save(change, seen, leela, NOW)
    seen = hours.preview(change, NOW).digest
    with transaction() as session:
        session.execute(sa.update(Closure).values(told=False))
    hours.save(change, seen, leela, NOW)


def test_every_change_is_logged_without_names(doctor: Practitioner, leela: Practitioner) -> None:
    """An act and the id of what was changed; the log stays unbroken."""
    do(a_week(doctor, a_row()), leela)
    place = hours.ChangedPlace(None, "Thane", "2 Example Road", "", step_free=True, active=True)
    do(place, leela)
    do(a_closure(), leela)
    do(hours.EndedClosure(hours.closures(NOW)[0].id), leela)
    do(hours.Bookable(doctor.id, bookable=False), leela)
    events = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.number)).all()[-5:]
    acts = [event.action.split(" ") for event in events]
    assert [act for act, _ in acts] == [
        "hours-set",
        "place-add",
        "closure-add",
        "closure-end",
        "bookable-off",
    ]
    assert all(uuid.UUID(which) for _, which in acts)
    assert {event.actor_id for event in events} == {leela.id}
    assert audit.first_broken(db.session) is None


def a_closure(
    starts_at: dt.datetime = TOMORROW_AT_9,
    minutes: int = 60,
    person: Practitioner | None = None,
    place: uuid.UUID | None = None,
) -> NewClosures:
    """The clinic is closed for the first hour of tomorrow, or a place, or a person is."""
    ends_at = starts_at + minutes * MINUTE
    who = person.id if person else None
    return NewClosures((Closing(starts_at, ends_at, "Staff meeting", True, who, place),))


def test_a_closure_meets_its_own_visits_only(
    doctor: Practitioner, leela: Practitioner, book: Callable[..., Appointment]
) -> None:
    """Of the clinic all in its time, of a person or a place theirs."""
    zoya = a_doctor_with_hours(name="Dr Zoya Shah", email="zoya@example.org")
    book(doctor)
    book(zoya, TOMORROW_AT_9 + 30 * MINUTE)
    book(doctor, TOMORROW_AT_9 + 60 * MINUTE)
    assert met(a_closure()) == ["booked Wed 09:00", "booked Wed 09:30"]
    assert met(a_closure(person=zoya)) == ["booked Wed 09:30"]
    assert met(a_closure(place=a_place().id)) == ["booked Wed 09:00", "booked Wed 09:30"]
    assert met(a_closure(place=a_place("Thane").id)) == []
    assert met(a_closure(TOMORROW_AT_9 + 29 * MINUTE, 1)) == ["booked Wed 09:00"]
    assert met(a_closure(TOMORROW_AT_9 - MINUTE, 1)) == []


def test_closing_takes_times_away_until_it_is_taken_away(
    doctor: Practitioner, leela: Practitioner
) -> None:
    """The same times come back."""
    before = free()
    do(a_closure(), leela)
    assert free()[TODAY + DAY][0] == "10:00"
    ended = hours.EndedClosure(hours.closures(NOW)[0].id)
    do(ended, leela)
    assert free() == before
    with pytest.raises(NotFound):
        hours.preview(ended, NOW)


def test_what_is_closed_already_is_known(doctor: Practitioner, leela: Practitioner) -> None:
    """By a closure of the same or of the whole clinic that holds all of it."""
    own, clinic = a_closure(person=doctor).closings[0], a_closure().closings[0]
    do(a_closure(person=doctor), leela)
    known = hours.closures(NOW)
    assert hours.closed_already(own, known)
    assert not hours.closed_already(clinic, known)
    assert not hours.closed_already(a_closure(minutes=61, person=doctor).closings[0], known)
    do(a_closure(), leela)
    assert hours.closed_already(a_closure(place=a_place().id).closings[0], hours.closures(NOW))


def test_a_place_that_is_given_up_shows_the_visits_there(
    doctor: Practitioner, leela: Practitioner, book: Callable[..., Appointment]
) -> None:
    """They stand, nothing new is offered there, and they are on the list of the desk."""
    visit = book(doctor)
    place = a_place()
    given_up = hours.ChangedPlace(
        place.id, place.name, place.address, "", step_free=True, active=False
    )
    assert met(given_up) == ["booked Wed 09:00"]
    assert hours.who_is_there(TODAY, place_id=place.id) == ["Dr Arun Rao"]
    do(given_up, leela)
    assert free() == {}
    assert [(each.visit.id, each.why) for each in hours.outside(NOW)] == [(visit.id, "hours")]


def test_a_kind_that_is_given_up_shows_its_visits(
    doctor: Practitioner, leela: Practitioner, book: Callable[..., Appointment]
) -> None:
    """They stand as they are, and nobody must call them: the doctor is there."""
    book(doctor)
    other = a_kind(20)
    assert met(a_changed_kind(active=False)) == ["booked Wed 09:00"]
    assert met(a_changed_kind(id=other.id, name="Other")) == []
    do(a_changed_kind(active=False), leela)
    assert free() == {}
    assert hours.outside(NOW) == []


def test_a_kind_of_another_length_changes_new_visits_only(
    doctor: Practitioner, leela: Practitioner, book: Callable[..., Appointment]
) -> None:
    """What is booked keeps its end, and the free times have the new length."""
    visit = book(doctor)
    do(a_changed_kind(minutes=60), leela)
    assert free()[TODAY + DAY] == ["10:00", "11:00", "12:00"]
    stands = db.session.get(Appointment, visit.id)
    assert stands
    assert stands.ends_at - stands.starts_at == 30 * MINUTE


def a_changed_kind(**changes: object) -> hours.ChangedKind:
    """The kind of visit that doctors have here, with some values changed."""
    usual = {
        "id": KIND_ID,
        "name": "Visit of 30 minutes",
        "minutes": 30,
        "buffer_before": 0,
        "buffer_after": 0,
        "fee": None,
        "lead_minutes": 120,
        "horizon_days": 60,
        "for_patients": True,
        "active": True,
    }
    return hours.ChangedKind(**{**usual, **changes})  # type: ignore[arg-type]  # named one by one


def test_lead_and_horizon_of_a_kind_bind_patients(
    doctor: Practitioner, leela: Practitioner
) -> None:
    """From the moment that they are saved."""
    do(a_changed_kind(lead_minutes=24 * 60, horizon_days=2), leela)
    seeker = booking.Seeker(Level.routine)
    found = booking.free(booking.practitioners(), TODAY, 7, NOW, seeker)
    assert [day for day, _ in found] == [TODAY + DAY, TODAY + 2 * DAY]
    assert found[0][1][0].visit.start == NOW + DAY


def test_who_takes_no_visits_keeps_those_that_are_booked(
    doctor: Practitioner, leela: Practitioner, book: Callable[..., Appointment]
) -> None:
    """They are shown before; switched on again, the hours are as they were."""
    book(doctor)
    before = free()
    off = hours.Bookable(doctor.id, bookable=False)
    assert met(off) == ["booked Wed 09:00"]
    do(off, leela)
    assert free() == {}
    assert hours.outside(NOW) == []
    on = hours.Bookable(doctor.id, bookable=True)
    assert met(on) == []
    do(on, leela)
    assert free() == before


def test_visits_outside_are_listed_with_the_reason(
    doctor: Practitioner, leela: Practitioner, book: Callable[..., Appointment]
) -> None:
    """No hours, a closure, or a person who has left; what is inside or over is not there."""
    zoya = a_doctor_with_hours(name="Dr Zoya Shah", email="zoya@example.org")
    early, late = book(doctor), book(doctor, TOMORROW_AT_9 + 90 * MINUTE)
    hers = book(zoya, TOMORROW_AT_9 + 30 * MINUTE)
    book(doctor, TOMORROW_AT_9 + 150 * MINUTE)
    assert hours.outside(NOW) == []
    do(a_week(doctor, a_row()), leela)
    do(a_closure(TOMORROW_AT_9 + 100 * MINUTE, 10, doctor), leela)
    staff.deactivate(zoya.email, NOW)
    found = [(each.visit.id, each.why) for each in hours.outside(NOW)]
    assert found == [(early.id, "hours"), (hers.id, "person"), (late.id, "closed")]
    assert [each.why for each in hours.outside(NOW + DAY)] == []


def test_who_cannot_have_hours_is_not_found(leela: Practitioner) -> None:
    """Neither somebody at the desk, nor nobody."""
    for which in (leela.id, uuid.uuid4()):
        with pytest.raises(NotFound):
            hours.preview(NewWeek(which, TODAY, None, "Asia/Kolkata", ()), NOW)
    assert hours.people() == []


def test_new_places_and_kinds_can_have_hours_at_once(
    app: Flask, doctor: Practitioner, leela: Practitioner
) -> None:
    """From an empty clinic to free times in three changes."""
    place = hours.ChangedPlace(None, "Thane", "2 Example Road", "", step_free=True, active=True)
    do(place, leela)
    do(a_changed_kind(id=None, name="Short visit", minutes=20, buffer_after=10), leela)
    thane = next(each for each in hours.places() if each.name == "Thane")
    short = next(each for each in hours.kinds() if each.name == "Short visit")
    row = Row(2, dt.time(17), dt.time(18), thane.id, short.id, 1, dt.time(12))
    do(a_week(doctor, row), leela)
    assert free()[TODAY + DAY] == ["17:00", "17:30"]


FIXED = {"01-26", "02-19", "05-01", "08-15", "10-02", "12-25"}


@pytest.mark.parametrize("year", [2026, 2027])
def test_the_public_holidays_of_maharashtra(year: int) -> None:
    """Those on fixed dates, each day once, with names that patients can read."""
    found = hours.public_holidays(year)
    days = [holiday.day for holiday in found]
    assert days == sorted(set(days))
    assert {f"{day:%m-%d}" for day in days} >= FIXED
    assert {day.year for day in days} == {year}
    assert all(re.fullmatch(r"[\w .,'()-]+", holiday.name) for holiday in found)
    assert not any("estimated" in holiday.name for holiday in found)


def test_holidays_that_the_moon_decides_are_marked() -> None:
    """Certain ones are not, nor is a day on which a certain one falls as well."""
    estimated = {each.name: each.estimated for each in hours.public_holidays(2027)}
    assert [name for name, is_estimated in estimated.items() if is_estimated] == [
        "Id-ul-Fitr",
        "Id-ul-Zuha (Bakrid)",
        "Muharram",
    ]
    assert not estimated["Independence Day, Milad-un-Nabi, Parsi New Year (Shahenshahi)"]
    assert not any(each.estimated for each in hours.public_holidays(2026))
