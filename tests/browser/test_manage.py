"""The patient's own page in a real browser, on a phone and on a desk's screen."""

import datetime as dt
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page

from app.access import now
from app.domain.level import Level
from app.workflow import booking, manage
from tests.browser.conftest import LiveServer
from tests.browser.walk import Axe, Walk
from tests.builders import a_doctor_with_hours, a_request, a_staff_member, the_clinic

DIGITS: Final = "Last 4 digits of your phone number"
SAME, WORSE = "The same, or better", "Worse"
# Width and script: what is accessible is looked at with script, what works also without.
SCREENS: Final = [(390, False), (390, True), (1280, True)]


def own_page(server: LiveServer, level: Level = Level.soon) -> str:
    """The page of a patient with a visit in the next days."""
    with server.app.app_context():
        at, zone = now(), the_clinic().zone
        request = a_request(level, at=at)
        a_doctor_with_hours(name="Dr Nisha Iyer")
        day = (at + dt.timedelta(days=2)).date()
        _, offers = booking.free(booking.practitioners(), day, 14, at)[0]
        choice, desk = offers[0].choice, a_staff_member()
        booking.book(request.reference, choice, request.version, desk, at, zone)
        token = manage.address(request, at)
    return f"/r/{token}"


@pytest.mark.parametrize(("width", "script"), SCREENS)
def test_a_visit_is_moved_and_cancelled_on_the_own_page(
    open_page: Callable[..., Page], live_server: LiveServer, axe: Axe, width: int, script: bool
) -> None:
    """From the link in a mail: another time, the answers, more words, and at last no visit."""
    walk = Walk(open_page(width, java_script_enabled=script), axe if script else None)
    walk.goes(own_page(live_server))
    assert "Your visit was booked" in walk.text
    assert "98765" not in walk.text
    walk.follows("Change the time").presses("Change to this time")
    assert "Select a time" in walk.text
    walk.page.locator("input[name=time]").nth(4).check(force=True)
    walk.fills(DIGITS, "3210").presses("Change to this time")
    assert "Your visit has a new time." in walk.text
    assert "98765 43210" in walk.text
    walk.follows("Add something you forgot").fills(
        "What would you like to add?", "I take a blood pressure tablet"
    )
    walk.presses("Send")
    assert "I take a blood pressure tablet" in walk.text
    walk.follows("Change my phone number").fills("New mobile number", "12345")
    walk.presses("Keep this number")
    assert "Enter a mobile number with 10 digits" in walk.text
    walk.fills("New mobile number", "98765 43288").presses("Keep this number")
    assert "98765 43288" in walk.text
    walk.follows("Cancel the visit").fills("Why? (optional)", "I am away")
    walk.presses("Yes, cancel my visit")
    assert "Your visit is cancelled." in walk.text
    walk.follows("This was not me").presses("This was not me")
    assert walk.h1 == "Thank you"


def an_offer(server: LiveServer) -> str:
    """The page of somebody who waits, with a time that somebody else gave back."""
    with server.app.app_context():
        at, clinic, desk = now(), the_clinic(), a_staff_member()
        waits, gone = a_request(at=at), a_request(at=at)
        a_doctor_with_hours(name="Dr Nisha Iyer")
        day = (at + dt.timedelta(days=2)).date()
        _, offers = booking.free(booking.practitioners(), day, 14, at)[0]
        choice = offers[0].choice
        visit = booking.book(gone.reference, choice, gone.version, desk, at, clinic.zone)
        booking.waitlist.put_on(waits.reference, None, None, desk, at)
        booking.cancel(visit.id, visit.version, desk, at, clinic)
        token = manage.address(waits, at)
    return f"/r/{token}/offer"


@pytest.mark.parametrize(("width", "script"), SCREENS)
def test_a_freed_time_is_taken_on_the_own_page(
    open_page: Callable[..., Page], live_server: LiveServer, axe: Axe, width: int, script: bool
) -> None:
    """Wrong digits change nothing; once it is taken there is nothing more to answer."""
    walk = Walk(open_page(width, java_script_enabled=script), axe if script else None)
    walk.goes(address := an_offer(live_server))
    assert walk.h1 == "A time is free for you"
    walk.fills(DIGITS, "0000").presses("Take this time")
    assert "There is a problem" in walk.text
    assert walk.h1 == "A time is free for you"
    walk.fills(DIGITS, "3210").presses("Take this time")
    assert "Dr Nisha Iyer" in walk.text
    walk.goes(address)
    assert walk.h1 == "No time is kept for you"


@pytest.mark.parametrize(("width", "script"), SCREENS)
def test_worse_leads_to_the_number_to_call(
    open_page: Callable[..., Page], live_server: LiveServer, axe: Axe, width: int, script: bool
) -> None:
    """Four questions, no digits, and the emergency advice; the times are gone."""
    walk = Walk(open_page(width, java_script_enabled=script), axe if script else None)
    walk.goes(address := own_page(live_server)).follows("It is worse, but not like this")
    walk.presses("Send")
    assert "There is a problem" in walk.text
    for group in walk.page.get_by_role("group").all():
        group.get_by_label(SAME, exact=True).check()
    walk.picks(WORSE, of="Are the legs weaker, heavier or more numb?").presses("Send")
    assert walk.h1 == "You need emergency care now"
    assert walk.page.get_by_role("link", name="Call 108 now").is_visible()
    walk.goes(f"{address}/change")
    assert walk.page.locator("input[name=time]").count() == 0
    walk.goes(f"{address}x")
    assert walk.h1 == "This link does not open anything"


def test_a_doctor_makes_a_calendar_address(
    open_page: Callable[..., Page], live_server: LiveServer, axe: Axe
) -> None:
    """On a phone, from the own name in the bar."""
    with live_server.app.app_context():
        email = a_staff_member("doctor").email
    walk = Walk(open_page(390), axe).goes("/sign-in").signs_in(email)
    walk.goes("/my-calendar").presses("Make an address")
    address = walk.page.get_by_label("Address", exact=True).input_value()
    assert address.startswith(f"{live_server.url}/calendar/")
    walk.presses("End it")
    assert "does not work any more" in walk.text
