"""Taking time in the calendar, in the caller's transaction.

Whoever takes a time inserts its five-minute cells, and their unique key decides who was first:
nothing is looked up before. A hold or an offer that is over gives way to who comes next.
"""

import datetime as dt
import uuid
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session

from app.domain.errors import NotOffered, SlotTaken
from app.domain.slots import Span, cells
from app.records.openings import Offer
from app.records.schedule import Appointment, Closure, Hold, Slot
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.records.turns import while_hours_stand

HOLD_FOR: Final = dt.timedelta(minutes=10)
"""How long a time is kept for somebody who is still filling in the enquiry."""

# The unique key of the cells, as SQLite and PostgreSQL name it.
_SLOT_KEY: Final = ("slot.practitioner_id, slot.cell_at", "uq_slot_practitioner_id_cell_at")


def place_visit(visit: Appointment, offer: Offer) -> None:
    """Give a visit the time, place, practitioner and kind of an offer; its cells come later."""
    visit.practitioner, visit.place, visit.kind = offer.practitioner, offer.place, offer.kind
    visit.starts_at, visit.ends_at = offer.visit.start, offer.visit.end
    busy = offer.visit.busy
    visit.busy_from, visit.busy_until = busy.start, busy.end


def take_visit(session: scoped_session[Session], visit: Appointment, now: dt.datetime) -> None:
    """Take the cells of a visit in place of those that it has; raises SlotTaken.

    Those of a visit that is only offered expire with the offer.
    """
    while_hours_stand(session)
    who, busy = visit.practitioner.id, Span(visit.busy_from, visit.busy_until)
    _give_up_expired(session, who, busy, now)
    expires_at = visit.held_until if visit.status == "held" else None
    # A visit moved by less than its length keeps the cells that it has already.
    known = {slot.cell_at: slot for slot in visit.slots if slot.practitioner_id == who}
    visit.slots = [
        known.get(cell) or Slot(practitioner_id=who, cell_at=cell) for cell in cells(busy)
    ]
    for slot in visit.slots:
        slot.expires_at = expires_at
    _decide(session)


def cancel_visit(visit: Appointment, now: dt.datetime) -> None:
    """Cancel a visit and free its time; raises NotAllowedNow."""
    visit.move("cancel", now)
    visit.sequence += 1
    visit.slots = []


def end_visit(request: ServiceRequest, by: Practitioner | None, now: dt.datetime) -> bool:
    """Let no visit stand for a request that was just closed; gives whether the patient lost one.

    One that has begun, of a patient who was seen, was no loss.
    """
    if request.offer:
        cancel_visit(request.offer, now)
        request.remember("withdraw-offer", request.status, now, by)
    visit = request.appointment
    if visit is None:
        return False
    if request.closed_reason == "seen" and visit.starts_at <= now:
        visit.move("fulfil", now)
        request.remember("fulfil", request.status, now, by)
        return False
    cancel_visit(visit, now)
    request.remember("cancel", request.status, now, by)
    return True


def hold_of(session: scoped_session[Any], draft_id: uuid.UUID) -> Hold | None:
    """The time that was chosen with a draft last, whether it is still kept or not."""
    return session.scalar(sa.select(Hold).where(Hold.draft_id == draft_id))


def hold(
    session: scoped_session[Session],
    draft_id: uuid.UUID,
    offer: Offer,
    until: dt.datetime,
    now: dt.datetime,
) -> Hold:
    """Keep an offered time for a draft, in place of the one that it held; raises SlotTaken.

    The new cells are taken before the old are freed, so that two people who want each other's time
    cannot wait for each other.
    """
    while_hours_stand(session)
    who, busy = offer.practitioner.id, offer.visit.busy
    _give_up_expired(session, who, busy, now)
    held = hold_of(session, draft_id) or Hold(draft_id=draft_id)
    held.practitioner, held.place, held.kind = offer.practitioner, offer.place, offer.kind
    held.starts_at, held.ends_at = offer.visit.start, offer.visit.end
    held.expires_at = until
    session.add(held)
    session.flush()
    before = list(session.scalars(sa.select(Slot).where(Slot.hold_id == held.id)))
    known = {slot.cell_at: slot for slot in before if slot.practitioner_id == who}
    kept = [
        known.get(cell) or Slot(practitioner_id=who, cell_at=cell, hold_id=held.id)
        for cell in cells(busy)
    ]
    for slot in kept:
        slot.expires_at = until
    session.add_all(kept)
    _decide(session)
    for slot in before:
        if slot not in kept:
            session.delete(slot)
    return held


def hand_over(session: scoped_session[Session], held: Hold, visit: Appointment) -> None:
    """Let the cells of a hold belong to a visit, which takes them next; the hold is over."""
    session.add(visit)
    session.flush()
    session.execute(
        sa.update(Slot)
        .where(Slot.hold_id == held.id)
        .values(hold_id=None, appointment_id=visit.id, expires_at=None)
    )
    session.execute(sa.delete(Hold).where(Hold.id == held.id))
    session.refresh(visit, ["slots"])


def give_up(session: scoped_session[Session], draft_id: uuid.UUID) -> None:
    """Free the time that is kept for a draft, if there is one."""
    free_cells(session, draft_id)
    session.execute(sa.delete(Hold).where(Hold.draft_id == draft_id))


def free_cells(session: scoped_session[Session], draft_id: uuid.UUID) -> None:
    """Free the time, and remember which one it was."""
    held = sa.select(Hold.id).where(Hold.draft_id == draft_id).scalar_subquery()
    session.execute(sa.delete(Slot).where(Slot.hold_id == held))


def sweep(session: scoped_session[Session], now: dt.datetime) -> None:
    """Free the cells of holds that are over, also where nobody wants the time."""
    over = sa.select(Hold.id).where(Hold.expires_at <= now)
    session.execute(sa.delete(Slot).where(Slot.hold_id.in_(over)))


def lapse(session: scoped_session[Session], visit: Appointment, now: dt.datetime) -> None:
    """End an offer that nobody has answered in time; its cells are free."""
    # The cells first, as who takes their time does: so the two wait for each other in turn.
    session.execute(sa.delete(Slot).where(Slot.appointment_id == visit.id))
    session.expire(visit, ["slots"])
    visit.move("cancel", now)
    visit.request.remember("lapse-offer", visit.request.status, now)
    session.flush()


def refuse_closed(session: scoped_session[Session], visit: Appointment) -> None:
    """Raise NotOffered when the time of a visit has been closed."""
    closed = sa.exists().where(
        Closure.starts_at < visit.ends_at,
        Closure.ends_at > visit.starts_at,
        sa.or_(Closure.practitioner_id.is_(None), Closure.practitioner_id == visit.practitioner_id),
        sa.or_(Closure.place_id.is_(None), Closure.place_id == visit.place_id),
    )
    if session.scalar(sa.select(closed)):
        raise NotOffered


def _give_up_expired(
    session: scoped_session[Session], practitioner_id: uuid.UUID, busy: Span, now: dt.datetime
) -> None:
    """Remove the cells of holds and offers that are over, where somebody wants the time."""
    over = session.scalars(
        sa.delete(Slot)
        .where(
            Slot.practitioner_id == practitioner_id,
            Slot.cell_at.in_(cells(busy)),
            Slot.expires_at <= now,
        )
        .returning(Slot.appointment_id)
    ).all()
    for visit_id in {visit_id for visit_id in over if visit_id is not None}:
        visit = session.get(Appointment, visit_id, populate_existing=True)
        if visit is not None and visit.status == "held":
            lapse(session, visit, now)


def _decide(session: scoped_session[Session]) -> None:
    """Let the unique key say who was first; raises SlotTaken for who was not."""
    try:
        session.flush()
    except IntegrityError as error:
        if any(key in str(error.orig) for key in _SLOT_KEY):
            raise SlotTaken from None
        raise
