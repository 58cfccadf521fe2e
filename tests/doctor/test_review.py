"""The doctor's list and case page: see, call, acknowledge, decide."""

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from app.access import now
from app.domain.level import Level
from app.records import db
from app.records.service_request import ServiceRequest
from app.workflow import queue, review
from tests.builders import NOW, a_request, a_staff_member
from tests.people import Doctor, Element, Page

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def arun(app: Flask) -> Doctor:
    """A doctor at work."""
    return Doctor.at_work(app)


@pytest.fixture
def reference(app: Flask) -> str:
    """An emergency."""
    with app.app_context():
        return a_request(Level.emergency, at=now()).reference


def cards(page: Page) -> list[Element]:
    """The cases of the list."""
    (found,) = [each for each in page.top.all("ul") if each.attributes.get("class") == "rv"]
    return list(found.all("li"))


def actions(page: Page) -> set[str]:
    """What the forms of a page do; requests can be linked at any time."""
    addresses = [form.attributes["action"] for form in page.top.all("form")]
    acts = {path.rpartition("/")[2] for path in addresses if path.startswith("/doctor/")}
    return acts - {"case"}


def stored(app: Flask, reference: str) -> ServiceRequest:
    """The request as it stands."""
    with app.app_context():
        return review.open_case(reference, a_staff_member("doctor"), now())


def colleague_acknowledges(app: Flask, reference: str, at: dt.datetime) -> None:
    """Another doctor is faster."""
    with app.app_context():
        review.acknowledge(reference, a_staff_member("doctor", name="Dr Nisha Iyer"), at)


def test_the_list_shows_level_clock_name_reasons_and_the_call(app: Flask, arun: Doctor) -> None:
    """The late emergency first, in words; one press calls."""
    with app.app_context():
        imran = {"name": "Imran Shaikh", "phone": "+919876543211"}
        a_request(Level.urgent, at=now() - 10 * MINUTE, person=imran)
        a_request(Level.emergency, at=now() - 22 * MINUTE)
        a_request(Level.routine, at=now(), person={"phone": "+919876543212"})
    page = arun.get("/doctor/reviews")
    assert page.title.startswith("(1 emergency) Reviews")
    first, second = [card.text for card in cards(page)]
    assert first.startswith("Emergency 22 min, late 7 Asha Patil Weak leg")
    assert second.startswith("Urgent 10 min of 4 h")
    assert page.links()["Call Asha Patil"] == "tel:+919876543210"
    assert "2 wait for a doctor, 2 not yet acknowledged" in page.text


def test_a_taken_case_says_by_whom_and_is_no_emergency_of_the_title(
    app: Flask, arun: Doctor, reference: str
) -> None:
    """The number in the tab is of those whom nobody has taken."""
    arun.opens(reference)
    arun.acts(reference, "acknowledge")
    page = arun.get("/doctor/reviews")
    assert page.title.startswith("Reviews")
    assert "Acknowledged by you" in cards(page)[0].text
    assert "Acknowledged by Dr Arun Rao" in Doctor.at_work(app).get("/doctor/reviews").text


def test_an_empty_list_says_so(arun: Doctor) -> None:
    """Nobody wonders whether it is broken."""
    assert "No request waits for a doctor" in arun.get("/doctor/reviews").text


def test_a_long_list_shows_the_most_pressing_and_says_that_there_are_more(
    app: Flask, arun: Doctor
) -> None:
    """The page is bounded."""
    with app.app_context():
        for number in range(52):
            a_request(Level.urgent, at=now(), person={"phone": f"+9198765432{number:02}"})
    page = arun.get("/doctor/reviews")
    assert len(cards(page)) == 50
    assert "52 wait for a doctor" in page.text
    assert "the 50 most pressing" in page.text


def test_a_case_without_name_and_number_can_be_opened(app: Flask, arun: Doctor) -> None:
    """What is missing is said."""
    with app.app_context():
        bare = a_request(Level.emergency, at=now(), person={"name": "", "phone": "", "speaks": ""})
    for page in (arun.get("/doctor/reviews"), arun.opens(bare.reference)):
        assert "Name not given" in page.text
        assert "No phone number was given." in page.text


def test_the_case_tells_level_clock_name_and_why(app: Flask, arun: Doctor) -> None:
    """The patient's words with their times, the rule, its version and its guideline paragraph."""
    with app.app_context():
        found = a_request(
            Level.emergency,
            at=now() - 22 * MINUTE,
            answering_for="relative",
            person={"caller_name": "Rupali Patil", "age": "61"},
        )
        version, finding = found.triage.pack_version, found.triage.findings[0]
    page = arun.opens(found.reference)
    assert page.h1 == "Asha Patil, 61"
    assert page.title.startswith(f"{found.reference}, Emergency")
    assert "Asha" not in page.title
    assert "Emergency Not acknowledged 22 min, late 7 target 15 min" in page.text
    assert "Speaks Marathi. A relative answered: Rupali Patil." in page.text
    assert "Weak leg, in the last 2 weeks, the same, one side" in page.text
    assert "Cancer in the past Rule E01" in page.text
    assert f"By these rules, version {version}" in page.text
    assert f"{finding['rule']}: {finding['title']}" in page.text
    assert all(source in page.text for source in finding["source"])
    assert "The target of 15 min passed" in page.text
    assert page.links()["Call 98765 43210 , Asha Patil, 61"] == "tel:+919876543210"


def test_call_and_acknowledge_follow_the_name(arun: Doctor, reference: str) -> None:
    """The second thing that a screen reader meets."""
    page = arun.opens(reference)
    found = next(page.top.all("main")).all("h1", "h2", "button", "a")
    words = [each.text for each in found]
    name = words.index("Asha Patil")
    assert words[name + 1].startswith("Call 98765 43210")
    assert words[name + 2 : name + 4] == ["Acknowledge", "Why flagged"]


def test_every_answer_and_the_story_are_on_the_case(app: Flask, arun: Doctor) -> None:
    """In short what was told, and folded away every question, the denied ones too."""
    with app.app_context():
        first = a_request(Level.emergency, at=now())
        answers = {**first.response.answers, "story": "It began on the stairs", "pain_site": "neck"}
        told = a_request(Level.emergency, at=now(), answers=answers)
        questions = [item["question"] for item in told.response.items]
    page = arun.opens(told.reference)
    assert "Where is the worst pain? Neck" in page.text
    assert "It began on the stairs" in page.text
    assert all(" ".join(question.split()) in page.text for question in questions)


def test_answers_that_were_changed_after_the_advice_are_shown(
    app: Flask, arun: Doctor, reference: str
) -> None:
    """What was answered first is not lost."""
    with app.app_context():
        found = db.session.scalar(sa.select(ServiceRequest))
        assert found
        change = {"leg_weakness": ["yes", "no"]}
        found.response.changes = [{"at": now().isoformat(), "page": "x", "changed": change}]
        db.session.commit()
    page = arun.opens(reference)
    assert "Changed after emergency advice was shown" in page.text
    assert "Yes , then No" in page.text


def test_acknowledging_is_one_press_and_can_be_undone_for_a_minute(app: Flask) -> None:
    """The bar turns, the dock leads to the outcome; afterwards the undo is gone and refused."""
    with time_machine.travel(NOW, tick=False) as clock:
        arun = Doctor.at_work(app)
        with app.app_context():
            reference = a_request(Level.emergency, at=NOW - 4 * MINUTE).reference
        page = arun.opens(reference)
        assert actions(page) == {"acknowledge", "decide", "call", "inquire"}
        page = arun.acts(reference, "acknowledge")
        assert "Acknowledged by you, 11:30 am" in page.text
        assert page.links()["Outcome"] == "#outcome"
        assert actions(page) == {"take-back", "decide", "call", "inquire"}
        page = arun.acts(reference, "take-back")
        assert "Not acknowledged" in page.text
        clock.shift(1)
        arun.acts(reference, "acknowledge")
        clock.shift(61)
        early = arun.page
        assert "take-back" not in actions(arun.opens(reference))
        arun.page = early
        page = arun.acts(reference, "take-back", 409)
        assert "Dr Arun Rao took the case" in page.text
        assert "Acknowledged by you" in arun.opens(reference).text


def test_the_second_doctor_is_told_who_was_faster(app: Flask, arun: Doctor, reference: str) -> None:
    """No error: the colleague's name and time, and the call is still there."""
    arun.opens(reference)
    colleague_acknowledges(app, reference, now() - 2 * MINUTE)
    page = arun.acts(reference, "acknowledge")
    assert "Dr Nisha Iyer acknowledged 2 min ago. You can still call." in page.text
    assert "Acknowledged by Dr Nisha Iyer" in page.text
    assert "take-back" not in actions(page)
    assert any(words.startswith("Call ") for words in page.links())


@pytest.mark.parametrize(
    ("outcome", "status", "words"),
    [
        ("going", "Closed: sent to hospital", "Going to hospital now. Son drives"),
        ("admitted", "Closed: sent to hospital", "Admitted or transferred. Son drives"),
        ("today", "With the desk", "Book a visit for today. Son drives"),
    ],
)
def test_an_outcome_says_where_the_case_is_now(
    app: Flask, arun: Doctor, reference: str, outcome: str, status: str, words: str
) -> None:
    """The words stand in the timeline; the desk's pages show the instruction."""
    arun.opens(reference)
    page = arun.acts(reference, "decide", outcome=outcome, note=" Son drives ")
    assert "The outcome is saved." in page.text
    assert f"Emergency {status}" in page.text
    assert words in page.text
    assert actions(page) == set()
    desk = arun.get(page.links()["Open at the desk"])
    assert ("The doctor asks you to" in desk.text) == (outcome == "today")
    assert words in desk.text


def test_lowering_the_level_needs_a_reason_and_stays_in_the_history(
    app: Flask, arun: Doctor, reference: str
) -> None:
    """The field says so and keeps what was typed; the level of the rules is still told."""
    arun.opens(reference)
    given = {"outcome": "visit", "level": "soon", "note": "Bring the films"}
    page = arun.acts(reference, "decide", 422, **given)
    assert page.title.startswith("Error: ")
    assert page.links()["Enter why the level changes"] == "#decide-reason"
    form = page.form(f"/doctor/reviews/{reference}/decide")
    assert "Bring the films" in form.text
    chosen = [option for option in form.all("option") if "selected" in option.attributes]
    assert [option.text for option in chosen] == ["Soon"]
    ticked = [each for each in form.all("input") if "checked" in each.attributes]
    assert [each.attributes["value"] for each in ticked] == ["visit"]
    assert stored(app, reference).level is Level.emergency
    page = arun.acts(reference, "decide", reason="Power is full")
    assert "Soon With the desk" in page.text
    assert "set the level to Soon Power is full" in page.text
    assert "The rules said Emergency." in page.text
    assert "The desk is asked to Book a visit. Bring the films" in page.text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Select what happened"),
        ({"outcome": "nonsense"}, "Select one of the answers"),
        ({"outcome": "visit"}, "Select a level below Emergency, or another outcome"),
        ({"outcome": "today", "level": "nonsense"}, "Select one of the answers"),
        ({"outcome": "no-answer", "level": "soon", "reason": "x"}, "keep the level"),
        ({"outcome": "today", "note": "x" * 2001}, "Use 2000 letters or fewer"),
    ],
)
def test_what_does_not_fit_together_is_told_at_the_field(
    app: Flask, arun: Doctor, reference: str, given: dict[str, str], words: str
) -> None:
    """Nothing is decided."""
    arun.opens(reference)
    page = arun.acts(reference, "decide", 422, **given)
    assert words in page.text
    assert stored(app, reference).status == "with-doctor"


def test_no_answer_keeps_the_case_and_says_when_to_try_again(
    app: Flask, arun: Doctor, reference: str
) -> None:
    """A call is logged; nothing is decided."""
    arun.opens(reference)
    page = arun.acts(reference, "decide", outcome="no-answer", note="Rang for a minute")
    assert "Try again at" in page.text
    assert "Dr Arun Rao called: no answer Rang for a minute" in page.text
    assert "decide" in actions(page)
    (call,) = stored(app, reference).attempts
    assert call.next_due_at == call.at + 5 * MINUTE


def test_a_call_can_be_logged_without_an_outcome(arun: Doctor, reference: str) -> None:
    """How it went must be said; a note that was typed stays."""
    arun.opens(reference)
    page = arun.acts(reference, "call", 422, note="Speaks to the son")
    assert page.links()["Select how the call went"] == "#call-outcome"
    assert "Speaks to the son" in page.form(f"/doctor/reviews/{reference}/call").text
    page = arun.acts(reference, "call", outcome="answered")
    assert "Dr Arun Rao called: answered Speaks to the son" in page.text


@pytest.mark.parametrize("outcome", ["visit", "nonsense"])
def test_the_slower_of_two_doctors_keeps_what_was_typed(
    app: Flask, arun: Doctor, reference: str, outcome: str
) -> None:
    """The page says who did what, and leads back to the case; a wrong field does not hide it."""
    arun.opens(reference)
    colleague_acknowledges(app, reference, now())
    given = {"level": "soon", "reason": "Power is full", "note": "Bring the films"}
    page = arun.acts(reference, "decide", 409, outcome=outcome, **given)
    assert page.h1 == "This was changed a moment ago"
    assert "Dr Nisha Iyer took the case" in page.text
    assert "Power is full" in page.text
    assert "Bring the films" in page.text
    assert page.links()["See how it stands now"] == f"/doctor/reviews/{reference}"


def test_a_link_in_an_old_mail_still_opens(app: Flask, arun: Doctor) -> None:
    """A closed request, or one at the desk, says where it is; nothing can be pressed."""
    with app.app_context():
        at_desk = a_request(Level.routine, at=now()).reference
        closed = a_request(Level.routine, at=now(), person={"phone": "+919876543211"}).reference
        zone = app.extensions["settings"].clinic_zone
        queue.event(closed, "close", 1, a_staff_member(), now(), zone, reason="seen")
    page = arun.opens(at_desk)
    assert "Routine With the desk" in page.text
    assert actions(page) == set()
    page = arun.opens(closed)
    assert "Closed: seen at the clinic" in page.text
    assert actions(page) == set()
    token = {"csrf_token": _token(page)}
    arun.post(f"/doctor/reviews/{closed}/acknowledge", token, 409)
    arun.post(
        f"/doctor/reviews/{closed}/decide",
        {**token, "version": "2", "outcome": "today", "level": "routine"},
        409,
    )


def _token(page: Page) -> str:
    """The token of a page, for what no form of it sends."""
    fields = page.form("/sign-out").all("input")
    return next(each.attributes["value"] for each in fields)


def test_unknown_cases_and_acts_are_not_found(arun: Doctor, reference: str) -> None:
    """Nothing is guessed."""
    token = {"csrf_token": _token(arun.opens(reference))}
    arun.get("/doctor/reviews/SPN-222-222", 404)
    arun.post(f"/doctor/reviews/{reference}/escalate", token, 404)
    for act in ("acknowledge", "take-back", "decide"):
        arun.post(f"/doctor/reviews/SPN-222-222/{act}", token, 404)
    call = {**token, "outcome": "answered"}
    arun.post("/doctor/reviews/SPN-222-222/call", call, 404)


@pytest.mark.parametrize("version", ["", "x", "0", "99", "1e9"])
def test_a_damaged_version_decides_nothing(
    app: Flask, arun: Doctor, reference: str, version: str
) -> None:
    """It counts as an old one."""
    arun.opens(reference)
    arun.acts(reference, "decide", 409, outcome="today", version=version)
    assert stored(app, reference).status == "with-doctor"


def test_typed_text_is_shown_and_never_run(arun: Doctor, reference: str) -> None:
    """Marks of HTML are words like others."""
    arun.opens(reference)
    page = arun.acts(reference, "decide", outcome="today", note="<script>alert(1)</script>")
    assert "<script>alert(1)</script>" in page.text
    assert "<script>alert" not in page.html


def test_looking_changes_nothing(app: Flask, arun: Doctor, reference: str) -> None:
    """Links may be followed by anything; only the sealed log grows."""
    before = stored(app, reference)
    for path in ("/doctor/reviews", f"/doctor/reviews/{reference}"):
        arun.get(path)
    after = stored(app, reference)
    assert (after.version, after.acknowledged_at) == (before.version, None)
    assert len(after.history) == len(before.history)
    path = f"/doctor/reviews/{reference}/acknowledge"
    assert arun.client.get(path).status_code == 405


def test_list_and_case_cost_the_same_queries_however_much_there_is(
    app: Flask, arun: Doctor, reference: str
) -> None:
    """No query per case of the list, nor per line of the timeline."""
    seen: list[str] = []
    with app.app_context():
        sa.event.listen(
            db.engine,
            "before_cursor_execute",
            lambda *given: None if given[2].startswith("BEGIN") else seen.append(given[2]),
        )
    paths = ("/doctor/reviews", f"/doctor/reviews/{reference}")
    numbers: dict[str, list[int]] = {path: [] for path in paths}
    for turn in range(2):
        with app.app_context():
            for number in range(3):
                phone = {"phone": f"+91987654{turn}{number}00"}
                a_request(Level.urgent, at=now(), person=phone)
        arun.opens(reference)
        for _ in range(3):
            arun.acts(reference, "call", outcome="no-answer")
        arun.acts(reference, "acknowledge" if turn == 0 else "call", outcome="answered")
        for path in paths:
            seen.clear()
            arun.get(path)
            numbers[path].append(len(seen))
    assert numbers[paths[0]] == [9, 9]
    first, second = numbers[paths[1]]
    assert first == second <= 20
