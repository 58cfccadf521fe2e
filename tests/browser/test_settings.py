"""The manager sets up a clinic in a browser, at a desk and on a phone."""

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from app.workflow import booking
from tests.browser.conftest import LiveServer
from tests.browser.walk import Axe, Walk
from tests.builders import a_choice, a_doctor_with_hours, a_request, a_staff_member

NARROW, WIDE = 390, 1280
OpenPage = Callable[..., Page]


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_the_manager_sets_up_place_kind_hours_and_holidays(
    live_server: LiveServer, open_page: OpenPage, axe: Axe, width: int, script: bool
) -> None:
    """Each change is shown before it is saved; the visits that it meets are one press away."""
    with live_server.app.app_context():
        manager = a_staff_member("manager").email
        a_doctor_with_hours()
        reference, day = a_booked_visit(live_server)
    leela = Walk(open_page(width=width, java_script_enabled=script), axe if script else None)
    leela.goes("/sign-in").signs_in(manager).goes("/settings/")
    assert leela.h1 == "Hours"
    adds_a_place(leela)
    adds_a_kind(leela)

    leela.follows("Hours", "nav.side").follows("Change hours of Dr Arun Rao")
    weekday = f"{day:%A}"
    leela.page.get_by_label(f"{weekday}: From").fill("17:00")
    leela.page.get_by_label(f"{weekday}: To").fill("16:00")
    leela.presses("Show what this does")
    assert "hours do not run past midnight" in leela.text
    leela.page.get_by_label(f"{weekday}: To").fill("19:00")
    for name, words in (("Place", "Thane clinic"), ("Kind of visit", "Short visit")):
        leela.page.get_by_label(f"{weekday}: {name}").select_option(label=words)
    leela.presses("Show what this does")
    assert "1 booked visit falls outside the new hours. Nothing is cancelled" in leela.text
    leela.page.get_by_text("See it", exact=True).click()
    assert leela.page.get_by_role("link", name=reference).is_visible()
    leela.presses("Save these hours")
    assert f"{weekday}, 5:00 pm to 7:00 pm, Thane clinic, Short visit" in leela.text
    leela.follows("1 booked visit is outside the hours")
    assert reference in leela.text

    next_year = dt.datetime.now(dt.UTC).year + 1
    leela.follows("Closures and holidays", "nav.side")
    leela.follows(f"Add Maharashtra public holidays {next_year}")
    leela.page.get_by_role("checkbox").first.uncheck()
    leela.presses("Show what this does").presses("Close these days")
    assert "public holidays are closed." in leela.text
    leela.follows("Add a closure").fills("First day", f"{day:%Y-%m-%d}").fills("Reason", "Repairs")
    leela.presses("Show what this does")
    assert "1 booked visit falls into this closure" in leela.text
    leela.presses("Save the closure")
    assert "Repairs" in leela.text


def a_booked_visit(live_server: LiveServer) -> tuple[str, dt.date]:
    """A visit in the morning of one of the next days, but not tomorrow: its reference and day."""
    at, zone = dt.datetime.now(dt.UTC), live_server.app.extensions["settings"].clinic_zone
    day = at.astimezone(zone).date() + dt.timedelta(days=2)
    found = booking.free(booking.practitioners(), day, 7, at)
    (first, offers), request = found[0], a_request(at=at)
    choice = a_choice(offers[0].practitioner.id, offers[0].visit.start)
    booking.book(request.reference, choice, request.version, a_staff_member(), at, zone)
    return request.reference, first


def adds_a_place(leela: Walk) -> None:
    """Somewhere else, with the address forgotten at first."""
    leela.follows("Places", "nav.side").follows("Add a place").fills("Name", "Thane clinic")
    leela.presses("Show what this does")
    assert "Enter the address" in leela.text
    leela.fills("Address", "2 Example Road, Thane").presses("Show what this does")
    assert "No booked visit is met." in leela.text
    leela.presses("Save the place")
    assert "Thane clinic is saved." in leela.text


def adds_a_kind(leela: Walk) -> None:
    """A short one, with a fee."""
    leela.follows("Kinds of visit", "nav.side").follows("Add a kind of visit")
    leela.fills("Name", "Short visit").fills("Length in minutes", "20")
    leela.fills("Fee in rupees (optional)", "800")
    leela.presses("Show what this does").presses("Save the kind of visit")
    assert "₹ 800" in leela.text
