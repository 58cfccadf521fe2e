"""Writing to a patient: texts that the manager has made ready, and the mails that the desk sends.

The words of a mail are kept sealed as they were seen in the preview; the message refers to them by
its number.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.domain.errors import AddressMissing, AlreadyChanged, NotFound
from app.records import audit, db, transaction
from app.records.link import link_of
from app.records.lookup import locked_request
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.records.written import ReadyText, Written
from app.workflow import outbox

KIND = "written"
"""The kind of the messages that carry what the desk wrote."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A ready text as it shall be."""

    name: str
    language: str
    subject: str
    text: str
    active: bool


def ready_texts(*, active: bool = False) -> list[ReadyText]:
    """The ready texts by name; all of them, or those in use."""
    found = sa.select(ReadyText).order_by(ReadyText.name, ReadyText.language)
    return list(db.session.scalars(found.where(ReadyText.active) if active else found))


def ready_text(text_id: uuid.UUID) -> ReadyText:
    """The ready text with that id; raises NotFound."""
    if (found := db.session.get(ReadyText, text_id)) is None:
        raise NotFound
    return found


def save(
    text_id: uuid.UUID | None, version: int, wording: Wording, by: Practitioner, now: dt.datetime
) -> ReadyText:
    """Change a ready text, or add one without an id.

    Raises NotFound, and AlreadyChanged also when a colleague has just used the same name and
    language.
    """
    try:
        with transaction() as session:
            ready = session.get(ReadyText, text_id, populate_existing=True) if text_id else None
            if text_id and ready is None:
                raise NotFound
            if ready is None:
                ready = ReadyText()
            elif ready.version != version:
                raise AlreadyChanged
            ready.name, ready.language = wording.name, wording.language
            ready.subject, ready.text = wording.subject, wording.text
            ready.active = wording.active
            session.add(ready)
            session.flush()
            audit.remember(
                session, f"text-{'set' if text_id else 'add'} {ready.id}", now, by.id, None
            )
    except IntegrityError:
        raise AlreadyChanged from None
    return ready


def may_write(request: ServiceRequest) -> bool:
    """Whether a mail would reach this patient: there is an address, and nobody said "not me"."""
    link = link_of(request, db.session)
    return bool(request.person.get("email")) and (link is None or link.ended_at is None)


def write(
    reference: str, sent_id: uuid.UUID, subject: str, text: str, by: Practitioner, now: dt.datetime
) -> Written:
    """Keep the words and their message in one transaction; a second press changes nothing.

    Raises NotFound and AddressMissing.
    """
    with transaction() as session:
        request = locked_request(reference, session)
        known = session.get(Written, sent_id)
        if known and known.request_id != request.id:
            raise NotFound
        if known:
            return known
        if not may_write(request):
            raise AddressMissing
        number = outbox.next_occurrence(session, request, KIND)
        words = Written(id=sent_id, request_id=request.id, number=number, at=now, by_id=by.id)
        words.subject, words.text = subject, text
        session.add(words)
        outbox.enqueue(session, request, KIND, ["patient"], now, number)
        audit.remember(session, "write", now, by.id, request.id)
    return words


def written(request: ServiceRequest) -> list[Written]:
    """What was written to the patient of a request, oldest first."""
    found = sa.select(Written).where(Written.request_id == request.id).order_by(Written.number)
    return list(db.session.scalars(found))


def words_of(message: outbox.Leased) -> Written | None:
    """The words that a message refers to."""
    found = sa.select(Written).where(
        Written.request_id == message.request_id, Written.number == message.occurrence
    )
    return db.session.scalar(found)
