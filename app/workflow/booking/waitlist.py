"""The waiting list: who stands on it, and what becomes of the times that they are offered."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, scoped_session, selectinload

from app.domain import lifecycle
from app.domain.errors import AlreadyChanged, NotAllowedNow, SlotTaken
from app.domain.level import Level
from app.records import audit, db, transaction
from app.records.calendar import lapse, take_visit
from app.records.lookup import locked_request
from app.records.openings import choice_of, offered
from app.records.schedule import Appointment, Waitlist
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.records.turns import while_hours_stand
from app.workflow import escalation, outbox, reminders
from app.workflow.booking import offers
from app.workflow.booking.offers import MAY_BE_OFFERED
from app.workflow.booking.taking import give_time, visit_with

MOST_LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody on the waiting list, as the desk sees it."""

    row: Waitlist
    request: ServiceRequest
    wish: Practitioner | None


def put_on(
    reference: str,
    practitioner_id: uuid.UUID | None,
    until: dt.datetime | None,
    by: Practitioner | None,
    now: dt.datetime,
) -> Waitlist:
    """Let a request wait for a freed time, of one practitioner or any, that begins before `until`.

    Whoever stands there already keeps the place and gets the new wish. Raises NotFound, and
    NotAllowedNow for closed requests and emergencies, which must not wait.
    """
    with transaction() as session:
        request = locked_request(reference, session)
        if not may_wait(request):
            raise NotAllowedNow("request", request.status, "wait")
        row = session.scalar(sa.select(Waitlist).where(Waitlist.request_id == request.id))
        if row is None:
            row = Waitlist(request_id=request.id, since=now)
            session.add(row)
        row.practitioner_id, row.until = practitioner_id, until
        request.remember("wait", request.status, now, by)
        audit.remember(session, "wait", now, by.id if by else None, request.id)
    return row


def may_wait(request: ServiceRequest) -> bool:
    """Whether a request can be put on the list: not when it is closed, or must not wait."""
    return request.status != lifecycle.CLOSED and request.level < Level.emergency


def take_off(
    reference: str, by: Practitioner | None, now: dt.datetime, zone: ZoneInfo
) -> ServiceRequest:
    """Let a request wait no longer; a time that is kept for it is offered to the next.

    Raises NotFound. Nothing happens to a request that does not wait.
    """
    with transaction() as session:
        while_hours_stand(session)
        request = locked_request(reference, session)
        row = session.scalar(sa.select(Waitlist).where(Waitlist.request_id == request.id))
        if row is not None:
            session.delete(row)
            session.flush()
            request.remember("stop-waiting", request.status, now, by)
            kept = offers.release(session, request, by, now)
            offers.offer_next(session, kept, now, zone)
            audit.remember(session, "stop-waiting", now, by.id if by else None, request.id)
    return request


def accept(
    offer_id: uuid.UUID,
    version: int,
    by: Practitioner | None,
    now: dt.datetime,
    zone: ZoneInfo,
) -> Appointment:
    """Take the offered time, as the patient or for the patient; gives the visit that now stands.

    Who has a visit keeps it, at the new time. `version` is the offer's. Raises NotFound,
    AlreadyChanged, NotOffered when the time was closed meanwhile, and NotAllowedNow when the offer
    or the request does not stand any more.
    """
    with transaction() as session:
        while_hours_stand(session)
        held = _live(session, offer_id, version, now, "confirm")
        request, visit = held.request, held.request.appointment
        offer = offered(choice_of(held), now)
        if visit is None:
            visit = held
            held.move("confirm", now)
            held.held_until = None
            request.move("book", now, by, held.in_words(zone), told="take-offer")
            escalation.stop(session, request, now)
            take_visit(session, held, now)
            outbox.tell_patient(session, request, "booked", now)
            reminders.remind(session, held, now, zone)
        elif visit.status == "booked":
            held.move("cancel", now)
            held.slots = []
            session.flush()
            give_time(session, visit, offer, "take-offer", by, now, zone)
        else:
            raise NotAllowedNow("visit", visit.status, "move")
        request.call_no_more()
        outbox.call_off(session, request, reminders.OFFER, now)
        session.execute(sa.delete(Waitlist).where(Waitlist.request_id == request.id))
        audit.remember(session, "take-offer", now, by.id if by else None, request.id)
    return visit


def decline(
    offer_id: uuid.UUID,
    version: int,
    by: Practitioner | None,
    now: dt.datetime,
    zone: ZoneInfo,
) -> Appointment:
    """Say no to an offered time: the next person hears of it, this one waits for another.

    `version` is the offer's. Raises NotFound, AlreadyChanged and NotAllowedNow.
    """
    with transaction() as session:
        while_hours_stand(session)
        held = _live(session, offer_id, version, now, "cancel")
        offers.end(session, held, "decline-offer", by, now)
        offers.offer_next(session, choice_of(held), now, zone)
        audit.remember(session, "decline-offer", now, by.id if by else None, held.request_id)
    return held


def pass_on(now: dt.datetime, zone: ZoneInfo) -> int:
    """End the offers that nobody has answered in time, and ask the next; gives how many ended.

    Each is a transaction of its own. What somebody else ends at the same time is left to them.
    """
    db.session.rollback()
    over = sa.or_(Appointment.held_until <= now, ServiceRequest.status.not_in(MAY_BE_OFFERED))
    found = db.session.scalars(_kept().with_only_columns(Appointment.id).where(over)).all()
    return sum(_pass_on(offer_id, now, zone) for offer_id in found)


def _pass_on(offer_id: uuid.UUID, now: dt.datetime, zone: ZoneInfo) -> bool:
    try:
        with transaction() as session:
            while_hours_stand(session)
            held = session.get(Appointment, offer_id, populate_existing=True)
            if held is None or held.status != "held":
                return False
            lapse(session, held, now)
            outbox.call_off(session, held.request, reminders.OFFER, now)
            offers.offer_next(session, choice_of(held), now, zone)
            audit.remember(session, "lapse-offer", now, None, held.request_id)
    except (AlreadyChanged, SlotTaken):
        return False
    return True


def live(now: dt.datetime) -> list[Appointment]:
    """The times that are kept for somebody until an answer comes, the first to end first."""
    statement = (
        _kept()
        .where(Appointment.held_until > now)
        .options(
            joinedload(Appointment.practitioner),
            joinedload(Appointment.request).selectinload(ServiceRequest.appointments),
        )
        .order_by(Appointment.held_until, Appointment.id)
    )
    return list(db.session.scalars(statement))


def waiting() -> list[Waiting]:
    """Who waits, in the order in which they are asked: by level, then by time waited."""
    statement = (
        sa.select(Waitlist, ServiceRequest, Practitioner)
        .join(ServiceRequest, ServiceRequest.id == Waitlist.request_id)
        .outerjoin(Practitioner, Practitioner.id == Waitlist.practitioner_id)
        .where(ServiceRequest.status != lifecycle.CLOSED)
        .options(selectinload(ServiceRequest.appointments))
        .order_by(ServiceRequest.level.desc(), Waitlist.since, Waitlist.id)
        .limit(MOST_LISTED)
    )
    return [Waiting(*found) for found in db.session.execute(statement)]


def number_waiting() -> int:
    """How many wait."""
    open_ones = (
        sa.select(sa.func.count())
        .select_from(Waitlist)
        .join(ServiceRequest, ServiceRequest.id == Waitlist.request_id)
        .where(ServiceRequest.status != lifecycle.CLOSED)
    )
    return db.session.scalar(open_ones) or 0


def place_of(request: ServiceRequest) -> Waitlist | None:
    """The row of a request on the waiting list, if it waits."""
    return db.session.scalar(sa.select(Waitlist).where(Waitlist.request_id == request.id))


def _kept() -> sa.Select[Appointment]:
    """Found by way of the waiting list, which is short, however many visits there have been."""
    return (
        sa.select(Appointment)
        .join(Waitlist, Waitlist.request_id == Appointment.request_id)
        .join(ServiceRequest, ServiceRequest.id == Appointment.request_id)
        .where(Appointment.status == "held")
    )


def _live(
    session: scoped_session[Session],
    offer_id: uuid.UUID,
    version: int,
    now: dt.datetime,
    event: str,
) -> Appointment:
    """The offer, if it can still be answered."""
    held = visit_with(session, offer_id, version)
    if held.status != "held" or held.held_until is None or held.held_until <= now:
        raise NotAllowedNow("visit", held.status, event)
    return held
