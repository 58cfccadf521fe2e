"""Sealed fields: unreadable in the database, bound to their place."""

import uuid
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from psycopg.sql import SQL, Identifier

from app.records import Base, db, transaction
from app.records.contact import Note
from app.records.crypto import Keyring, new_key
from app.records.enquiry import Draft
from app.records.service_request import ServiceRequest
from app.workflow import enquiry, queue
from tests.builders import NOW, a_request, a_staff_member, the_pack

KEY, INDEX = bytes(range(32)), bytes(range(32, 64))
RING = Keyring((("k1", KEY),), INDEX)

PERSONAL = (
    "Asha",
    "Patil",
    "9876543210",
    "asha@example.org",
    "Rupali",
    "saddle_numbness",
    "low_back",
    "both legs since Monday",
    "calls back after six",
)


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_was_sealed_opens_again(plain: bytes, place: str) -> None:
    """Any bytes come back as they were, and never look twice the same."""
    place = place.encode("utf-8", "replace").decode()
    sealed = RING.seal(plain, place)
    assert RING.open(sealed, place) == plain
    assert RING.seal(plain, place) != sealed


def test_a_sealed_value_opens_at_its_own_place_only() -> None:
    """Moved to another row, or changed in any byte, it is refused."""
    sealed = RING.seal(b"Asha Patil", "service_request.person.1")
    with pytest.raises(InvalidTag):
        RING.open(sealed, "service_request.person.2")
    for at in range(5, len(sealed)):
        changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises(InvalidTag):
            RING.open(changed, "service_request.person.1")


def test_an_old_key_opens_and_the_current_one_seals() -> None:
    """The name of the key stands in front of what it has sealed."""
    both = Keyring((("k2", INDEX), ("k1", KEY)), INDEX)
    assert both.open(RING.seal(b"words", "here"), "here") == b"words"
    assert Keyring.key_name(both.seal(b"words", "here")) == "k2"
    with pytest.raises(KeyError):
        RING.open(both.seal(b"words", "here"), "here")


def test_the_blind_index_is_keyed_and_knows_kinds() -> None:
    """Equal terms are equal, and nothing else is; another key gives other terms."""
    assert RING.blind("name", "asha") == RING.blind("name", "asha")
    assert RING.blind("name", "asha") != RING.blind("phone", "asha")
    assert RING.blind("name", "asha") != Keyring((("k1", KEY),), KEY).blind("name", "asha")
    assert b"asha" not in RING.blind("name", "asha")


def test_new_keys_are_never_the_same() -> None:
    """A hundred of them are a hundred."""
    assert len({new_key() for _ in range(100)}) == 100


def fill(context: Flask) -> ServiceRequest:
    """Store everything personal that there is."""
    answers = {"saddle_numbness": "yes", "pain_site": "low_back", "story": "both legs since Monday"}
    person = {"email": "asha@example.org", "caller_name": "Rupali Patil"}
    request = a_request(person=person, answers=answers)
    meera = a_staff_member("receptionist", name="Meera Kulkarni")
    queue.add_note(request.reference, "calls back after six", meera, NOW)
    token = enquiry.start(the_pack(), "en", "self", NOW)
    enquiry.save_person(token, the_pack(), {"name": "Asha Patil", "phone": "+919876543210"}, NOW)
    return request


@pytest.mark.databases("sqlite")
def test_nothing_personal_is_in_the_bytes_of_the_file(context: Flask, database_url: str) -> None:
    """Names, numbers, addresses, answers and notes are nowhere in the file or its log."""
    request = fill(context)
    path = sa.make_url(database_url).database
    assert path
    raw = b"".join(Path(f"{path}{end}").read_bytes() for end in ("", "-wal"))
    assert request.reference.encode() in raw
    for words in PERSONAL:
        assert words.encode() not in raw, words
        assert words.casefold().encode() not in raw, words


@pytest.mark.databases("postgresql")
def test_nothing_personal_is_in_any_column(context: Flask, database_url: str) -> None:
    """The same in every column of every table."""
    request = fill(context)
    raw = b""
    with psycopg.connect(database_url) as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(SQL("SELECT * FROM {}").format(Identifier(table.name))):
                raw += b"|".join(bytes(v) if isinstance(v, bytes) else str(v).encode() for v in row)
    assert request.reference.encode() in raw
    for words in PERSONAL:
        assert words.encode() not in raw, words


def test_a_value_moved_to_another_row_is_not_opened(context: Flask) -> None:
    """Who can write to the database still cannot show one patient's words as another's."""
    first, second = a_request(), a_request(person={"name": "Vijay Shah"})
    with transaction() as session:
        session.execute(
            sa.update(ServiceRequest)
            .where(ServiceRequest.id == second.id)
            .values(person_sealed=first.person_sealed)
        )
    db.session.expire_all()
    moved = db.session.get(ServiceRequest, second.id)
    assert moved
    with pytest.raises(InvalidTag):
        _ = moved.person


def test_nothing_is_sealed_as_nothing(context: Flask) -> None:
    """An absent note has no sealed bytes; a sealed field of the class itself is the field."""
    draft = Draft(id=uuid.uuid4())
    draft.answers = {}
    assert draft.answers == {}
    assert Note.text.column == "text_sealed"
    request = a_request()
    assert request.history[0].note is None
    assert request.history[0].note_sealed is None
