"""A doctor reads the rules and tries them, at a desk and on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import LiveServer
from tests.browser.walk import Axe, Walk
from tests.builders import a_staff_member

OpenPage = Callable[..., Page]


@pytest.mark.parametrize(("width", "script"), [(390, False), (1280, True)])
def test_a_doctor_reads_and_tries_the_rules(
    live_server: LiveServer, open_page: OpenPage, axe: Axe, width: int, script: bool
) -> None:
    """What an answer leads to is told on the page; follow-ups appear once a sign is a yes."""
    with live_server.app.app_context():
        doctor = a_staff_member("doctor").email
    rao = Walk(open_page(width=width, java_script_enabled=script), axe if script else None)
    rao.goes("/sign-in").signs_in(doctor).goes("/settings/rules?q=weak+leg&level=urgent")
    assert "U04. Weak leg or arm" in rao.text
    rao.follows("Try the rules")
    onset = rao.page.get_by_label("When did it start?").first
    assert not onset.is_visible()
    rao.picks("was answered calmly: no to every sign, and the least worrying answers")
    rao.page.get_by_label("Is a leg weak", exact=False).first.select_option("yes")
    assert onset.is_visible()
    onset.select_option("le_2w")
    rao.presses("See what the rules say")
    assert "Level: Emergency" in rao.text
    rao.page.get_by_text("Other rules that fired").first.wait_for()
    assert rao.page.url.endswith("/settings/rules/try?condition=spinal-metastasis")
