"""Two requests of one person become one case, in a real browser."""

import datetime as dt
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page

from app.domain.level import Level
from tests.browser.conftest import LiveServer
from tests.browser.walk import Axe, Walk
from tests.builders import a_request, a_staff_member

OpenPage = Callable[..., Page]
LINK: Final = "Link as one case"


@pytest.mark.parametrize(
    ("width", "script", "door"),
    [(390, True, "/doctor/reviews"), (1280, False, "/desk/requests")],
    ids=["390 doctor", "1280 desk, no script"],
)
def test_two_requests_become_one_case(
    live_server: LiveServer, open_page: OpenPage, axe: Axe, width: int, script: bool, door: str
) -> None:
    """Seen, linked, read in one place, found once in the list, and taken apart again."""
    with live_server.app.app_context():
        at = dt.datetime.now(dt.UTC)
        first = a_request(Level.emergency, at=at).reference
        told = {"name": "आशा पाटील", "phone": "+919876543211"}
        second = a_request(Level.urgent, at=at, person=told).reference
        third = a_request(Level.urgent, at=at, person={"name": "A. Patil"}).reference
        email = a_staff_member("doctor").email
    page = open_page(width=width, java_script_enabled=script)
    walk = Walk(page, axe if script else None).goes(f"{door}/{second}").signs_in(email)
    assert "Maybe the same person, similar name" in walk.text
    walk.presses(f"{LINK} with {first}")
    assert f"One case of 2 requests, Emergency. {first} leads." in walk.text
    page.get_by_text(f"Answers of {first}").click()
    page.get_by_text("Link one more request").click()
    form = page.locator("#case form", has=page.locator("#case-other"))
    form.get_by_label("Reference of the other request").fill("SPN")
    walk.presses(LINK, form)
    assert "There is a problem" in walk.text
    page.get_by_label("Reference of the other request").fill(third.lower())
    walk.presses(LINK, page.locator("#case form", has=page.locator("#case-other")))
    assert "One case of 3 requests, Emergency." in walk.text
    walk.goes(door)
    assert "3 requests" in walk.text
    assert page.locator(f"a[href*='{second}']").count() == 0
    walk.goes(f"{door}/{second}").presses(f"Not the same person: take {second} out")
    assert "It stands by itself again." in walk.text
