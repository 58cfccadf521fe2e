"""The manager changes places and kinds of visit."""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.access import now
from app.workflow import booking, hours
from tests.builders import KIND_ID, a_doctor_with_hours, a_place, a_request, a_staff_member
from tests.manager.settings_page import digest_of, errors_of, typed_in
from tests.people import Manager

ZONE = ZoneInfo("Asia/Kolkata")
THANE: dict[str, Any] = {
    "name": "Thane",
    "address": "2 Example Road",
    "directions": "Second floor\nby the lift",
}
SHORT = {"name": "Short visit", "minutes": "20"}


@pytest.fixture
def leela(app: Flask) -> Manager:
    """The manager at work."""
    return Manager.at_work(app)


@pytest.fixture
def reference(app: Flask) -> str:
    """A visit that is booked at Example Road, the first that is free from tomorrow on."""
    with app.app_context():
        doctor, by, request = a_doctor_with_hours(), a_staff_member(), a_request(at=now())
        tomorrow = (now() + dt.timedelta(days=1)).astimezone(ZONE).date()
        _, offers = booking.free([doctor], tomorrow, 7, now())[0]
        booking.book(request.reference, offers[0].choice, request.version, by, now(), ZONE)
        return request.reference


@pytest.mark.parametrize(("what", "given"), [("places", THANE), ("visits", SHORT)])
def test_one_is_added_after_a_look(leela: Manager, what: str, given: dict[str, Any]) -> None:
    """Shown first, then saved, then on the list and in its form as it was typed."""
    action = f"/settings/{what}/new"
    leela.get(action)
    page = leela.send(action, **given)
    assert "No booked visit is met." in page.text
    assert given["name"] not in leela.client.get(f"/settings/{what}").text
    page = leela.send(action, digest=digest_of(page))
    assert f"{given['name']} is saved." in page.text
    address = page.links()[given["name"]]
    fields = typed_in(leela.get(address), address)
    assert {name: fields[name].replace("\r", "") for name in given} == given
    assert fields["active"] == "y"


@pytest.mark.parametrize(
    ("what", "given", "typed", "words"),
    [
        ("places", THANE, {"name": " "}, "Enter a name for the place"),
        ("places", THANE, {"name": "example road"}, "There is a place with this name already"),
        ("places", THANE, {"name": "x" * 81}, "Use 80 letters or fewer"),
        ("places", THANE, {"address": "\0"}, "Enter the address"),
        ("places", THANE, {"directions": "x" * 401}, "Use 400 letters or fewer"),
        ("visits", SHORT, {"name": ""}, "Enter a name for this kind of visit"),
        (
            "visits",
            SHORT,
            {"name": "VISIT of 30 minutes"},
            "There is a kind of visit with this name already",
        ),
        ("visits", SHORT, {"minutes": "4"}, "Enter the length in minutes, from 5 to 240"),
        ("visits", SHORT, {"minutes": ""}, "Enter the length in minutes, from 5 to 240"),
        (
            "visits",
            SHORT,
            {"buffer_before": "121"},
            "Enter the minutes before a visit, from 0 to 120",
        ),
        ("visits", SHORT, {"buffer_after": "a"}, "Enter the minutes after a visit, from 0 to 120"),
        ("visits", SHORT, {"fee": "₹ 1500"}, "Enter the fee in whole rupees, such as 1500"),
        ("visits", SHORT, {"lead_minutes": "-1"}, "Enter minutes, from 0 to 20160 (two weeks)"),
        ("visits", SHORT, {"horizon_days": "367"}, "Enter days, from 1 to 366"),
    ],
)
@pytest.mark.databases("sqlite")
def test_bad_input_is_told_at_its_field_and_kept(
    leela: Manager,
    reference: str,
    what: str,
    given: dict[str, Any],
    typed: dict[str, str],
    words: str,
) -> None:
    """With everything else that was typed."""
    action = f"/settings/{what}/new"
    leela.get(action)
    page = leela.send(action, 422, **{**given, **typed})
    assert list(errors_of(page).values()) == [words]
    fields = typed_in(page, action)
    for name, value in {**given, **typed}.items():
        assert fields[name].replace("\r", "") == value.strip("\0 ")


def test_a_kind_longer_than_its_hours_is_refused(leela: Manager, reference: str) -> None:
    """Nobody could be offered such a visit."""
    action = f"/settings/visits/{KIND_ID}"
    leela.get(action)
    page = leela.send(action, 422, minutes="241")
    page = leela.send(action, 200, minutes="240")
    assert "New visits take 240 minutes" in page.text


def test_a_kind_longer_than_short_hours_is_refused(app: Flask, leela: Manager) -> None:
    """The hours come first."""
    with app.app_context():
        a_doctor_with_hours(closes=dt.time(10))
    action = f"/settings/visits/{KIND_ID}"
    leela.get(action)
    page = leela.send(action, 422, minutes="61")
    words = "Some hours for this kind of visit last 60 minutes only: change those hours first"
    assert errors_of(page) == {"minutes": words}


@pytest.mark.parametrize("what", ["places", "visits"])
def test_giving_one_up_shows_the_visits_that_stand(
    app: Flask, leela: Manager, reference: str, what: str
) -> None:
    """And whose hours offer nothing any more; then nothing new can be booked."""
    with app.app_context():
        which: uuid.UUID = a_place().id if what == "places" else KIND_ID
    action = f"/settings/{what}/{which}"
    leela.get(action)
    page = leela.send(action, active=[])
    assert "1 booked visit" in page.text
    assert "Nothing is cancelled by itself." in page.text
    assert reference in page.text
    assert "The hours of Dr Arun Rao" in page.text
    page = leela.send(action, digest=digest_of(page))
    assert "Not in use" in page.text
    with app.app_context():
        assert booking.free(booking.practitioners(), now().date(), 14, now()) == []
        assert [each.why for each in hours.outside(now())] == (
            ["hours"] if what == "places" else []
        )


def test_two_managers_who_add_the_same_place(app: Flask, leela: Manager) -> None:
    """The second is told that something has changed, and then why."""
    other, action = Manager.at_work(app), "/settings/places/new"
    digests = []
    for manager in (leela, other):
        manager.get(action)
        digests.append(digest_of(manager.send(action, **THANE)))
    leela.send(action, digest=digests[0])
    page = other.send(action, 422, digest=digests[1])
    assert errors_of(page) == {"name": "There is a place with this name already"}


@pytest.mark.parametrize("what", ["places", "visits", "closures"])
def test_what_is_not_there_is_not_found(leela: Manager, what: str) -> None:
    """To look at, and to change."""
    path = f"/settings/{what}/{uuid.uuid4()}"
    token = typed_in(leela.get("/settings/places/new"), "/settings/places/new")["csrf_token"]
    leela.get(path, 404)
    leela.post(path, {"csrf_token": token, **THANE, **SHORT}, 404)
