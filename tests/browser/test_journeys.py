"""Three stories through all the doors, in a real browser, with real mail."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
import time_machine
from playwright.sync_api import Page

from tests.browser.conftest import LiveServer
from tests.browser.walk import Axe, Walk
from tests.builders import NOW, a_doctor_with_hours, a_staff_member
from tests.servers import Mail, MailServer

DESK: Final = "desk@example.org"
PATIENT: Final = "asha@example.org"
NONE: Final = "None of these"
WEAK_LEG: Final = (
    "A weak leg: hard to lift, the foot catches, or the knee gives way (not just from pain)"
)
PAIN_TIME: Final = "When did the pain start, and how has it changed?"
WIDTHS: Final = pytest.mark.parametrize("width", [390, 1280])

OpenPage = Callable[..., Page]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is 11:30 am at the clinic, so that there are visits on the same day."""
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


def hire(live_server: LiveServer, role: str = "receptionist", **details: Any) -> str:
    """Somebody new at the clinic, by e-mail; doctors can be visited until 1 pm."""
    with live_server.app.app_context():
        if role == "doctor":
            return a_doctor_with_hours(dt.time(9), dt.time(13), **details).email
        return a_staff_member(role, **details).email


def post_mail(live_server: LiveServer) -> None:
    """Let the worker send what is due."""
    live_server.app.extensions["worker"].drain()


def the_mail(smtp: MailServer, to: str, subject: str) -> Mail:
    """The only mail to an address whose subject has these words."""
    (found,) = [mail for mail in smtp.sent_to(to) if subject in mail.subject]
    return found


def tells_of_old_back_pain(patient: Walk, *, night: bool = False) -> None:
    """Answer from the place of the pain to the last question."""
    patient.answers("Lower back (below the ribs)")
    patient.answers("It wakes me at night" if night else NONE)
    start = "2 weeks to 3 months ago" if night else "More than 3 months ago"
    patient.answers(start, "It stays the same", "No")
    patient.answers(NONE).answers(NONE)
    patient.fills("Age of the patient, in years", "56").answers(NONE)
    patient.answers(NONE).answers(NONE)


def gives_contact(patient: Walk, *, name: str = "Asha Patil") -> None:
    """Fill in the contact page for a patient who answers for herself."""
    patient.fills("Full name of the patient", name).fills("Mobile number", "98765 43210")
    patient.fills("E-mail (optional)", PATIENT).answers("मराठी (Marathi)")


def consents_and_sends(patient: Walk) -> str:
    """Agree, send, and give the reference of the receipt."""
    patient.picks("I agree that the clinic can use these answers for this request")
    patient.presses("Send")
    assert patient.h1 == "We got your request"
    return patient.page.locator(".ref").inner_text()


@WIDTHS
def test_a_routine_request_from_the_page_to_the_visit(
    live_server: LiveServer,
    open_page: OpenPage,
    axe: Axe,
    smtp: MailServer,
    clock: time_machine.Traveller,
    width: int,
) -> None:
    """Read, ask, check, change, send; the desk finds, calls and books; the visit is seen."""
    desk_email, _ = hire(live_server), hire(live_server, "doctor")
    patient = Walk(open_page(width=width), axe)
    patient.goes("/").follows("Cancer that has spread to the spine")
    patient.follows("Ask for help", "article")
    patient.passed.clear()
    patient.picks("Me").presses("Start")
    patient.answers(NONE).answers(NONE).answers("No")
    tells_of_old_back_pain(patient)
    assert patient.h1 == "Book a visit, or ask for a call"
    patient.answers("A visit")
    # Nobody answers as fast as this browser.
    clock.shift(60)
    gives_contact(patient)
    assert patient.h1 == "Choose a time to visit"
    patient.page.locator("#time-none").check()
    patient.presses("Continue")
    assert patient.h1 == "Check your answers, then send"
    assert len(patient.passed) <= 16
    patient.follows(f"Change {PAIN_TIME.lower()}")
    patient.answers("It is getting better")
    assert patient.h1 == "Check your answers, then send"
    assert "getting better" in patient.text
    reference = consents_and_sends(patient)

    post_mail(live_server)
    assert reference in the_mail(smtp, PATIENT, "We got your request").text
    assert reference in the_mail(smtp, DESK, "needs a call").subject
    desk = Walk(open_page(width=width), axe)
    desk.goes("/sign-in").signs_in(desk_email)
    desk.fills("Find a person", "3210").presses("Find")
    assert desk.h1 == "Asha Patil, 56"
    desk.picks("Answered").presses("Log the call")
    assert "The call is logged." in desk.text
    desk.follows("Offer a time")
    desk.page.locator(".slot").first.click()
    desk.presses("Book the visit")
    assert "Tuesday 24 November 2026, 12:00 pm" in desk.text
    post_mail(live_server)
    assert the_mail(smtp, PATIENT, "Visit on Tue 24 Nov, 12:00 pm").text.count(reference) == 0
    desk.follows("Calendar", "header")
    assert "Asha Patil" in desk.text
    desk.presses(re.compile("^Arrived")).presses(re.compile("^Seen"))
    desk.follows("Asha Patil, 56")
    assert "Closed: Seen at the clinic" in desk.text


@WIDTHS
def test_an_urgent_request_from_the_night_to_the_instruction(
    live_server: LiveServer, open_page: OpenPage, axe: Axe, smtp: MailServer, width: int
) -> None:
    """Amber advice names the answers; the doctor comes by the mail, and tells the desk."""
    desk_email = hire(live_server)
    first = hire(live_server, "doctor")
    second = hire(live_server, "doctor", name="Dr Nisha Iyer")
    patient = Walk(open_page(width=width), axe)
    patient.goes("/spinal-metastasis/enquiry").picks("Me").presses("Start")
    patient.answers(NONE).answers(NONE).answers("Yes, in the past")
    patient.picks("Breast").picks("No", of="spread to the spine")
    patient.picks("No", of="other bones").picks("No", of="In the last 6 weeks").presses("Continue")
    tells_of_old_back_pain(patient, night=True)
    assert patient.h1 == "A doctor must hear about this today"
    assert "pain at night" in patient.page.locator(".care--today").inner_text()
    patient.answers("A call")
    gives_contact(patient)
    reference = consents_and_sends(patient)

    post_mail(live_server)
    assert reference in the_mail(smtp, DESK, reference).subject
    alerts = [the_mail(smtp, doctor, reference) for doctor in (first, second)]
    links = [re.findall(r"http\S+/doctor/\S+", alert.text)[0] for alert in alerts]
    arun = Walk(open_page(width=width), axe).goes(links[0]).signs_in(first)
    nisha = Walk(open_page(width=width), axe).goes(links[1]).signs_in(second)
    assert arun.h1 == nisha.h1 == "Asha Patil, 56"
    arun.presses("Acknowledge")
    assert "Acknowledged by you, 11:3" in arun.text
    nisha.presses("Acknowledge")
    assert "Dr Arun Rao acknowledged 0 min ago. You can still call." in nisha.text
    arun.picks("Not an emergency: book a visit")
    arun.fills("Note, or what the desk should do (optional)", "Bring the mammogram")
    arun.presses("Save the outcome")
    assert "The outcome is saved." in arun.text

    desk = Walk(open_page(width=width), axe).goes(f"/desk/requests/{reference}")
    desk.signs_in(desk_email)
    assert "The doctor asks you to Book a visit. Bring the mammogram" in desk.text


@pytest.mark.parametrize(
    ("width", "script"), [(390, True), (1280, True), (390, False)], ids=["390", "1280", "no script"]
)
def test_an_emergency_from_the_relative_to_the_hospital(
    live_server: LiveServer,
    open_page: OpenPage,
    axe: Axe,
    smtp: MailServer,
    width: int,
    script: bool,
) -> None:
    """Advice comes before any name; a number tells the doctor, who later sees both answers."""

    def walk() -> Walk:
        page = open_page(width=width, java_script_enabled=script)
        return Walk(page, axe if script else None)

    doctor = hire(live_server, "doctor")
    rupali = walk().goes("/spinal-metastasis/enquiry")
    rupali.picks("Someone in my family").presses("Start")
    rupali.answers(WEAK_LEG).answers("In the last 2 weeks", "It stays the same", "On one side")
    rupali.answers(NONE).answers("Yes, in the past")
    assert rupali.h1 == "You need emergency care now"
    assert "Full name" not in " ".join(rupali.passed)
    assert rupali.page.get_by_role("link", name="Call 108 now").is_visible()
    rupali.fills("Mobile number of you or a person with you", "98765 43210")
    rupali.presses("Send to the doctor on call")
    assert "We have told the doctor on call." in rupali.text
    reference = rupali.page.locator(".ref").inner_text()
    post_mail(live_server)
    link = re.findall(r"http\S+/doctor/\S+", the_mail(smtp, doctor, reference).text)[0]
    arun = walk().goes(link).signs_in(doctor)
    assert arun.h1 == "Name not given"

    rupali.presses("Go on with the questions")
    for _ in range(3):
        rupali.follows("Back")
    assert rupali.h1 == "Tell us a little more"
    rupali.answers("It is getting better")
    assert rupali.h1 == "About the cancer"
    rupali.picks("Breast").picks("No", of="spread to the spine")
    rupali.picks("No", of="other bones").picks("No", of="In the last 6 weeks").presses("Continue")
    tells_of_old_back_pain(rupali)
    assert rupali.h1 == "You need emergency care now"
    rupali.answers("A call")
    rupali.fills("Your own name", "Rupali Patil")
    gives_contact(rupali)
    assert consents_and_sends(rupali) == reference

    arun.goes(link)
    assert arun.h1 == "Asha Patil, 56"
    assert "A relative answered: Rupali Patil." in arun.text
    assert "It stays the same, then It is getting better" in arun.text
    arun.presses("Acknowledge").picks("Going to hospital now")
    arun.presses("Save the outcome")
    assert "Closed: sent to hospital" in arun.text
