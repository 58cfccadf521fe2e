"""The doctor's review: what waits, who takes it, and what is decided."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.clinic import Clinic
from app.domain.errors import AlreadyChanged, NotAllowedNow, NotFound, ReasonMissing
from app.domain.level import Level
from app.records import audit, db, transaction
from app.records.audit import AuditEvent
from app.records.outbox import Message
from app.records.rows import PAGE_SIZE
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import queue, review, staff
from tests.builders import NOW, a_request, a_staff_member, the_clinic

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
SECOND = dt.timedelta(seconds=1)

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    """What the stages need to know of the clinic."""
    return the_clinic()


@pytest.fixture
def arun() -> Practitioner:
    """A doctor."""
    return a_staff_member("doctor", email="arun@example.org")


@pytest.fixture
def nisha() -> Practitioner:
    """Another doctor."""
    return a_staff_member("doctor", email="nisha@example.org", name="Dr Nisha Iyer")


def with_phone(number: int) -> dict[str, str]:
    """Somebody else's phone, so that no request takes over the level of another."""
    return {"phone": f"+9198765432{number:02}"}


def as_it_stands(request: ServiceRequest) -> ServiceRequest:
    """The request, read again."""
    db.session.rollback()
    found = db.session.get(ServiceRequest, request.id)
    assert found
    return found


def alerts() -> list[str]:
    """The fates of the alerts that went to doctors at once, in the order of their making."""
    fates = sa.select(Message.status).where(
        Message.kind == "doctor-alert", Message.due_at == Message.created_at
    )
    return list(db.session.scalars(fates.order_by(Message.occurrence, Message.id)))


def actions() -> list[str]:
    """What the investigation log says, in order."""
    order = AuditEvent.number
    return list(db.session.scalars(sa.select(AuditEvent.action).order_by(order)))


def test_the_most_pressing_come_first_and_the_untaken_of_those(arun: Practitioner) -> None:
    """By level, then untaken before taken, then by the share of the target that is used."""
    urgent = a_request(Level.urgent, at=NOW - 3 * HOUR, person=with_phone(1))
    taken = a_request(Level.emergency, at=NOW - 20 * MINUTE, person=with_phone(2))
    fresh = a_request(Level.emergency, at=NOW - MINUTE, person=with_phone(3))
    late = a_request(Level.emergency, at=NOW - 16 * MINUTE, person=with_phone(4))
    a_request(Level.routine, person=with_phone(5))
    review.acknowledge(taken.reference, arun, NOW)
    found = [row.request.reference for row in review.waiting(NOW)]
    assert found == [each.reference for each in (late, fresh, taken, urgent)]


def test_inside_a_level_the_longest_share_counts_not_the_longest_wait(
    clinic: Clinic, arun: Practitioner
) -> None:
    """A request that was raised late has its target further on."""
    raised = a_request(Level.urgent, at=NOW - 2 * HOUR, person=with_phone(1))
    queue.raise_level(raised.reference, Level.emergency, 1, arun, NOW, clinic, "Legs gave way")
    late = a_request(Level.emergency, at=NOW - 10 * MINUTE, person=with_phone(2))
    later = NOW + 6 * MINUTE
    found = [row.request.reference for row in review.waiting(later)]
    assert found == [late.reference, raised.reference]


def test_what_nobody_has_taken_is_on_the_page_however_much_is_taken() -> None:
    """A pile of taken cases never hides one that waits."""
    for number in range(PAGE_SIZE):
        a_request(Level.emergency, at=NOW - HOUR, person=with_phone(number))
    db.session.execute(sa.update(ServiceRequest).values(acknowledged_at=NOW))
    db.session.commit()
    fresh = a_request(Level.emergency, person=with_phone(PAGE_SIZE))
    found = review.waiting(NOW)
    assert len(found) == PAGE_SIZE
    assert found[0].request.reference == fresh.reference


def test_the_list_costs_the_same_queries_for_one_request_or_many(arun: Practitioner) -> None:
    """Requests with their takers, decisions, visits, calls: four."""
    seen: list[str] = []

    def sent(*given: object) -> None:
        if not str(given[2]).startswith("BEGIN"):
            seen.append(str(given[2]))

    sa.event.listen(db.engine, "before_cursor_execute", sent)
    numbers = []
    for number in (1, 2, 3, 4):
        made = a_request(Level.urgent, person=with_phone(number))
        review.acknowledge(made.reference, arun, NOW)
        db.session.rollback()
        seen.clear()
        takers = [row.request.acknowledged_by for row in review.waiting(NOW)]
        assert [taker.name for taker in takers if taker] == [arun.name] * number
        numbers.append(len(seen))
    assert numbers == [4, 4, 4, 4]


def test_opening_a_case_is_remembered(arun: Practitioner) -> None:
    """Who looked at which case is in the sealed log, whatever its status."""
    request = a_request(Level.routine)
    assert review.open_case(request.reference, arun, NOW).id == request.id
    last = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.number.desc())).first()
    assert last
    assert (last.action, last.actor_id, last.request_id) == ("open", arun.id, request.id)
    with transaction() as session:
        assert audit.first_broken(session) is None


def test_an_unknown_reference_is_not_found(clinic: Clinic, arun: Practitioner) -> None:
    """No act invents a request."""
    with pytest.raises(NotFound):
        review.open_case("SPN-222-222", arun, NOW)
    with pytest.raises(NotFound):
        review.acknowledge("SPN-222-222", arun, NOW)
    with pytest.raises(NotFound):
        review.take_back("SPN-222-222", arun, NOW, clinic)
    with pytest.raises(NotFound):
        review.decide("SPN-222-222", "decide", "Book a visit", 1, arun, NOW, clinic)


def test_acknowledging_stops_the_clock_and_the_alerts(
    arun: Practitioner, nisha: Practitioner
) -> None:
    """The doctor's name and time stand in the record; nobody else is alerted any more."""
    request = a_request(Level.emergency, at=NOW - 5 * MINUTE)
    assert alerts() == ["waiting"]
    review.acknowledge(request.reference, arun, NOW)
    after = as_it_stands(request)
    assert (after.acknowledged_at, after.acknowledged_by_id) == (NOW, arun.id)
    assert after.status == "with-doctor"
    assert alerts() == ["dropped"]
    assert [(change.event, change.by_id) for change in after.history][-1] == (
        "acknowledge",
        arun.id,
    )
    assert actions()[-1] == "acknowledge"


def test_alerts_of_other_requests_and_other_mail_stay(arun: Practitioner) -> None:
    """Only what this case no longer needs is dropped."""
    request = a_request(Level.emergency, person=with_phone(1))
    other = a_request(Level.emergency, person=with_phone(2))
    review.acknowledge(request.reference, arun, NOW)
    waiting = sa.select(Message.kind, Message.request_id).where(Message.status == "waiting")
    found = {(kind, which) for kind, which in db.session.execute(waiting)}
    assert found == {
        ("new-request", request.id),
        ("new-request", other.id),
        ("doctor-alert", other.id),
    }


def test_what_a_colleague_has_taken_stays_with_the_colleague(
    arun: Practitioner, nisha: Practitioner
) -> None:
    """A second press, of whomever, changes nothing and is no error."""
    request = a_request(Level.emergency)
    review.acknowledge(request.reference, nisha, NOW)
    for doctor in (arun, nisha):
        found = review.acknowledge(request.reference, doctor, NOW + MINUTE)
        assert found.acknowledged_by
        assert (found.acknowledged_by.name, found.acknowledged_at) == (nisha.name, NOW)
    assert [change.event for change in as_it_stands(request).history] == ["submit", "acknowledge"]
    assert actions().count("acknowledge") == 1


def test_of_two_doctors_at_the_same_instant_one_takes_it(
    app: Flask, arun: Practitioner, nisha: Practitioner
) -> None:
    """Neither sees an error, and both see the same name."""
    reference = a_request(Level.emergency).reference
    db.session.rollback()
    together = threading.Barrier(2)

    def press(email: str) -> str:
        with app.app_context():
            doctor = staff.by_email(email)
            assert doctor
            together.wait()
            taken_by = review.acknowledge(reference, doctor, NOW).acknowledged_by
            assert taken_by
            return taken_by.email

    with ThreadPoolExecutor() as pool:
        names = list(pool.map(press, (arun.email, nisha.email)))
    assert names[0] == names[1]
    assert actions().count("acknowledge") == 1


def test_only_what_waits_for_a_doctor_can_be_acknowledged(arun: Practitioner) -> None:
    """The desk's requests are the desk's."""
    request = a_request(Level.routine)
    with pytest.raises(NotAllowedNow):
        review.acknowledge(request.reference, arun, NOW)
    assert as_it_stands(request).acknowledged_at is None


def test_a_slip_can_be_taken_back_for_a_minute(clinic: Clinic, arun: Practitioner) -> None:
    """The clock runs on as if nothing had been, and the doctors are alerted again."""
    request = a_request(Level.emergency, at=NOW - 5 * MINUTE)
    due_at = request.due_at
    review.acknowledge(request.reference, arun, NOW)
    review.take_back(request.reference, arun, NOW + 60 * SECOND, clinic)
    after = as_it_stands(request)
    assert (after.acknowledged_at, after.acknowledged_by_id) == (None, None)
    assert (after.status, after.due_at) == ("with-doctor", due_at)
    assert alerts() == ["dropped", "waiting"]
    assert [change.event for change in after.history][-2:] == ["acknowledge", "unacknowledge"]
    review.acknowledge(request.reference, arun, NOW + 90 * SECOND)
    assert as_it_stands(request).acknowledged_at == NOW + 90 * SECOND


def test_nobody_takes_back_later_or_for_somebody_else(
    clinic: Clinic, arun: Practitioner, nisha: Practitioner
) -> None:
    """A doctor who has relied on the colleague must not be left alone."""
    request = a_request(Level.emergency)
    with pytest.raises(NotAllowedNow):
        review.take_back(request.reference, arun, NOW, clinic)
    review.acknowledge(request.reference, arun, NOW)
    with pytest.raises(NotAllowedNow):
        review.take_back(request.reference, nisha, NOW + SECOND, clinic)
    with pytest.raises(NotAllowedNow):
        review.take_back(request.reference, arun, NOW + 61 * SECOND, clinic)
    assert as_it_stands(request).acknowledged_by_id == arun.id
    review.decide(request.reference, "decide", "See today", 2, arun, NOW, clinic)
    with pytest.raises(NotAllowedNow):
        review.take_back(request.reference, arun, NOW + SECOND, clinic)


def test_a_decision_gives_the_case_to_the_desk_with_an_instruction(
    clinic: Clinic, arun: Practitioner
) -> None:
    """The desk's clock starts with the decision; a call that was due is due no longer."""
    request = a_request(Level.urgent, at=NOW - 3 * HOUR)
    queue.log_call(request.reference, "no-answer", arun, NOW - HOUR)
    review.acknowledge(request.reference, arun, NOW - MINUTE)
    review.decide(request.reference, "decide", "See today at the clinic", 2, arun, NOW, clinic)
    after = as_it_stands(request)
    assert (after.status, after.level) == ("with-desk", Level.urgent)
    assert after.instruction == "See today at the clinic"
    assert (after.waiting_since, after.due_at) == (NOW, NOW + 4 * HOUR)
    assert [call.next_due_at for call in after.attempts] == [None]
    assert after.acknowledged_at == NOW - MINUTE
    last = after.history[-1]
    assert (last.event, last.by_id, last.note) == ("decide", arun.id, "See today at the clinic")
    assert [each.level for each in after.triages] == [Level.urgent] * 2
    assert after.triage.reason == "See today at the clinic"
    assert actions()[-1] == "decide"
    with transaction() as session:
        assert audit.first_broken(session) is None


def test_deciding_acknowledges_as_well(clinic: Clinic, arun: Practitioner) -> None:
    """Both stand in the history, and the alerts stop."""
    request = a_request(Level.emergency)
    review.decide(request.reference, "decide", "See today", 1, arun, NOW, clinic)
    after = as_it_stands(request)
    assert (after.acknowledged_at, after.acknowledged_by_id) == (NOW, arun.id)
    assert [change.event for change in after.history] == ["submit", "acknowledge", "decide"]
    assert alerts() == ["dropped"]


def test_a_colleague_may_decide_what_another_has_taken(
    clinic: Clinic, arun: Practitioner, nisha: Practitioner
) -> None:
    """Who took it and who decided are both known."""
    request = a_request(Level.emergency)
    review.acknowledge(request.reference, nisha, NOW)
    review.decide(request.reference, "decide", "See today", 2, arun, NOW + MINUTE, clinic)
    after = as_it_stands(request)
    assert after.acknowledged_by_id == nisha.id
    assert after.history[-1].by_id == arun.id


def test_sending_to_hospital_closes_the_request(clinic: Clinic, arun: Practitioner) -> None:
    """The words are in the history; the desk has nothing to do."""
    request = a_request(Level.emergency)
    words = "Going to hospital now. Son drives"
    review.decide(request.reference, "send-to-hospital", words, 1, arun, NOW, clinic)
    after = as_it_stands(request)
    assert (after.status, after.closed_reason) == ("closed", "sent-to-hospital")
    assert (after.history[-1].note, after.instruction) == (words, None)


@pytest.mark.parametrize(
    ("before", "level"),
    [(Level.emergency, Level.soon), (Level.urgent, Level.emergency)],
)
def test_another_level_is_a_new_decision_beside_the_old_one(
    clinic: Clinic, arun: Practitioner, before: Level, level: Level
) -> None:
    """The level of the rules is never erased; the target of the new level counts from now."""
    request = a_request(before, at=NOW - HOUR)
    review.decide(
        request.reference,
        "decide",
        "Book a visit",
        1,
        arun,
        NOW,
        clinic,
        level=level,
        reason="Power is full on the phone",
    )
    after = as_it_stands(request)
    assert (after.level, after.due_at) == (level, clinic.clock.due_at(level, NOW))
    assert [(triage.level, triage.by_id, triage.reason) for triage in after.triages] == [
        (before, None, None),
        (level, arun.id, "Power is full on the phone"),
    ]


@pytest.mark.parametrize("reason", [None, ""])
def test_another_level_needs_a_reason(
    clinic: Clinic, arun: Practitioner, reason: str | None
) -> None:
    """Without one nothing at all is changed."""
    request = a_request(Level.emergency)
    with pytest.raises(ReasonMissing):
        review.decide(
            request.reference,
            "decide",
            "Book a visit",
            1,
            arun,
            NOW,
            clinic,
            level=Level.routine,
            reason=reason,
        )
    after = as_it_stands(request)
    assert (after.level, after.status, after.acknowledged_at) == (
        Level.emergency,
        "with-doctor",
        None,
    )
    assert alerts() == ["waiting"]


def test_the_slower_of_two_doctors_is_told(
    clinic: Clinic, arun: Practitioner, nisha: Practitioner
) -> None:
    """Whoever saw an older version decides nothing."""
    request = a_request(Level.emergency)
    review.decide(request.reference, "decide", "See today", 1, nisha, NOW, clinic)
    with pytest.raises(AlreadyChanged):
        review.decide(request.reference, "send-to-hospital", "Going", 1, arun, NOW, clinic)
    assert as_it_stands(request).instruction == "See today"


@pytest.mark.parametrize("event", ["close", "escalate", "acknowledge", "nonsense"])
def test_a_decision_is_one_of_the_doctors(clinic: Clinic, arun: Practitioner, event: str) -> None:
    """The other events have their own ways."""
    request = a_request(Level.emergency)
    with pytest.raises(NotAllowedNow):
        review.decide(request.reference, event, "words", 1, arun, NOW, clinic)
    assert as_it_stands(request).acknowledged_at is None


def test_what_is_with_the_desk_cannot_be_decided(clinic: Clinic, arun: Practitioner) -> None:
    """The doctor decides what was brought to a doctor."""
    request = a_request(Level.routine)
    with pytest.raises(NotAllowedNow):
        review.decide(request.reference, "decide", "Book a visit", 1, arun, NOW, clinic)
    assert as_it_stands(request).instruction is None


def test_a_case_that_comes_back_must_be_taken_again(
    clinic: Clinic, arun: Practitioner, nisha: Practitioner
) -> None:
    """When the desk asks the doctor again, the clock runs and everybody hears of it."""
    request = a_request(Level.urgent)
    review.decide(request.reference, "decide", "See today", 1, arun, NOW, clinic)
    version = as_it_stands(request).version
    queue.event(request.reference, "escalate", version, nisha, NOW + HOUR, clinic, note="Worse")
    assert as_it_stands(request).acknowledged_at is None
    assert alerts().count("waiting") == 1
    review.acknowledge(request.reference, nisha, NOW + 2 * HOUR)
    assert as_it_stands(request).acknowledged_by_id == nisha.id
