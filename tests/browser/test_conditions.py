"""The same two ways through the enquiry for each condition, on a phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from app.domain.condition import Pack
from tests.browser.conftest import LiveServer
from tests.browser.test_journeys import (
    DESK,
    NONE,
    PATIENT,
    consents_and_sends,
    gives_contact,
    hire,
    post_mail,
    the_mail,
)
from tests.browser.walk import Axe, Walk
from tests.domain.real_packs import real_packs
from tests.servers import MailServer

PHONE = 390
WISH = "Book a visit, or ask for a call"
CALM = {
    "Have you ever had cancer?": "No",
    "Where is the worst pain?": "No pain in the neck or back",
}

OpenPage = Callable[..., Page]


@pytest.fixture(params=real_packs())
def pack(request: pytest.FixtureRequest) -> Pack:
    """Each condition that patients can ask about."""
    return real_packs()[request.param]


def begins(page: Page, axe: Axe, pack: Pack) -> Walk:
    """Read the page of the condition, and start the enquiry."""
    patient = Walk(page, axe).goes("/").follows(pack.name["en"])
    patient.follows("Ask for help", "article")
    return patient.picks("Me").presses("Start")


def test_no_danger_sign_leads_to_the_receipt(
    live_server: LiveServer, open_page: OpenPage, axe: Axe, smtp: MailServer, pack: Pack
) -> None:
    """Calm answers, a wish, a number, Send; the desk finds the request in its list."""
    desk_email = hire(live_server)
    patient = begins(open_page(width=PHONE), axe, pack)
    while patient.h1 != WISH:
        age = patient.page.get_by_label("Age of the patient, in years")
        if age.count():
            age.fill("45")
        patient.answers(CALM.get(patient.h1, NONE))
        assert len(patient.passed) <= 20
    patient.answers("A visit")
    gives_contact(patient)
    assert patient.h1 == "We find a time with you"
    patient.presses("Continue")
    reference = consents_and_sends(patient)
    assert reference.startswith(pack.reference_prefix)

    post_mail(live_server)
    told = the_mail(smtp, PATIENT, "We got your request").text
    assert next(card.text["en"] for card in pack.cards) in told
    assert reference in the_mail(smtp, DESK, "needs a call").subject
    desk = Walk(open_page(width=PHONE), axe).goes("/sign-in").signs_in(desk_email)
    desk.goes("/desk/requests?view=all")
    assert reference in desk.text
    desk.goes(f"/desk/requests/{reference}")
    assert desk.h1 == "Asha Patil, 45"


def test_a_danger_sign_leads_to_the_emergency_page(
    live_server: LiveServer, open_page: OpenPage, axe: Axe, smtp: MailServer, pack: Pack
) -> None:
    """Numb between the legs since today: advice before any name; the doctor reads why."""
    doctor = hire(live_server, "doctor")
    label = pack.questions["saddle_numbness"].label
    assert label
    patient = begins(open_page(width=PHONE), axe, pack)
    patient.answers(label["en"])
    patient.answers("Today (less than 24 hours ago)", "It got worse over hours or days")
    assert patient.h1 == "You need emergency care now"
    (words,) = [each for each in pack.emergency_words if "E04" in each.rules]
    assert words.meaning["en"] in patient.text
    patient.fills("Mobile number of you or a person with you", "98765 43210")
    patient.presses("Send to the doctor on call")
    reference = patient.page.locator(".ref").inner_text()

    post_mail(live_server)
    link = re.findall(r"http\S+/doctor/\S+", the_mail(smtp, doctor, reference).text)[0]
    arun = Walk(open_page(width=PHONE), axe).goes(link).signs_in(doctor)
    assert "umb between the legs" in arun.text
    assert "Suspected cauda equina syndrome" in arun.text
