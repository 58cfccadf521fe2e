"""A doctor and a case in a real browser: take it, call, decide, hand over; two at once; no line."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from app.domain.level import Level
from tests.browser.conftest import LiveServer
from tests.browser.walk import IN_FOCUS, Axe, Walk
from tests.builders import a_request, a_staff_member
from tests.doctor.test_case import an_emergency

OpenPage = Callable[..., Page]

ACKNOWLEDGE: Final = "Acknowledge"
UNDO: Final = "Undo: I have not taken it"
HIDDEN_BY_DOCK: Final = """() => {
  const focused = document.activeElement, dock = document.querySelector(".dock");
  if (focused === document.body || dock.contains(focused)) { return false; }
  const box = focused.getBoundingClientRect();
  return box.height > 0 && box.top >= dock.getBoundingClientRect().top;
}"""
COME_BACK: Final = 'document.dispatchEvent(new Event("visibilitychange"))'


@pytest.fixture
def case(live_server: LiveServer) -> tuple[str, str]:
    """An emergency's address, and the e-mail of a doctor."""
    with live_server.app.app_context():
        found = an_emergency(dt.datetime.now(dt.UTC) - dt.timedelta(minutes=4))
        return f"/doctor/reviews/{found.reference}", a_staff_member("doctor").email


@pytest.mark.parametrize(
    ("width", "script"), [(390, True), (1280, True), (390, False)], ids=["390", "1280", "no script"]
)
def test_from_the_alert_to_the_brief(
    open_page: OpenPage, axe: Axe, case: tuple[str, str], width: int, script: bool
) -> None:
    """Sign in, acknowledge, undo, acknowledge, call, decide; and the paper is one page."""
    address, doctor = case
    page = open_page(width=width, height=844, java_script_enabled=script)
    arun = Walk(page, axe if script else None).goes(address).signs_in(doctor)
    assert page.url.endswith(address)
    arun.presses(ACKNOWLEDGE, ".dock").presses(UNDO)
    assert "Not acknowledged" in arun.text
    arun.presses(ACKNOWLEDGE, ".dock")
    assert "Acknowledged by you" in arun.text
    outcome = page.get_by_role("region", name="Outcome")
    if script:
        call = page.locator(".dock").get_by_role("link", name=re.compile("^Call"))
        assert call.evaluate("link => link.offsetHeight") >= 56
        call.evaluate("link => link.addEventListener('click', event => event.preventDefault())")
        call.click()
        page.evaluate(COME_BACK)
        expect(page.get_by_text("How did the call go?").first).to_be_visible()
        assert outcome.evaluate(IN_FOCUS)
        for _ in range(16 if width == 390 else 0):
            page.keyboard.press("Tab")
            assert not page.evaluate(HIDDEN_BY_DOCK), "the dock hides the focus"
    arun.picks("Going to hospital now").presses("Save the outcome")
    assert "Closed: sent to hospital" in arun.text
    arun.follows("Case brief for the hospital")
    if script:
        paper = page.pdf(format="A4", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type /Page\b", paper)) == 1


def test_two_doctors_at_once(
    open_page: OpenPage, case: tuple[str, str], live_server: LiveServer
) -> None:
    """The slower hears who was faster, may still call, and cannot decide over what is new."""
    address, first = case
    with live_server.app.app_context():
        second = a_staff_member("doctor", name="Dr Nisha Iyer").email
    arun = Walk(open_page(width=390, height=844)).goes(address).signs_in(first)
    nisha = Walk(open_page(width=390, height=844)).goes(address).signs_in(second)
    nisha.presses(ACKNOWLEDGE, ".dock")
    arun.presses(ACKNOWLEDGE, ".dock")
    assert "Dr Nisha Iyer acknowledged 0 min ago. You can still call." in arun.text
    nisha.goes(address)
    arun.picks("Not an emergency: book a visit")
    arun.page.get_by_label("Level from now on").select_option("soon")
    arun.presses("Save the outcome")
    assert "Enter why the level changes" in arun.text
    arun.fills("Why another level? (only if you change it)", "Old weakness, seen in June")
    arun.presses("Save the outcome")
    nisha.picks("Going to hospital now").presses("Save the outcome")
    assert "This was changed a moment ago" in nisha.text
    assert "Dr Arun Rao" in nisha.text


def test_without_a_line_the_case_stays_and_what_was_pressed_is_sent_later(
    open_page: OpenPage, case: tuple[str, str]
) -> None:
    """It says so, keeps nothing on the phone, and takes the case when the line is back."""
    address, doctor = case
    page = open_page(width=390, height=844)
    arun = Walk(page).goes(address).signs_in(doctor)
    page.context.set_offline(True)
    page.get_by_role("button", name=ACKNOWLEDGE).click()
    expect(page.locator(".dock [role=status]")).to_contain_text("Not sent yet")
    assert "This case stays readable here" in arun.text
    assert "Why flagged" in arun.text
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.context.set_offline(False)
    expect(page.get_by_text("Acknowledged by you")).to_be_visible()


def test_elapsed_times_go_on_by_themselves(
    open_page: OpenPage, case: tuple[str, str], live_server: LiveServer
) -> None:
    """On the case and in the list, in the words of the server, past the target too."""
    address, doctor = case
    page = open_page(width=390, height=844)
    page.clock.install()
    arun = Walk(page).goes(address).signs_in(doctor)
    clock = page.locator("[data-since]")
    expect(clock).to_have_text("4 min")
    page.clock.fast_forward("12:30")
    expect(clock).to_have_text("16 min, late 1")
    with live_server.app.app_context():
        urgent = {"name": "Imran Shaikh", "phone": "+919876543211"}
        a_request(Level.urgent, at=dt.datetime.now(dt.UTC), person=urgent)
    arun.goes("/doctor/reviews")
    page.clock.fast_forward("01:01:00")
    expect(page.locator("[data-since]").nth(1)).to_have_text("1 h 1 min of 4 h")
