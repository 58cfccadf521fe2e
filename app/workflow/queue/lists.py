"""A page of a view, and what has come in since it was made."""

import datetime as dt
import functools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.domain import lifecycle
from app.domain.level import Level
from app.records import db
from app.records.contact import ContactAttempt
from app.records.presence import who_looks as _who_looks
from app.records.rows import PAGE_SIZE, Row, rows_of
from app.records.service_request import ServiceRequest
from app.records.types import UtcDateTime
from app.workflow.queue import parts
from app.workflow.queue.choice import Choice

LAST_PAGE: Final = 200
MOST_NEW: Final = 20
SLACK: Final = dt.timedelta(seconds=10)
"""How long a request may take to be stored, so that it came before a page and is not on it."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a view, and whether another follows."""

    rows: list[Row]
    number: int
    more: bool


def page(
    choice: Choice,
    now: dt.datetime,
    zone: ZoneInfo,
    me: uuid.UUID | None = None,
    number: int = 1,
) -> Page:
    """One page of a choice: the most pressing first, and the longest waiting of those.

    Today's visits come in their own order, and everything newest first. Raises KeyError for a
    view that does not exist.
    """
    number = min(max(1, number), LAST_PAGE)
    start = (number - 1) * PAGE_SIZE
    values = parts.values(now, zone, me, choice)
    values |= {"start": start, "end": start + PAGE_SIZE + 1}
    found = db.session.scalars(_page_of(choice), values).all()
    return Page(rows_of(found[:PAGE_SIZE]), number, len(found) > PAGE_SIZE)


def next_call() -> dt.datetime | None:
    """When the next call back falls due."""
    due = (
        sa.select(parts.DUE)
        .join(ServiceRequest, ServiceRequest.id == ContactAttempt.request_id)
        .where(parts.DUE.is_not(None), ServiceRequest.status.in_(parts.UNFINISHED))
        .order_by(parts.DUE)
        .limit(1)
    )
    return db.session.scalar(due)


def who_looks(
    request_ids: Sequence[uuid.UUID], but: uuid.UUID, now: dt.datetime
) -> dict[uuid.UUID, list[tuple[str, dt.datetime]]]:
    """Who else has one of these requests open: name and time, by request."""
    return _who_looks(db.session, request_ids, but, now) if request_ids else {}


def arrivals(since: dt.datetime, *, for_doctors: bool = False) -> list[tuple[str, bool]]:
    """What became the clinic's turn since then: its reference, and whether it is an emergency.

    Emergencies first, at most `MOST_NEW` of each status and level. What came within `SLACK`
    before counts, too: the page may just have missed it.
    """
    statuses = (lifecycle.WITH_DOCTOR,) if for_doctors else parts.UNFINISHED[:2]
    found = db.session.execute(_arriving(statuses), {"since": since - SLACK})
    return [(reference, level is Level.emergency) for reference, level in found]


@functools.lru_cache(maxsize=256)
def _page_of(choice: Choice) -> sa.Select[ServiceRequest]:
    start = sa.bindparam("start", type_=sa.Integer())
    return parts.listing(choice).offset(start).limit(PAGE_SIZE + 1)


@functools.cache
def _arriving(statuses: tuple[str, ...]) -> sa.Select[Any]:
    since = sa.bindparam("since", type_=UtcDateTime())
    newest = (
        sa.select(ServiceRequest.reference, ServiceRequest.level)
        .where(ServiceRequest.status == status, ServiceRequest.level == level)
        .where(ServiceRequest.waiting_since > since)
        .order_by(ServiceRequest.waiting_since.desc())
        .limit(MOST_NEW)
        .subquery()
        for status in statuses
        for level in Level
    )
    merged = sa.union_all(*(sa.select(each) for each in newest)).subquery()
    return sa.select(merged).order_by(merged.c.level.desc(), merged.c.reference)
