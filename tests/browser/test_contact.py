"""Problems and letters to patients in a real browser, on a phone and on a desk's screen."""

import re
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page

from app.access import now
from app.domain.level import Level
from app.workflow import outbox, problems, queue
from tests.browser.conftest import LiveServer
from tests.browser.walk import Axe, Walk
from tests.builders import a_request, a_staff_member
from tests.mail.arrived import deliver
from tests.servers import MailServer

# Width and script: one of each; what is accessible is looked at with script.
SCREENS: Final = [(390, True), (1280, False)]
ASHA: Final = {"name": "Asha Patil", "email": "asha@example.org"}


def at_the_desk(server: LiveServer) -> str:
    """The address of a receptionist."""
    with server.app.app_context():
        return a_staff_member("receptionist").email


@pytest.mark.parametrize(("width", "script"), SCREENS)
def test_a_problem_is_taken_and_resolved(
    open_page: Callable[..., Page], live_server: LiveServer, axe: Axe, width: int, script: bool
) -> None:
    """From the views to the call that replaces a mail, with an error on the way."""
    with live_server.app.app_context():
        request, by = a_request(Level.soon, at=now()), a_staff_member()
        for _ in range(3):
            queue.log_call(request.reference, "no-answer", by, now())
        a_staff_member("doctor", phone="+919876543290")
        a_request(Level.urgent, at=now(), person={"phone": "+919876543299"})
        alert = outbox.lease(now())
        assert alert
        outbox.settle_refused(alert, now(), "SMTP 550")
        problems.look(now())
    walk = Walk(open_page(width, java_script_enabled=script), axe if script else None)
    walk.goes("/desk/problems").signs_in(at_the_desk(live_server))
    assert walk.page.get_by_role("link", name="Call Dr Arun Rao, 98765 43290").is_visible()
    line = walk.page.get_by_role("listitem").filter(has_text="Three calls without an answer")
    walk.presses(re.compile("I do it"), where=line)
    assert "You see to it." in walk.text
    walk.presses(re.compile("Resolve"), where=line)
    assert "Enter what was done" in walk.text
    line.get_by_label("What was done?").fill("Reached the daughter")
    walk.presses(re.compile("Resolve"), where=line)
    assert "Reached the daughter" in walk.text
    assert "Still true" in walk.text


@pytest.mark.parametrize(("width", "script"), SCREENS)
def test_the_desk_writes_to_a_patient(
    open_page: Callable[..., Page],
    live_server: LiveServer,
    smtp: MailServer,
    axe: Axe,
    width: int,
    script: bool,
) -> None:
    """A ready text, own words, the preview; and the mail that arrives says just that."""
    with live_server.app.app_context():
        reference = a_request(Level.soon, at=now(), person=ASHA).reference
    walk = Walk(open_page(width, java_script_enabled=script), axe if script else None)
    walk.goes(f"/desk/requests/{reference}").signs_in(at_the_desk(live_server))
    walk.follows("Correct the person").fills("With whom may we speak?", "Rupali, daughter")
    walk.presses("Keep it")
    assert "Rupali, daughter" in walk.text
    walk.follows("Write to the patient").follows("We could not reach you")
    walk.fills("Subject", "Your tumour").presses("Show the mail")
    assert "Leave out “tumour”" in walk.text
    walk.fills("Subject", "Please call us back").presses("Show the mail")
    assert "DO NOT WAIT FOR US" in walk.text
    seen = walk.page.get_by_role("region", name="This is what the patient gets").inner_text()
    walk.presses("Send it")
    assert "The mail is on its way." in walk.text
    with live_server.app.app_context():
        assert "written sent" in deliver(now())
    mail = smtp.sent_to(ASHA["email"])[-1]
    assert mail.message["Subject"] == "Please call us back"
    words = mail.text.replace(60 * "-", "").split()
    assert " ".join(words) in " ".join(seen.split())
