"""One enquiry in Hindi and one in Marathi on a phone, in a real browser, with real mail."""

from collections.abc import Callable, Iterator
from typing import Final

import pytest
import time_machine
from playwright.sync_api import Page

from app.languages import NAMES, TRANSLATED, catalogue
from tests.browser.conftest import LiveServer
from tests.browser.test_journeys import OpenPage, hire, post_mail
from tests.browser.walk import Axe, Walk
from tests.builders import NOW
from tests.domain.real_packs import real_packs
from tests.people import WELL
from tests.servers import MailServer

PACK: Final = real_packs()["spinal-metastasis"]
PATIENT: Final = "asha@example.org"
NARROW: Final = 390


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """It is 11:30 am at the clinic."""
    with time_machine.travel(NOW, tick=True):
        yield


class Reader:
    """Somebody who reads one language and fills in the form as somebody who is well."""

    def __init__(self, page: Page, language: str, axe: Axe) -> None:
        self.walk, self.page = Walk(page, axe), page
        self.say: Callable[[str], str] = catalogue(language).words.__getitem__

    def goes_on(self) -> None:
        """Answer what this page asks, and continue."""
        name = self.page.url.rpartition("/")[2]
        for field, value in WELL.items():
            box = self.page.locator(f"main input[name='{field}'][value='{value}']")
            if box.count():
                box.first.check()
        nothing = self.page.locator(f"main input[name='{name}'][value='none']")
        if nothing.count():
            nothing.check()
        if self.page.locator("main input[name=age]").count():
            self.page.locator("main input[name=age]").fill(WELL["age"])
        self.walk.presses(self.say("Continue"))


@pytest.mark.parametrize("language", TRANSLATED)
def test_somebody_reads_asks_and_gets_a_mail_in_the_own_language(
    live_server: LiveServer,
    open_page: OpenPage,
    smtp: MailServer,
    axe: Axe,
    language: str,
) -> None:
    """From the English page over the language link to the receipt; axe looks at every page."""
    hire(live_server, "doctor")
    page = open_page(NARROW, 844)
    reader = Reader(page, language, axe)
    reader.walk.goes("/spinal-metastasis").follows(NAMES[language], ".langs")
    assert page.evaluate("document.documentElement.lang") == language
    reader.walk.follows(reader.say("Ask for help"), "article")
    reader.page.locator("main input[value=self]").check()
    reader.walk.presses(reader.say("Start"))
    assert reader.walk.h1 == PACK.pages[0].title[language]
    while not page.url.endswith("/contact"):
        if page.url.endswith("/advice"):
            page.locator("main input[name=wanted][value=call]").check()
            reader.walk.presses(reader.say("Continue"))
        else:
            reader.goes_on()
    reader.walk.fills(reader.say("Full name of the patient"), "Asha Patil")
    reader.walk.fills(reader.say("Mobile number"), "98765 43210")
    reader.walk.fills(reader.say("E-mail (optional)"), PATIENT)
    reader.goes_on()
    page.locator("#consent").check()
    reader.walk.presses(reader.say("Send"))
    assert reader.walk.h1 == reader.say("We got your request")
    assert page.url.endswith(f"/{language}/spinal-metastasis/enquiry/received")
    post_mail(live_server)
    (mail,) = smtp.sent_to(PATIENT)
    assert reader.say("We got your request. A person reads it.") in mail.text
    assert f"{live_server.url}/{language}/r/" in mail.text
