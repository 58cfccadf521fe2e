"""The outbox: nothing is lost, nobody sends what another one sends, nothing fails unseen."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.domain.errors import NotFound
from app.domain.level import Level
from app.records import db, transaction
from app.records.outbox import Message
from app.records.types import new_id
from app.workflow import escalation, outbox
from tests.builders import NOW, a_request, a_staff_member, the_clinic

SECOND = dt.timedelta(seconds=1)
MINUTE = dt.timedelta(minutes=1)

pytestmark = pytest.mark.usefixtures("context")


def leased(now: dt.datetime = NOW) -> outbox.Leased:
    """The next message, which must be there."""
    found = outbox.lease(now)
    assert found is not None
    return found


def row(message: outbox.Leased) -> Message:
    """How a message stands in the database now."""
    db.session.rollback()
    found = db.session.get(Message, message.id)
    assert found is not None
    return found


def test_the_pressing_goes_first_and_the_desk_before_the_patient() -> None:
    """Order is by urgency, then doctor, desk, patient; not by age."""
    a_staff_member("doctor")
    person = {"email": "asha@example.org"}
    for number, level in enumerate((Level.routine, Level.soon, Level.urgent, Level.emergency)):
        phone = f"+9198765432{number:02}"
        a_request(level, at=NOW + number * SECOND, person={**person, "phone": phone})
    order = []
    while message := outbox.lease(NOW + MINUTE):
        order.append((message.kind, message.created_at.second))
    alarms = ("doctor-alert", "new-request")
    expected = [(kind, 3) for kind in (*alarms, "emergency-sent")]
    expected += [(kind, 2) for kind in (*alarms, "acknowledgement")]
    expected += [(kind, at) for at in (1, 0) for kind in ("new-request", "acknowledgement")]
    assert order == expected


def test_what_one_worker_holds_no_other_one_gets_before_the_lease_ends() -> None:
    """A lease hides the message; when it ends, the same message is taken over."""
    a_request()
    first = leased()
    assert outbox.lease(NOW + outbox.LEASE - SECOND) is None
    second = leased(NOW + outbox.LEASE)
    assert (second.id, second.attempts) == (first.id, first.attempts + 1)


def test_a_worker_that_comes_too_late_changes_nothing() -> None:
    """Whoever lost the lease cannot overwrite what the winner does."""
    a_request()
    loser = leased()
    winner = leased(NOW + outbox.LEASE)
    later = NOW + outbox.LEASE + SECOND
    for settle in (outbox.settle_sent, outbox.settle_dropped):
        settle(loser, later)
    outbox.settle_refused(loser, later, "SMTP 550")
    outbox.settle_postponed(loser, later, "SMTP 450")
    assert (row(winner).status, row(winner).failure) == ("waiting", None)
    outbox.settle_sent(winner, later)
    outbox.settle_refused(loser, later, "SMTP 550")
    assert (row(winner).status, row(winner).failure) == ("sent", None)


def test_what_was_sent_is_not_sent_again() -> None:
    """A settled message never falls due again."""
    due_at = a_request().due_at
    outbox.settle_sent(leased(), NOW)
    assert outbox.lease(due_at - SECOND) is None
    assert outbox.next_due(NOW) == due_at


def test_tries_come_soon_and_never_more_than_five_minutes_apart() -> None:
    """The first try again comes under 10 s; waits grow, and end at 5 minutes."""
    waits = [outbox.retry_after(attempts) for attempts in range(1, 900)]
    assert waits[0] < 10 * SECOND
    assert waits == sorted(waits)
    assert waits[-1] == 5 * MINUTE
    server_away = [outbox.retry_after(n, outbox.LONGEST_WAIT_FOR_SERVER) for n in range(1, 900)]
    assert max(server_away) < MINUTE


def test_a_postponed_message_falls_due_again_and_keeps_the_reason() -> None:
    """The next try is known at once, and the last answer is kept as a code."""
    a_request()
    message = leased()
    outbox.settle_postponed(message, NOW, "SMTP 450")
    assert outbox.next_due(NOW) == NOW + outbox.retry_after(1)
    assert (row(message).status, row(message).failure) == ("waiting", "SMTP 450")
    assert row(message).settled_at is None


def test_after_three_days_of_failing_the_desk_is_told() -> None:
    """What could not be sent for 72 hours fails for good, in one step, and shows at the desk."""
    a_request()
    message = leased()
    last = NOW + outbox.GIVE_UP
    outbox.settle_postponed(message, last - 6 * SECOND, "SMTP 450")
    assert row(message).status == "waiting"
    message = leased(last)
    outbox.settle_postponed(message, last, "SMTP 450")
    failed = row(message)
    assert (failed.status, failed.failure, failed.settled_at) == ("failed", "SMTP 450", last)
    assert [each.message.id for each in outbox.undelivered(last)] == [message.id]


def test_the_desk_sees_at_once_what_was_refused_and_after_a_while_what_is_late() -> None:
    """Refused messages show at once, waiting ones after five minutes, sent ones never."""
    a_request(Level.urgent, person={"email": "asha@example.org"})
    outbox.settle_refused(leased(), NOW, "SMTP 550")
    assert [each.to for each in outbox.undelivered(NOW)] == ["whoever is on call"]
    outbox.settle_sent(leased(), NOW)
    late = outbox.undelivered(NOW + 6 * MINUTE)
    assert [each.to for each in late] == ["whoever is on call", "the patient"]


def test_the_desk_sends_a_failed_message_again() -> None:
    """Sending again puts it back with three more days; a sent one cannot be sent again."""
    desk = a_staff_member()
    a_request()
    message = leased()
    outbox.settle_refused(message, NOW, "SMTP 550")
    outbox.send_again(message.id, desk, NOW + MINUTE)
    assert leased(NOW + MINUTE).id == message.id
    again = row(message)
    assert (again.failure, again.give_up_at) == (None, NOW + MINUTE + outbox.GIVE_UP)
    outbox.settle_sent(leased(NOW + 2 * MINUTE), NOW + 2 * MINUTE)
    for unknown in (message.id, new_id()):
        with pytest.raises(NotFound):
            outbox.send_again(unknown, desk, NOW + 3 * MINUTE)


def test_each_alarm_of_the_doctors_is_a_new_one() -> None:
    """Alarming again drops what waits, and numbers the new ones from there."""
    request = a_request(Level.urgent)
    with transaction() as session:
        escalation.run(session, request, NOW, the_clinic())
    alarms = db.session.execute(
        sa.select(Message.occurrence, Message.status).where(Message.kind == "doctor-alert")
    )
    found = {(number, status) for number, status in alarms}
    assert found == {(n, "dropped") for n in (1, 2, 3)} | {(n, "waiting") for n in (4, 5, 6)}


def test_what_is_rolled_back_sends_nothing() -> None:
    """A message lives and dies with the fact that causes it; none exists twice."""
    request = a_request()

    def tell_twice() -> None:
        with transaction() as session:
            for kind in ("booked", "new-request"):
                outbox.enqueue(session, request, kind, ["desk:0"], NOW)

    with pytest.raises(IntegrityError):
        tell_twice()
    assert set(db.session.scalars(sa.select(Message.kind))) == {"new-request", "late"}
