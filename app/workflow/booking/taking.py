"""Taking a time: a visit is booked, moved, or kept as it was.

A booking inserts its five-minute cells, and their unique key decides who was first: there is no
lock, and nothing is looked up before. The request is moved before the cells are inserted, so that
two people who book for the same patient wait for each other at its row.
"""

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session, scoped_session

from app.domain import lifecycle
from app.domain.errors import NotAllowedNow, NotFound
from app.records import audit, transaction
from app.records.calendar import place_visit, take_visit
from app.records.lookup import request_with
from app.records.openings import Choice, Offer, Seeker, choice_of, offered
from app.records.schedule import Appointment
from app.records.staff import Practitioner
from app.records.turns import while_hours_stand
from app.workflow import escalation, outbox, reminders
from app.workflow.booking import offers


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
        while_hours_stand(session)
        request = request_with(reference, session)
        request.expect(version)
        if request.appointment:
            raise NotAllowedNow("request", request.status, "book")
        kept = offers.release(session, request, by, now)
        visit = Appointment(status="booked", created_at=now, changed_at=now)
        place_visit(visit, offered(choice, now))
        request.appointments.append(visit)
        request.move("book", now, by, visit.in_words(zone))
        request.call_no_more()
        take_visit(session, visit, now)
        escalation.stop(session, request, now)
        outbox.tell_patient(session, request, "booked", now)
        reminders.remind(session, visit, now, zone)
        offers.offer_next(session, kept, now, zone)
        audit.remember(session, "book", now, by.id, request.id)
    return visit


def move(
    visit_id: uuid.UUID,
    choice: Choice,
    version: int,
    by: Practitioner | None,
    now: dt.datetime,
    zone: ZoneInfo,
    seeker: Seeker | None = None,
) -> Appointment:
    """Give a booked visit another time: the new cells are taken before the old are freed.

    A request that a doctor is looking at stays with the doctor. Raises what `book` raises;
    `version` is the visit's. Without `by` the patient moves it, who is the `seeker`.
    """
    with transaction() as session:
        while_hours_stand(session)
        visit = visit_with(session, visit_id, version)
        request = visit.request
        if visit.status != "booked" or (by is None and not patient_may_change(visit, now)):
            raise NotAllowedNow("visit", visit.status, "move")
        kept = offers.release(session, request, by, now)
        give_time(session, visit, offered(choice, now, seeker), "move-visit", by, now, zone)
        offers.offer_next(session, kept, now, zone)
        audit.remember(session, "move-visit", now, by.id if by else None, request.id)
    return visit


def give_time(
    session: scoped_session[Session],
    visit: Appointment,
    offer: Offer,
    event: str,
    by: Practitioner | None,
    now: dt.datetime,
    zone: ZoneInfo,
) -> None:
    """Give a booked visit another time, in the caller's transaction, and tell the patient.

    The time before is offered to who waits for one. Raises SlotTaken and NotOffered.
    """
    request, freed, before = visit.request, choice_of(visit), visit.in_words(zone)
    visit.moved_from, visit.changed_at = visit.starts_at, now
    visit.sequence += 1
    place_visit(visit, offer)
    note = f"{before} → {visit.in_words(zone)}"
    if request.status in (lifecycle.BOOKED, lifecycle.WITH_DOCTOR) or request.asked_at:
        request.remember(event, request.status, now, by, note)
    else:
        request.move("book", now, by, note, told=event)
        escalation.stop(session, request, now)
    take_visit(session, visit, now)
    outbox.tell_patient(session, request, "changed", now)
    reminders.remind(session, visit, now, zone)
    offers.offer_next(session, freed, now, zone)


def keep(visit_id: uuid.UUID, version: int, by: Practitioner, now: dt.datetime) -> Appointment:
    """Let a visit stand as it is, after a doctor was asked about the request meanwhile.

    Raises NotFound, AlreadyChanged and NotAllowedNow; `version` is the visit's.
    """
    with transaction() as session:
        visit = visit_with(session, visit_id, version)
        if visit.status != "booked":
            raise NotAllowedNow("visit", visit.status, "keep")
        visit.request.move("book", now, by, told="keep-visit")
        escalation.stop(session, visit.request, now)
        audit.remember(session, "keep-visit", now, by.id, visit.request_id)
    return visit


def patient_may_change(visit: Appointment, now: dt.datetime) -> bool:
    """Whether patients may move or cancel this visit themselves: it is booked and still to come.

    While a doctor looks at the request anew, a time is not theirs to choose; they may cancel.
    """
    return visit.status == "booked" and now < visit.starts_at


def visit_with(session: scoped_session[Session], visit_id: uuid.UUID, version: int) -> Appointment:
    """The visit, if it is in that version; raises NotFound and AlreadyChanged."""
    visit = session.get(Appointment, visit_id)
    if visit is None:
        raise NotFound
    visit.expect(version)
    return visit
