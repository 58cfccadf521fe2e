"""A patient chooses a time to visit in a real browser, and may be slower than somebody else."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import Page

from app.workflow import booking
from tests.browser.conftest import LiveServer
from tests.browser.test_journeys import gives_contact, tells_of_old_back_pain
from tests.browser.walk import Axe, Walk
from tests.builders import NOW, a_choice, a_doctor_with_hours, a_request, a_staff_member

NONE = "None of these"
CONSENT = "I agree that the clinic can use these answers for this request"
NINE = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)

OpenPage = Callable[..., Page]
Arrives = Callable[..., Walk]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is 11:30 am on a Tuesday at the clinic."""
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture
def arrives(
    live_server: LiveServer, open_page: OpenPage, axe: Axe, clock: time_machine.Traveller
) -> Arrives:
    """Somebody comes to the page of times: `arrives(390, script=False, night=True)`."""
    with live_server.app.app_context():
        a_doctor_with_hours(kind={"fee": 1500})
        a_doctor_with_hours(name="Dr Nisha Iyer", email="iyer@example.org")

    def arrived(width: int, *, script: bool = True, night: bool = False) -> Walk:
        page = open_page(width=width, java_script_enabled=script)
        patient = Walk(page, axe if script else None)
        patient.goes("/spinal-metastasis/enquiry").picks("Me").presses("Start")
        patient.answers(NONE).answers(NONE).answers("No")
        tells_of_old_back_pain(patient, night=night)
        # Nobody answers as fast as this browser.
        clock.shift(60)
        patient.answers("A visit")
        gives_contact(patient)
        assert patient.h1 == "Choose a time to visit"
        return patient

    return arrived


def takes(live_server: LiveServer, starts_at: dt.datetime) -> None:
    """The desk gives that time with every doctor to others."""
    with live_server.app.app_context():
        meera, zone = a_staff_member(), live_server.app.extensions["settings"].clinic_zone
        at = dt.datetime.now(dt.UTC)
        for doctor in booking.practitioners():
            other = a_request(person={"phone": "+919876543219"})
            choice = a_choice(doctor.id, starts_at)
            booking.book(other.reference, choice, other.version, meera, at, zone)


@pytest.mark.parametrize(
    ("width", "script"), [(390, True), (1280, True), (390, False)], ids=["390", "1280", "no script"]
)
def test_a_patient_chooses_a_time_and_changes_it(
    arrives: Arrives, width: int, script: bool
) -> None:
    """Later days, one tap for a time, another one after all, and the receipt of the visit."""
    patient = arrives(width, script=script)
    assert "All times are Mumbai time (IST)" in patient.text
    patient.presses("Continue")
    assert "There is a problem" in patient.text
    patient.follows("Show later days").follows("Back to the first free times")
    patient.page.locator(".slot").first.click()
    patient.presses("Continue")
    assert "Wednesday 25 November 2026, 9:00 am" in patient.text
    assert "Kept for you until" in patient.text
    patient.follows("Change time")
    assert patient.page.locator(".slot input:checked").count() == 1
    patient.page.locator(".slot").nth(2).click()
    patient.presses("Continue")
    patient.picks(CONSENT).presses("Send")
    assert patient.h1 == "Your visit is booked"
    assert "Wednesday 25 November 2026, 10:00 am" in patient.text
    assert "Dr Arun Rao" in patient.text


@pytest.mark.parametrize("width", [390, 1280])
def test_a_time_that_is_lost_costs_nothing_else(
    live_server: LiveServer, arrives: Arrives, clock: time_machine.Traveller, width: int
) -> None:
    """First while choosing, then when sending: nearest times, and the request is there."""
    patient = arrives(width)
    takes(live_server, NINE)
    patient.page.locator(".slot").first.click()
    patient.presses("Continue")
    assert "Somebody took 9:00 am on Wed 25 Nov a moment ago" in patient.text
    assert patient.page.locator("fieldset").first.inner_text().startswith("Nearest free times")
    patient.page.locator(".slot").first.click()
    patient.presses("Continue")
    assert "Wednesday 25 November 2026, 9:30 am" in patient.text
    clock.shift(11 * 60)
    takes(live_server, NINE + dt.timedelta(minutes=30))
    patient.picks(CONSENT).presses("Send")
    assert patient.h1 == "Choose another time"
    assert "We got your request" in patient.text
    patient.page.locator(".slot").first.click()
    patient.presses("Continue")
    assert patient.h1 == "Your visit is booked"


def test_times_are_chosen_by_keyboard_on_a_narrow_screen(arrives: Arrives) -> None:
    """One stop for all the times of the page, and arrows between them."""
    patient = arrives(320, night=False)
    patient.page.locator("body").click(position={"x": 1, "y": 1})
    patient.tabs_to(patient.page.locator("#time"))
    patient.page.keyboard.press("ArrowDown")
    patient.tabs_to(patient.page.get_by_role("button", name="Continue")).enters()
    assert "Wednesday 25 November 2026, 9:30 am" in patient.text
