"""Who has a narrow screen, large letters or no mouse gets everywhere, too."""

import datetime as dt
from collections.abc import Callable
from typing import Final

from playwright.sync_api import Page

from app.domain.level import Level
from tests.browser.conftest import LiveServer
from tests.browser.walk import Axe, Walk
from tests.builders import a_doctor_with_hours, a_request, a_staff_member

NARROW: Final = 320
"""A screen of 1280 px whose letters are four times as large (WCAG 1.4.10)."""

PUBLIC: Final = (
    "/",
    "/spinal-metastasis",
    "/cauda-equina-syndrome",
    "/contact",
    "/privacy",
    "/accessibility",
    "/how-we-write",
    "/nowhere",
    "/sign-in",
    "/spinal-metastasis/enquiry",
)
DESK: Final = (
    "/desk/requests",
    "/desk/requests?view=all",
    "/desk/requests/new",
    "/desk/messages",
    "/desk/diary",
)

OpenPage = Callable[..., Page]


def test_public_pages_fit_a_narrow_screen(live_server: LiveServer, open_page: OpenPage) -> None:
    """Nobody scrolls sideways to read, nor to be told what is wrong with an answer."""
    reader = Walk(open_page(width=NARROW))
    for path in PUBLIC:
        reader.goes(path)
    reader.presses("Start").picks("Me").presses("Start").presses("Continue")
    reader.answers("I am not sure")
    assert reader.h1 == "Let us go through them one by one"


def test_staff_pages_fit_a_narrow_screen(live_server: LiveServer, open_page: OpenPage) -> None:
    """The lists, a request, its free times and a doctor's case."""
    with live_server.app.app_context():
        now = dt.datetime.now(dt.UTC)
        case = a_request(Level.emergency, at=now).reference
        request = a_request(at=now, person={"phone": "+919876543211"}).reference
        desk_email, doctor = a_staff_member().email, a_doctor_with_hours().email
    desk = Walk(open_page(width=NARROW)).goes("/sign-in").signs_in(desk_email)
    for path in (*DESK, f"/desk/requests/{request}", f"/desk/requests/{request}/booking"):
        desk.goes(path)
    arun = Walk(open_page(width=NARROW)).goes("/sign-in").signs_in(doctor)
    assert arun.h1 == "Review"
    arun.goes(f"/doctor/reviews/{case}")
    assert arun.page.get_by_role("button", name="Acknowledge").is_visible()


def test_the_first_pages_of_the_enquiry_by_keyboard_alone(page: Page, axe: Axe) -> None:
    """Tab, Space, an arrow and Enter are enough, and the focus can be seen at every stop."""
    patient = Walk(page, axe).goes("/spinal-metastasis/enquiry")
    continued = page.get_by_role("button", name="Continue")
    patient.tabs_to(page.get_by_label("Me", exact=True))
    page.keyboard.press("Space")
    patient.tabs_to(page.get_by_role("button", name="Start")).enters()
    for _ in ("danger-signs", "very-unwell"):
        patient.tabs_to(page.get_by_label("None of these"))
        page.keyboard.press("Space")
        patient.tabs_to(continued).enters()
    assert patient.h1 == "Have you ever had cancer?"
    patient.tabs_to(page.get_by_label("Yes, now", exact=True))
    for _ in ("past", "suspected", "none"):
        page.keyboard.press("ArrowDown")
    assert page.get_by_label("No", exact=True).is_checked()
    patient.tabs_to(continued).enters()
    assert patient.h1 == "Where is the worst pain?"
    patient.tabs_to(page.get_by_label("Neck", exact=True))
    page.keyboard.press("Space")
    patient.tabs_to(continued).enters()
    assert patient.h1 == "What is the pain like?"
