"""What becomes of a visit: arrived, done, missed, cancelled, and each taken back.

`version` is the visit's. All of them raise NotFound, AlreadyChanged and NotAllowedNow.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session, scoped_session

from app.domain import lifecycle
from app.domain.clinic import Clinic
from app.domain.errors import NotAllowedNow
from app.records import audit, transaction
from app.records.calendar import cancel_visit, refuse_closed, take_visit
from app.records.openings import choice_of
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.records.turns import while_hours_stand
from app.workflow import escalation, outbox, reminders
from app.workflow.booking import offers
from app.workflow.booking.taking import patient_may_change, visit_with

UNDO: Final = dt.timedelta(minutes=10)
"""How long an act on a visit can be taken back."""

ACTS: Final = ("arrive", "fulfil", "miss", "cancel", "undo")
UNDOES: Final[Mapping[str, str]] = {
    "arrived": "undo-arrive",
    "fulfilled": "undo-fulfil",
    "noshow": "undo-miss",
    "cancelled": "undo-cancel",
}


def acts_now(visit: Appointment, now: dt.datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """Which of `ACTS` can be done with a visit now: what is not true yet cannot be written down."""
    if visit.held_until is not None:
        return ()  # offered, and not taken: that is the waiting list's
    today = visit.starts_at.astimezone(zone).date() <= now.astimezone(zone).date()
    sensible = {
        "arrive": today,
        "fulfil": today,
        "miss": visit.starts_at <= now,
        "cancel": True,
    }
    allowed = lifecycle.events_from(lifecycle.APPOINTMENT, visit.status)
    acts = [event for event in allowed if sensible.get(event)]
    if visit.status in UNDOES and now - visit.changed_at <= UNDO:
        acts.append("undo")
    return tuple(acts)


def arrive(
    visit_id: uuid.UUID, version: int, by: Practitioner, now: dt.datetime, clinic: Clinic
) -> Appointment:
    """The patient has come, on the day of the visit."""
    with transaction() as session:
        visit = visit_with(session, visit_id, version)
        _allow("arrive", visit, now, clinic.zone)
        visit.move("arrive", now)
        visit.request.remember("arrive", visit.request.status, now, by)
        audit.remember(session, "arrive", now, by.id, visit.request_id)
    return visit


def fulfil(
    visit_id: uuid.UUID, version: int, by: Practitioner, now: dt.datetime, clinic: Clinic
) -> Appointment:
    """The patient has been seen: the request is closed."""
    with transaction() as session:
        visit = visit_with(session, visit_id, version)
        _allow("fulfil", visit, now, clinic.zone)
        visit.move("fulfil", now)
        if _follow(visit.request, "fulfil", "fulfil", by, now):
            visit.request.call_no_more()
        audit.remember(session, "fulfil", now, by.id, visit.request_id)
    return visit


def miss(
    visit_id: uuid.UUID, version: int, by: Practitioner, now: dt.datetime, clinic: Clinic
) -> Appointment:
    """The patient did not come: the request waits for the desk from now.

    The cells stay: their time has begun, so nobody else could take them, and the undo cannot fail.
    """
    with transaction() as session:
        visit = visit_with(session, visit_id, version)
        _allow("miss", visit, now, clinic.zone)
        visit.move("miss", now)
        _release(session, visit.request, "miss", by, now, clinic)
        audit.remember(session, "miss", now, by.id, visit.request_id)
    return visit


def cancel(
    visit_id: uuid.UUID,
    version: int,
    by: Practitioner | None,
    now: dt.datetime,
    clinic: Clinic,
    reason: str | None = None,
) -> Appointment:
    """Cancel a visit and tell the patient: its time is free, the request waits for the desk.

    Without `by` it is the patient who cancels.
    """
    with transaction() as session:
        while_hours_stand(session)
        visit = visit_with(session, visit_id, version)
        if by is None and not patient_may_change(visit, now):
            raise NotAllowedNow("visit", visit.status, "cancel")
        give_up(session, visit, by, now, clinic, reason)
        offers.offer_next(session, choice_of(visit), now, clinic.zone)
        audit.remember(session, "cancel", now, by.id if by else None, visit.request_id)
    return visit


def give_up(
    session: scoped_session[Session],
    visit: Appointment,
    by: Practitioner | None,
    now: dt.datetime,
    clinic: Clinic,
    reason: str | None = None,
) -> None:
    """Cancel a visit in the caller's transaction, and tell the patient; raises NotAllowedNow."""
    if visit.held_until is not None:
        raise NotAllowedNow("visit", visit.status, "cancel")
    cancel_visit(visit, now)
    _release(session, visit.request, "cancel", by, now, clinic, reason)
    outbox.tell_patient(session, visit.request, "cancelled", now)
    reminders.call_off(session, visit.request, now)


def undo(
    visit_id: uuid.UUID, version: int, by: Practitioner, now: dt.datetime, clinic: Clinic
) -> Appointment:
    """Take the last act on a visit back, within `UNDO`: it stands again, and so does the request.

    Raises SlotTaken, too, when somebody else has booked the time of a cancelled visit, and
    NotOffered when it was closed.
    """
    with transaction() as session:
        while_hours_stand(session)
        visit = visit_with(session, visit_id, version)
        _allow("undo", visit, now, clinic.zone)
        request, event = visit.request, UNDOES[visit.status]
        _nothing_else_happened(visit, event)
        visit.move(event, now)
        visit.sequence += 1
        if event == "undo-arrive":
            request.remember(event, request.status, now, by)
        else:
            _follow(request, "unfulfil" if event == "undo-fulfil" else "book", event, by, now)
        if event == "undo-cancel":
            refuse_closed(session, visit)
            offers.reclaim(session, visit, by, now)
            take_visit(session, visit, now)
            outbox.call_off(session, request, "cancelled", now)
            outbox.tell_patient(session, request, "booked", now)
            reminders.remind(session, visit, now, clinic.zone)
        audit.remember(session, event, now, by.id, request.id)
    return visit


def _allow(act: str, visit: Appointment, now: dt.datetime, zone: ZoneInfo) -> None:
    if act not in acts_now(visit, now, zone):
        raise NotAllowedNow("visit", visit.status, act)


def _nothing_else_happened(visit: Appointment, event: str) -> None:
    """Raise NotAllowedNow when the request was booked again or closed meanwhile."""
    request = visit.request
    other = request.appointment not in (None, visit)
    closed_since = request.status == lifecycle.CLOSED and (
        event != "undo-fulfil" or request.closed_reason != "seen"
    )
    if other or closed_since:
        raise NotAllowedNow("request", request.status, event)


def _follow(
    request: ServiceRequest,
    event: str,
    told: str,
    by: Practitioner | None,
    now: dt.datetime,
    note: str | None = None,
) -> bool:
    """Let the request go along with its visit, and write it down; gives whether it went.

    One that a doctor was asked about meanwhile stays where it is.
    """
    goes = event in request.events()
    if goes:
        reason = "seen" if event == "fulfil" else None
        request.move(event, now, by, note, closed_reason=reason, told=told)
    else:
        request.remember(told, request.status, now, by, note)
    return goes


def _release(
    session: scoped_session[Session],
    request: ServiceRequest,
    told: str,
    by: Practitioner | None,
    now: dt.datetime,
    clinic: Clinic,
    note: str | None = None,
) -> None:
    """Give the request back to the desk; its clock starts again."""
    if _follow(request, "release", told, by, now, note):
        escalation.start(session, request, now, clinic)
