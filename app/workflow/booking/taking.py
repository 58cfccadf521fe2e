"""Taking a time: a visit is booked, moved, or kept as it was.

A booking inserts its five-minute cells, and their unique key decides who was first: there is no
lock, and nothing is looked up before. The request is moved before the cells are inserted, so that
two people who book for the same patient wait for each other at its row.
"""

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from app.domain import lifecycle
from app.domain.errors import NotAllowedNow, NotFound
from app.records import audit, transaction
from app.records.calendar import place_visit, take_visit
from app.records.lookup import request_with
from app.records.openings import Choice, offered
from app.records.outbox import Message
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import outbox


def book(
    reference: str,
    choice: Choice,
    version: int,
    by: Practitioner,
    now: dt.datetime,
    zone: ZoneInfo,
) -> Appointment:
    """Book a visit for a request that is with the desk, and tell the patient.

    Raises NotFound, AlreadyChanged, NotAllowedNow, NotOffered and SlotTaken.
    """
    with transaction() as session:
        request = request_with(reference, session)
        request.expect(version)
        if request.appointment:
            raise NotAllowedNow("request", request.status, "book")
        visit = Appointment(status="booked", created_at=now, changed_at=now)
        place_visit(visit, offered(choice, now))
        request.appointments.append(visit)
        request.move("book", now, by, _in_words(visit, zone))
        request.call_no_more()
        take_visit(session, visit, now)
        tell_patient(session, request, "booked", now)
        audit.remember(session, "book", now, by.id, request.id)
    return visit


def move(
    visit_id: uuid.UUID,
    choice: Choice,
    version: int,
    by: Practitioner,
    now: dt.datetime,
    zone: ZoneInfo,
) -> Appointment:
    """Give a booked visit another time: the new cells are taken before the old are freed.

    Raises what `book` raises; `version` is the visit's.
    """
    with transaction() as session:
        visit = visit_with(session, visit_id, version)
        request = visit.request
        if visit.status != "booked":
            raise NotAllowedNow("visit", visit.status, "move")
        before = _in_words(visit, zone)
        offer = offered(choice, now)
        visit.moved_from, visit.changed_at = visit.starts_at, now
        visit.sequence += 1
        place_visit(visit, offer)
        note = f"{before} → {_in_words(visit, zone)}"
        if request.status == lifecycle.BOOKED:
            request.remember("move-visit", request.status, now, by, note)
        else:
            request.move("book", now, by, note, told="move-visit")
        take_visit(session, visit, now)
        tell_patient(session, request, "changed", now)
        audit.remember(session, "move-visit", now, by.id, request.id)
    return visit


def keep(visit_id: uuid.UUID, version: int, by: Practitioner, now: dt.datetime) -> Appointment:
    """Let a visit stand as it is, after a doctor was asked about the request meanwhile.

    Raises NotFound, AlreadyChanged and NotAllowedNow; `version` is the visit's.
    """
    with transaction() as session:
        visit = visit_with(session, visit_id, version)
        if visit.status != "booked":
            raise NotAllowedNow("visit", visit.status, "keep")
        visit.request.move("book", now, by, told="keep-visit")
        audit.remember(session, "keep-visit", now, by.id, visit.request_id)
    return visit


def visit_with(session: scoped_session[Session], visit_id: uuid.UUID, version: int) -> Appointment:
    """The visit, if it is in that version; raises NotFound and AlreadyChanged."""
    visit = session.get(Appointment, visit_id)
    if visit is None:
        raise NotFound
    visit.expect(version)
    return visit


def tell_patient(
    session: scoped_session[Session], request: ServiceRequest, kind: str, now: dt.datetime
) -> None:
    """Write to the patient, if there is an address; each kind is numbered by itself."""
    if not request.person.get("email"):
        return
    newest = session.scalar(
        sa.select(sa.func.max(Message.occurrence)).where(
            Message.request_id == request.id, Message.kind == kind
        )
    )
    outbox.enqueue(session, request, kind, ["patient"], now, occurrence=(newest or 0) + 1)


def _in_words(visit: Appointment, zone: ZoneInfo) -> str:
    """When and with whom, as the history keeps it, whatever becomes of the visit."""
    local = visit.starts_at.astimezone(zone)
    return (
        f"{local:%a} {local.day} {local:%b} {local.year}, {local:%H:%M}, {visit.practitioner.name}"
    )
