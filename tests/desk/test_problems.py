"""The page of the problems: what is told, what is asked, and what a press does."""

import datetime as dt
import uuid

import pytest
import sqlalchemy as sa
from flask import Flask

from app.access import now
from app.domain.level import Level
from app.records import db, transaction
from app.records.outbox import Message
from app.records.roster import OnCall
from app.records.schedule import Appointment
from app.records.staff import Practitioner
from app.records.task import Task, open_task
from app.workflow import outbox, problems, queue
from tests.builders import a_request, a_staff_member, visit_details
from tests.people import Receptionist

DAY = dt.timedelta(days=1)

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def meera(app: Flask) -> Receptionist:
    """A receptionist at work, in a clinic with a roster."""
    with app.app_context():
        doctor = a_staff_member("doctor", name="Dr Anand Rao", phone="+919876543290")
        with transaction() as session:
            duty = {"rank": 1, "practitioner_id": doctor.id}
            session.add(OnCall(**duty, starts_at=now() - DAY, ends_at=now() + 9 * DAY))
    return Receptionist.at_work(app)


def three_tries(app: Flask) -> tuple[str, uuid.UUID]:
    """A request that nobody answers for, and its task."""
    with app.app_context():
        request, by = a_request(Level.soon, at=now()), a_staff_member()
        for _ in range(3):
            queue.log_call(request.reference, "no-answer", by, now())
        task_id = db.session.scalar(sa.select(Task.id))
        assert task_id
        return request.reference, task_id


def refuse(kind: str) -> None:
    """Let the mail server refuse the message of that kind."""
    while leased := outbox.lease(now()):
        if leased.kind == kind:
            outbox.settle_refused(leased, now(), "SMTP 550")
        else:
            outbox.settle_sent(leased, now())


def a_visit_in(hours: int, kind: str, app: Flask) -> None:
    """A patient whose mail about a visit is refused, so many hours before it."""
    with app.app_context():
        request = a_request(Level.soon, at=now(), person={"email": "asha@example.org"})
        doctor = db.session.scalars(sa.select(Practitioner)).first()
        assert doctor
        starts_at = now() + dt.timedelta(hours=hours)
        status = "cancelled" if kind == "cancelled" else "booked"
        details = visit_details(starts_at, status=status, changed_at=now())
        with transaction() as session:
            session.add(Appointment(request_id=request.id, practitioner_id=doctor.id, **details))
            outbox.enqueue(session, request, kind, ["patient"], now())
        refuse(kind)


def test_when_nothing_is_wrong_the_page_says_so(meera: Receptionist) -> None:
    """An empty list is good news, and no pill stands beside it."""
    assert "Nothing is wrong" in meera.get("/desk/problems").text
    assert "Problems" in meera.get("/desk/requests").links()


def test_a_problem_is_counted_taken_and_resolved(app: Flask, meera: Receptionist) -> None:
    """From the queue to the request and back; the words stand in the history."""
    reference, task_id = three_tries(app)
    assert "Problems 1" in meera.get("/desk/requests").links()
    assert "Three calls without an answer" in meera.opens(reference).text
    page = meera.get("/desk/problems")
    assert "Nobody sees to it yet" in page.text
    page = meera.send(f"/desk/problems/{task_id}/take")
    assert "You see to it" in page.text
    page = meera.send(f"/desk/problems/{task_id}/resolve", note="Wrote to the daughter")
    assert "It is still true" in page.text
    assert "Still true" in page.text
    assert "Nothing is wrong" in page.text
    assert "Wrote to the daughter" in meera.opens(reference).text


def test_a_problem_is_given_to_a_colleague(app: Flask, meera: Receptionist) -> None:
    """By name; nobody and strangers are refused at the field."""
    _, task_id = three_tries(app)
    give = f"/desk/problems/{task_id}/give"
    for nobody in ("", "nonsense", str(uuid.uuid4())):
        meera.get("/desk/problems")
        page = meera.send(give, 422, to=nobody)
        assert "Select a colleague" in page.text
    with app.app_context():
        rao = db.session.scalar(sa.select(Practitioner).where(Practitioner.role == "doctor"))
        assert rao
    assert "Dr Anand Rao sees to it." in meera.send(give, to=str(rao.id)).text


@pytest.mark.parametrize("words", ["", " \n ", 501 * "x"])
def test_resolving_needs_words(app: Flask, meera: Receptionist, words: str) -> None:
    """What was typed stays in its field; nothing is resolved."""
    _, task_id = three_tries(app)
    meera.get("/desk/problems")
    page = meera.send(f"/desk/problems/{task_id}/resolve", 422, note=words)
    assert page.title.startswith("Error: ")
    assert words.strip() in page.html
    assert meera.get("/desk/problems").title.startswith("(1) Problems")


def test_the_slower_of_two_colleagues_keeps_the_words(app: Flask, meera: Receptionist) -> None:
    """Whether the problem is still there or not."""
    _, task_id = three_tries(app)
    colleague = Receptionist.at_work(app)
    resolve = f"/desk/problems/{task_id}/resolve"
    meera.get("/desk/problems")
    colleague.get("/desk/problems")
    colleague.send(f"/desk/problems/{task_id}/take")
    page = meera.send(resolve, 409, note="Called the son")
    assert "A colleague changed this" in page.text
    assert "Called the son" in page.html
    colleague.send(resolve, note="Done")
    page = meera.send(resolve, 409, note="Called the son")
    assert "Called the son" in page.text


def test_an_alarm_that_did_not_arrive_becomes_a_call_to_the_doctor(
    app: Flask, meera: Receptionist
) -> None:
    """With the number of who is on call, and without a word about the illness."""
    with app.app_context():
        request = a_request(Level.urgent, at=now())
        refuse("doctor-alert")
    page = meera.get("/desk/problems")
    assert "Phone in place of a mail" in page.text
    assert "Call Dr Anand Rao, 98765 43290" in page.links()
    assert f"{request.reference} waits since" in page.text
    assert "Its level is urgent" in page.text


def test_the_other_mails_of_a_routine_request_can_wait(app: Flask, meera: Receptionist) -> None:
    """A problem, but no call."""
    with app.app_context():
        a_request(Level.routine, at=now())
        refuse("new-request")
    page = meera.get("/desk/problems")
    assert "A mail did not arrive" in page.text
    assert "“New request” to staff failed. The last answer was SMTP 550." in page.text
    assert "What to say" not in page.text


@pytest.mark.parametrize(
    ("kind", "words"),
    [("booked", "Your visit is on"), ("cancelled", "May I offer you another time?")],
)
def test_a_mail_about_a_near_visit_becomes_a_call_to_the_patient(
    app: Flask, meera: Receptionist, kind: str, words: str
) -> None:
    """It first makes sure who answers."""
    a_visit_in(20, kind, app)
    text = meera.get("/desk/problems").text
    assert "Am I speaking with" in text
    assert "say nothing about the request" in text
    assert words in text


@pytest.mark.parametrize("kind", ["booked", "cancelled"])
def test_a_mail_about_a_visit_far_away_can_wait(app: Flask, meera: Receptionist, kind: str) -> None:
    """There is time to find the right address."""
    a_visit_in(60, kind, app)
    assert "What to say" not in meera.get("/desk/problems").text


def test_the_advice_of_an_emergency_is_told_by_phone(app: Flask, meera: Receptionist) -> None:
    """When the mail with it did not arrive."""
    with app.app_context():
        a_request(Level.emergency, at=now(), person={"email": "asha@example.org"})
        refuse("emergency-sent")
    assert (
        "Call 108 now, or go to a hospital emergency department" in meera.get("/desk/problems").text
    )


def test_each_kind_has_its_words(app: Flask, meera: Receptionist) -> None:
    """Every kind that is stored can be shown; without a request, too."""
    with app.app_context():
        request = a_request(Level.emergency, at=now() - DAY, consent_version=None)
        doctor = db.session.scalars(sa.select(Practitioner)).first()
        assert doctor
        details = visit_details(now() - DAY)
        with transaction() as session:
            session.execute(sa.delete(OnCall))
            session.execute(sa.update(Message).values(status="sent"))
            session.add(Appointment(request_id=request.id, practitioner_id=doctor.id, **details))
            open_task(session, problems.POSSIBLE_DUPLICATE, "x", request, now())
        problems.look(now())
    page = meera.get("/desk/problems")
    for words in (
        "A number was left at the emergency page",
        "The target was missed",
        "A past visit without an outcome",
        "Nobody is on call",
        "Maybe the same as another request",
    ):
        assert words in page.text
    assert "Write down the outcome" in page.links()


def test_what_is_about_to_close_by_itself_says_so(app: Flask, meera: Receptionist) -> None:
    """Between two rounds of the worker; afterwards it stands below."""
    with app.app_context():
        request = a_request(Level.emergency, at=now(), consent_version=None)
        queue.log_call(request.reference, "answered", a_staff_member(), now())
    assert "Closes by itself: somebody answered a call" in meera.get("/desk/problems").text
    with app.app_context():
        problems.look(now())
    assert "Closed by itself: somebody answered a call" in meera.get("/desk/problems").text
