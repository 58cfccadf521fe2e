"""Taking time in the calendar, in the caller's transaction.

Whoever takes a time inserts its five-minute cells, and their unique key decides who was first:
nothing is looked up before. A hold or an offer that is over gives way to who comes next.
"""

import datetime as dt
import uuid
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session

from app.domain.errors import SlotTaken
from app.domain.slots import Span, cells
from app.records.openings import Offer
from app.records.schedule import Appointment, Hold, Slot

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


def hold(
    session: scoped_session[Session],
    draft_id: uuid.UUID,
    offer: Offer,
    until: dt.datetime,
    now: dt.datetime,
) -> Hold:
    """Keep an offered time for a draft, in place of the one that it held; raises SlotTaken."""
    give_up(session, draft_id)
    busy = offer.visit.busy
    _give_up_expired(session, offer.practitioner.id, busy, now)
    held = Hold(
        draft_id=draft_id,
        practitioner=offer.practitioner,
        place=offer.place,
        kind=offer.kind,
        starts_at=offer.visit.start,
        ends_at=offer.visit.end,
        expires_at=until,
    )
    session.add(held)
    session.flush()
    session.add_all(
        Slot(practitioner_id=offer.practitioner.id, cell_at=cell, hold_id=held.id, expires_at=until)
        for cell in cells(busy)
    )
    _decide(session)
    return held


def give_up(session: scoped_session[Session], draft_id: uuid.UUID) -> None:
    """Free the time that is kept for a draft, if there is one."""
    held = sa.select(Hold.id).where(Hold.draft_id == draft_id).scalar_subquery()
    session.execute(sa.delete(Slot).where(Slot.hold_id == held))
    session.execute(sa.delete(Hold).where(Hold.draft_id == draft_id))


def _give_up_expired(
    session: scoped_session[Session], practitioner_id: uuid.UUID, busy: Span, now: dt.datetime
) -> None:
    """Remove the cells of holds and offers that are over, where somebody wants the time."""
    session.execute(
        sa.delete(Slot).where(
            Slot.practitioner_id == practitioner_id,
            Slot.cell_at.in_(cells(busy)),
            Slot.expires_at <= now,
        )
    )


def _decide(session: scoped_session[Session]) -> None:
    """Let the unique key say who was first; raises SlotTaken for who was not."""
    try:
        session.flush()
    except IntegrityError as error:
        if any(key in str(error.orig) for key in _SLOT_KEY):
            raise SlotTaken from None
        raise
