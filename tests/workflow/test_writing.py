"""Writing to patients: ready texts, and the words of a mail with its message."""

import uuid

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.errors import AddressMissing, AlreadyChanged, NotFound
from app.domain.level import Level
from app.records import db
from app.records.outbox import Message
from app.records.staff import Practitioner
from app.records.written import ReadyText, Written
from app.workflow import manage, writing
from tests.builders import NOW, a_request, a_staff_member, the_clinic

ASHA = {"email": "asha@example.org"}
WORDING = writing.Wording("Reports", "en", "Your reports", "Please send them.", active=True)

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def meera(context: Flask) -> Practitioner:
    """Somebody at the desk."""
    return a_staff_member("receptionist")


def messages() -> list[tuple[str, int, str]]:
    """The messages that carry what the desk wrote."""
    found = sa.select(Message).where(Message.kind == writing.KIND).order_by(Message.occurrence)
    return [(each.to, each.occurrence, each.status) for each in db.session.scalars(found)]


def test_the_words_and_their_message_are_one(meera: Practitioner) -> None:
    """The words are sealed; the message has none, and refers to them by its number."""
    request = a_request(Level.soon, person=ASHA)
    for number in (1, 2):
        subject, sent_id = f"Your reports {number}", uuid.uuid4()
        writing.write(request.reference, sent_id, subject, "Please send them.", meera, NOW)
    assert messages() == [("patient", 1, "waiting"), ("patient", 2, "waiting")]
    first, second = writing.written(request)
    assert (first.subject, second.subject, second.by) == ("Your reports 1", "Your reports 2", meera)
    assert b"send them" not in second.text_sealed
    assert b"reports" not in second.subject_sealed


def test_pressing_twice_writes_once(meera: Practitioner) -> None:
    """The form has an id; it belongs to one request."""
    request, other = a_request(Level.soon, person=ASHA), a_request(Level.soon, person=ASHA)
    sent_id = uuid.uuid4()
    for _ in range(2):
        writing.write(request.reference, sent_id, "Hello", "Please call.", meera, NOW)
    assert len(messages()) == 1
    with pytest.raises(NotFound):
        writing.write(other.reference, sent_id, "Hello", "Please call.", meera, NOW)


def test_nobody_is_written_to_without_an_address(meera: Practitioner) -> None:
    """Nor somebody who got our mail by mistake; nothing is left behind."""
    without, shut = a_request(Level.soon), a_request(Level.soon, person=ASHA)
    token = manage.address(shut, NOW)
    assert token
    manage.not_me(token, the_clinic(), NOW)
    for request in (without, shut):
        with pytest.raises(AddressMissing):
            writing.write(request.reference, uuid.uuid4(), "Hello", "Please call.", meera, NOW)
    assert messages() == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Written)) == 0


def test_some_texts_are_ready_from_the_beginning() -> None:
    """And all of them can be used as they are."""
    names = [each.name for each in writing.ready_texts(active=True)]
    assert names == ["Please bring your scans", "We could not reach you", "We will call you"]


def test_a_ready_text_is_added_and_changed_by_one_at_a_time(meera: Practitioner) -> None:
    """A slower manager changes nothing; a name is used once in a language."""
    made = writing.save(None, 0, WORDING, meera, NOW)
    seen = made.version
    off = writing.Wording("Reports", "en", "Your reports", "Bring them.", active=False)
    writing.save(made.id, seen, off, meera, NOW)
    stored = db.session.get(ReadyText, made.id, populate_existing=True)
    assert stored
    assert (stored.text, stored.active) == ("Bring them.", False)
    assert stored not in writing.ready_texts(active=True)
    with pytest.raises(AlreadyChanged):
        writing.save(made.id, seen, WORDING, meera, NOW)
    with pytest.raises(AlreadyChanged):
        writing.save(None, 0, WORDING, meera, NOW)
    with pytest.raises(NotFound):
        writing.save(uuid.uuid4(), 0, WORDING, meera, NOW)
