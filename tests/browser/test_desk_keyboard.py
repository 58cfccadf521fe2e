"""The desk without a mouse: a phone request from the first ring to the booked visit."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Final

import pytest
import time_machine
from playwright.sync_api import Locator, Page

from app.domain.level import Level
from app.workflow import booking
from tests import builders
from tests.browser.conftest import LiveServer
from tests.browser.walk import IN_FOCUS, RING, Axe, Walk
from tests.builders import NOW, a_choice, a_doctor_with_hours, a_request, a_staff_member

SECONDS_A_KEY: Final = 0.2
"""Of a receptionist at work, who types about 300 keys a minute."""
MOST_TABS: Final = 120

# Somebody of 61 whose lower back has ached for years, in the order of the form.
ANSWERS: Final = {
    "danger-signs": "none",
    "very-unwell": "none",
    "cancer_status": "none",
    "pain_site": "low_back",
    "pain-pattern": "none",
    "pain_onset": "gt_3m",
    "pain_course": "same",
    "first_episode": "no",
    "nerve-signs": "none",
    "body-signs": "none",
    "history": "none",
    "age": "61",
    "treatments": "none",
    "reports": "none",
    "consent": "y",
}
OpenPage = Callable[..., Page]


@pytest.fixture(autouse=True)
def _a_tuesday_morning() -> Iterator[None]:
    """It is 11:30 am at the clinic, so that there are visits on the same day."""
    with time_machine.travel(NOW, tick=True):
        yield


class Keys:
    """Somebody who has only a keyboard; every key is counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.number = 0

    def press(self, key: str) -> None:
        """Press a key."""
        self.page.keyboard.press(key)
        self.number += 1

    def types(self, words: str) -> None:
        """Type into what has the focus."""
        self.page.keyboard.type(words)
        self.number += len(words)

    def tabs_to(self, wanted: Locator) -> None:
        """Press Tab until it has the focus, which can be seen wherever it stops."""
        for _ in range(MOST_TABS):
            if wanted.evaluate(IN_FOCUS):
                return
            self.press("Tab")
            here = self.page.locator(":focus")
            # What hides in a tile shows its ring on the tile.
            ring = (
                here.evaluate(RING),
                here.locator("+ span").evaluate_all(
                    "all => all.map(each => getComputedStyle(each).outlineStyle).join()"
                ),
            )
            assert set(ring) - {"none", ""}, f"{here} hides the focus"
        raise AssertionError(f"{wanted} cannot be reached by Tab")

    def answers(self, name: str, value: str) -> None:
        """Go on to a field, and answer it."""
        field = self.page.locator(f"main [name='{name}']")
        tick = self.page.locator(f"main [type=checkbox][name='{name}'][value='{value}']")
        if tick.count():
            self.tabs_to(tick)
            self.press("Space")
        elif field.evaluate("element => element.tagName") == "SELECT":
            self.tabs_to(field)
            place = f"element => [...element.options].findIndex(each => each.value === '{value}')"
            for _ in range(field.evaluate(place)):
                self.press("ArrowDown")
        else:
            self.tabs_to(field)
            self.types(value)

    def enters(self) -> None:
        """Press Enter, and see where it leads."""
        with self.page.expect_navigation():
            self.press("Enter")


def test_a_phone_request_is_booked_by_keys_alone(
    live_server: LiveServer, page: Page, axe: Axe
) -> None:
    """In under a minute of keys: the focus waits where the work goes on."""
    with live_server.app.app_context():
        email = a_staff_member().email
        a_doctor_with_hours(closes=dt.time(17))
    desk = Walk(page, axe).goes("/sign-in").signs_in(email)
    desk.goes("/desk/requests/new")
    keys = Keys(page)
    assert page.get_by_label("Phone number to call back").evaluate(IN_FOCUS)
    keys.types("9876543210")
    keys.press("Tab")
    keys.types("Asha Patil")
    for name, value in ANSWERS.items():
        keys.answers(name, value)
    keys.enters()
    assert desk.h1 == "Asha Patil, 61"
    keys.press("Tab")
    offer = page.get_by_role("link", name="Offer a time")
    assert offer.evaluate(IN_FOCUS), "the next step is not where the keyboard goes on"
    keys.enters()
    assert desk.h1 == "Choose a time to visit"
    first = page.get_by_role("group", name="Nearest times").get_by_role("radio").first
    assert first.evaluate(IN_FOCUS)
    keys.press("Space")
    keys.enters()
    assert "Tuesday 24 November 2026, 12:00 pm" in desk.text
    assert keys.number * SECONDS_A_KEY < 60, f"{keys.number} keys"


@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_of_the_diary_can_be_read_by_everybody(
    live_server: LiveServer, open_page: OpenPage, axe: Axe, width: int
) -> None:
    """Day, week, waiting list, cancel-the-day and phone list: no barrier, no sideways scroll."""
    with live_server.app.app_context():
        by, zone = a_staff_member(), live_server.app.extensions["settings"].clinic_zone
        email, doctor = by.email, a_doctor_with_hours(closes=dt.time(17)).id
        people = ({"name": "Asha Patil"}, {"name": "Imran Shaikh", "email": "imran@example.org"})
        references = [
            a_request(Level.soon, person={"phone": f"+91987654321{n}", **person}).reference
            for n, person in enumerate(people)
        ]
        visits = [
            booking.book(
                reference,
                a_choice(doctor, NOW + dt.timedelta(days=1, minutes=30 * n)),
                1,
                by,
                NOW,
                zone,
            )
            for n, reference in enumerate(references)
        ]
        waits = a_request(Level.soon, person={"phone": "+919876543219"}).reference
        booking.waitlist.put_on(waits, None, None, by, NOW)
        booking.cancel(visits[1].id, visits[1].version, by, NOW, builders.the_clinic())
    desk = Walk(open_page(width=width), axe).goes("/sign-in").signs_in(email)
    day = f"practitioner={doctor}&date=2026-11-25"
    desk.goes("/desk/diary?date=2026-11-25").goes(f"/desk/diary?view=week&{day}")
    desk.goes("/desk/diary?view=no-outcome").goes("/desk/waiting-list")
    assert "No e-mail: call" in desk.text
    desk.goes(f"/desk/requests/{waits}").goes(f"/desk/requests/{waits}/wait")
    desk.goes(f"/desk/requests/{waits}/booking").goes("/desk/diary/cancel-day")
    desk.goes(f"/desk/diary/cancel-day?{day}").fills("Why?", "Dr Rao is ill")
    desk.presses("Close the time and cancel the ticked visits")
    assert desk.h1 == "To call: 1"


def test_on_a_phone_the_request_says_first_what_to_do(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    """Above the answers; beside them on a screen."""
    with live_server.app.app_context():
        email, reference = a_staff_member().email, a_request().reference
    for width, above in ((390, True), (1280, False)):
        desk = Walk(open_page(width=width)).goes("/sign-in").signs_in(email)
        desk.goes(f"/desk/requests/{reference}")
        tops = [
            desk.page.get_by_role("heading", name=name, exact=True).bounding_box()
            for name in ("What to do now", "Answers")
        ]
        assert tops[0]
        assert tops[1]
        assert tops[0]["y"] < tops[1]["y"]
        assert (tops[0]["x"] == tops[1]["x"]) is above


def test_the_printed_day_is_a_sheet(live_server: LiveServer, page: Page) -> None:
    """On paper there are lines and boxes to tick, and no buttons, menus or filters."""
    with live_server.app.app_context():
        by, zone = a_staff_member(), live_server.app.extensions["settings"].clinic_zone
        request, doctor = a_request(), a_doctor_with_hours(closes=dt.time(17)).id
        choice = a_choice(doctor, NOW + dt.timedelta(minutes=30))
        booking.book(request.reference, choice, request.version, by, NOW, zone)
        email = by.email
    desk = Walk(page).goes("/sign-in").signs_in(email).goes("/desk/diary")
    sheet = page.locator(".daysheet")
    assert sheet.is_hidden()
    page.emulate_media(media="print")
    assert sheet.get_by_role("row").count() == 2
    assert sheet.is_visible()
    for hidden in (".bar", ".views", ".filters", ".presses", ".diary"):
        assert page.locator(hidden).first.is_hidden(), hidden
    assert desk.page.get_by_text("Printed by Meera Kulkarni").is_visible()
