"""The open emergencies and urgent cases, to be taken along on paper or kept for an outage."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from app.domain import lifecycle
from app.domain.level import Level
from app.records import audit, transaction
from app.records.rows import Row, rows_of
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner

MOST: Final = 500
OPEN: Final = tuple(each for each in lifecycle.REQUEST_STATUSES if each != lifecycle.CLOSED)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cases, most pressing first and then the longest waiting; `more` when some are missing."""

    rows: list[Row]
    more: bool


def take(now: dt.datetime, by: Practitioner | None = None) -> Sheet:
    """Every emergency or urgent case that is not closed, booked ones included.

    An audit line says that they were taken out; without `by` it was a command.
    """
    pressing = (
        sa.select(ServiceRequest)
        .where(ServiceRequest.status.in_(OPEN), ServiceRequest.level >= Level.urgent)
        .order_by(ServiceRequest.level.desc(), ServiceRequest.waiting_since)
        .limit(MOST + 1)
    )
    with transaction() as session:
        found = session.scalars(pressing).all()
        rows = rows_of(found[:MOST])
        audit.remember(session, "urgent-sheet", now, by.id if by else None, None)
    return Sheet(rows, len(found) > MOST)
