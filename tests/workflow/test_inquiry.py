"""A doctor lets the desk find something out: the case comes back, and nobody decides meanwhile."""

import pytest
import sqlalchemy as sa

from app.domain.errors import AlreadyChanged, NotAllowedNow, NotFound, ReasonMissing
from app.domain.level import Level
from app.records import db
from app.records.outbox import Message
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import escalation, outbox, queue, review
from tests.builders import NOW, a_request, a_staff_member, the_clinic

pytestmark = pytest.mark.usefixtures("context")

QUESTION = "Which leg is weak?"


@pytest.fixture
def arun() -> Practitioner:
    """A doctor."""
    return a_staff_member("doctor")


@pytest.fixture
def meera() -> Practitioner:
    """A receptionist."""
    return a_staff_member()


def asked(arun: Practitioner, level: Level = Level.urgent) -> ServiceRequest:
    """A request about which a doctor has asked the desk."""
    request = a_request(level)
    return review.inquire(request.reference, QUESTION, request.version, arun, NOW, the_clinic())


def waiting() -> set[str]:
    """The kinds of alarm that are on their way."""
    kinds = sa.select(Message.kind).where(
        Message.status == "waiting", Message.kind.in_(escalation.KINDS)
    )
    return set(db.session.scalars(kinds))


def test_the_case_goes_to_the_desk_with_its_level_and_a_new_clock(arun: Practitioner) -> None:
    """The doctor has taken it as well, and sees it in a list of what the desk finds out."""
    request = asked(arun)
    assert (request.status, request.level) == ("with-desk", Level.urgent)
    assert (request.instruction, request.asked_at, request.waiting_since) == (QUESTION, NOW, NOW)
    assert [change.event for change in request.history] == ["submit", "acknowledge", "inquire"]
    assert request.due_at == the_clinic().clock.due_at(Level.urgent, NOW)
    assert waiting() == {escalation.DOCTOR_ASKS}
    assert review.waiting(NOW) == []
    assert [row.request.reference for row in review.asked()] == [request.reference]


def test_the_answer_brings_it_back_and_everything_begins_anew(
    arun: Practitioner, meera: Practitioner
) -> None:
    """Nobody has taken what has just come back; the doctors are alerted as by a new case."""
    request = asked(arun)
    queue.event(
        request.reference, "answer", request.version, meera, NOW, the_clinic(), note="The left"
    )
    assert (request.status, request.acknowledged_at, request.asked_at) == (
        "with-doctor",
        None,
        None,
    )
    assert request.history[-1].note == "The left"
    assert waiting() == {escalation.TO_DOCTORS}
    assert review.asked() == []


@pytest.mark.parametrize("event", ["ask", "close", "reply"])
def test_the_desk_cannot_decide_meanwhile(
    arun: Practitioner, meera: Practitioner, event: str
) -> None:
    """Neither close it nor let it wait for the patient, however the request is sent."""
    request = asked(arun)
    with pytest.raises(NotAllowedNow):
        queue.event(
            request.reference,
            event,
            request.version,
            meera,
            NOW,
            the_clinic(),
            note="x",
            reason="advice-given",
        )
    assert waiting() == {escalation.DOCTOR_ASKS}


def test_an_answer_needs_words_and_a_question(arun: Practitioner, meera: Practitioner) -> None:
    """An empty answer tells nothing; without a question there is none."""
    request = asked(arun)
    with pytest.raises(ReasonMissing):
        queue.event(request.reference, "answer", request.version, meera, NOW, the_clinic())
    plain = a_request(Level.soon, person={"phone": "+919876543211"})
    with pytest.raises(NotAllowedNow):
        queue.event(plain.reference, "answer", plain.version, meera, NOW, the_clinic(), note="x")


def test_whoever_raises_the_level_sends_it_back_at_once(
    arun: Practitioner, meera: Practitioner
) -> None:
    """A question does not hold up an emergency."""
    request = asked(arun)
    queue.raise_level(
        request.reference, Level.emergency, request.version, meera, NOW, the_clinic(), "Cannot walk"
    )
    assert (request.status, request.asked_at) == ("with-doctor", None)
    assert waiting() == {escalation.TO_DOCTORS}


def test_a_question_needs_words_the_newest_version_and_the_doctors_turn(
    arun: Practitioner,
) -> None:
    """Otherwise nothing changes."""
    request = a_request(Level.urgent)
    clinic = the_clinic()
    with pytest.raises(ReasonMissing):
        review.inquire(request.reference, "", request.version, arun, NOW, clinic)
    with pytest.raises(AlreadyChanged):
        review.inquire(request.reference, QUESTION, request.version + 1, arun, NOW, clinic)
    with pytest.raises(NotFound):
        review.inquire("SPN-AAA-AAA", QUESTION, 1, arun, NOW, clinic)
    routine = a_request(person={"phone": "+919876543211"})
    with pytest.raises(NotAllowedNow):
        review.inquire(routine.reference, QUESTION, routine.version, arun, NOW, clinic)


def test_the_alarms_of_a_case_are_told_with_their_fate(arun: Practitioner) -> None:
    """What went out, what failed and what is overdue; not what was dropped or lies ahead."""
    request = a_request(Level.emergency)
    (leased,) = [
        each for each in iter(lambda: outbox.lease(NOW), None) if each.kind == "doctor-alert"
    ]
    assert [each.status for each in outbox.told(request, escalation.KINDS, NOW)] == ["waiting"]
    outbox.settle_refused(leased, NOW, "550")
    later = request.due_at
    told = outbox.told(request, escalation.KINDS, later)
    assert [(each.occurrence, each.status) for each in told][:2] == [(1, "failed"), (2, "waiting")]
    assert told[1].due_at == NOW + (later - NOW) / 2
    review.acknowledge(request.reference, arun, NOW)
    assert len(outbox.told(request, escalation.KINDS, later)) == 1
