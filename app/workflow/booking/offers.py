"""Freed times and who hears of them: one person of the waiting list at a time.

All of it happens in the transaction that frees the time. The offer is a visit in status `held`: its
cells are the time, so no time is offered twice. Whoever is offered one has the row of the waiting
list locked meanwhile, so nobody is offered two.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from app.domain import daytime, lifecycle
from app.domain.errors import NotOffered, SlotTaken
from app.domain.level import Level
from app.domain.slots import cells
from app.records.calendar import place_visit, take_visit
from app.records.openings import Choice, Offer, Seeker, choice_of, offered
from app.records.schedule import Appointment, Slot, Waitlist
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import outbox, reminders

SLIP: Final = dt.timedelta(minutes=10)
"""How long a mail about a freed time waits: so long the desk can take its own slip back."""

LEAD: Final = dt.timedelta(hours=2)
"""What lies at least between the last moment to answer and the visit."""

MAY_BE_OFFERED: Final = (lifecycle.WITH_DESK, lifecycle.BOOKED)
MOST_ASKED: Final = 50
LONGEST: Final = dt.timedelta(hours=8)
"""More than any visit with its buffers."""


def offer_next(
    session: scoped_session[Session], freed: Choice | None, now: dt.datetime, zone: ZoneInfo
) -> Appointment | None:
    """Offer a time that has just become free to the next who waits for such a one, if anybody."""
    if freed is None:
        return None
    told_at = daytime.by_day(now + SLIP, zone)
    until = daytime.answer_by(told_at, zone)
    if freed.starts_at < until + LEAD:
        return None
    session.flush()
    try:
        offer = offered(freed, now)
    except NotOffered:
        return None
    if _is_taken(session, offer, now):
        return None
    for request in _who_wait(session, offer, now):
        held = _keep_for(session, request, offer, until, now)
        if held:
            request.remember("offer", request.status, now, note=held.in_words(zone))
            if request.person.get("email"):
                number = outbox.next_occurrence(session, request, reminders.OFFER)
                outbox.enqueue(session, request, reminders.OFFER, ["patient"], now, number, told_at)
            return held
    return None


def release(
    session: scoped_session[Session],
    request: ServiceRequest,
    by: Practitioner | None,
    now: dt.datetime,
) -> Choice | None:
    """Free the time that is kept for somebody who needs it no longer; gives it, to be passed on."""
    held = request.offer
    if held is None:
        return None
    end(session, held, "withdraw-offer", by, now)
    return choice_of(held)


def reclaim(
    session: scoped_session[Session], visit: Appointment, by: Practitioner, now: dt.datetime
) -> None:
    """Withdraw the offers of a time that its visit gets back."""
    of_its_time = sa.select(Appointment).where(
        Appointment.status == "held",
        Appointment.practitioner_id == visit.practitioner_id,
        Appointment.busy_from < visit.busy_until,
        Appointment.busy_until > visit.busy_from,
        # The index of the starts: no visit is longer than this.
        Appointment.starts_at > visit.starts_at - LONGEST,
        Appointment.starts_at < visit.starts_at + LONGEST,
    )
    for held in session.scalars(of_its_time).all():
        end(session, held, "withdraw-offer", by, now)


def end(
    session: scoped_session[Session],
    held: Appointment,
    event: str,
    by: Practitioner | None,
    now: dt.datetime,
) -> None:
    """End an offer: its time is free, and nobody is written to about it any more."""
    held.move("cancel", now)
    held.slots = []
    held.request.remember(event, held.request.status, now, by)
    outbox.call_off(session, held.request, reminders.OFFER, now)
    session.flush()


def _is_taken(session: scoped_session[Session], offer: Offer, now: dt.datetime) -> bool:
    taken = sa.exists().where(
        Slot.practitioner_id == offer.practitioner.id,
        Slot.cell_at.in_(cells(offer.visit.busy)),
        sa.or_(Slot.expires_at.is_(None), Slot.expires_at > now),
    )
    return bool(session.scalar(sa.select(taken)))


def _who_wait(
    session: scoped_session[Session], offer: Offer, now: dt.datetime
) -> Iterator[ServiceRequest]:
    """Whom it fits, by level, then by time waited; nobody whom a colleague asks at this moment."""
    for waiting_id in session.scalars(_whom_it_may_fit(offer)).all():
        row = sa.select(Waitlist).where(Waitlist.id == waiting_id)
        waiting = session.scalar(row.with_for_update(skip_locked=True))
        if waiting is None:
            continue
        request = session.get(ServiceRequest, waiting.request_id, populate_existing=True)
        assert request is not None  # noqa: S101 - the row refers to it
        session.refresh(request, ["appointments"])
        if _fits(request, offer, now):
            yield request


def _whom_it_may_fit(offer: Offer) -> sa.Select[uuid.UUID]:
    who, start = offer.practitioner.id, offer.visit.start
    of_request = Appointment.request_id == Waitlist.request_id
    # Who gave up, declined or let pass just this time does not want it.
    had_it = sa.exists().where(
        of_request,
        Appointment.practitioner_id == who,
        sa.or_(
            sa.and_(Appointment.starts_at == start, Appointment.status == "cancelled"),
            Appointment.moved_from == start,
        ),
    )
    return (
        sa.select(Waitlist.id)
        .join(ServiceRequest, ServiceRequest.id == Waitlist.request_id)
        .where(
            ServiceRequest.status.in_(MAY_BE_OFFERED),
            ServiceRequest.level < Level.emergency,
            sa.or_(Waitlist.until.is_(None), Waitlist.until > start),
            sa.or_(Waitlist.practitioner_id.is_(None), Waitlist.practitioner_id == who),
            ~had_it,
        )
        .order_by(ServiceRequest.level.desc(), Waitlist.since, Waitlist.id)
        .limit(MOST_ASKED)
    )


def _fits(request: ServiceRequest, offer: Offer, now: dt.datetime) -> bool:
    """Whether somebody may be offered it: who has a visit wants the same kind, and earlier."""
    if request.offer or not Seeker(request.level).may_have(offer, now):
        return False
    visit = request.appointment
    if visit is None:
        return request.status == lifecycle.WITH_DESK and not request.asked_at
    earlier = offer.visit.start < visit.starts_at
    return visit.status == "booked" and earlier and visit.kind_id == offer.kind.id


def _keep_for(
    session: scoped_session[Session],
    request: ServiceRequest,
    offer: Offer,
    until: dt.datetime,
    now: dt.datetime,
) -> Appointment | None:
    """Keep it for that person; None when somebody else has taken it at this moment."""
    held = Appointment(
        request_id=request.id, status="held", held_until=until, created_at=now, changed_at=now
    )
    place_visit(held, offer)
    try:
        with session.begin_nested():
            session.add(held)
            session.flush()
            take_visit(session, held, now)
    except (SlotTaken, NotOffered):
        return None
    return held
