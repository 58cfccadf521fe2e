"""What the mails say that fall due later than their cause; None for what is no longer true."""

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa

from app.domain import lifecycle
from app.languages import ENGLISH, spoken
from app.records import db
from app.records.link import RequestLink
from app.records.schedule import Appointment, Closure
from app.records.service_request import ServiceRequest
from app.workflow import reminders
from config import Settings

# A reminder belongs to the visit of the next day; a later visit has one of its own.
NEXT_DAY: Final = dt.timedelta(hours=40)
UNBOOKED: Final = (lifecycle.WITH_DOCTOR, lifecycle.WITH_DESK, lifecycle.WITH_PATIENT)


def reminder(
    request: ServiceRequest, now: dt.datetime, settings: Settings
) -> dict[str, Any] | None:
    """The reminder of the visit that stands, up to the visit."""
    visit = request.appointment
    if visit is None or visit.status != "booked":
        return None
    if not now < visit.starts_at <= now + NEXT_DAY:
        return None
    zone = settings.clinic_zone
    days = (visit.starts_at.astimezone(zone).date() - now.astimezone(zone).date()).days
    return {"visit": visit, "today": days == 0}


def question(
    request: ServiceRequest, now: dt.datetime, settings: Settings
) -> dict[str, Any] | None:
    """Whether it has got worse, while an urgent or soon request waits without a visit."""
    waits = request.status in UNBOOKED and request.appointment is None
    if not waits or request.level not in reminders.ASKED:
        return None
    return {"link": patients_page(request, settings, "/worse")}


def offer(request: ServiceRequest, now: dt.datetime, settings: Settings) -> dict[str, Any] | None:
    """The freed time that is kept for the patient, while it can still be taken."""
    visit = request.offer
    if visit is None or visit.held_until is None or visit.held_until <= now:
        return None
    return {
        "visit": visit,
        "standing": request.appointment,
        "link": patients_page(request, settings),
    }


def patients_page(request: ServiceRequest, settings: Settings, part: str = "") -> str | None:
    """The address of the patient's own page; None where there is none."""
    link = db.session.scalar(
        sa.select(RequestLink).where(
            RequestLink.request_id == request.id, RequestLink.ended_at.is_(None)
        )
    )
    if link is None:
        return None
    language = "" if spoken() == ENGLISH else f"/{spoken()}"
    return f"{settings.public_base_url}{language}/r/{link.token}{part}"


def reason_told(visit: Appointment) -> str | None:
    """Why the clinic cancelled the visit, where the patients are told."""
    return db.session.scalar(
        sa.select(Closure.reason)
        .where(
            Closure.told,
            Closure.practitioner_id == visit.practitioner_id,
            Closure.starts_at < visit.ends_at,
            Closure.ends_at > visit.starts_at,
        )
        .order_by(Closure.id.desc())
        .limit(1)
    )
