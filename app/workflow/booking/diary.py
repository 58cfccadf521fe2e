"""The visits of a day, and those that nobody has written the outcome of."""

import datetime as dt
import uuid
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.records import db, rows
from app.records.schedule import Appointment

DAY: Final = dt.timedelta(days=1)
MOST_SHOWN: Final = 500
_WITH_ALL: Final = (
    joinedload(Appointment.practitioner),
    joinedload(Appointment.place),
    joinedload(Appointment.kind),
    joinedload(Appointment.request),
)


def day(
    day: dt.date, zone: ZoneInfo, only: uuid.UUID | None = None, days: int = 1
) -> list[Appointment]:
    """The visits that begin on that day of the clinic, or on so many days from it, by time.

    Of one practitioner, if named.
    """
    midnights = (dt.datetime.combine(each, dt.time(), zone) for each in (day, day + days * DAY))
    start, end = midnights
    visits = sa.select(Appointment).where(
        Appointment.starts_at >= start,
        Appointment.starts_at < end,
        Appointment.held_until.is_(None),
    )
    if only is not None:
        visits = visits.where(Appointment.practitioner_id == only)
    visits = visits.order_by(Appointment.starts_at, Appointment.created_at).limit(MOST_SHOWN)
    return list(db.session.scalars(visits.options(*_WITH_ALL)))


def unrecorded(now: dt.datetime) -> list[Appointment]:
    """Visits whose time has passed without an outcome, oldest first."""
    return list(db.session.scalars(_unrecorded(now).options(*_WITH_ALL)))


def number_unrecorded(now: dt.datetime) -> int:
    """How many of those there are."""
    return (
        db.session.scalar(sa.select(sa.func.count()).select_from(_unrecorded(now).subquery())) or 0
    )


def _unrecorded(now: dt.datetime) -> sa.Select[Appointment]:
    return rows.unrecorded(now).limit(MOST_SHOWN)
