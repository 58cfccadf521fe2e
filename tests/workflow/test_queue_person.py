"""What the desk corrects of a person: the new is found, the old is kept and found no more."""

import pytest
from flask import Flask

from app.domain.errors import AlreadyChanged
from app.domain.level import Level
from app.records import db
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import queue
from tests.builders import NOW, a_request, a_staff_member

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def meera(context: Flask) -> Practitioner:
    """Somebody at the desk."""
    return a_staff_member("receptionist")


def as_it_stands(request: ServiceRequest) -> ServiceRequest:
    """The request, read again."""
    found = db.session.get(ServiceRequest, request.id, populate_existing=True)
    assert found
    return found


def test_a_correction_keeps_what_stood_there_before(meera: Practitioner) -> None:
    """Sealed, in the history, with who did it; the search follows."""
    request = a_request(Level.soon, person={"name": "Asha Patil", "phone": "+919876543210"})
    given = {"name": "Usha Patil", "phone": "+919876500000", "email": "usha@example.org"}
    queue.correct(request.reference, 1, given, meera, NOW)
    after = as_it_stands(request)
    assert {name: after.person[name] for name in given} == given
    line = after.history[-1]
    assert (line.event, line.by) == ("correct", meera)
    assert line.note
    assert line.note.splitlines() == [
        "Name: Asha Patil → Usha Patil",
        "Phone: +919876543210 → +919876500000",
        "E-mail: none → usha@example.org",
    ]
    assert line.note_sealed
    assert b"Asha" not in line.note_sealed
    found = {query: len(queue.find(query)) for query in ("Usha", "500000", "Asha", "543210")}
    assert found == {"Usha": 1, "500000": 1, "Asha": 0, "543210": 0}


def test_whom_we_may_speak_to_is_kept_with_its_source(meera: Practitioner) -> None:
    """Who wrote it down, and when; taken away, nobody is left, and the history knows."""
    request = a_request(Level.soon)
    queue.correct(request.reference, 1, {"speak_to": "Rupali Patil, daughter"}, meera, NOW)
    after = as_it_stands(request)
    assert after.person["speak_to"] == {
        "who": "Rupali Patil, daughter",
        "by": meera.name,
        "at": NOW.isoformat(),
    }
    assert b"Rupali" not in after.person_sealed
    queue.correct(request.reference, after.version, {"speak_to": ""}, meera, NOW)
    after = as_it_stands(request)
    assert queue.speak_to(after.person) == ""
    assert after.history[-1].note == "May speak to: Rupali Patil, daughter → none"


def test_nothing_new_writes_nothing_and_the_slower_one_is_told(meera: Practitioner) -> None:
    """The same again is no correction."""
    request = a_request(Level.soon, person={"name": "Asha Patil"})
    queue.correct(request.reference, 1, {"name": "Asha Patil", "email": ""}, meera, NOW)
    assert len(as_it_stands(request).history) == 1
    queue.correct(request.reference, 1, {"name": "Usha Patil"}, meera, NOW)
    with pytest.raises(AlreadyChanged):
        queue.correct(request.reference, 1, {"name": "Asha"}, meera, NOW)
