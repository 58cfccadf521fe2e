"""The page of one request: facts, what to do, and the small forms."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa
from flask import Flask

from app.access import now
from app.desk.acts import ACTS
from app.domain import lifecycle
from app.domain.level import Level
from app.records import db
from app.records.service_request import ServiceRequest
from app.workflow import queue
from tests.builders import a_request, a_staff_member
from tests.people import Page, Patient, Receptionist, filled_in

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def meera(app: Flask) -> Receptionist:
    """A receptionist at work."""
    return Receptionist.at_work(app)


@pytest.fixture
def reference(app: Flask) -> str:
    """A routine request."""
    with app.app_context():
        return a_request(Level.routine, at=now()).reference


def colleague_moves(app: Flask, reference: str, event: str, version: int) -> None:
    """A manager is faster."""
    with app.app_context():
        by = a_staff_member("manager")
        zone = app.extensions["settings"].clinic_zone
        queue.event(reference, event, version, by, now(), zone)


def headings(page: Page) -> list[str]:
    """The summaries of the small forms."""
    return [summary.text for summary in page.top.all("summary")]


def test_an_emergency_shows_the_clock_the_script_and_the_phone(
    app: Flask, meera: Receptionist
) -> None:
    """What is pressing can be read without scrolling or opening anything."""
    with app.app_context():
        request = a_request(
            Level.emergency, at=now() - 22 * MINUTE, person={"caller_name": "Rupali Patil"}
        )
        script = request.triage.findings[0]["desk"]
    page = meera.opens(request.reference)
    assert "Emergency" in page.title
    assert "Asha" not in page.title
    assert "Waiting 22 min, late 7 min" in page.text
    assert script in page.text
    assert "Rupali Patil" in page.text
    assert page.links()["Call 98765 43210"] == "tel:+919876543210"


def test_every_answer_is_on_the_page(app: Flask, meera: Receptionist) -> None:
    """What was answered yes stands open; what was denied is folded away, not left out."""
    with app.app_context():
        request = a_request(Level.emergency, at=now())
        questions = [item["question"] for item in request.response.items]
    page = meera.opens(request.reference)
    assert all(" ".join(question.split()) in page.text for question in questions)


def test_a_call_is_logged_and_the_next_one_told(meera: Receptionist, reference: str) -> None:
    """The green line says when to try again; the history says who called."""
    meera.opens(reference)
    page = meera.acts(reference, "call", choice="no-answer", note="Rang for a minute")
    assert "The next one is due at" in page.text
    assert "Meera Kulkarni called: no answer Rang for a minute" in page.text


def test_a_call_without_an_outcome_is_told_at_the_field(
    meera: Receptionist, reference: str
) -> None:
    """The typed note stays."""
    meera.opens(reference)
    page = meera.acts(reference, "call", 422, note="Rang for a minute")
    assert page.title.startswith("Error: ")
    assert "Select one" in page.text
    assert "Rang for a minute" in page.form(f"/desk/requests/{reference}/call").text


def test_a_note_needs_words(meera: Receptionist, reference: str) -> None:
    """Blanks are no note."""
    meera.opens(reference)
    assert "Enter the note" in meera.acts(reference, "note", 422, note="  ").text
    assert "Call the daughter" in meera.acts(reference, "note", note="Call the daughter").text


def test_typed_text_is_shown_and_never_run(meera: Receptionist, reference: str) -> None:
    """Marks of HTML are words like others."""
    meera.opens(reference)
    page = meera.acts(reference, "note", note="<script>alert(1)</script>")
    assert "<script>alert(1)</script>" in page.text
    assert "<script>alert" not in page.html


@pytest.mark.parametrize(
    ("events", "offered"),
    [
        ([], {"Wait for the patient", "Ask the doctor", "Raise the level", "Close"}),
        (["ask"], {"The patient has answered", "Ask the doctor", "Raise the level", "Close"}),
        (["close"], {"Open again"}),
    ],
)
def test_only_what_the_status_allows_is_offered(
    app: Flask, meera: Receptionist, reference: str, events: list[str], offered: set[str]
) -> None:
    """Notes and calls always; the rest comes from the table of the life cycle."""
    for event in events:
        meera.opens(reference)
        meera.acts(reference, event, note="The films", choice="seen")
    page = meera.opens(reference)
    small = {words for words in headings(page) if not re.search(r"\(\d+\)$", words)}
    assert small == offered | {"Note", "Read out or print the link", "Link it as one case"}


def test_closing_and_opening_again(meera: Receptionist, reference: str) -> None:
    """Closing asks why; a closed request can come back."""
    meera.opens(reference)
    page = meera.acts(reference, "close", choice="advice-given")
    assert "Closed: Advice given" in page.text
    page = meera.acts(reference, "reopen", note="Called again")
    assert "opened it again" in page.text


def test_another_reason_needs_words(meera: Receptionist, reference: str) -> None:
    """The field says so, and nothing is lost."""
    meera.opens(reference)
    page = meera.acts(reference, "close", 422, choice="other")
    assert "Enter the reason" in page.text


def test_the_level_can_only_be_raised(app: Flask, meera: Receptionist, reference: str) -> None:
    """Lower levels are not offered, and not taken when sent by hand."""
    page = meera.opens(reference)
    form = page.form(f"/desk/requests/{reference}/raise")
    offered = [option.attributes["value"] for option in form.all("option")]
    assert offered == ["", "emergency", "urgent", "soon"]
    page = meera.acts(reference, "raise", 422, note="Cannot stand up")
    assert "Select one" in page.text
    page = meera.acts(reference, "raise", choice="urgent", note="Cannot stand up")
    assert "set the level to Urgent Cannot stand up" in page.text
    page = meera.acts(reference, "raise", 409, choice="soon", note="Sounds well")
    assert "Sounds well" in page.text


def test_the_slower_of_two_colleagues_keeps_the_note(
    app: Flask, meera: Receptionist, reference: str
) -> None:
    """The page says who did what and when, and shows the text that was not saved."""
    meera.opens(reference)
    colleague_moves(app, reference, "ask", 1)
    page = meera.acts(reference, "close", 409, choice="seen", note="Seen on Monday")
    assert page.h1 == "This was changed a moment ago"
    assert "Leela Shah set it to wait for the patient" in page.text
    assert "It is now “Waiting for patient”" in page.text
    assert "Seen on Monday" in page.text
    assert page.links()["See how it stands now"] == f"/desk/requests/{reference}"


def test_an_act_out_of_time_is_a_409_and_an_unknown_one_a_404(
    app: Flask, meera: Receptionist, reference: str
) -> None:
    """Buttons that are not on the page do nothing."""
    page = meera.opens(reference)
    version = page.form(f"/desk/requests/{reference}/note").all("input")
    fields = {each.attributes["name"]: each.attributes["value"] for each in version}
    meera.post(f"/desk/requests/{reference}/reopen", fields, 409)
    meera.post(f"/desk/requests/{reference}/decide", fields, 404)
    meera.get("/desk/requests/SPN-222-222", 404)


def test_a_fitting_act_for_every_event_of_the_desk() -> None:
    """The desk's pages know each event of the life cycle that is the desk's."""
    assert set(queue.DESK_EVENTS) <= set(ACTS)
    assert set(queue.DESK_EVENTS) <= set(lifecycle.REQUEST)


def test_three_calls_without_an_answer_to_an_emergency_call_for_another_way(
    app: Flask, meera: Receptionist
) -> None:
    """Then somebody else must be reached."""
    with app.app_context():
        request = a_request(Level.emergency, at=now())
    for _ in range(3):
        meera.opens(request.reference)
        meera.acts(request.reference, "call", choice="no-answer")
    assert "Use another contact" in meera.opens(request.reference).text


def test_requests_from_the_same_phone_are_linked(app: Flask, meera: Receptionist) -> None:
    """They may be duplicates; nothing is merged by itself."""
    with app.app_context():
        first = a_request(Level.routine, at=now())
        second = a_request(Level.routine, at=now(), person={"name": "Rupali Patil"})
    page = meera.opens(second.reference)
    assert any(first.reference in words for words in page.links())


def test_answers_that_were_changed_after_the_advice_are_shown(
    app: Flask, meera: Receptionist, reference: str
) -> None:
    """The doctor and the desk see what was answered first."""
    with app.app_context():
        request = db.session.scalar(
            sa.select(ServiceRequest).where(ServiceRequest.reference == reference)
        )
        assert request
        request.response.changes = [
            {
                "at": now().isoformat(),
                "page": "danger-signs",
                "warned": ["E01"],
                "changed": {"leg_weakness": ["yes", "no"], "leg_weakness.onset": ["today", None]},
            }
        ]
        db.session.commit()
    page = meera.opens(reference)
    assert "Changed after emergency advice was shown" in page.text
    assert "Yes , then No" in page.text
    assert "no answer" in page.text


def test_a_doctors_instruction_stands_first(
    app: Flask, meera: Receptionist, reference: str
) -> None:
    """What the doctor asks of the desk is part of what to do now."""
    with app.app_context():
        request = db.session.scalar(
            sa.select(ServiceRequest).where(ServiceRequest.reference == reference)
        )
        assert request
        request.instruction = "Book within 7 days"
        db.session.commit()
    assert "The doctor asks you to Book within 7 days" in meera.opens(reference).text


def test_the_page_costs_the_same_queries_however_long_the_history(
    app: Flask, meera: Receptionist, reference: str
) -> None:
    """No query per note, call or line of history."""
    seen: list[str] = []
    with app.app_context():
        sa.event.listen(
            db.engine,
            "before_cursor_execute",
            lambda *given: None if given[2].startswith("BEGIN") else seen.append(given[2]),
        )
    numbers = []
    for _ in range(2):
        meera.opens(reference)
        for note in range(4):
            meera.acts(reference, "note", note=f"Note {note}")
            meera.acts(reference, "call", choice="answered")
        seen.clear()
        meera.opens(reference)
        numbers.append(len(seen))
    assert numbers[0] == numbers[1]
    assert numbers[0] <= 24


def test_a_form_in_error_does_not_hide_what_a_colleague_did(
    app: Flask, meera: Receptionist, reference: str
) -> None:
    """The lock of the first page holds, although the form must be filled in again."""
    meera.opens(reference)
    colleague_moves(app, reference, "ask", 1)
    page = meera.acts(reference, "escalate", 409, note="")
    assert page.h1 == "This was changed a moment ago"


def test_a_new_link_to_the_patients_page_ends_the_one_before(
    app: Flask, meera: Receptionist, reference: str
) -> None:
    """The desk reads the address on the request, and gives another when it got about."""

    def address() -> str:
        words = meera.page.text.partition("http://localhost")[2]
        return words.split()[0]

    meera.opens(reference)
    old = address()
    patient = app.test_client()
    assert patient.get(old).status_code == 200
    page = meera.send(f"/desk/requests/{reference}/link")
    assert "The page has a new link" in page.text
    assert "gave a new link" in page.text
    assert address() != old
    assert patient.get(old).status_code == 404
    assert patient.get(address()).status_code == 200


def test_the_desk_sees_that_a_link_reached_somebody_else(
    app: Flask, meera: Receptionist, reference: str
) -> None:
    """A line at the link and in the history; a new link ends it."""
    meera.opens(reference)
    address = meera.page.text.partition("http://localhost")[2].split()[0]
    stranger = Patient(app.test_client())
    stranger.get(f"{address}/not-me")
    fields = dict(filled_in(stranger.page.form(None)))
    stranger.post(f"{address}/not-me", fields)
    page = meera.opens(reference)
    assert "Somebody who got the link says “This was not me”" in page.text
    assert "The patient has no link that works now" in page.text
    page = meera.send(f"/desk/requests/{reference}/link")
    assert "Somebody who got the link says" not in page.text
