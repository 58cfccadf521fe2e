"""What the desk does with a request: open, call, note, move on, raise."""

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.clinic import Clinic
from app.domain.errors import AlreadyChanged, NotAllowedNow, NotFound, ReasonMissing
from app.domain.level import Level
from app.records import audit, db, transaction
from app.records.audit import AuditEvent
from app.records.outbox import Message
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import queue
from tests.builders import NOW, a_request, a_staff_member, the_clinic

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    """What the stages need to know of the clinic."""
    return the_clinic()


@pytest.fixture
def meera() -> Practitioner:
    """Somebody at the desk."""
    return a_staff_member("receptionist", email="receptionist@example.org")


def as_it_stands(request: ServiceRequest) -> ServiceRequest:
    """The request, read again."""
    db.session.rollback()
    found = db.session.get(ServiceRequest, request.id)
    assert found
    return found


def actions() -> list[str]:
    """What the investigation log says, in order."""
    order = AuditEvent.number
    return list(db.session.scalars(sa.select(AuditEvent.action).order_by(order)))


def alerts() -> int:
    """How many alerts went to the doctors at once; those of later steps do not count."""
    alert = (Message.kind == "doctor-alert", Message.due_at == Message.created_at)
    return db.session.scalar(sa.select(sa.func.count()).select_from(Message).where(*alert)) or 0


def test_opening_a_request_is_remembered(app: Flask, meera: Practitioner) -> None:
    """Who looked at which request is in the sealed log."""
    request = a_request(Level.routine)
    queue.open_request(request.reference, meera, NOW)
    last = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.number.desc())).first()
    assert last
    assert (last.action, last.actor_id, last.request_id) == ("open", meera.id, request.id)
    with transaction() as session:
        assert audit.first_broken(session) is None


def test_an_unknown_reference_is_not_found(app: Flask, clinic: Clinic, meera: Practitioner) -> None:
    """No act invents a request."""
    with pytest.raises(NotFound):
        queue.open_request("SPN-222-222", meera, NOW)
    with pytest.raises(NotFound):
        queue.log_call("SPN-222-222", "answered", meera, NOW)
    with pytest.raises(NotFound):
        queue.add_note("SPN-222-222", "hello", meera, NOW)
    with pytest.raises(NotFound):
        queue.event("SPN-222-222", "ask", 1, meera, NOW, clinic)
    assert queue.newest_change("SPN-222-222") is None


@pytest.mark.parametrize(
    ("level", "wait"),
    [
        (Level.emergency, 5 * MINUTE),
        (Level.urgent, HOUR),
        (Level.soon, 4 * HOUR),
        (Level.routine, 24 * HOUR),
    ],
)
@pytest.mark.parametrize("outcome", ["no-answer", "left-message"])
def test_when_nobody_answers_the_level_says_when_to_try_again(
    app: Flask, meera: Practitioner, level: Level, wait: dt.timedelta, outcome: str
) -> None:
    """The more pressing, the sooner."""
    request = a_request(level)
    call = queue.log_call(request.reference, outcome, meera, NOW, "Rang for a minute")
    assert call.next_due_at == NOW + wait
    assert call.note == "Rang for a minute"
    assert actions()[-1] == f"call {outcome}"


@pytest.mark.parametrize("outcome", ["answered", "wrong-number"])
def test_after_an_answer_or_a_wrong_number_no_call_is_due(
    app: Flask, meera: Practitioner, outcome: str
) -> None:
    """There is nobody to be tried again."""
    request = a_request(Level.routine)
    assert queue.log_call(request.reference, outcome, meera, NOW).next_due_at is None


def test_a_note_is_kept_with_its_author(app: Flask, meera: Practitioner) -> None:
    """Notes are sealed, and say who wrote them."""
    request = a_request(Level.routine)
    queue.add_note(request.reference, "Call the daughter", meera, NOW)
    (note,) = as_it_stands(request).notes
    assert (note.text, note.by.name) == ("Call the daughter", meera.name)
    assert b"daughter" not in note.text_sealed


def test_asking_the_patient_and_the_reply(app: Flask, clinic: Clinic, meera: Practitioner) -> None:
    """The request waits for the patient; with the reply the clock starts again."""
    request = a_request(Level.soon)
    queue.event(request.reference, "ask", 1, meera, NOW + HOUR, clinic, note="The MRI films")
    assert as_it_stands(request).status == "with-patient"
    queue.event(request.reference, "reply", 2, meera, NOW + 5 * HOUR, clinic)
    after = as_it_stands(request)
    assert after.status == "with-desk"
    assert after.waiting_since == NOW + 5 * HOUR
    assert after.due_at == clinic.clock.due_at(Level.soon, NOW + 5 * HOUR)
    assert [change.event for change in after.history] == ["submit", "ask", "reply"]


def test_asking_the_doctor_alerts_every_doctor_again(
    app: Flask, clinic: Clinic, meera: Practitioner
) -> None:
    """The doctor's clock runs from now, and an earlier acknowledgement does not stop it."""
    a_staff_member("doctor", email="doctor@example.org")
    request = a_request(Level.soon)
    stored = as_it_stands(request)
    stored.acknowledged_at = NOW
    db.session.commit()
    later = NOW + HOUR
    queue.event(request.reference, "escalate", 2, meera, later, clinic, note="Worse since today")
    after = as_it_stands(request)
    assert (after.status, after.acknowledged_at, after.waiting_since) == (
        "with-doctor",
        None,
        later,
    )
    assert alerts() == 1
    assert after.history[-1].note == "Worse since today"


def test_asking_the_doctor_needs_words(app: Flask, clinic: Clinic, meera: Practitioner) -> None:
    """A doctor who is called must be told why; nothing is changed."""
    request = a_request(Level.soon)
    with pytest.raises(ReasonMissing):
        queue.event(request.reference, "escalate", 1, meera, NOW, clinic)
    assert as_it_stands(request).status == "with-desk"


def test_closing_needs_a_reason(app: Flask, clinic: Clinic, meera: Practitioner) -> None:
    """One of the list; "other" with words. A closed request has no call due."""
    request = a_request(Level.routine)
    queue.log_call(request.reference, "no-answer", meera, NOW)
    for reason, note in ((None, None), ("nonsense", "x"), ("other", None)):
        with pytest.raises(ReasonMissing):
            queue.event(request.reference, "close", 1, meera, NOW, clinic, reason=reason, note=note)
    queue.event(request.reference, "close", 1, meera, NOW, clinic, reason="not-reached")
    after = as_it_stands(request)
    assert (after.status, after.closed_reason) == ("closed", "not-reached")
    assert [call.next_due_at for call in after.attempts] == [None]


def test_opening_again_starts_the_clock(app: Flask, clinic: Clinic, meera: Practitioner) -> None:
    """A closed request comes back to the desk as if new, without its reason."""
    request = a_request(Level.routine, at=NOW - 9 * 24 * HOUR)
    queue.event(request.reference, "close", 1, meera, NOW, clinic, reason="duplicate")
    queue.event(request.reference, "reopen", 2, meera, NOW, clinic, note="It was another person")
    after = as_it_stands(request)
    assert (after.status, after.closed_reason, after.waiting_since) == ("with-desk", None, NOW)


def test_the_slower_of_two_colleagues_is_told(
    app: Flask, clinic: Clinic, meera: Practitioner
) -> None:
    """Whoever saw an older version changes nothing."""
    request = a_request(Level.routine)
    queue.event(request.reference, "ask", 1, meera, NOW, clinic)
    with pytest.raises(AlreadyChanged):
        queue.event(request.reference, "close", 1, meera, NOW, clinic, reason="seen")
    change = queue.newest_change(request.reference)
    assert change
    assert change.by
    assert (change.event, change.by.name) == ("ask", meera.name)


@pytest.mark.parametrize("event", ["reply", "reopen", "acknowledge", "decide", "book", "nonsense"])
def test_what_the_status_or_the_desk_does_not_allow_is_refused(
    app: Flask, clinic: Clinic, meera: Practitioner, event: str
) -> None:
    """The desk has its own events, each at its own time; the doctor's acts are not among them."""
    request = a_request(Level.routine)
    with pytest.raises(NotAllowedNow):
        queue.event(request.reference, event, 1, meera, NOW, clinic)
    urgent = a_request(Level.urgent, person={"phone": "+919876543211"})
    with pytest.raises(NotAllowedNow):
        queue.event(urgent.reference, "close", 1, meera, NOW, clinic, reason="seen")


def test_raising_the_level_keeps_what_the_rules_said(
    app: Flask, clinic: Clinic, meera: Practitioner
) -> None:
    """A new decision is added, the doctor is asked, and the target is counted from now."""
    a_staff_member("doctor", email="doctor@example.org")
    request = a_request(Level.routine, at=NOW - HOUR)
    queue.raise_level(request.reference, Level.urgent, 1, meera, NOW, clinic, "Cannot stand up")
    after = as_it_stands(request)
    assert (after.level, after.status) == (Level.urgent, "with-doctor")
    assert after.due_at == NOW + 4 * HOUR
    assert [(triage.level, triage.reason) for triage in after.triages] == [
        (Level.routine, None),
        (Level.urgent, "Cannot stand up"),
    ]
    assert after.triages[1].by
    assert after.triages[1].findings == after.triages[0].findings
    assert alerts() == 1
    assert [change.event for change in after.history] == ["submit", "raise", "escalate"]


def test_raising_to_soon_leaves_it_with_the_desk(
    app: Flask, clinic: Clinic, meera: Practitioner
) -> None:
    """Doctors hear of urgent requests only."""
    a_staff_member("doctor", email="doctor@example.org")
    request = a_request(Level.routine)
    queue.raise_level(request.reference, Level.soon, 1, meera, NOW, clinic, "Losing weight")
    assert as_it_stands(request).status == "with-desk"
    assert alerts() == 0


def test_raising_what_is_with_the_doctor_alerts_again(
    app: Flask, clinic: Clinic, meera: Practitioner
) -> None:
    """An urgent request that becomes an emergency is told a second time."""
    a_staff_member("doctor", email="doctor@example.org")
    request = a_request(Level.urgent)
    assert alerts() == 1
    queue.raise_level(request.reference, Level.emergency, 1, meera, NOW, clinic, "Legs gave way")
    assert as_it_stands(request).status == "with-doctor"
    assert alerts() == 2


@pytest.mark.parametrize("level", [Level.routine, Level.soon])
def test_the_desk_never_lowers_a_level(
    app: Flask, clinic: Clinic, meera: Practitioner, level: Level
) -> None:
    """Only a doctor lowers; staying the same is no raise; and a reason is always needed."""
    request = a_request(Level.soon)
    with pytest.raises(NotAllowedNow):
        queue.raise_level(request.reference, level, 1, meera, NOW, clinic, "They sounded well")
    with pytest.raises(ReasonMissing):
        queue.raise_level(request.reference, Level.urgent, 1, meera, NOW, clinic, "")
    assert as_it_stands(request).level is Level.soon
