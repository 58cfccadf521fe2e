"""What a case tells beyond level and clock: nerves in time, alarms, questions to the desk."""

import datetime as dt
import re
from typing import Any

import pytest
from flask import Flask

from app.access import now
from app.domain.condition import NO, NOT_SURE, YES
from app.domain.level import Level
from app.records.service_request import ServiceRequest
from app.workflow import outbox, review
from tests.builders import a_request, a_staff_member, the_clinic, the_pack
from tests.people import Doctor, Page, Receptionist

MINUTE = dt.timedelta(minutes=1)

pytestmark = pytest.mark.databases("sqlite")

TOLD = {
    "leg_weakness": YES,
    "leg_weakness.side": "both",
    "leg_weakness.onset": "today",
    "leg_weakness.course": "worse_days",
    "bladder_retention": NOT_SURE,
    "pain_site": "mid_back",
    "spine_pain": YES,
    "cancer_status": "past",
}


@pytest.fixture
def arun(app: Flask) -> Doctor:
    """A doctor at work."""
    return Doctor.at_work(app)


def an_emergency(at: dt.datetime, **more: Any) -> ServiceRequest:
    """Somebody with weak legs and pain in the middle of the back, who denies all the rest."""
    denied = {q.id: NO for q in the_pack().questions.values() if q.kind == "sign"}
    return a_request(Level.emergency, at=at, answers={**denied, **TOLD}, **more)


def lines(page: Page) -> list[str]:
    """The timeline of a case."""
    (timeline,) = [each for each in page.top.all("ol") if each.attributes.get("class") == "tl"]
    return [line.text for line in timeline.all("li")]


def test_nerve_functions_and_the_worst_pain_stand_in_words_and_in_a_picture(
    app: Flask, arun: Doctor
) -> None:
    """The picture says nothing that the words do not."""
    with app.app_context():
        reference = an_emergency(now()).reference
    page = arun.opens(reference)
    assert "Legs Weak leg, both sides, today, worse over hours or days" in page.text
    assert "Bladder Trouble passing urine: not sure" in page.text
    assert "Walking No trouble told" in page.text
    assert "Worst pain Upper or middle back" in page.text
    pictures = {
        svg.attributes["class"]: svg for svg in page.top.all("svg") if "class" in svg.attributes
    }
    assert {"mark-mid_back", "wedge wedge--worse", "wedge wedge--unknown"} <= set(pictures)
    assert all(svg.attributes["aria-hidden"] == "true" for svg in pictures.values())


def test_without_pain_there_is_no_picture_of_it(app: Flask, arun: Doctor) -> None:
    """An unmarked back would look like a forgotten mark; case and brief say it in words."""
    with app.app_context():
        denied = {q.id: NO for q in the_pack().questions.values() if q.kind == "sign"}
        answers = {**denied, "leg_weakness": YES, "pain_site": "none"}
        reference = a_request(Level.emergency, at=now(), answers=answers).reference
    page = arun.opens(reference)
    assert "Where is the worst pain? No pain in the neck or back" in page.text
    assert not list(page.top.all("figure"))
    brief = arun.get(f"/doctor/reviews/{reference}/brief")
    assert "Worst pain No pain in the neck or back" in brief.text
    assert not [svg for svg in brief.top.all("svg") if "mark-" in svg.attributes.get("class", "")]


def test_the_timeline_tells_the_enquiry_the_alarms_and_what_was_missed(
    app: Flask, arun: Doctor
) -> None:
    """From the first page to the last alarm, each with its fate, in order."""
    at = now()
    with app.app_context():
        began, warned = at - 30 * MINUTE, at - 24 * MINUTE
        sent_at = at - 22 * MINUTE
        found = an_emergency(sent_at, begun_at=began, warned_at=warned, consent_version=None)
        for each in (sent_at, found.due_at):
            while leased := outbox.lease(each):
                outbox.settle_sent(leased, each)
        page = arun.opens(found.reference)
        arun.acts(found.reference, "acknowledge")
    told = [re.sub(r" (\d+ \w+, )?\d+:\d\d [ap]m$", "", line) for line in lines(page)]
    everybody = (
        "the first doctor on call and the second doctor on call and the manager and the desk"
    )
    assert told == [
        "The patient began the enquiry",
        "The patient told of a danger sign, and was shown the emergency page",
        "The patient left a phone number on the emergency page",
        "An alarm went to the first doctor on call Delivered to the mail server",
        "The target of 15 min passed",
        "An alarm went to the second doctor on call The mail server took it after 7 min",
        f"An alarm went to {everybody} Delivered to the mail server",
    ]
    after = " ".join(lines(arun.opens(found.reference)))
    assert "The target of 15 min passed" in after
    assert "Dr Arun Rao took the case" in after


def test_a_question_to_the_desk_and_its_answer(app: Flask, arun: Doctor) -> None:
    """Asked, shown as open with its clock, answered at the desk, and back with the answer."""
    meera = Receptionist.at_work(app)
    with app.app_context():
        reference = an_emergency(now()).reference
    arun.opens(reference)
    page = arun.acts(reference, "inquire", 422, question=" ")
    assert "Enter what the desk should find out" in page.text
    page = arun.acts(reference, "inquire", question="Which leg is weak?")
    assert "The desk finds out Which leg is weak?" in page.text
    assert "The desk finds out (1)" in arun.get("/doctor/reviews").text
    page = meera.get(f"/desk/requests/{reference}")
    assert "The doctor asks you to find out Which leg is weak?" in page.text
    assert "Close" not in [summary.text for summary in page.top.all("summary")]
    address = f"/desk/requests/{reference}/answer"
    assert "Enter what you found out" in meera.send(address, 422, note="").text
    meera.send(address, note="Both, since the morning")
    page = arun.opens(reference)
    assert "Not acknowledged" in page.text
    assert "Meera Kulkarni of the desk answers Both, since the morning" in page.text
    assert "asked: Which leg is weak?" in page.text


def test_a_question_on_an_old_page_changes_nothing(app: Flask, arun: Doctor) -> None:
    """What a colleague decided meanwhile is seen first."""
    with app.app_context():
        found = an_emergency(now())
        reference = found.reference
    arun.opens(reference)
    with app.app_context():
        colleague = a_staff_member("doctor", name="Dr Nisha Iyer")
        review.decide(
            reference, "send-to-hospital", "Gone", found.version, colleague, now(), the_clinic()
        )
    page = arun.acts(reference, "inquire", 409, question="Which leg?")
    assert "Dr Nisha Iyer" in page.text
    assert "Which leg?" in page.text
