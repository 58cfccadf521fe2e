"""A submission becomes a request: once, whole, and never less pressing than before."""

import dataclasses
import datetime as dt
import threading
import uuid

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.errors import NotFound
from app.domain.level import Level
from app.records import audit, db, transaction
from app.records.audit import AuditEvent
from app.records.outbox import Message
from app.records.search_term import SearchTerm
from app.records.service_request import (
    QuestionnaireResponse,
    ServiceRequest,
    StatusChange,
    Triage,
)
from app.workflow import intake, review
from tests.builders import (
    NOW,
    a_request,
    a_staff_member,
    a_submission,
    answers_of,
    the_clinic,
    the_pack,
)

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
TABLES = (
    ServiceRequest,
    QuestionnaireResponse,
    Triage,
    StatusChange,
    Message,
    SearchTerm,
    AuditEvent,
)

pytestmark = pytest.mark.usefixtures("context")


def submit(submission: intake.Submission, at: dt.datetime = NOW) -> ServiceRequest:
    """Send it."""
    return intake.submit(the_pack(), submission, the_clinic(), at)


def rows() -> list[int]:
    """How many rows each table has."""
    db.session.rollback()
    counted = (sa.select(sa.func.count()).select_from(table) for table in TABLES)
    return [db.session.scalar(count) or 0 for count in counted]


def kinds(request: ServiceRequest) -> list[str]:
    """The kinds of messages that a request sends at once, in order of the alphabet."""
    mine = sa.select(Message.kind).where(
        Message.request_id == request.id, Message.due_at == Message.created_at
    )
    return sorted(db.session.scalars(mine))


@pytest.mark.parametrize("level", list(Level))
def test_a_submission_is_stored_whole(level: Level) -> None:
    """Request, answers with their wording, rules with reasons, history, messages, log line."""
    a_staff_member("doctor")
    sent = a_submission(level)
    request = submit(sent)
    assert request.level is level
    assert request.status == ("with-doctor" if level >= Level.urgent else "with-desk")
    assert request.due_at == the_clinic().clock.due_at(level, NOW)
    assert request.response.answers == dict(sent.answers)
    assert {"What", "Where"} & {item["question"].split()[0] for item in request.response.items}
    assert request.response.pack_version == request.triage.pack_version == the_pack().version
    for finding in request.triage.findings:
        assert finding["title"]
        assert finding["source"] or finding["rule"] == "R01"
    assert [change.event for change in request.history] == ["submit"]
    assert (request.consent_version, request.consent_at) == ("2026-11-24", NOW)
    expected = ["doctor-alert", "new-request"] if level >= Level.urgent else ["new-request"]
    assert kinds(request) == expected
    assert audit.first_broken(db.session) is None
    assert intake.find(request.reference).id == request.id


def test_a_reference_can_be_read_aloud() -> None:
    """No letter or digit of it is taken for another, and no two requests share one."""
    references = {a_request().reference for _ in range(5)}
    assert len(references) == 5
    for reference in references:
        prefix, first, second = reference.split("-")
        assert prefix == the_pack().reference_prefix
        assert len(first) == len(second) == 3
        assert not set(first + second) & set("0O1ISUZ")


def test_an_unknown_reference_is_not_found() -> None:
    """Nothing is made up for it."""
    with pytest.raises(NotFound):
        intake.find("SPN-222-222")


def test_the_same_press_twice_changes_nothing() -> None:
    """The second one gets the reference of the first."""
    sent = a_submission(Level.urgent)
    first = submit(sent).reference
    before = rows()
    assert submit(sent, NOW + HOUR).reference == first
    assert rows() == before


def test_twenty_presses_at_the_same_time_store_once(app: Flask) -> None:
    """Nobody fails, everybody gets the same reference, and no table has a row too many.

    The messages are one to the desk, and the three of its clock.
    """
    before = rows()
    request = press_together(app, a_submission(Level.routine))
    terms = len(request.found_by())
    added = [now - then for now, then in zip(rows(), before, strict=True)]
    assert added == [1, 1, 1, 1, 4, terms, 1]


def test_twenty_presses_after_the_phone_number_add_once(app: Flask) -> None:
    """The rest of the answers joins the request of the phone number once, and nobody fails."""
    some = a_submission(Level.emergency, consent_version=None)
    submit(some)
    request = press_together(app, dataclasses.replace(some, consent_version="2026-11-24"))
    assert [response.number for response in request.responses] == [1, 2]
    assert [change.event for change in request.history] == ["submit", "add"]


def press_together(app: Flask, sent: intake.Submission) -> ServiceRequest:
    """Press Send in twenty browsers at once; gives the one request that it becomes."""
    pack, clinic = the_pack(), the_clinic()
    db.session.remove()
    start = threading.Barrier(20)
    references: list[str] = []
    failed: list[Exception] = []

    def press() -> None:
        with app.app_context():
            start.wait()
            try:
                references.append(intake.submit(pack, sent, clinic, NOW).reference)
            except Exception as error:  # noqa: BLE001 - told below, in the test's own thread
                failed.append(error)

    threads = [threading.Thread(target=press) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(references) == 20
    (reference,) = set(references)
    return intake.find(reference)


def test_a_failure_on_the_way_stores_nothing(app: Flask) -> None:
    """A request without its messages, or a message without its request, cannot come to be."""
    before = rows()
    with app.app_context():
        broken = dataclasses.replace(a_submission(), wanted=None)  # type: ignore[arg-type]  # that is the fault
        with pytest.raises(sa.exc.IntegrityError):
            submit(broken)
    assert rows() == before


def test_more_answers_join_the_request_that_the_phone_number_made() -> None:
    """A phone number first, the rest later: one request, two sheets of answers, one reference."""
    some = a_submission(Level.emergency, person={"name": "", "speaks": ""}, consent_version=None)
    first = submit(some)
    assert first.consent_version is None
    whole = dataclasses.replace(
        some,
        answers={**some.answers, "story": "Both legs since Monday"},
        person={**some.person, "name": "Asha Patil", "email": "asha@example.org"},
        answering_for="relative",
        wanted="visit",
        consent_version="2026-11-24",
    )
    again = submit(whole, NOW + HOUR)
    assert again.id == first.id
    assert [response.number for response in again.responses] == [1, 2]
    assert [triage.number for triage in again.triages] == [1, 2]
    assert [change.event for change in again.history] == ["submit", "add"]
    assert (again.answering_for, again.wanted) == ("relative", "visit")
    assert (again.consent_version, again.consent_at) == ("2026-11-24", NOW + HOUR)
    assert "emergency-sent" in kinds(again)
    assert again.created_at == NOW


def test_new_answers_raise_a_level_and_never_lower_it() -> None:
    """Up: the doctor's turn, a new clock, an alert. Down: the rules say so, and no more."""
    a_staff_member("doctor")
    sent = a_submission(Level.routine)
    submit(sent)
    raised = submit(dataclasses.replace(sent, answers=answers_of(Level.emergency)), NOW + HOUR)
    assert (raised.level, raised.status) == (Level.emergency, "with-doctor")
    assert raised.due_at == the_clinic().clock.due_at(Level.emergency, NOW + HOUR)
    assert "doctor-alert" in kinds(raised)
    calm = {**answers_of(Level.routine), "story": "It is nothing"}
    lowered = submit(dataclasses.replace(sent, answers=calm), NOW + 2 * HOUR)
    assert (lowered.level, lowered.status) == (Level.emergency, "with-doctor")
    assert [triage.level for triage in lowered.triages] == [
        Level.routine,
        Level.emergency,
        Level.emergency,
    ]
    assert lowered.triage.findings[0]["rule"] == "R01"


def test_answers_that_come_after_a_request_was_closed_open_it_again() -> None:
    """The caller was sent to hospital; what the caller still sends is read by somebody."""
    sent = a_submission(Level.emergency)
    request = submit(sent)
    with transaction():
        request.move("send-to-hospital", NOW + HOUR, closed_reason="sent-to-hospital")
    more = dataclasses.replace(sent, answers={**sent.answers, "story": "We are at home again"})
    again = submit(more, NOW + 2 * HOUR)
    assert (again.status, again.closed_reason) == ("with-doctor", None)
    assert [change.event for change in again.history][-3:] == ["add", "reopen", "escalate"]
    assert again.waiting_since == NOW + 2 * HOUR


def test_a_case_that_got_worse_is_taken_by_nobody_any_more() -> None:
    """The doctor who took it had not seen these answers: the clock runs, and all are alerted."""
    doctor = a_staff_member("doctor")
    sent = a_submission(Level.urgent, person={"email": "asha@example.org"})
    review.acknowledge(submit(sent).reference, doctor, NOW + HOUR)
    worse = dataclasses.replace(sent, answers=answers_of(Level.emergency))
    request = submit(worse, NOW + 2 * HOUR)
    assert (request.acknowledged_at, request.acknowledged_by_id) == (None, None)
    assert request.waiting_since == NOW + 2 * HOUR
    waiting = sa.select(Message.kind).where(
        Message.request_id == request.id,
        Message.due_at == NOW + 2 * HOUR,
        Message.status == "waiting",
    )
    assert sorted(db.session.scalars(waiting)) == ["doctor-alert", "emergency-sent"]


def test_an_earlier_request_from_the_same_phone_keeps_its_level_for_the_next() -> None:
    """Within 7 days, while it is open, nobody gets down by asking again with other answers."""
    a_request(Level.urgent)
    assert a_request(Level.routine, at=NOW + 6 * DAY).level is Level.urgent


@pytest.mark.parametrize("after", [7 * DAY, 30 * DAY])
def test_an_old_request_says_nothing_about_a_new_one(after: dt.timedelta) -> None:
    """After 7 days the new answers speak alone."""
    a_request(Level.urgent)
    assert a_request(Level.routine, at=NOW + after).level is Level.routine


def test_a_closed_request_and_another_phone_say_nothing_about_a_new_one() -> None:
    """Only what is still open counts, and only of this person."""
    request = a_request(Level.soon)
    with transaction():
        request.move("close", NOW, closed_reason="seen")
    assert a_request(Level.routine, at=NOW + HOUR).level is Level.routine
    a_request(Level.urgent, person={"phone": "+919876543211"})
    assert a_request(Level.routine, at=NOW + HOUR).level is Level.routine


def test_words_that_worry_are_kept_beside_the_rules() -> None:
    """What somebody wrote in their own words is read today, and the words are named."""
    calm = {**answers_of(Level.routine), "story": "Since today my legs are paralysed"}
    request = submit(a_submission(answers=calm))
    assert request.level is Level.urgent
    assert request.triage.reason
    assert "paralys" in request.triage.reason


def test_an_acknowledgement_goes_to_who_gave_an_address() -> None:
    """One mail, once, however often the form is sent."""
    sent = a_submission(person={"email": "asha@example.org"})
    assert kinds(submit(sent)) == ["acknowledgement", "new-request"]
    more = dataclasses.replace(sent, person={**sent.person, "name": "Asha S. Patil"})
    assert kinds(submit(more, NOW + HOUR)) == ["acknowledgement", "new-request"]


def test_the_search_finds_the_newest_name() -> None:
    """A corrected name is found, the old one no more."""
    sent = a_submission(person={"name": "Asa Patil"})
    old = submit(sent).found_by()
    again = submit(dataclasses.replace(sent, person={**sent.person, "name": "Asha Rao"}))
    mine = sa.select(SearchTerm.term).where(SearchTerm.request_id == again.id)
    terms = set(db.session.scalars(mine))
    assert terms == again.found_by()
    assert terms != old


def test_a_phone_request_names_who_took_it() -> None:
    """The history and the log say which receptionist typed it in."""
    meera = a_staff_member("receptionist")
    request = a_request(by=meera, source="phone", id=uuid.uuid4())
    assert request.history[0].by_id == meera.id
    submits = sa.select(AuditEvent).where(AuditEvent.action == "submit")
    line = db.session.scalars(submits).one()
    assert (line.actor_id, line.request_id) == (meera.id, request.id)
