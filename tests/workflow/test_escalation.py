"""Nobody waits unseen: each step is told once, until a named person takes the request."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from app.domain import lifecycle
from app.domain.clinic import Clinic
from app.domain.clock import Clock, DeskHours
from app.domain.level import Level
from app.domain.slots import Span
from app.mail import letter
from app.records import db, transaction
from app.records.outbox import Message
from app.records.roster import OnCall
from app.records.schedule import Closure
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import escalation, intake, outbox, queue, review, staff
from tests.builders import NOW, a_staff_member, a_submission, the_pack

SECOND, MINUTE, HOUR, DAY = (dt.timedelta(seconds=n) for n in (1, 60, 3600, 86400))
SATURDAY_NIGHT = dt.datetime(2026, 11, 28, 17, 30, tzinfo=dt.UTC)
"""Eleven at night in Mumbai."""
LEAP_DAY_EVE = dt.datetime(2028, 2, 28, 17, 0, tzinfo=dt.UTC)

pytestmark = pytest.mark.usefixtures("context")

Work = Callable[[dt.datetime], list[str]]
"""Lets a worker do what is due at an instant; gives who was told, by kind."""


WEEK = tuple((weekday, dt.time(9), dt.time(19)) for weekday in range(6))
NINE_TO_SEVEN = Clinic(Clock(DeskHours(ZoneInfo("Asia/Kolkata"), WEEK)), desk_mailboxes=1)


@pytest.fixture
def clinic(context: None) -> Clinic:
    """A clinic whose desk is open from nine to seven, but not on Sundays."""
    return NINE_TO_SEVEN


def a_request(level: Level, at: dt.datetime = NOW) -> ServiceRequest:
    """A request that this clinic has stored."""
    return intake.submit(the_pack(), a_submission(level), NINE_TO_SEVEN, at)


@pytest.fixture
def rao(context: None) -> Practitioner:
    """The first doctor on call."""
    return a_staff_member("doctor", name="Dr Anand Rao", email="rao@example.org")


@pytest.fixture
def khan(context: None) -> Practitioner:
    """The second."""
    return a_staff_member("doctor", name="Dr Farida Khan", email="khan@example.org")


@pytest.fixture
def on_call(rao: Practitioner, khan: Practitioner) -> None:
    """Both are on call for years, and a third doctor and the manager work here."""
    a_staff_member("doctor", name="Dr Zoya Shah", email="shah@example.org")
    a_staff_member("manager", email="manager@example.org")
    with transaction() as session:
        for rank, who in enumerate((rao, khan), 1):
            session.add(
                OnCall(
                    rank=rank,
                    practitioner_id=who.id,
                    starts_at=NOW - 9 * DAY,
                    ends_at=NOW + 999 * DAY,
                )
            )


@pytest.fixture
def work(clinic: Clinic) -> Work:
    """A worker's minute: go on, then send all that is due."""

    def minute(now: dt.datetime) -> list[str]:
        escalation.go_on(now, clinic)
        told = []
        while leased := outbox.lease(now):
            db.session.expire_all()
            written = letter.write(leased, now)
            if written is None:
                outbox.settle_dropped(leased, now)
                continue
            outbox.settle_sent(leased, now)
            if leased.kind in escalation.KINDS:
                told += [f"{address.partition('@')[0]}" for address in written.to]
        return sorted(told)

    return minute


def as_it_stands(request: ServiceRequest) -> ServiceRequest:
    """The request, read again."""
    db.session.rollback()
    db.session.expire_all()
    found = db.session.get(ServiceRequest, request.id)
    assert found
    return found


EVERYBODY = ["desk", "khan", "manager", "rao"]


@pytest.mark.parametrize("start", [NOW, SATURDAY_NIGHT, LEAP_DAY_EVE])
@pytest.mark.usefixtures("on_call")
def test_an_emergency_is_told_step_by_step(work: Work, start: dt.datetime) -> None:
    """First at once, second half-way, everybody when it is missed, then every ten minutes."""
    request = a_request(Level.emergency, at=start)
    half_way = (request.due_at - start) / 2
    assert work(start) == ["rao"]
    assert work(start + half_way - SECOND) == []
    assert work(start + half_way) == ["khan"]
    assert work(request.due_at - SECOND) == []
    assert work(request.due_at) == EVERYBODY
    assert work(request.due_at + 9 * MINUTE) == []
    for number in range(1, 4):
        assert work(request.due_at + number * 10 * MINUTE) == EVERYBODY
        assert work(request.due_at + number * 10 * MINUTE) == []


@pytest.mark.usefixtures("on_call")
def test_a_question_to_the_desk_never_stops_the_alarms(
    work: Work, rao: Practitioner, clinic: Clinic
) -> None:
    """The desk at once, then the doctors too; a call that is logged answers no doctor."""
    request = a_request(Level.emergency)
    assert work(NOW) == ["rao"]
    asked_at = NOW + 5 * MINUTE
    review.inquire(request.reference, "Which leg?", request.version, rao, asked_at, clinic)
    request = as_it_stands(request)
    assert (request.status, request.level) == ("with-desk", Level.emergency)
    assert request.due_at == asked_at + 15 * MINUTE
    assert work(asked_at) == ["desk"]
    queue.log_call(request.reference, "no-answer", rao, asked_at + MINUTE)
    assert work(asked_at + 8 * MINUTE) == ["desk", "rao"]
    assert work(request.due_at) == EVERYBODY
    for number in range(1, 3):
        assert work(request.due_at + number * 10 * MINUTE) == EVERYBODY
    answered_at = request.due_at + 25 * MINUTE
    version = as_it_stands(request).version
    queue.event(request.reference, "answer", version, rao, answered_at, clinic, note="Both legs")
    request = as_it_stands(request)
    assert (request.status, request.asked_at, request.acknowledged_at) == (
        "with-doctor",
        None,
        None,
    )
    assert work(answered_at) == ["rao"]
    assert work(answered_at + 8 * MINUTE) == ["khan"]
    assert work(request.due_at) == EVERYBODY


@pytest.mark.usefixtures("on_call")
def test_an_urgent_request_wakes_nobody_who_can_sleep(work: Work) -> None:
    """The second doctor hears in the morning; the repeats keep to the day."""
    start = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)  # half past eight in the evening
    request = a_request(Level.urgent, at=start)
    eight = dt.datetime(2026, 11, 25, 2, 30, tzinfo=dt.UTC)
    assert work(start) == ["rao"]
    assert work(eight - SECOND) == []
    assert work(eight) == ["khan"]
    assert request.due_at == dt.datetime(2026, 11, 25, 7, 30, tzinfo=dt.UTC)
    assert work(request.due_at) == EVERYBODY
    late = request.due_at + 7 * HOUR  # eight in the evening: the next one waits for the morning
    told = [work(request.due_at + n * HOUR) for n in range(1, 8)]
    assert told == [EVERYBODY] * 6 + [[]]
    assert work(late + 11 * HOUR) == []
    assert work(eight + DAY) == EVERYBODY


@pytest.mark.parametrize("level", [Level.soon, Level.routine])
@pytest.mark.usefixtures("on_call")
def test_the_desk_hears_when_its_call_is_late(work: Work, level: Level) -> None:
    """First the desk, on the next working day the manager, then both every working day."""
    request = a_request(level, at=NOW)
    assert work(NOW) == []
    assert work(request.due_at - SECOND) == []
    assert work(request.due_at) == ["desk"]
    days = [request.due_at + n * DAY for n in range(1, 8)]
    told = [work(day) for day in days]
    sundays = [day.weekday() == 6 for day in days]
    assert told == [[] if sunday else ["desk", "manager"] for sunday in sundays]


@pytest.mark.usefixtures("on_call")
def test_who_acknowledges_ends_it(work: Work, rao: Practitioner) -> None:
    """What was to come is dropped, and nothing is repeated."""
    request = a_request(Level.emergency)
    assert work(NOW) == ["rao"]
    review.acknowledge(request.reference, rao, NOW + MINUTE)
    for minute in (2, 8, 15, 30, 300):
        assert work(NOW + minute * MINUTE) == []


@pytest.mark.usefixtures("on_call")
def test_who_takes_it_back_sets_it_going_again(
    work: Work, clinic: Clinic, rao: Practitioner
) -> None:
    """The target stays what it was."""
    request = a_request(Level.emergency)
    work(NOW)
    review.acknowledge(request.reference, rao, NOW + MINUTE)
    review.take_back(request.reference, rao, NOW + MINUTE + SECOND, clinic)
    assert work(NOW + MINUTE + SECOND) == ["rao"]
    assert work(NOW + 8 * MINUTE) == ["khan"]
    assert work(NOW + 15 * MINUTE) == EVERYBODY


@pytest.mark.usefixtures("on_call")
def test_a_call_of_the_desk_ends_the_desks_clock(work: Work, clinic: Clinic) -> None:
    """Whoever has called is a named person; asking the patient and closing end it, too."""
    meera = a_staff_member("receptionist")
    called, asked, closed = (a_request(Level.soon) for _ in range(3))
    queue.log_call(called.reference, "no-answer", meera, NOW + HOUR)
    queue.event(asked.reference, "ask", 1, meera, NOW + HOUR, clinic)
    queue.event(closed.reference, "close", 1, meera, NOW + HOUR, clinic, reason="not-wanted")
    for day in range(1, 9):
        assert work(NOW + day * DAY) == []


@pytest.mark.usefixtures("on_call")
def test_a_new_turn_is_a_new_clock(work: Work, clinic: Clinic, rao: Practitioner) -> None:
    """After the doctor's decision the desk has its own time, from then on."""
    request = a_request(Level.urgent)
    work(NOW)
    review.decide(request.reference, "decide", "See today", 1, rao, NOW + HOUR, clinic)
    due_at = as_it_stands(request).due_at
    assert due_at == NOW + 5 * HOUR
    assert work(due_at - SECOND) == []
    assert work(due_at) == ["desk"]


@pytest.mark.usefixtures("on_call")
def test_a_raised_level_is_told_at_once(work: Work, clinic: Clinic) -> None:
    """What the desk raises to an emergency reaches the doctors as one."""
    meera = a_staff_member("receptionist")
    request = a_request(Level.routine)
    queue.raise_level(
        request.reference, Level.emergency, 1, meera, NOW + HOUR, clinic, "Legs gave way"
    )
    assert work(NOW + HOUR) == ["rao"]
    assert work(NOW + HOUR + 8 * MINUTE) == ["khan"]


@pytest.mark.usefixtures("on_call")
def test_what_a_doctor_took_is_told_anew_when_it_is_raised(
    work: Work, clinic: Clinic, rao: Practitioner
) -> None:
    """Who took an urgent case has not seen the emergency that it became."""
    meera = a_staff_member("receptionist")
    request = a_request(Level.urgent)
    work(NOW)
    review.acknowledge(request.reference, rao, NOW + MINUTE)
    version = as_it_stands(request).version
    raised = NOW + HOUR
    queue.raise_level(
        request.reference, Level.emergency, version, meera, raised, clinic, "Legs gave way"
    )
    assert work(raised) == ["rao"]
    assert work(raised + 8 * MINUTE) == ["khan"]
    assert work(raised + 15 * MINUTE) == EVERYBODY


def test_a_gap_in_the_roster_tells_every_doctor(work: Work) -> None:
    """An alarm that reaches nobody is worse than one that reaches many."""
    for name in ("rao", "khan"):
        a_staff_member("doctor", email=f"{name}@example.org")
    request = a_request(Level.emergency)
    assert work(NOW) == ["khan", "rao"]
    assert work(request.due_at - 7 * MINUTE) == ["khan", "rao"]
    # Nobody is the manager: the doctors hear that, too.
    assert work(request.due_at) == ["desk", "khan", "khan", "khan", "rao", "rao", "rao"]


@pytest.mark.usefixtures("on_call")
def test_who_has_left_is_passed_over(work: Work) -> None:
    """The roster names somebody who works here no more: every doctor hears it."""
    a_request(Level.emergency)
    staff.deactivate("rao@example.org", NOW)
    assert work(NOW) == ["khan", "shah"]


@pytest.mark.usefixtures("on_call")
def test_a_lost_worker_loses_no_step(work: Work) -> None:
    """However long nobody worked: every step that is due goes out once, then the repeats."""
    request = a_request(Level.emergency)
    assert work(request.due_at + 3 * HOUR) == sorted(["rao", "khan", *EVERYBODY])
    assert work(request.due_at + 3 * HOUR + 10 * MINUTE) == EVERYBODY


@pytest.mark.usefixtures("on_call")
def test_a_worker_killed_over_a_step_leaves_it_to_the_next(work: Work) -> None:
    """It had the mail in its hands: when its lease is over the step is told, once."""
    request = a_request(Level.emergency)
    work(NOW)
    half_way = NOW + (request.due_at - NOW) / 2
    dead = outbox.lease(half_way)
    assert dead
    assert work(half_way) == []
    assert work(half_way + outbox.LEASE) == ["khan"]
    assert work(half_way + outbox.LEASE) == []


@pytest.mark.usefixtures("on_call")
def test_a_refused_alarm_does_not_end_the_repeats(work: Work, clinic: Clinic) -> None:
    """The mail server takes none of them: all are told again all the same."""
    request = a_request(Level.emergency)
    work(NOW)
    work(NOW + 8 * MINUTE)
    while leased := outbox.lease(request.due_at):
        outbox.settle_refused(leased, request.due_at, "SMTP 550")
    assert work(request.due_at + 10 * MINUTE) == EVERYBODY


@pytest.mark.usefixtures("on_call")
def test_two_workers_tell_once(clinic: Clinic) -> None:
    """Who comes second finds that it is on its way."""
    request = a_request(Level.emergency)
    later = request.due_at + HOUR
    with transaction() as session:
        session.execute(sa.update(Message).values(status="sent", settled_at=request.due_at))
    assert escalation.go_on(later, clinic) == 1
    assert escalation.go_on(later, clinic) == 0
    waiting = sa.select(Message.to).where(Message.status == "waiting")
    assert len(db.session.scalars(waiting).all()) == 4


@pytest.mark.usefixtures("on_call")
def test_a_mail_names_who_else_hears_it_and_who_is_next(clinic: Clinic) -> None:
    """By name, with the hour; the subject says by when, or how late it is."""
    request = a_request(Level.emergency)
    leased = outbox.lease(NOW)
    assert leased
    written = letter.write(leased, NOW)
    assert written
    assert written.subject == f"[Now] {request.reference}: look by 11:45 am"
    assert "Nobody else was told." in written.text
    assert "the second doctor on call will hear of it at 11:37 am" in written.text
    for words in ("rao", "cancer", "weak", "Asha", "98765"):
        assert words not in written.text.lower()


@pytest.mark.usefixtures("on_call")
def test_the_last_step_names_all(work: Work) -> None:
    """Everybody reads that it is late, and who else knows."""
    request = a_request(Level.emergency)
    work(NOW)
    work(NOW + 8 * MINUTE)
    leased = outbox.lease(request.due_at + MINUTE)
    assert leased
    written = letter.write(leased, request.due_at + MINUTE)
    assert written
    assert written.subject == f"[Late 1 min] {request.reference}: look now"
    names = {"Dr Anand Rao", "Dr Farida Khan", "Leela Shah"}
    told = next(line for line in written.text.splitlines() if line.startswith("Told at"))
    assert sum(name in told for name in names) == 2
    assert "the desk" in told


def test_only_what_closes_the_whole_clinic_is_a_holiday(rao: Practitioner) -> None:
    """One doctor's leave does not stop the desk's clock."""
    with transaction() as session:
        for who in (None, rao.id):
            session.add(
                Closure(practitioner_id=who, starts_at=NOW, ends_at=NOW + DAY, reason="holiday")
            )
        session.add(Closure(starts_at=NOW - 9 * DAY, ends_at=NOW - 8 * DAY, reason="over"))
    assert escalation.days_closed(NOW) == (Span(NOW, NOW + DAY),)


def test_nobody_is_told_of_what_is_booked(clinic: Clinic, work: Work) -> None:
    """A request that is with the patient, booked or closed has no clock."""
    for status in (lifecycle.WITH_PATIENT, lifecycle.BOOKED):
        request = a_request(Level.soon)
        with transaction():
            as_it_stands(request).status = status
    assert work(NOW + 30 * DAY) == []
