"""Choosing a time with the enquiry: it is kept, booked when sent, and lost in plain words."""

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from app import free_times
from app.domain.level import Level
from app.records import db, transaction
from app.records.enquiry import Draft
from app.records.schedule import Appointment, Hold, Schedule, Slot
from app.records.staff import Practitioner
from app.workflow import booking
from tests.builders import NOW, a_choice, a_doctor_with_hours, a_request, a_staff_member
from tests.patient.sent import the_one_sent
from tests.patient.test_emergency import PRESSED_NERVES
from tests.patient.test_enquiry import AFTER_CANCER, NUMB_LEG
from tests.people import Page, Patient, filled_in

MINUTE = dt.timedelta(minutes=1)
PHONES = itertools.count(10)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is 11:30 am on a Tuesday at the clinic, and stands still."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def doctor(app: Flask, clock: time_machine.Traveller) -> Practitioner:
    """Sees patients from 9 to 1, every half hour, and patients book two hours ahead or more."""
    with app.app_context():
        return a_doctor_with_hours(
            kind={"fee": 1500}, hours={"kept_for_urgent": 1, "released_at": dt.time(8)}
        )


@pytest.fixture
def asha(app: Flask, doctor: Practitioner, clock: time_machine.Traveller) -> Patient:
    """A patient without danger signs, at the page of times."""
    return arrives(app, clock)


def arrives(
    app: Flask, clock: time_machine.Traveller, until: str = "time", **given: str
) -> Patient:
    """Somebody who took a minute to come to this page."""
    patient = Patient(app.test_client())
    patient.begins()
    clock.shift(MINUTE)
    patient.answers(until, **{"phone": f"98765 432{next(PHONES)}", **given})
    return patient


def tiles(page: Page) -> list[str]:
    """The times that can be chosen, as they are sent."""
    values = [each.attributes["value"] for each in page.top.all("input") if named_time(each)]
    return [value for value in values if value != "none"]


def named_time(each: object) -> bool:
    """Whether an input is one of the choices."""
    return getattr(each, "attributes", {}).get("name") == "time"


def visits(app: Flask) -> list[Appointment]:
    """Every stored visit."""
    with app.app_context():
        return list(db.session.scalars(sa.select(Appointment)))


def cells_of(app: Flask) -> int:
    """How many cells are taken."""
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count(Slot.id))) or 0


def test_the_page_says_zone_fee_who_where_and_two_days(asha: Patient) -> None:
    """Zone and fee come first, then who and whether there are steps, then times by day."""
    assert asha.page.h1 == "Choose a time to visit"
    text = asha.page.text
    assert "All times are Mumbai time (IST)." in text
    assert "A visit takes about 30 minutes and costs ₹1,500." in text
    assert "Dr Arun Rao Example Road, 1 Example Road, Mumbai. Step-free." in text
    legends = [each.text for each in asha.page.top.all("legend")]
    # Of today nothing is left two hours ahead; the last visit of each day is for urgent requests.
    assert legends == [
        "Tomorrow, Wednesday 25 November",
        "Thursday 26 November",
        "None of these suit me",
    ]
    assert len(tiles(asha.page)) == 14
    assert "108" not in text


def test_later_days_are_a_link_and_end_at_the_horizon(asha: Patient) -> None:
    """A GET that changes nothing, through to the last day that can be booked."""
    seen = set()
    while "Show later days" in asha.page.links():
        asha.get(asha.page.links()["Show later days"])
        seen.update(tiles(asha.page))
        assert len(seen) < 800
    last = max(free_times.read(value).starts_at for value in seen)  # type: ignore[union-attr]
    assert NOW + dt.timedelta(days=59) < last < NOW + dt.timedelta(days=61)
    asha.get(asha.page.links()["Back to the first free times"])
    assert len(tiles(asha.page)) == 14


def test_a_chosen_time_is_kept_shown_and_booked(
    app: Flask, asha: Patient, doctor: Practitioner, clock: time_machine.Traveller
) -> None:
    """Kept for ten minutes, to be changed on the check page, and a visit when it is sent."""
    chosen = tiles(asha.page)[2]
    asha.continues(time=chosen)
    assert asha.at == "check"
    assert "Wednesday 25 November 2026, 10:00 am, Dr Arun Rao" in asha.page.text
    assert "Kept for you until 11:41 am" in asha.page.text
    assert cells_of(app) == 6
    asha.get(asha.page.links()["Change time"])
    assert chosen in tiles(asha.page)
    asha.continues()
    asha.continues(consent="yes", email="asha@example.org")
    assert asha.page.h1 == "Your visit is booked"
    assert "Wednesday 25 November 2026, 10:00 am" in asha.page.text
    assert "Dr Arun Rao" in asha.page.text
    (visit,) = visits(app)
    assert (visit.status, visit.practitioner_id) == ("booked", doctor.id)
    sent = the_one_sent(app)
    assert (sent.status, set(sent.history)) == ("booked", {"submit", "book"})
    assert cells_of(app) == 6
    with app.app_context():
        assert db.session.scalars(sa.select(Hold)).all() == []
    # Pressing again changes nothing.
    asha.opens("check")
    assert asha.at == "received"
    assert len(visits(app)) == 1


def test_with_a_visit_one_mail_is_enough(
    app: Flask, doctor: Practitioner, clock: time_machine.Traveller
) -> None:
    """“Visit on …” has the reference, too."""
    asha = arrives(app, clock, email="asha@example.org")
    asha.continues(time=tiles(asha.page)[0])
    asha.continues(consent="yes")
    assert the_one_sent(app).messages == ["booked", "new-request"]


def test_another_choice_takes_the_place_of_the_first(app: Flask, asha: Patient) -> None:
    """One draft keeps one time."""
    first, second, *_ = tiles(asha.page)
    asha.continues(time=first)
    asha.opens("time")
    asha.continues(time=second)
    assert cells_of(app) == 6
    other = Patient(app.test_client())
    other.begins()
    with app.app_context():
        (draft, *_) = db.session.scalars(sa.select(Draft))
        assert draft.person["time"] == "kept"


def test_who_finds_nothing_that_suits_is_called(app: Flask, asha: Patient) -> None:
    """The last choice; the desk then finds a time."""
    asha.continues(422)
    assert "Select a time, or select “Call me to find a time”" in asha.page.text
    asha.continues(422, time="x")
    asha.continues(time="none")
    assert "We call you to find a time" in asha.page.text
    asha.continues(consent="yes")
    assert asha.page.h1 == "We got your request"
    assert the_one_sent(app).status == "with-desk"
    assert visits(app) == []


def test_without_any_free_time_the_way_on_is_said(
    app: Flask, clock: time_machine.Traveller
) -> None:
    """Words, the days to come, and one button."""
    asha = arrives(app, clock)
    assert "No free times in the 14 days from 24 November 2026" in asha.page.text
    assert "We phone you to find a time, within 3 working days" in asha.page.text
    asha.continues()
    assert asha.at == "check"


def test_a_time_that_somebody_else_keeps_is_not_shown_and_cannot_be_had(
    app: Flask, asha: Patient, clock: time_machine.Traveller
) -> None:
    """The slower one gets the page back, in words, with the nearest free times first."""
    slow = arrives(app, clock)
    chosen = tiles(slow.page)[2]
    asha.continues(time=chosen)
    slow.continues(409, time=chosen)
    assert "Somebody took 10:00 am on Wed 25 Nov a moment ago" in slow.page.text
    nearest = next(slow.page.top.all("fieldset"))
    assert "Nearest free times" in nearest.text
    assert "9:30 am" in nearest.text
    assert "10:30 am" in nearest.text
    assert chosen not in tiles(slow.page)
    slow.continues(time=tiles(slow.page)[0])
    assert slow.at == "check"


def test_a_hold_that_is_over_gives_way(
    app: Flask, asha: Patient, clock: time_machine.Traveller
) -> None:
    """After ten minutes anybody may take it, and who was slower is told when sending.

    The request is stored nevertheless, and another time can be chosen for it.
    """
    chosen = tiles(asha.page)[2]
    asha.continues(time=chosen)
    clock.shift(11 * MINUTE)
    asha.opens("check")
    assert "No longer kept for you. When you send, we book it if it is still free" in asha.page.text
    other = arrives(app, clock)
    other.continues(time=chosen)
    asha.continues(consent="yes")
    assert asha.page.h1 == "Choose another time"
    sent = the_one_sent(app)
    assert sent.reference in asha.page.text
    assert "10:00 am on Wed 25 Nov is gone. Please choose another time" in asha.page.text
    assert (sent.status, set(sent.history)) == ("with-desk", {"submit", "lose-time"})
    assert visits(app) == []
    asha.opens("received")
    asha.get(asha.page.links()["Choose another time"])
    asha.continues(409, time=chosen)
    asha.continues(time=tiles(asha.page)[0])
    assert asha.page.h1 == "Your visit is booked"
    assert set(the_one_sent(app).history) == {"submit", "lose-time", "book"}
    assert len(visits(app)) == 1
    asha.opens("time")
    assert asha.at == "received"


def test_a_hold_that_is_over_is_taken_again_if_nobody_wanted_it(
    app: Flask, asha: Patient, clock: time_machine.Traveller
) -> None:
    """Also when the worker has swept its cells meanwhile."""
    asha.continues(time=tiles(asha.page)[2])
    clock.shift(11 * MINUTE)
    app.extensions["worker"].sweep()
    assert cells_of(app) == 0
    asha.opens("check")
    asha.continues(consent="yes")
    assert asha.page.h1 == "Your visit is booked"
    assert cells_of(app) == 6


def test_a_kept_time_may_come_nearer_than_patients_may_book(
    app: Flask, doctor: Practitioner, clock: time_machine.Traveller
) -> None:
    """Two hours ahead counts when it is chosen, not when it is sent."""
    clock.move_to(NOW.replace(hour=1, minute=27))
    asha = arrives(app, clock)
    first = tiles(asha.page)[0]
    assert "T03:30Z" in first
    asha.continues(time=first)
    clock.shift(9 * MINUTE)
    asha.opens("check")
    asha.continues(consent="yes")
    assert asha.page.h1 == "Your visit is booked"


@pytest.mark.parametrize("closed", [True, False])
def test_a_time_that_is_offered_no_more_is_lost_with_the_hold(
    app: Flask, asha: Patient, doctor: Practitioner, closed: bool
) -> None:
    """The hours may have changed while somebody finished the enquiry."""
    asha.continues(time=tiles(asha.page)[2])
    with app.app_context(), transaction() as session:
        session.execute(
            sa.delete(Schedule) if closed else sa.update(Schedule).values(opens=dt.time(9, 10))
        )
    asha.opens("check")
    asha.continues(consent="yes")
    assert asha.page.h1 == "Choose another time"
    assert set(the_one_sent(app).history) == {"submit", "lose-time"}
    assert cells_of(app) == 0


def test_an_emergency_sees_no_times_and_gives_up_what_was_kept(app: Flask, asha: Patient) -> None:
    """Also when it is told after a time was chosen, and never again in that enquiry."""
    asha.continues(time=tiles(asha.page)[2])
    assert cells_of(app) == 6
    asha.opens("danger-signs")
    asha.answers("emergency", **PRESSED_NERVES)
    assert cells_of(app) == 0
    asha.opens("time")
    assert asha.at != "time"
    # Going on and taking it back does not bring the times back: a person calls.
    asha.opens("danger-signs")
    asha.continues(**{"danger-signs": ["none"]})
    asha.answers("check")
    fields = filled_in(asha.page.form(None)).to_dict()
    chosen = f"{a_value(app)}"
    asha.post(f"{asha.place}/time", {**fields, "time": chosen})
    assert asha.at == "check"
    asha.continues(consent="yes")
    assert visits(app) == []


def a_value(app: Flask) -> str:
    """A tile that the page would show to others."""
    with app.app_context():
        (doctor,) = booking.practitioners()
        nine = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
        return free_times.written(a_choice(doctor.id, nine))


def test_going_on_after_the_emergency_page_never_books(
    app: Flask, asha: Patient, clock: time_machine.Traveller
) -> None:
    """The phone number is stored as an emergency; what follows is no booking."""
    asha.continues(time=tiles(asha.page)[2])
    asha.opens("danger-signs")
    asha.answers("emergency", **PRESSED_NERVES)
    asha.send(f"{asha.place}/emergency", phone="98765 43210")
    asha.send(f"{asha.place}/emergency/go-on")
    asha.answers("received")
    sent = the_one_sent(app)
    assert (sent.level, sent.status) == (Level.emergency, "with-doctor")
    assert visits(app) == []
    assert cells_of(app) == 0


def test_who_wants_a_call_after_all_gives_the_time_up(app: Flask, asha: Patient) -> None:
    """It is free for others at once."""
    asha.continues(time=tiles(asha.page)[2])
    asha.opens("advice")
    asha.continues(wanted="call")
    assert asha.at == "check"
    assert cells_of(app) == 0
    assert "Change time" not in asha.page.links()


def test_urgent_people_see_today_and_what_is_kept_for_them(
    app: Flask,
    doctor: Practitioner,
    clock: time_machine.Traveller,
    answer_urgently: Callable[..., Patient],
) -> None:
    """With the line not to wait; the visit stands while a doctor reviews the request."""
    clock.move_to(NOW.replace(hour=1))
    asha = answer_urgently()
    legends = [each.text for each in asha.page.top.all("legend")]
    assert legends[:2] == ["Today, Tuesday 24 November", "Tomorrow, Wednesday 25 November"]
    assert "If it gets worse, do not wait: 108" in asha.page.text
    # 8 on each day with the kept one.
    assert len(tiles(asha.page)) == 16
    asha.continues(time=tiles(asha.page)[7])
    asha.continues(consent="yes")
    assert asha.page.h1 == "Your visit is booked"
    assert "We phone 98765" in asha.page.text
    assert "Your visit stands, unless the doctor asks you to come earlier" in asha.page.text
    sent = the_one_sent(app)
    assert (sent.level, sent.status) == (Level.urgent, "with-doctor")
    assert set(sent.history) == {"submit", "book"}
    assert [visit.status for visit in visits(app)] == ["booked"]


def test_kept_times_are_for_everybody_after_the_set_hour(
    app: Flask, doctor: Practitioner, clock: time_machine.Traveller
) -> None:
    """From 8 am on, what no urgent request took that day."""
    clock.move_to(NOW.replace(hour=2, minute=28))
    asha = arrives(app, clock)
    before = [value for value in tiles(asha.page) if "2026-11-24" in value]
    clock.move_to(NOW.replace(hour=2, minute=31))
    asha.opens("time")
    after = [value for value in tiles(asha.page) if "2026-11-24" in value]
    assert not any(value.endswith("T07:00Z") for value in before)
    assert after[-1].endswith("T07:00Z")
    asha.continues(time=after[-1])
    assert asha.at == "check"


def test_what_was_kept_for_urgent_is_lost_when_it_is_not_urgent(
    app: Flask,
    doctor: Practitioner,
    clock: time_machine.Traveller,
    answer_urgently: Callable[..., Patient],
) -> None:
    """Answers that are changed after choosing are judged when they are sent."""
    clock.move_to(NOW.replace(hour=1))
    asha = answer_urgently()
    asha.continues(time=next(value for value in tiles(asha.page) if value.endswith("T07:00Z")))
    asha.opens("nerve-signs")
    asha.continues(**{"nerve-signs": "none"})
    asha.answers("check")
    asha.continues(consent="yes")
    assert "12:30 pm on Tue 24 Nov is gone" in asha.page.text
    assert the_one_sent(app).level < Level.urgent
    assert visits(app) == []


@pytest.fixture
def answer_urgently(app: Flask, clock: time_machine.Traveller) -> Callable[..., Patient]:
    """Somebody with a numb leg who has had cancer, at the page of times."""

    def answered(**given: str) -> Patient:
        return arrives(app, clock, **{**NUMB_LEG, **AFTER_CANCER, **given})

    return answered


def test_odd_choices_are_refused_in_words(app: Flask, asha: Patient) -> None:
    """Made-up times, times of nobody, and no times at all."""
    who, kind, _ = tiles(asha.page)[0].split()
    odd = [
        f"{who} {kind} 2026-11-25T03:31Z",
        f"{who} {kind} 2020-11-25T03:30Z",
        f"{who} {kind} 9998-11-25T03:30Z",
        f"{kind} {who} 2026-11-25T03:30Z",
    ]
    for value in odd:
        asha.continues(409, time=value)
        assert "not offered any more" in asha.page.text
    for value in ("", "\0", "none none", f"{who} {kind} 2026-11-25", "x" * 5000):
        asha.continues(422, time=value)
    for start in ("x", "0001-01-01", "9999-12-31", "2026-11-24T00:00", "\0"):
        asha.get(f"{asha.place}/time?from={start}".replace("\0", "%00"))
    assert cells_of(app) == 0


def test_whoever_may_not_choose_is_led_on(app: Flask, doctor: Practitioner) -> None:
    """Without a draft, before the contact page, and without the wish for a visit."""
    asha = Patient(app.test_client())
    asha.opens("time")
    assert asha.at == ""
    asha.begins()
    asha.opens("time")
    assert asha.at == "danger-signs"
    asha.answers("check", wanted="call")
    asha.opens("time")
    assert asha.at == "check"


def test_the_desk_is_not_bound_by_what_a_patient_keeps_for_ever(
    app: Flask, asha: Patient, doctor: Practitioner, clock: time_machine.Traveller
) -> None:
    """A hold that is over is no obstacle for a colleague."""
    chosen = tiles(asha.page)[2]
    asha.continues(time=chosen)
    clock.shift(11 * MINUTE)
    with app.app_context():
        request = a_request()
        choice = free_times.read(chosen)
        assert choice is not None
        zone = app.extensions["settings"].clinic_zone
        at = NOW + 12 * MINUTE
        meera = a_staff_member()
        booking.book(request.reference, choice, request.version, meera, at, zone)
    assert cells_of(app) == 6


@pytest.mark.databases("sqlite")
def test_the_page_costs_the_same_queries_however_full_the_diary(
    app: Flask, asha: Patient, clock: time_machine.Traveller
) -> None:
    """No query per day, doctor, visit or hold, and none that reads past visits."""
    seen: list[tuple[str, Any]] = []
    with app.app_context():
        engine = db.engine
    sa.event.listen(
        engine, "before_cursor_execute", lambda *given: seen.append((given[2], given[3]))
    )
    numbers = []
    for _ in range(2):
        seen.clear()
        asha.opens("time")
        numbers.append(len(seen))
        other = arrives(app, clock)
        other.continues(time=tiles(other.page)[0])
        with app.app_context():
            a_doctor_with_hours(email=f"doctor{len(numbers)}@example.org")
    assert numbers[0] == numbers[1] <= 10
    reads = [each for each in seen if " slot" in each[0] and each[0].startswith("SELECT")]
    assert reads
    with engine.connect() as connection:
        for statement, values in reads:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            steps = [row.detail for row in plan]
            assert not [step for step in steps if step.startswith("SCAN")], steps
