"""The visits of a day, and those that nobody has written the outcome of."""

import datetime as dt
import uuid
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.domain import lifecycle
from app.records import db
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest

DAY: Final = dt.timedelta(days=1)
MOST_SHOWN: Final = 500
WAITING_FOR_OUTCOME: Final = ("booked", "arrived")
OPEN: Final = tuple(each for each in lifecycle.REQUEST_STATUSES if each != lifecycle.CLOSED)
_WITH_ALL: Final = (joinedload(Appointment.practitioner), joinedload(Appointment.request))


def day(day: dt.date, zone: ZoneInfo, only: uuid.UUID | None = None) -> list[Appointment]:
    """The visits that begin on that day of the clinic, by time; of one practitioner, if named."""
    midnights = (dt.datetime.combine(each, dt.time(), zone) for each in (day, day + DAY))
    start, end = midnights
    visits = sa.select(Appointment).where(
        Appointment.starts_at >= start, Appointment.starts_at < end, Appointment.status != "held"
    )
    if only is not None:
        visits = visits.where(Appointment.practitioner_id == only)
    visits = visits.order_by(Appointment.starts_at, Appointment.created_at).limit(MOST_SHOWN)
    return list(db.session.scalars(visits.options(*_WITH_ALL)))


def unrecorded(now: dt.datetime) -> list[Appointment]:
    """Visits whose time has passed without an outcome, oldest first.

    Found by way of the open requests, which are few, however many visits there have been.
    """
    visits = (
        sa.select(Appointment)
        .join(Appointment.request)
        .where(ServiceRequest.status.in_(OPEN))
        .where(Appointment.status.in_(WAITING_FOR_OUTCOME), Appointment.ends_at <= now)
        .order_by(Appointment.starts_at, Appointment.created_at)
        .limit(MOST_SHOWN)
        .options(*_WITH_ALL)
    )
    return list(db.session.scalars(visits))
