"""Programs get no times by themselves, and nobody who is caught by mistake loses anything."""

import datetime as dt

import pytest
import time_machine
from flask import Flask

from app.records.staff import Practitioner
from config import Settings
from tests import builders
from tests.builders import NOW
from tests.patient.sent import everything_sent, the_one_sent
from tests.patient.test_emergency import PRESSED_NERVES
from tests.patient.test_time import a_value, arrives, cells_of, clock, doctor, tiles, visits
from tests.people import Patient, Receptionist

__all__ = ["clock", "doctor"]
pytestmark = pytest.mark.databases("sqlite")
MINUTE = dt.timedelta(minutes=1)
VISITS, TIMES = 2, 5
BY_PHONE = "We find a time with you"


@pytest.fixture
def settings(database_url: str) -> Settings:
    """A clinic where few visits are chosen for one contact, and few times kept for one address."""
    return builders.settings(
        database_url=database_url, visits_per_contact=VISITS, times_per_address=TIMES
    )


def words_for_the_desk(app: Flask) -> str:
    """The page of the only request."""
    return Receptionist.at_work(app).opens(the_one_sent(app).reference).text


def test_who_answers_faster_than_anybody_reads_is_called(
    app: Flask, doctor: Practitioner, clock: time_machine.Traveller
) -> None:
    """No times, a request like any other, and a word for the desk."""
    program = Patient(app.test_client())
    program.begins()
    program.answers("time")
    assert program.page.h1 == BY_PHONE
    assert tiles(program.page) == []
    program.continues()
    program.continues(consent="yes")
    assert program.page.h1 == "We got your request"
    assert "All pages were answered within seconds" in words_for_the_desk(app)


def test_a_field_that_nobody_sees_gives_programs_away(
    app: Flask, doctor: Practitioner, clock: time_machine.Traveller
) -> None:
    """It is out of sight, out of the way of the keyboard, and costs nobody the request."""
    program = arrives(app, clock, "time", homepage="http://example.com")
    assert program.page.h1 == BY_PHONE
    program.continues(429, time=a_value(app))
    assert cells_of(app) == 0
    program.continues(time="none")
    program.continues(consent="yes")
    assert program.page.h1 == "We got your request"
    assert "A field that people do not see was filled in" in words_for_the_desk(app)


def test_people_are_not_taken_for_programs(
    app: Flask, doctor: Practitioner, clock: time_machine.Traveller
) -> None:
    """Who takes a minute leaves no word for the desk."""
    asha = arrives(app, clock)
    asha.continues(time=tiles(asha.page)[0])
    asha.continues(consent="yes")
    assert "Maybe a program" not in words_for_the_desk(app)


def test_an_emergency_is_stored_however_fast_it_was_told(app: Flask) -> None:
    """Traps have nothing to say there."""
    asha = Patient(app.test_client())
    asha.begins()
    asha.answers("emergency", **PRESSED_NERVES)
    asha.send(f"{asha.place}/emergency", phone="98765 43210")
    assert asha.page.h1 == "You need emergency care now"
    assert len(everything_sent(app)) == 1


def test_one_address_keeps_few_times_and_loses_no_request(
    app: Flask, doctor: Practitioner, clock: time_machine.Traveller
) -> None:
    """The page says that we call; ten minutes later it keeps times again."""
    people = [arrives(app, clock) for _ in range(TIMES + 1)]
    chosen = tiles(people[0].page)
    for number, person in enumerate(people[:TIMES]):
        person.continues(time=chosen[number])
    late = people[TIMES]
    late.continues(429, time=chosen[TIMES])
    assert "We cannot keep more times from here now" in late.page.text
    late.continues()
    late.continues(consent="yes")
    assert late.page.h1 == "We got your request"
    clock.shift(11 * MINUTE)
    other = arrives(app, clock)
    other.continues(time=chosen[TIMES])
    assert other.at == "check"


def test_few_visits_are_chosen_for_one_phone_number_and_none_is_lost(
    app: Flask, doctor: Practitioner, clock: time_machine.Traveller
) -> None:
    """A family shares a phone; beyond the limit the desk reads which time was wished for."""
    for _ in range(VISITS + 1):
        person = arrives(app, clock, phone="98765 43210")
        person.continues(time=tiles(person.page)[0])
        person.continues(consent="yes")
        clock.shift(11 * MINUTE)
    assert person.page.h1 == "We got your request"
    assert len(visits(app)) == VISITS
    last = everything_sent(app)[-1]
    assert (last.status, set(last.history)) == ("with-desk", {"submit", "withhold-time"})
    page = Receptionist.at_work(app).opens(last.reference)
    assert "asked for a time; this contact has many visits, so find one by phone" in page.text
    assert "Wed 25 Nov 2026, 10:00, Dr Arun Rao" in page.text
    assert cells_of(app) == VISITS * 6


def test_the_same_e_mail_counts_like_the_same_phone(
    app: Flask, doctor: Practitioner, clock: time_machine.Traveller
) -> None:
    """Whatever its letters look like; visits that are over count no longer."""
    emails = ["asha@example.org", "Asha@example.org", "ASHA@EXAMPLE.ORG"]
    for number, email in enumerate(emails):
        person = arrives(app, clock, email=email)
        person.continues(time=tiles(person.page)[number])
        person.continues(consent="yes")
    assert len(visits(app)) == VISITS
    clock.move_to(NOW + dt.timedelta(days=3))
    person = arrives(app, clock, email=emails[0])
    person.continues(time=tiles(person.page)[0])
    person.continues(consent="yes")
    assert person.page.h1 == "Your visit is booked"


def test_one_draft_does_not_keep_times_for_ever(
    app: Flask, doctor: Practitioner, clock: time_machine.Traveller
) -> None:
    """Choosing anew prolongs it, and that comes to an end."""
    asha = arrives(app, clock)
    times = tiles(asha.page)
    for number in range(10):
        asha.opens("time")
        asha.continues(time=times[number])
        clock.shift(9 * MINUTE)
    asha.opens("time")
    asha.continues(429, time=times[10])
    assert BY_PHONE in asha.page.h1
