"""Send: one press or many, one request; and the receipt, which belongs to one browser."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask

from tests.patient.sent import everything_sent, the_one_sent
from tests.people import Patient, filled_in

PRESSES = 20


@pytest.fixture
def asha(app: Flask) -> Patient:
    """A patient who has only to press Send."""
    patient = Patient(app.test_client())
    patient.begins()
    patient.answers("check")
    return patient


def test_pressing_send_twenty_times_at_once_sends_once(app: Flask, asha: Patient) -> None:
    """Every press gets the same receipt: one request, one answer sheet, one mail to the desk."""
    fields = filled_in(asha.page.form(None))
    fields["consent"] = "yes"
    cookies = [asha.client.get_cookie(name) for name in ("enquiry", "session")]
    start, answers = threading.Barrier(PRESSES), []

    def press() -> None:
        client = app.test_client()
        for cookie in cookies:
            assert cookie
            client.set_cookie(cookie.key, cookie.value)
        start.wait()
        sent = client.post(f"{asha.place}/check", data=fields)
        answers.append((sent.status_code, sent.headers.get("Location")))

    together([press] * PRESSES)
    assert answers == [(303, f"{asha.place}/received")] * PRESSES
    sent = the_one_sent(app)
    assert (sent.responses, sent.history) == (1, ["submit"])
    assert sent.messages == ["new-request"]
    asha.opens("received")
    assert sent.reference in asha.page.text


def together(acts: list[Callable[[], None]]) -> None:
    """Do all of it at the same time."""
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.databases("sqlite")
def test_consent_is_asked_for_and_never_given_by_itself(app: Flask, asha: Patient) -> None:
    """The box is empty, and without it nothing is sent."""
    box = next(each for each in asha.page.top.all("input") if each.attributes["name"] == "consent")
    assert "checked" not in box.attributes
    asha.continues(422)
    assert "Tick the box if you agree" in asha.page.text
    assert everything_sent(app) == []


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("page", "change"),
    [
        ("body-signs", {"body-signs": "leg_swollen_painful"}),
        ("contact", {"phone": "98765 43299"}),
        ("advice", {"wanted": "advice"}),
    ],
)
def test_an_old_page_sent_after_send_changes_nothing_and_says_so(
    app: Flask, asha: Patient, page: str, change: dict[str, str]
) -> None:
    """Back after sending, a change, Continue: the receipt tells that the change did not arrive."""
    old = Patient(asha.client)
    old.opens(page)
    asha.continues(consent="yes")
    before = the_one_sent(app)
    old.continues(**change)
    assert old.at == "received"
    assert "we did not get the change" in old.page.text
    assert "98765 43210" in old.page.text
    assert the_one_sent(app) == before


@pytest.mark.databases("sqlite")
def test_looking_back_after_send_leads_to_the_receipt(asha: Patient) -> None:
    """Every page of the enquiry that was sent leads to its receipt, which complains of nothing."""
    asha.continues(consent="yes")
    for page in ("danger-signs", "advice", "contact", "check"):
        asha.opens(page)
        assert asha.at == "received"
        assert "sent already" not in asha.page.text


@pytest.mark.databases("sqlite")
def test_after_send_a_second_enquiry_is_a_new_request(app: Flask, asha: Patient) -> None:
    """The start page begins with empty answers, and the next request has its own reference."""
    asha.continues(consent="yes")
    asha.begins()
    assert "earlier" not in asha.page.text
    asha.answers("received")
    references = {sent.reference for sent in everything_sent(app)}
    assert len(references) == 2


@pytest.mark.databases("sqlite")
def test_a_receipt_belongs_to_the_browser_that_sent(app: Flask, asha: Patient) -> None:
    """A stranger at the same address sees the start page."""
    asha.continues(consent="yes")
    stranger = Patient(app.test_client())
    stranger.opens("received")
    assert stranger.at == ""
    assert the_one_sent(app).reference not in stranger.page.html


@pytest.mark.databases("sqlite")
def test_the_receipt_says_what_happens_next_and_when_not_to_wait(asha: Patient) -> None:
    """Number, time, reference, and the card of signs that cannot wait."""
    asha.answers("received", email="asha@example.org")
    text = asha.page.text
    assert "We contact you on 98765 43210 within 3 working days" in text
    assert "Do not wait for us if you have any of these" in text
    assert "Write down your reference" in text
