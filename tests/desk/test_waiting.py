"""The desk and the waiting list: who waits, what is kept, and what people say on the phone."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask

from app.domain.level import Level
from app.workflow import booking, staff
from tests import builders
from tests.builders import NOW, a_choice, a_doctor_with_hours, a_request
from tests.people import Page, Receptionist

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
NINE = dt.datetime(2026, 11, 27, 3, 30, tzinfo=dt.UTC)
"""Friday at 9 am in Mumbai."""
LIST = "/desk/waiting-list"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """The clock stands still, on a Tuesday at 11:30 am in Mumbai."""
    with time_machine.travel(NOW, tick=False) as found:
        yield found


@pytest.fixture
def meera(app: Flask) -> Receptionist:
    """A receptionist at work."""
    return Receptionist.at_work(app)


@pytest.fixture
def rao(app: Flask) -> uuid.UUID:
    """A doctor who can be visited."""
    with app.app_context():
        return a_doctor_with_hours(closes=dt.time(17), email="rao@example.org").id


def somebody(app: Flask, level: Level = Level.soon, **person: Any) -> str:
    """The reference of a request."""
    with app.app_context():
        return a_request(level, at=NOW - HOUR, person=person).reference


def a_freed_time(app: Flask, meera: Receptionist, doctor: uuid.UUID) -> None:
    """Somebody cancels Friday at nine."""
    reference = somebody(app, name="Vikram Rao", phone="+919876543215")
    with app.app_context():
        by, zone = staff.by_email(meera.email), app.extensions["settings"].clinic_zone
        assert by
        visit = booking.book(reference, a_choice(doctor, NINE), 1, by, NOW, zone)
        booking.cancel(visit.id, visit.version, by, NOW, builders.the_clinic())


def waits(meera: Receptionist, reference: str, status: int = 200, **given: str) -> Page:
    """Put a request on the list, by way of its page."""
    page = meera.opens(reference)
    meera.get(page.links()["Put on the waiting list"])
    return meera.send(f"/desk/requests/{reference}/wait", status, **given)


def action_of(page: Page, answer: str) -> str:
    """Where the press goes that says what somebody thinks of the first time on offer."""
    actions = [each.attributes.get("action", "") for each in page.top.all("form")]
    return next(action for action in actions if action.endswith(f"/{answer}"))


def answers(meera: Receptionist, page: Page, answer: str) -> Page:
    """Press it."""
    return meera.send(action_of(page, answer))


def test_a_request_is_put_on_the_list_and_taken_off(
    app: Flask, meera: Receptionist, rao: uuid.UUID
) -> None:
    """With the wish for a doctor and the last day that helps; the place shows on both pages."""
    reference = somebody(app, name="Asha Patil", phone="+919876543211")
    page = waits(meera, reference, practitioner=str(rao), until="2026-12-04")
    assert "On the waiting list since 11:30 am." in page.text
    assert "put it on the waiting list" in page.text
    page = meera.get(LIST)
    assert page.title.startswith("Waiting list: 1")
    row = next(page.top.all("tbody")).text
    for told in ("Asha Patil", "Soon", "Dr Arun Rao", "Fri 4 Dec", "No visit", "98765 43211"):
        assert told in row
    page = meera.get(meera.opens(reference).links()["Change, or take off"])
    until = next(each for each in page.top.all("input") if each.attributes.get("id") == "until")
    assert until.attributes["value"] == "2026-12-04"
    page = meera.send(f"/desk/requests/{reference}/stop-waiting")
    assert "took it off the waiting list" in page.text
    assert "Nobody waits." in meera.get(LIST).text


@pytest.mark.parametrize("until", ["x", "2026-11-23", "9999-12-31", "\0", "1" * 400])
def test_a_day_that_cannot_help_is_told_at_its_field(
    app: Flask, meera: Receptionist, rao: uuid.UUID, until: str
) -> None:
    """422; what was chosen is kept, and nobody is on the list."""
    reference = somebody(app)
    page = waits(meera, reference, 422, until=until, practitioner=str(rao))
    assert page.title.startswith("Error: ")
    chosen = [each for each in page.top.all("option") if "selected" in each.attributes]
    assert [each.text for each in chosen] == ["Dr Arun Rao"]
    assert "Nobody waits." in meera.get(LIST).text


def test_an_emergency_does_not_wait(app: Flask, meera: Receptionist) -> None:
    """There is no form, and a made-up one is refused."""
    reference = somebody(app, Level.emergency)
    assert "Put on the waiting list" not in meera.opens(reference).links()
    page = meera.get(f"/desk/requests/{reference}/wait")
    assert "An emergency must not wait for a visit." in page.text
    token = next(
        each.attributes["value"]
        for each in page.top.all("input")
        if each.attributes.get("name") == "csrf_token"
    )
    meera.post(f"/desk/requests/{reference}/wait", {"csrf_token": token}, 409)
    meera.get("/desk/requests/SPN-AAA-AAA/wait", 404)


def test_who_has_no_e_mail_is_called_and_takes_the_time(
    app: Flask, meera: Receptionist, rao: uuid.UUID
) -> None:
    """The list says whom to call until when; one press books."""
    reference = somebody(app, name="Asha Patil", phone="+919876543211")
    waits(meera, reference)
    a_freed_time(app, meera, rao)
    page = meera.get(LIST)
    offer = next(page.top.all("ol")).text
    for told in ("9:00 am", "Fri 27 Nov", "Asha Patil", "No e-mail: call", "answer until 1:40 pm"):
        assert told in offer
    assert "1 times offered, waiting for an answer" in next(page.top.all("header")).text
    page = answers(meera, page, "accept")
    assert "The visit is booked." in page.text
    assert "Nobody waits." in page.text
    page = meera.opens(reference)
    assert "Friday 27 November 2026, 9:00 am" in page.text
    assert "accepted the offered time" in page.text


def test_who_declines_stays_and_the_next_is_asked(
    app: Flask, meera: Receptionist, rao: uuid.UUID, clock: time_machine.Traveller
) -> None:
    """From the request's own page, too, where the press leads back."""
    first = somebody(app, name="Asha Patil", phone="+919876543211", email="asha@example.org")
    second = somebody(app, name="Imran Shaikh", phone="+919876543212")
    for reference in (first, second):
        waits(meera, reference)
        clock.shift(MINUTE)
    a_freed_time(app, meera, rao)
    page = meera.get(LIST)
    assert "No e-mail: call" not in page.text
    page = meera.opens(first)
    assert "A time is kept for them" in page.text
    page = answers(meera, page, "decline")
    assert page.path == f"/desk/requests/{first}"
    assert "declined the offered time" in page.text
    page = meera.get(LIST)
    assert "Imran Shaikh" in next(page.top.all("ol")).text
    assert page.title.startswith("Waiting list: 2")


def test_an_answer_that_comes_too_late_is_told_in_words(
    app: Flask, meera: Receptionist, rao: uuid.UUID, clock: time_machine.Traveller
) -> None:
    """409, and nothing is booked; answers that do not exist are not found."""
    reference = somebody(app)
    waits(meera, reference)
    a_freed_time(app, meera, rao)
    offer = action_of(meera.get(LIST), "accept")
    clock.shift(3 * HOUR)
    page = meera.sign_in()
    token = next(
        each.attributes["value"]
        for each in page.top.all("input")
        if each.attributes.get("name") == "csrf_token"
    )
    meera.post(offer, {"csrf_token": token, "version": "1"}, 409)
    assert "Booked" not in meera.opens(reference).text
    for path in (f"{uuid.uuid4()}/accept", f"{uuid.uuid4()}/take_off", "x/accept"):
        meera.post(f"{LIST}/{path}", {"csrf_token": token, "version": "1"}, 404)
