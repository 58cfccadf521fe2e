"""The visit that a patient chose with the enquiry, taken in the transaction that stores it.

A request never depends on its visit: when the time is gone, or more visits are wanted than one
phone number or e-mail address may choose, the request is stored all the same, and its history says
which time was wished for.
"""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from app.domain import lifecycle
from app.domain.errors import NotOffered, SlotTaken
from app.domain.level import Level
from app.records import audit
from app.records.calendar import (
    HOLD_FOR,
    free_cells,
    give_up,
    hand_over,
    hold_of,
    place_visit,
    take_visit,
)
from app.records.openings import Choice, Seeker, choice_of, offered
from app.records.schedule import Appointment
from app.records.search_term import SearchTerm
from app.records.service_request import ServiceRequest

LOST: Final = "lose-time"
WITHHELD: Final = "withhold-time"


def book_held(
    session: scoped_session[Session],
    request: ServiceRequest,
    most: int,
    zone: ZoneInfo,
    now: dt.datetime,
) -> None:
    """Book the time that was chosen with the draft of a new request, if there is one.

    No more than `most` visits to come are booked so for one phone number or e-mail address. An
    emergency gets none: it must not wait for a visit.
    """
    held = hold_of(session, request.submission_id)
    if held is None:
        return
    words = held.in_words(zone)
    if request.level is Level.emergency:
        give_up(session, held.draft_id)
    elif _visits_to_come(session, request, now) >= most:
        give_up(session, held.draft_id)
        request.remember(WITHHELD, request.status, now, note=words)
    else:
        try:
            with session.begin_nested():
                book_chosen(session, request, choice_of(held), zone, now)
        except (SlotTaken, NotOffered):
            free_cells(session, held.draft_id)
            request.remember(LOST, request.status, now, note=words)


def book_chosen(
    session: scoped_session[Session],
    request: ServiceRequest,
    choice: Choice,
    zone: ZoneInfo,
    now: dt.datetime,
) -> Appointment:
    """Book a visit that the patient chose; raises SlotTaken and NotOffered.

    A request that waits for a doctor goes on waiting, and has its visit beside. What is still kept
    for the patient is judged as of when it was chosen.
    """
    held = hold_of(session, request.submission_id)
    kept = held is not None and held.expires_at > now and choice_of(held) == choice
    asked_at = held.expires_at - HOLD_FOR if held and kept else now
    if choice.starts_at < now:
        raise NotOffered
    offer = offered(choice, asked_at, Seeker(request.level))
    visit = Appointment(request=request, status="booked", created_at=now, changed_at=now)
    place_visit(visit, offer)
    if held:
        hand_over(session, held, visit)
    take_visit(session, visit, now)
    if request.status == lifecycle.WITH_DOCTOR or request.asked_at:
        request.remember("book", request.status, now, note=visit.in_words(zone))
    else:
        request.move("book", now, note=visit.in_words(zone))
    audit.remember(session, "book", now, None, request.id)
    return visit


def may_choose_again(request: ServiceRequest) -> bool:
    """Whether the patient lost the chosen time when sending, and nothing came of it yet."""
    waits = request.status in (lifecycle.WITH_DESK, lifecycle.WITH_DOCTOR)
    lost = any(change.event == LOST for change in request.history)
    return lost and waits and not request.appointments and request.level < Level.emergency


def _visits_to_come(
    session: scoped_session[Session], request: ServiceRequest, now: dt.datetime
) -> int:
    """How many visits stand for requests from the net with the same phone number or e-mail."""
    found = (
        sa.select(sa.func.count(sa.distinct(Appointment.id)))
        .join(ServiceRequest, ServiceRequest.id == Appointment.request_id)
        .join(SearchTerm, SearchTerm.request_id == ServiceRequest.id)
        .where(
            SearchTerm.term.in_(request.reached_by()),
            ServiceRequest.source == "web",
            Appointment.status == "booked",
            Appointment.starts_at > now,
        )
    )
    return session.scalar(found) or 0
