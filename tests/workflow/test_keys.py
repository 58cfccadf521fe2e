"""New keys: everything is sealed again, however often it is stopped on the way."""

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.level import Level
from app.records import Base, db, transaction
from app.records.crypto import Keyring
from app.records.enquiry import Draft
from app.records.search_term import SearchTerm
from app.records.service_request import ServiceRequest
from app.workflow import enquiry, keys, queue
from tests.builders import NOW, a_request, a_staff_member, the_pack

OLD, NEW = ("k1", bytes(range(32))), ("k2", bytes(range(64, 96)))
INDEX, OTHER_INDEX = bytes(range(32, 64)), bytes(range(96, 128))

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.own_app]


def use(app: Flask, *field_keys: tuple[str, bytes], index: bytes = INDEX) -> None:
    """Let the clinic have these keys."""
    db.session.rollback()
    app.extensions["keyring"] = Keyring(field_keys, index)


def marks() -> set[str]:
    """The names of the keys that have sealed anything that is stored."""
    found = set()
    for table in Base.metadata.sorted_tables:
        for column in table.c:
            if column.name.endswith("_sealed"):
                sealed = db.session.scalars(sa.select(column).where(column.is_not(None)))
                found |= {Keyring.key_name(value) for value in sealed}
    return found


@pytest.fixture
def requests(context: Flask) -> list[ServiceRequest]:
    """Three requests, one with a note, a call and a doctor's words; and a draft."""
    made = [a_request(level) for level in (Level.routine, Level.urgent, Level.emergency)]
    meera = a_staff_member("receptionist")
    queue.add_note(made[0].reference, "Calls back after six", meera, NOW)
    queue.log_call(made[0].reference, "no-answer", meera, NOW, "Rang for a minute")
    enquiry.start(the_pack(), "en", "self", NOW)
    return made


def names() -> list[str]:
    """Who can be read."""
    db.session.rollback()
    found = db.session.scalars(sa.select(ServiceRequest).order_by(ServiceRequest.created_at))
    return [request.person["name"] for request in found]


def test_after_a_rotation_the_old_key_can_go(app: Flask, requests: list[ServiceRequest]) -> None:
    """Every sealed field of every table opens with the new key alone; versions stay."""
    versions = [request.version for request in requests]
    use(app, NEW, OLD)
    rotated = keys.rotate()
    assert rotated["service_request"] == 3
    assert rotated["draft"] == rotated["note"] == rotated["contact_attempt"] == 1
    assert marks() == {"k2"}
    use(app, NEW)
    assert names() == ["Asha Patil"] * 3
    assert db.session.scalars(sa.select(Draft)).one().person == {"for_whom": "self"}
    stored = db.session.scalars(sa.select(ServiceRequest)).all()
    assert sorted(request.version for request in stored) == sorted(versions)
    assert set(keys.rotate().values()) == {0}


def test_a_rotation_may_be_stopped_and_started_again(
    app: Flask, requests: list[ServiceRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was done stays done, both kinds can be read meanwhile, and the rest follows."""
    use(app, NEW, OLD)
    ring: Keyring = app.extensions["keyring"]
    seal, sealed = ring.seal, 0

    def stop_after_four(plain: bytes, place: str) -> bytes:
        nonlocal sealed
        sealed += 1
        if sealed > 4:
            raise KeyboardInterrupt
        return seal(plain, place)

    with monkeypatch.context() as patch:
        patch.setattr(ring, "seal", stop_after_four)
        with pytest.raises(KeyboardInterrupt):
            keys.rotate(batch=1)
    assert marks() == {"k1", "k2"}
    assert names() == ["Asha Patil"] * 3
    assert sum(keys.rotate(batch=1).values()) > 0
    assert marks() == {"k2"}


def test_what_changes_during_a_rotation_is_not_overwritten(
    app: Flask, requests: list[ServiceRequest]
) -> None:
    """A colleague saves between reading and sealing again: the colleague's words stay."""
    use(app, NEW, OLD)
    request = requests[0]
    with transaction() as session:
        row = session.execute(
            sa.select(ServiceRequest.id, ServiceRequest.person_sealed).where(
                ServiceRequest.id == request.id
            )
        ).mappings()
        stale = row.one()
    with transaction():
        request.person = {**request.person, "name": "Asha S. Patil"}
    with transaction() as session:
        field = {"person": ServiceRequest.__dict__["person"]}
        keys._seal_again(session, ServiceRequest, field, stale)
    assert "Asha S. Patil" in names()


def terms_of(requests: list[ServiceRequest]) -> set[bytes]:
    """Everything under which these people can be found."""
    return {term for request in requests for term in request.found_by()}


def test_a_new_index_key_finds_everybody_again(app: Flask, requests: list[ServiceRequest]) -> None:
    """Until the index is made anew nobody is found by the new key; afterwards everybody is."""
    before = set(db.session.scalars(sa.select(SearchTerm.term)))
    use(app, OLD, index=OTHER_INDEX)
    assert not before & terms_of(requests)
    assert keys.rotate_index(batch=2) == 3
    after = set(db.session.scalars(sa.select(SearchTerm.term)))
    assert after == terms_of(requests)
    assert keys.rotate_index(batch=2) == 0
