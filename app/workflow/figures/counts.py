"""How many: open, arrived, begun and not sent, closed, undelivered."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from app.domain import lifecycle
from app.domain.level import Level
from app.domain.period import Period
from app.records import db
from app.records.enquiry import EnquiryCount
from app.records.outbox import Message
from app.records.seconds import DAY, HOUR, local_seconds
from app.records.service_request import ServiceRequest, StatusChange
from app.workflow import outbox

WAITED: Final = (dt.timedelta(minutes=15), dt.timedelta(hours=1), dt.timedelta(hours=4))
"""The bounds by which waiting cases are told apart."""

RECEIVERS: Final = ("desk", "on-call", "managers", "staff", "patient")
UNFINISHED: Final = (lifecycle.WITH_DOCTOR, lifecycle.WITH_DESK, lifecycle.WITH_PATIENT)


@dataclass(frozen=True, slots=True)
class Open:
    """Requests of a level that nobody has finished or booked.

    `late` are past their target while the clock runs, the oldest of them waiting since `oldest`.
    `by_wait` counts all: a number up to each bound of `WAITED`, and one for those beyond.
    """

    number: int
    late: int
    oldest: dt.datetime | None
    by_wait: tuple[int, ...]


def open_now(now: dt.datetime) -> dict[Level, Open]:
    """Emergencies and urgent requests that are open at this moment."""
    runs = sa.or_(
        ServiceRequest.status == lifecycle.WITH_DESK,
        sa.and_(
            ServiceRequest.status == lifecycle.WITH_DOCTOR,
            ServiceRequest.acknowledged_at.is_(None),
        ),
    )
    late = sa.and_(runs, ServiceRequest.due_at < now)
    since = ServiceRequest.waiting_since
    beyond = [sa.func.sum(sa.case((since < now - bound, 1), else_=0)) for bound in WAITED]
    asked = (
        sa.select(
            ServiceRequest.level,
            sa.func.count(),
            sa.func.sum(sa.case((late, 1), else_=0)),
            sa.func.min(sa.case((late, since))),
            *beyond,
        )
        .where(ServiceRequest.status.in_(UNFINISHED), ServiceRequest.level >= Level.urgent)
        .group_by(ServiceRequest.level)
    )
    return {
        level: Open(number, past, oldest, _between(number, *longer))
        for level, number, past, oldest, *longer in db.session.execute(asked)
    }


def _between(*beyond: int) -> tuple[int, ...]:
    """How many lie between the bounds, from how many lie beyond each."""
    return tuple(a - b for a, b in zip(beyond, (*beyond[1:], 0), strict=True))


def arrivals(period: Period) -> dict[tuple[int, Level], int]:
    """Requests that came in, by the hour on the clinic's clocks and the level they came with."""
    hour = local_seconds(StatusChange.waiting_since, period) % DAY // HOUR
    came = (
        sa.select(hour.label("hour"), StatusChange.level)
        .where(StatusChange.event == "submit")
        .where(StatusChange.waiting_since >= period.start, StatusChange.waiting_since < period.end)
        .subquery()
    ).c
    asked = sa.select(came.hour, came.level, sa.func.count()).group_by(came.hour, came.level)
    return {(hour, level): number for hour, level, number in db.session.execute(asked)}


def ends(period: Period) -> dict[tuple[str, str], int]:
    """Enquiries begun in the period and erased since, by condition and by how far they got."""
    asked = (
        sa.select(EnquiryCount.condition, EnquiryCount.reached, sa.func.sum(EnquiryCount.number))
        .where(EnquiryCount.day.between(period.first, period.last))
        .group_by(EnquiryCount.condition, EnquiryCount.reached)
    )
    found = db.session.execute(asked)
    return {(condition, reached): number for condition, reached, number in found}


def outcomes(period: Period) -> dict[tuple[Level, str | None], int]:
    """Requests that came in, by the level they have now and the reason why they are closed."""
    asked = (
        sa.select(ServiceRequest.level, ServiceRequest.closed_reason, sa.func.count())
        .where(ServiceRequest.created_at >= period.start, ServiceRequest.created_at < period.end)
        .group_by(ServiceRequest.level, ServiceRequest.closed_reason)
    )
    return {(level, reason): number for level, reason, number in db.session.execute(asked)}


def undelivered(now: dt.datetime) -> dict[tuple[str, bool], int]:
    """Messages that are late or have failed for good at this moment, as on the desk's page.

    By whom they are for, one of `RECEIVERS`.
    """
    receiver = sa.case(*((Message.to.startswith(kind), kind) for kind in RECEIVERS))
    found = (
        sa.select(receiver.label("receiver"), Message.status)
        .where(outbox.not_delivered(now))
        .subquery()
    ).c
    asked = sa.select(found.receiver, found.status, sa.func.count())
    rows = db.session.execute(asked.group_by(found.receiver, found.status))
    return {(to, status == "failed"): number for to, status, number in rows}
