"""What becomes of a visit: arrived, done, missed, cancelled, and each taken back.

`version` is the visit's. All of them raise NotFound, AlreadyChanged and NotAllowedNow.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from app.domain import clock, lifecycle
from app.domain.errors import NotAllowedNow
from app.records import audit, transaction
from app.records.calendar import take_visit
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow.booking.taking import tell_patient, visit_with

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
    visit_id: uuid.UUID, version: int, by: Practitioner, now: dt.datetime, zone: ZoneInfo
) -> Appointment:
    """The patient has come, on the day of the visit."""
    with transaction() as session:
        visit = visit_with(session, visit_id, version)
        _allow("arrive", visit, now, zone)
        visit.move("arrive", now)
        visit.request.remember("arrive", visit.request.status, now, by)
        audit.remember(session, "arrive", now, by.id, visit.request_id)
    return visit


def fulfil(
    visit_id: uuid.UUID, version: int, by: Practitioner, now: dt.datetime, zone: ZoneInfo
) -> Appointment:
    """The patient has been seen: the request is closed."""
    with transaction() as session:
        visit = visit_with(session, visit_id, version)
        _allow("fulfil", visit, now, zone)
        visit.move("fulfil", now)
        if _follow(visit.request, "fulfil", "fulfil", by, now):
            visit.request.call_no_more()
        audit.remember(session, "fulfil", now, by.id, visit.request_id)
    return visit


def miss(
    visit_id: uuid.UUID, version: int, by: Practitioner, now: dt.datetime, zone: ZoneInfo
) -> Appointment:
    """The patient did not come: the request waits for the desk from now.

    The cells stay: their time has begun, so nobody else could take them, and the undo cannot fail.
    """
    with transaction() as session:
        visit = visit_with(session, visit_id, version)
        _allow("miss", visit, now, zone)
        visit.move("miss", now)
        _release(visit.request, "miss", by, now, zone)
        audit.remember(session, "miss", now, by.id, visit.request_id)
    return visit


def cancel(
    visit_id: uuid.UUID,
    version: int,
    by: Practitioner,
    now: dt.datetime,
    zone: ZoneInfo,
    reason: str | None = None,
) -> Appointment:
    """Cancel a visit and tell the patient: its time is free, the request waits for the desk."""
    with transaction() as session:
        visit = visit_with(session, visit_id, version)
        visit.move("cancel", now)
        visit.sequence += 1
        visit.slots = []
        _release(visit.request, "cancel", by, now, zone, reason)
        tell_patient(session, visit.request, "cancelled", now)
        audit.remember(session, "cancel", now, by.id, visit.request_id)
    return visit


def undo(
    visit_id: uuid.UUID, version: int, by: Practitioner, now: dt.datetime, zone: ZoneInfo
) -> Appointment:
    """Take the last act on a visit back, within `UNDO`: it stands again, and so does the request.

    Raises SlotTaken, too, when somebody else has booked the time of a cancelled visit.
    """
    with transaction() as session:
        visit = visit_with(session, visit_id, version)
        _allow("undo", visit, now, zone)
        request, event = visit.request, UNDOES[visit.status]
        _nothing_else_happened(visit, event)
        visit.move(event, now)
        visit.sequence += 1
        if event == "undo-arrive":
            request.remember(event, request.status, now, by)
        else:
            _follow(request, "unfulfil" if event == "undo-fulfil" else "book", event, by, now)
        if event == "undo-cancel":
            take_visit(session, visit, now)
            tell_patient(session, request, "booked", now)
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
    by: Practitioner,
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
    request: ServiceRequest,
    told: str,
    by: Practitioner,
    now: dt.datetime,
    zone: ZoneInfo,
    note: str | None = None,
) -> None:
    """Give the request back to the desk; its clock starts again."""
    if _follow(request, "release", told, by, now, note):
        request.waiting_since = now
        request.due_at = clock.due_at(request.level, now, zone)
