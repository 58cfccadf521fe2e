"""The desk's list by keys alone, two receptionists on one case, and what comes in meanwhile."""

import datetime as dt
import re
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
import time_machine
from playwright.sync_api import Page, expect

from app.access import now
from app.domain.level import Level
from app.records import db
from app.records.contact import ContactAttempt
from tests.browser.conftest import LiveServer
from tests.browser.walk import IN_FOCUS, Axe, Walk
from tests.builders import NOW, a_doctor_with_hours, a_request, a_staff_member

MINUTE = dt.timedelta(minutes=1)
OpenPage = Callable[..., Page]


@pytest.fixture(autouse=True)
def _a_tuesday_morning() -> Iterator[None]:
    """It is 11:30 am at the clinic, so that there are visits on the same day."""
    with time_machine.travel(NOW, tick=True):
        yield


def some(*levels: Level) -> list[str]:
    """A request of each level by "Person 0" and so on, the longest waiting first."""
    return [
        a_request(
            level,
            at=NOW - (9 - n) * MINUTE,
            person={"name": f"Person {n}", "phone": f"+91987654321{n}"},
        ).reference
        for n, level in enumerate(levels)
    ]


def test_the_list_is_worked_by_keys_alone(
    live_server: LiveServer, open_page: OpenPage, axe: Axe
) -> None:
    """Move, select, take on, log a call, offer a time, and back at the same row each time."""
    with live_server.app.app_context():
        email = a_staff_member().email
        a_doctor_with_hours(closes=dt.time(17))
        some(Level.emergency, Level.soon, Level.soon)
    page = open_page()
    desk = Walk(page, axe).goes("/sign-in").signs_in(email).goes("/desk/requests?level=soon")
    keys = page.keyboard
    name = {n: page.get_by_role("link", name=f"Person {n}", exact=True) for n in (1, 2)}
    page.get_by_role("link", name="Skip to key help").focus()
    keys.press("Tab")
    keys.press("Tab")
    assert name[1].evaluate(IN_FOCUS)
    keys.press("Shift+ArrowDown")
    expect(page.get_by_text("2 selected")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_text("0 selected")).to_be_hidden()
    assert name[2].evaluate(IN_FOCUS)
    keys.press("k")
    with page.expect_navigation():
        keys.press("a")
    assert "assigned to you" in desk.text
    expect(name[1]).to_be_focused()
    with page.expect_navigation():
        keys.press("c")
    assert page.locator("#call-choice").evaluate(IN_FOCUS)
    keys.press("Space")
    page.get_by_role("button", name="Log the call").focus()
    desk.enters()
    page.get_by_role("link", name="Requests", exact=True).last.focus()
    desk.enters()
    assert page.url.endswith("/desk/requests?view=needs-action&level=soon#" + ref_of(page, 1))
    expect(name[1]).to_be_focused()
    with page.expect_navigation():
        keys.press("b")
    assert desk.h1 == "Choose a time to visit"
    keys.press("Space")
    desk.enters()
    assert "The visit is booked" in desk.text
    page.get_by_role("link", name="Requests", exact=True).last.focus()
    desk.enters()
    name[2].focus()
    with page.expect_navigation():
        keys.press("n")
    assert page.locator("#note-note").evaluate(IN_FOCUS)


def test_a_morning_of_twenty_requests_by_keys_alone(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    """From the most pressing to the least: call, say how it went, back at the row, and on."""
    with live_server.app.app_context():
        email = a_staff_member().email
        for n in range(20):
            person = {"name": f"Person {n}", "phone": f"+9198765432{n:02}"}
            a_request(list(Level)[n % 4], at=NOW - (40 - n) * MINUTE, person=person)
    page = open_page()
    desk, keys = Walk(page).goes("/sign-in").signs_in(email).goes("/desk/requests"), page.keyboard
    page.get_by_role("link", name="Skip to key help").focus()
    while not page.locator("a.who:focus").count():
        keys.press("Tab")
    worked = []
    for _ in range(20):
        worked.append(page.locator(":focus").inner_text())
        with page.expect_navigation():
            keys.press("c")
        keys.press("Space")
        with page.expect_navigation():
            keys.press("Enter")
        assert "The call is logged" in desk.text
        desk.tabs_to(page.get_by_role("link", name="Requests", exact=True).last).enters()
        expect(page.get_by_role("link", name=worked[-1], exact=True)).to_be_focused()
        keys.press("j")
    assert worked == [f"Person {n}" for level in (3, 2, 1, 0) for n in range(level, 20, 4)]
    with live_server.app.app_context():
        calls = db.session.scalars(sa.select(ContactAttempt)).all()
        assert [call.outcome for call in calls] == ["answered"] * 20
        assert len({call.request_id for call in calls}) == 20


def test_keys_act_inside_the_list_alone(live_server: LiveServer, page: Page) -> None:
    """Find, help and the views; and in the field of the search a digit is a digit."""
    with live_server.app.app_context():
        email, _ = a_staff_member().email, some(Level.soon)
    Walk(page).goes("/sign-in").signs_in(email).goes("/desk/requests")
    keys, name = page.keyboard, page.get_by_role("link", name="Person 0", exact=True)
    name.focus()
    keys.press("/")
    assert page.get_by_label("Find a person").evaluate(IN_FOCUS)
    keys.press("2")
    assert page.get_by_label("Find a person").input_value() == "2", "keys act outside the list"
    name.focus()
    keys.press("?")
    assert page.get_by_text("Turn the keys off").is_visible()
    name.focus()
    with page.expect_navigation():
        keys.press("2")
    assert page.url.endswith("view=mine")


def ref_of(page: Page, number: int) -> str:
    """The reference of a person on the list."""
    row = page.get_by_role("row").filter(has_text=f"Person {number}")
    return row.get_attribute("id") or ""


def test_two_receptionists_at_once_see_each_other(
    live_server: LiveServer, open_page: OpenPage, axe: Axe
) -> None:
    """Who looks, who was faster, and what the slower one can do; the phone has no script."""
    with live_server.app.app_context():
        emails = [a_staff_member(name=name).email for name in ("Meera Joshi", "Ravi Patil")]
        (reference, _) = some(Level.urgent, Level.soon)
    meera = Walk(open_page(), axe).goes("/sign-in").signs_in(emails[0])
    ravi = Walk(open_page(width=390, java_script_enabled=False))
    ravi.goes("/sign-in").signs_in(emails[1])
    meera.goes(f"/desk/requests/{reference}")
    assert "is looking at this" not in meera.text
    ravi.goes("/desk/requests")
    assert "Meera Joshi is looking" in ravi.text
    ravi.goes(f"/desk/requests/{reference}")
    assert "Meera Joshi is looking at this (11:3" in ravi.text
    meera.presses("Assign")
    assert "Ravi Patil is looking at this" in meera.text
    ravi.presses("Assign")
    assert ravi.h1 == "This was changed a moment ago"
    assert "Meera Joshi took it on" in ravi.text
    ravi.follows("See how it stands now").goes("/desk/requests?view=all")
    assert "With: Meera Joshi" in ravi.text
    ravi.page.get_by_label(re.compile("Select Person 1")).check()
    ravi.presses("Assign to me")
    assert "With: You" in ravi.text
    meera.goes("/my-settings").goes("/desk/views/new?view=all").goes("/desk/views")
    meera.goes("/desk/requests?view=all")


def test_what_comes_in_is_told_and_no_row_moves(
    live_server: LiveServer, open_page: OpenPage, axe: Axe
) -> None:
    """A bar and the title say it; when nobody answers, the page says since when it is old."""
    with live_server.app.app_context():
        email, (reference,) = a_staff_member().email, some(Level.soon)
    page = open_page()
    desk = Walk(page).goes("/sign-in").signs_in(email).goes("/desk/requests")
    row = page.locator(f"#{reference}")
    place = row.bounding_box()
    ask = "document.dispatchEvent(new Event('visibilitychange'))"
    with live_server.app.app_context():
        for n, level in enumerate((Level.emergency, Level.routine)):
            a_request(level, at=now(), person={"phone": f"+91987654329{n}"})
    page.evaluate(ask)
    expect(page.get_by_role("alert")).to_contain_text("1 new emergency.")
    expect(page.get_by_role("status")).to_contain_text("1 new request.")
    assert page.title().startswith("(1 emergency) Requests")
    assert row.bounding_box() == place
    axe(page)
    page.route("**/news?*", lambda route: route.abort())
    page.evaluate(ask)
    expect(page.get_by_role("status")).to_contain_text("Not updated since 11:3")
    page.unroute("**/news?*")
    desk.follows("Show it", page.get_by_role("alert"))
    assert page.get_by_role("row").count() == 7
