"""Problems: each fact makes one task; it is taken, resolved, opens again, and closes by itself."""

import datetime as dt
import threading
import uuid

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.errors import AlreadyChanged, NotAllowedNow, NotFound, ReasonMissing
from app.domain.level import Level
from app.records import db, transaction
from app.records.audit import AuditEvent
from app.records.outbox import Message
from app.records.roster import OnCall
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.records.task import Task, open_task
from app.workflow import booking, outbox, problems, queue, review
from tests.builders import (
    NOW,
    a_request,
    a_staff_member,
    a_submission,
    the_clinic,
    visit_details,
)

MINUTE, HOUR, DAY = (dt.timedelta(**{unit: 1}) for unit in ("minutes", "hours", "days"))

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture(autouse=True)
def rao(context: Flask) -> Practitioner:
    """A doctor who is on call for years, so that no test meets a gap that it does not look for."""
    doctor = a_staff_member("doctor")
    with transaction() as session:
        session.add(
            OnCall(
                rank=1,
                practitioner_id=doctor.id,
                starts_at=NOW - 9 * DAY,
                ends_at=NOW + 999 * DAY,
            )
        )
    return doctor


@pytest.fixture
def meera() -> Practitioner:
    """Somebody at the desk."""
    return a_staff_member("receptionist")


def tasks(kind: str) -> list[Task]:
    """All tasks of that kind, as they are stored."""
    fresh = sa.select(Task).where(Task.kind == kind).order_by(Task.since)
    return list(db.session.scalars(fresh.execution_options(populate_existing=True)))


def the_task(kind: str) -> Task:
    """The only task of that kind."""
    (found,) = tasks(kind)
    return found


def fail(kind: str, now: dt.datetime = NOW) -> uuid.UUID:
    """Let the mail server refuse the message of that kind; everything else that is due is sent."""
    refused = None
    while leased := outbox.lease(now):
        if leased.kind == kind:
            outbox.settle_refused(leased, now, "SMTP 550")
            refused = leased.id
        else:
            outbox.settle_sent(leased, now)
    assert refused
    return refused


def try_three_times(request: ServiceRequest, meera: Practitioner) -> None:
    """Three calls, an hour apart, and nobody answers."""
    for hour in range(3):
        assert tasks("no-answer") == []
        queue.log_call(request.reference, "no-answer", meera, NOW + hour * HOUR)


def a_visit(request: ServiceRequest, doctor: Practitioner) -> Appointment:
    """A visit of half an hour from now."""
    with transaction() as session:
        visit = Appointment(request_id=request.id, practitioner_id=doctor.id, **visit_details(NOW))
        session.add(visit)
    return visit


# Each kind appears, once, and ends by itself


def test_a_refused_mail_is_a_task_until_it_was_sent(meera: Practitioner) -> None:
    """In the transaction of the failure; sending it again does not end it, its arrival does."""
    request = a_request(Level.routine)
    message_id = fail("new-request")
    task = the_task("undelivered")
    assert (task.subject, task.request_id, task.since) == (str(message_id), request.id, NOW)
    problems.look(NOW + MINUTE)
    outbox.send_again(message_id, meera, NOW + MINUTE)
    problems.look(NOW + 2 * MINUTE)
    assert the_task("undelivered").ended_at is None
    again = outbox.lease(NOW + 2 * MINUTE)
    assert again
    outbox.settle_sent(again, NOW + 2 * MINUTE)
    problems.look(NOW + 3 * MINUTE)
    task = the_task("undelivered")
    assert (task.ending, task.ended_by, task.ended_at) == ("sent", None, NOW + 3 * MINUTE)


def test_a_mail_that_is_put_off_for_good_is_a_task() -> None:
    """Not the tries before: the last one."""
    a_request(Level.routine)
    leased = outbox.lease(NOW)
    assert leased
    outbox.settle_postponed(leased, NOW, "SMTP 450")
    assert tasks("undelivered") == []
    last = NOW + outbox.GIVE_UP
    leased = outbox.lease(last)
    assert leased
    outbox.settle_postponed(leased, last, "SMTP 450")
    assert the_task("undelivered").since == last


def test_a_mail_that_is_late_is_found_by_the_round() -> None:
    """Nobody tried it, so nobody could write it down; alarms end when somebody takes the case."""
    request = a_request(Level.urgent)
    problems.look(NOW + 5 * MINUTE)
    assert tasks("undelivered") == []
    problems.look(NOW + 6 * MINUTE)
    assert len(tasks("undelivered")) == 2  # the doctor's alert, and the bell of the desk
    review.acknowledge(request.reference, a_staff_member("doctor"), NOW + 7 * MINUTE)
    problems.look(NOW + 8 * MINUTE)
    assert {task.ending for task in tasks("undelivered")} == {"taken", "not-needed"}


def test_a_mail_about_a_visit_ends_with_the_visit(rao: Practitioner) -> None:
    """Nobody needs to phone about a visit that is over."""
    request = a_request(Level.soon, person={"email": "asha@example.org"})
    visit = a_visit(request, rao)
    with transaction() as session:
        outbox.enqueue(session, request, "booked", ["patient"], NOW)
    fail("booked")
    problems.look(NOW - MINUTE)
    assert the_task("undelivered").ending is None
    problems.look(visit.starts_at)
    assert the_task("undelivered").ending == "visit-over"


def test_three_tries_are_a_task_until_somebody_answers(meera: Practitioner) -> None:
    """It is written with the third call, and closed with the one that is answered."""
    request = a_request(Level.soon)
    try_three_times(request, meera)
    task = the_task("no-answer")
    assert (task.request_id, task.since) == (request.id, NOW + 2 * HOUR)
    queue.log_call(request.reference, "answered", meera, NOW + 3 * HOUR)
    assert the_task("no-answer").ending == "answered"


def test_a_number_left_is_a_task_until_it_is_sent_in_full() -> None:
    """A number from the emergency page is a request of its own at once."""
    with_number = a_submission(Level.emergency, consent_version=None)
    request = a_request(Level.emergency, id=with_number.id, consent_version=None)
    assert the_task("number-left").request_id == request.id
    problems.look(NOW + MINUTE)
    assert the_task("number-left").ending is None
    a_request(Level.emergency, id=with_number.id, at=NOW + 2 * MINUTE)
    problems.look(NOW + 3 * MINUTE)
    assert the_task("number-left").ending == "sent-in-full"
    a_request(Level.emergency, source="phone", consent_version=None)
    assert len(tasks("number-left")) == 1


def test_a_missed_target_is_a_task_until_somebody_takes_it(rao: Practitioner) -> None:
    """Not before it is missed; every worker finds it, and it stays one."""
    request = a_request(Level.urgent)
    problems.look(request.due_at - MINUTE)
    assert tasks("missed-target") == []
    for minute in range(3):
        problems.look(request.due_at + minute * MINUTE)
    task = the_task("missed-target")
    assert (task.request_id, task.since, task.version) == (request.id, request.due_at, 1)
    assert problems.look(request.due_at + 3 * MINUTE) == (0, 0)
    review.acknowledge(request.reference, rao, request.due_at + 4 * MINUTE)
    problems.look(request.due_at + 5 * MINUTE)
    assert the_task("missed-target").ending == "taken"


def test_a_visit_without_outcome_is_a_task_until_it_is_recorded(
    rao: Practitioner, meera: Practitioner
) -> None:
    """Doctors run late, so the desk has two hours for it."""
    visit = a_visit(a_request(Level.soon), rao)
    due = visit.ends_at + problems.OUTCOME_AFTER
    problems.look(due - MINUTE)
    assert tasks("no-outcome") == []
    problems.look(due)
    assert the_task("no-outcome").subject == str(visit.id)
    booking.fulfil(visit.id, visit.version, meera, due, the_clinic())
    problems.look(due + MINUTE)
    assert the_task("no-outcome").ending == "recorded"


def test_a_gap_in_the_roster_is_one_task_while_it_comes_near_and_lasts() -> None:
    """Its beginning is what it is known by, and that does not move with the clock."""
    with transaction() as session:
        session.execute(sa.update(OnCall).values(ends_at=NOW + 2 * DAY))
    ends = NOW + 2 * DAY
    problems.look(ends - 25 * HOUR)
    assert tasks("roster-gap") == []
    for at in (ends - 23 * HOUR, ends - HOUR, ends, ends + HOUR, ends + 30 * HOUR):
        problems.look(at)
    assert the_task("roster-gap").since == ends
    with transaction() as session:
        session.execute(sa.update(OnCall).values(ends_at=NOW + 9 * DAY))
    problems.look(ends + 31 * HOUR)
    assert the_task("roster-gap").ending == "on-call"


def test_a_clinic_without_any_roster_has_one_gap() -> None:
    """A fresh clinic: nobody was ever on call."""
    with transaction() as session:
        session.execute(sa.delete(OnCall))
    problems.look(NOW)
    problems.look(NOW + DAY)
    assert the_task("roster-gap").ending is None


def test_a_possible_duplicate_ends_with_its_request(meera: Practitioner) -> None:
    """Whoever finds one opens it in a transaction of their own."""
    request = a_request(Level.routine)
    with transaction() as session:
        for at in (NOW, NOW):
            open_task(session, problems.POSSIBLE_DUPLICATE, "SPN-222-222", request, at)
    assert the_task("possible-duplicate").version == 1
    queue.event(request.reference, "close", 1, meera, NOW, the_clinic(), reason="duplicate")
    problems.look(NOW + MINUTE)
    assert the_task("possible-duplicate").ending == "closed"


# What colleagues do with it


def test_a_problem_is_taken_given_and_resolved(meera: Practitioner, rao: Practitioner) -> None:
    """Each step is in the log; the words are sealed, and stand in the history of the request."""
    request = a_request(Level.soon)
    try_three_times(request, meera)
    task = the_task("no-answer")
    task = problems.take(task.id, task.version, meera, NOW)
    assert task.owner == meera
    task = problems.give(task.id, task.version, rao.id, meera, NOW)
    assert task.owner == rao
    with pytest.raises(ReasonMissing):
        problems.resolve(task.id, task.version, "", rao, NOW)
    problems.resolve(task.id, task.version, "Wrote to the daughter", rao, NOW + HOUR)
    task = the_task("no-answer")
    assert (task.ending, task.ended_by, task.note) == ("resolved", rao, "Wrote to the daughter")
    assert task.note_sealed
    assert b"daughter" not in task.note_sealed
    order = AuditEvent.number.desc()
    actions = db.session.scalars(sa.select(AuditEvent.action).order_by(order).limit(3)).all()
    assert actions == ["task-resolve", "task-give", "task-take"]
    stored = db.session.get(ServiceRequest, request.id, populate_existing=True)
    assert stored
    assert (stored.history[-1].event, stored.history[-1].note) == (
        "resolve-problem",
        "Wrote to the daughter",
    )


def test_what_is_resolved_and_still_true_says_so_and_stays_resolved(meera: Practitioner) -> None:
    """The round does not open it again, the page does not hide it; a new fact opens it anew."""
    request = a_request(Level.soon)
    try_three_times(request, meera)
    task = the_task("no-answer")
    problems.resolve(task.id, task.version, "Tried the clinic in Pune", meera, NOW + 3 * HOUR)
    problems.look(NOW + 3 * HOUR)
    assert all(each.task.kind != "no-answer" for each in problems.open_now(NOW + 3 * HOUR))
    (found,) = (each for each in problems.over(NOW + 3 * HOUR) if each.task.kind == "no-answer")
    assert found.still_true
    queue.log_call(request.reference, "no-answer", meera, NOW + 4 * HOUR)
    task = the_task("no-answer")
    assert (task.ended_at, task.opened_at, task.owner) == (None, NOW + 4 * HOUR, meera)
    assert task.note == "Tried the clinic in Pune"


def test_a_resolved_gap_stays_resolved_while_it_lasts(meera: Practitioner) -> None:
    """The round finds the same fact every minute; once is enough."""
    with transaction() as session:
        session.execute(sa.delete(OnCall))
    problems.look(NOW)
    task = the_task("roster-gap")
    problems.resolve(task.id, task.version, "All doctors know", meera, NOW)
    problems.look(NOW + MINUTE)
    assert the_task("roster-gap").ending == "resolved"
    (found,) = problems.over(NOW + MINUTE)
    assert found.still_true


def test_the_slower_of_two_colleagues_is_told(meera: Practitioner, rao: Practitioner) -> None:
    """Who saw an older version changes nothing; what is over is over; what is not there is not."""
    try_three_times(a_request(Level.soon), meera)
    task = the_task("no-answer")
    seen = task.version
    problems.take(task.id, seen, meera, NOW)
    with pytest.raises(AlreadyChanged):
        problems.take(task.id, seen, rao, NOW)
    task = the_task("no-answer")
    with pytest.raises(NotFound):
        problems.give(task.id, task.version, uuid.uuid4(), meera, NOW)
    problems.resolve(task.id, task.version, "Done", meera, NOW)
    task = the_task("no-answer")
    with pytest.raises(NotAllowedNow):
        problems.take(task.id, task.version, rao, NOW)
    with pytest.raises(NotFound):
        problems.take(uuid.uuid4(), 1, rao, NOW)


def test_the_most_pressing_comes_first(meera: Practitioner) -> None:
    """By the level of the request, then by age."""
    other = {"name": "Vikram Kale", "phone": "+919876543211"}
    soon, urgent = a_request(Level.soon), a_request(Level.urgent, at=NOW + HOUR, person=other)
    with transaction() as session:
        for request in (soon, urgent):
            kind = problems.NUMBER_LEFT
            open_task(session, kind, request.reference, request, request.created_at)
    found = problems.open_now(NOW + HOUR)
    assert [each.request and each.request.level for each in found] == [Level.urgent, Level.soon]
    assert [task.kind for task in problems.of_request(soon)] == ["number-left"]


# Several workers, and one that dies


def test_several_workers_make_one_task(context: Flask) -> None:
    """All of them find the same facts at the same instant."""
    requests = [a_request(Level.urgent, person={"phone": f"+9198765432{n:02}"}) for n in range(5)]
    due = max(request.due_at for request in requests)
    db.session.remove()
    begin, failures = threading.Barrier(4), []

    def work() -> None:
        with context.app_context():
            begin.wait()
            try:
                problems.look(due)
            except Exception as error:  # noqa: BLE001 - told by the test's own thread
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [task.version for task in tasks("missed-target")] == [1] * 5


def test_a_worker_killed_in_the_round_leaves_all_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing of a round is kept by halves; the next one finds everything."""
    request = a_request(Level.urgent)

    class Killed(BaseException):
        """As a signal ends it."""

    def killed(*_: object) -> int:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("app.workflow.problems.finding._end", killed)
        with pytest.raises(Killed):
            problems.look(request.due_at)
    assert tasks("missed-target") == []
    assert problems.look(request.due_at)[0] == len(tasks("missed-target")) + len(
        tasks("undelivered")
    )
    assert the_task("missed-target").request_id == request.id


def test_a_failure_that_is_rolled_back_makes_no_task() -> None:
    """Task and fate live and die together: a second worker's message is not ours to fail."""
    a_request(Level.routine)
    leased = outbox.lease(NOW)
    assert leased
    with transaction() as session:
        session.execute(sa.update(Message).values(attempts=Message.attempts + 1))
    outbox.settle_refused(leased, NOW, "SMTP 550")
    assert tasks("undelivered") == []
