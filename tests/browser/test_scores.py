"""A doctor works out scores in a real browser: by hand, by keys alone, and without script."""

import datetime as dt
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page

from app.domain.level import Level
from app.domain.scores import SCORES
from tests.browser.conftest import LiveServer
from tests.browser.walk import Axe, Walk
from tests.builders import a_request, a_staff_member

KEEP: Final = "Keep in the record"
WORK: Final = "Work it out"
IN_THE_FORM: Final = "#score"

OpenPage = Callable[..., Page]


@pytest.fixture
def case(live_server: LiveServer) -> tuple[str, str]:
    """An emergency's address, and the e-mail of a doctor."""
    with live_server.app.app_context():
        found = a_request(Level.emergency, at=dt.datetime.now(dt.UTC))
        return f"/doctor/reviews/{found.reference}", a_staff_member("doctor").email


@pytest.mark.parametrize(
    ("width", "script"),
    [(390, True), (1280, True), (320, True), (390, False)],
    ids=["390", "1280", "320", "no script"],
)
def test_from_the_case_to_a_corrected_score(
    open_page: OpenPage, axe: Axe, case: tuple[str, str], width: int, script: bool
) -> None:
    """Incomplete, then complete, then with a level that does not fit; kept, corrected, listed."""
    address, doctor = case
    page = open_page(width=width, java_script_enabled=script)
    arun = Walk(page, axe if script else None).goes(address).signs_in(doctor)
    arun.follows("Work out a score").follows("SINS")
    assert page.get_by_role("radio", checked=True).count() == 0
    arun.picks("Semi-rigid: T3–T10 Points: 1", of="1. Location")
    arun.picks("Mechanical: better lying, worse moving or loading Points: 3")
    arun.picks("Lytic Points: 2").presses(WORK)
    assert "Incomplete. 3 of 6 items known, so far 6. The total can still be 6 to 16" in arun.text
    arun.picks("Normal Points: 0").picks("More than 50% Points: 3").picks("One side Points: 1")
    arun.presses(WORK)
    assert "10" in page.locator(".score").inner_text()
    assert "Potentially unstable" in page.locator(".score").inner_text()
    assert page.get_by_role("img", name="10 on a scale of 0 to 18").is_visible()
    if script:
        assert page.locator("[data-focus]").evaluate("each => each === document.activeElement")
    page.get_by_label("Level of the spine (optional)").select_option("L3")
    arun.presses(KEEP, IN_THE_FORM)
    assert "L3 does not belong to this" in arun.text
    assert page.get_by_label("Lytic").is_checked()
    page.get_by_label("Level of the spine (optional)").select_option("T7")
    arun.presses(KEEP, IN_THE_FORM)
    assert "SINS, T7 is in the record." in arun.text
    page.get_by_text("Every item").click()
    page.get_by_role("link", name="Correct it").click()
    arun.picks("Mixed Points: 1").presses(WORK).presses(KEEP, "[data-focus]")
    assert page.locator("del").inner_text() == "SINS, T7: 10"
    arun.follows("Back to the case")
    assert "SINS, T7: 9. Potentially unstable" in arun.text


@pytest.mark.parametrize("width", [390, 1280])
def test_every_score_is_open_to_everybody(
    open_page: OpenPage, axe: Axe, case: tuple[str, str], width: int
) -> None:
    """Its form, its result and its errors break no rule of accessibility, and fit the screen."""
    address, doctor = case
    page = open_page(width=width)
    arun = Walk(page, axe).goes(f"{address}/scores").signs_in(doctor)
    for name, score in SCORES.items():
        arun.goes(f"{address}/scores/{name}")
        for item in score.items:
            page.locator(f"[name={item.name}][value='{item.options[-1].value}']").check()
        arun.presses(WORK)
        assert page.locator(".score").is_visible()
        arun.goes(f"{address}/scores/{name}").presses(KEEP)
        assert "There is a problem" in arun.text


def test_a_grade_by_keys_alone(open_page: OpenPage, axe: Axe, case: tuple[str, str]) -> None:
    """Tab, arrows and Enter choose, work out and keep; Enter in the form keeps nothing."""
    address, doctor = case
    page = open_page()
    arun = Walk(page, axe).goes(f"{address}/scores/escc").signs_in(doctor)
    arun.tabs_to(page.get_by_label("Bone only Grade 0"))
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    assert page.get_by_label("Cord compressed, CSF still visible Grade 2").is_checked()
    arun.enters()
    assert "High grade" in page.locator(".score").inner_text()
    assert "It is not in the record yet." in arun.text
    arun.tabs_to(page.get_by_role("button", name=KEEP).first).enters()
    assert "ESCC: 2" in arun.text
