"""What was not delivered."""

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask

from app.access import now
from app.domain.level import Level
from app.records import db
from app.records.outbox import Message
from tests.builders import a_request
from tests.people import Receptionist


@pytest.fixture
def meera(app: Flask) -> Receptionist:
    """A receptionist at work."""
    return Receptionist.at_work(app)


def test_when_everything_arrived_the_page_says_so(meera: Receptionist) -> None:
    """An empty list is good news."""
    assert "Every message has been delivered" in meera.get("/desk/messages").text


def test_a_failed_message_is_seen_and_sent_again(app: Flask, meera: Receptionist) -> None:
    """It is counted on the queue, listed with its failure, and goes back to waiting on a press."""
    with app.app_context():
        request = a_request(Level.routine, at=now())
        message = db.session.scalar(sa.select(Message).where(Message.kind == "new-request"))
        assert message
        message.status, message.failure, message.attempts = "failed", "550", 3
        db.session.commit()
        message_id = message.id
    assert "Not delivered 1" in " ".join(meera.get("/desk/requests").links())
    page = meera.get("/desk/messages")
    assert request.reference in page.text
    assert "550" in page.text
    page = meera.send(f"/desk/messages/{message_id}/send-again")
    assert "sent again" in page.text
    with app.app_context():
        again = db.session.get(Message, message_id)
        assert again
        assert (again.status, again.failure) == ("waiting", None)


def test_a_message_that_is_late_is_listed_too(app: Flask, meera: Receptionist) -> None:
    """Nobody waits for a mail that hangs."""
    with app.app_context():
        a_request(Level.routine, at=now() - dt.timedelta(hours=1))
    assert "Late, still trying" in meera.get("/desk/messages").text


def test_a_message_that_is_gone_is_not_found(meera: Receptionist) -> None:
    """A press on an old page breaks nothing."""
    page = meera.get("/desk/messages")
    token = next(each.attributes["value"] for each in page.top.all("input"))
    nowhere = "/desk/messages/00000000-0000-7000-8000-000000000000/send-again"
    meera.post(nowhere, {"csrf_token": token}, 404)
