"""The figures and the urgent sheet in a real browser: on a phone, at a desk, on paper, by keys."""

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from app.domain.level import Level
from app.records import transaction
from app.records.enquiry import add_counts
from app.workflow import review
from tests.browser.conftest import LiveServer
from tests.browser.walk import Axe, Walk
from tests.builders import a_request, a_staff_member

OpenPage = Callable[..., Page]


@pytest.fixture
def manager(live_server: LiveServer) -> str:
    """The manager's e-mail, after six emergencies of which one was late."""
    with live_server.app.app_context():
        doctor, at = a_staff_member("doctor"), dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
        for place, minutes in enumerate((3, 5, 8, 9, 14, 31)):
            person = {"phone": f"+9198765432{place:02}"}
            request = a_request(Level.emergency, at=at, person=person)
            review.acknowledge(request.reference, doctor, at + dt.timedelta(minutes=minutes))
        with transaction() as session:
            ended = {"cancer": 6, "emergency": 2, "sent": 9}
            zone = live_server.app.extensions["settings"].clinic_zone
            day = at.astimezone(zone).date()
            add_counts(session, {(day, "spinal-metastasis", e): n for e, n in ended.items()})
        return a_staff_member("manager").email


@pytest.mark.parametrize("width", [390, 1280])
def test_the_figures_are_accessible(
    manager: str, open_page: OpenPage, axe: Axe, width: int
) -> None:
    """With every table open, with a period that is none, and on the sheet; nothing is too wide."""
    leela = Walk(open_page(width=width), axe).goes("/sign-in").signs_in(manager)
    leela.goes("/dashboard")
    assert leela.page.get_by_text("5 of 6 emergencies were acknowledged in time").is_visible()
    for summary in leela.page.locator("main summary").all():
        summary.click()
    axe(leela.page)
    leela.goes("/dashboard?from=2026-02-30&to=2026-01-01")
    assert leela.page.get_by_label("Or from").input_value() == "2026-02-30"
    leela.goes("/desk/urgent-sheet")
    assert leela.page.get_by_text("Asha Patil").count() == 6


def test_the_period_is_changed_without_script(manager: str, open_page: OpenPage) -> None:
    """A list and a button are enough, and the chart can be scrolled by keys."""
    page = open_page(width=390, java_script_enabled=False)
    leela = Walk(page).goes("/sign-in").signs_in(manager)
    leela.goes("/dashboard")
    page.get_by_label("Period").select_option("Last 7 days")
    page.get_by_role("button", name="Show", exact=True).click()
    assert page.url.endswith("/dashboard?period=7")
    assert page.get_by_label("Period").input_value() == "7"
    assert (
        page.get_by_role("region", name="Chart: arrivals by hour").get_attribute("tabindex") == "0"
    )


def test_on_paper_the_tables_stand_open_and_forms_are_gone(
    manager: str, open_page: OpenPage
) -> None:
    """Who reads the print has the numbers, and no buttons."""
    page = open_page(width=794)
    leela = Walk(page).goes("/sign-in").signs_in(manager)
    leela.goes("/dashboard")
    page.emulate_media(media="print")
    assert not page.get_by_label("Period").is_visible()
    assert page.get_by_role("table", name="Arrivals by hour of the day and level").is_visible()
