"""Linking at the desk and at the doctor's: what is shown, what is told, and what stays readable."""

import pytest
from flask import Flask

from app.access import clinic, now
from app.domain.level import Level
from app.workflow import queue, review
from tests.builders import a_request, a_staff_member
from tests.people import Doctor, Page, Receptionist, Staff


@pytest.fixture(params=[Receptionist, Doctor], ids=["desk", "doctor"])
def somebody(app: Flask, request: pytest.FixtureRequest) -> Receptionist | Doctor:
    """A person at the desk, and a doctor."""
    who: type[Staff] = request.param
    found = who.at_work(app)
    assert isinstance(found, Receptionist | Doctor)
    return found


@pytest.fixture
def pair(app: Flask) -> tuple[str, str]:
    """Two requests that may be one person's; the first is more pressing, and has a story."""
    with app.app_context():
        meera, rao = a_staff_member("receptionist"), a_staff_member("doctor", name="Dr Iyer")
        told = {"name": "रूपाली पाटील", "phone": "+919876543211", "caller_name": "Sachin Patil"}
        first = a_request(Level.urgent, at=now(), person=told)
        queue.add_note(first.reference, "Speaks softly", meera, now())
        queue.log_call(first.reference, "no-answer", meera, now(), "Rang twice")
        words = "See her this week"
        review.decide(first.reference, "decide", words, first.version, rao, now(), clinic())
        second = a_request(Level.routine, at=now(), person={"name": "Rupali Patil"})
        return first.reference, second.reference


def test_from_maybe_the_same_to_one_case_and_back(
    app: Flask, somebody: Receptionist | Doctor, pair: tuple[str, str]
) -> None:
    """It says why; once linked, every text of the other is on the page; and it can be undone."""
    first, second = pair
    page = somebody.opens(second)
    assert "Maybe the same person, similar name" in page.text
    assert f"{first}, रूपाली पाटील . Urgent, with the desk" in page.text
    page = somebody.acts(second, "case")
    assert "They are one case now." in page.text
    assert "Maybe the same" not in page.text
    assert f"One case of 2 requests, Urgent. {first} leads." in page.text
    for kept in ("Speaks softly", "Rang twice", "See her this week", "Sachin Patil"):
        assert kept in page.text
    assert all(question in page.text for question in questions(app, first))
    assert "This one leads." in somebody.opens(first).text
    page = leave(somebody, first)
    assert "It stands by itself again." in page.text
    assert "took it out of the case" in page.text
    assert "Maybe the same person" in page.text


def questions(app: Flask, reference: str) -> list[str]:
    """The questions that this request has answered."""
    with app.app_context():
        found = queue.open_request(reference, a_staff_member(), now())
        return [" ".join(item["question"].split()) for item in found.response.items]


def leave(somebody: Receptionist | Doctor, reference: str) -> Page:
    """Take the request that is open out of its case."""
    return somebody.acts(reference, "case/leave")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter the reference of the other request"),
        ("Rupali", "Enter the reference of the other request"),
        ("SPN-222-222", "No request has this reference"),
        ("\x00", "Enter the reference of the other request"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told_at_its_field(
    somebody: Receptionist | Doctor, pair: tuple[str, str], typed: str, words: str
) -> None:
    """What was typed stays, and nothing is linked."""
    somebody.opens(pair[0])
    page = somebody.acts(pair[0], "case", 422, other=typed)
    assert page.title.startswith("Error: ")
    assert words in page.text
    assert "One case" not in page.text


def test_a_reference_is_taken_in_any_form(
    somebody: Receptionist | Doctor, pair: tuple[str, str]
) -> None:
    """Lower case and without hyphens; the request itself is refused."""
    first, second = pair
    somebody.opens(first)
    page = somebody.acts(first, "case", 422, other=first.lower())
    assert "This is the request itself." in page.text
    page = somebody.acts(first, "case", other=second.replace("-", "").lower())
    assert "They are one case now." in page.text


def test_the_slower_of_two_sees_who_was_faster(
    somebody: Receptionist | Doctor, pair: tuple[str, str]
) -> None:
    """Taking out of a case what a colleague has taken out already changes nothing."""
    first, second = pair
    somebody.opens(first)
    somebody.acts(first, "case", other=second)
    early = somebody.opens(first)
    leave(somebody, first)
    somebody.page = early
    page = somebody.acts(first, "case/leave", 409)
    assert "took it out of the case" in page.text


def test_the_queue_says_how_many_requests_a_line_stands_for(
    somebody: Receptionist | Doctor, pair: tuple[str, str]
) -> None:
    """One line, and the number beside its reference."""
    somebody.opens(pair[0])
    somebody.acts(pair[0], "case", other=pair[1])
    page = somebody.get("/desk/requests")
    assert f"{pair[0]}, 2 requests" in page.text
    assert pair[1] not in page.text


def test_what_changed_with_every_decision_is_told(
    app: Flask, somebody: Receptionist | Doctor
) -> None:
    """Level, who, version, rules and answers, one beside the other."""
    with app.app_context():
        found = a_request(Level.soon, at=now())
        meera = a_staff_member("receptionist")
        reason = "Can hardly walk on the phone"
        queue.raise_level(
            found.reference, Level.urgent, found.version, meera, now(), clinic(), reason
        )
        version = found.triages[0].pack_version
    page = somebody.opens(found.reference)
    assert "What changed since Urgent, up from Soon Meera Kulkarni" in page.text
    assert f"Rules of version {version}. {reason}" in page.text
