"""The lists of the desk: a page of each view, and how much waits in each.

No list reads more than a page from the table of requests, however many there are: every view
walks an index in its own order, and counting stops at a hundred. The statements are built once,
with places for the values.
"""

import datetime as dt
import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.domain import lifecycle
from app.domain.level import Level
from app.records import db
from app.records.contact import ContactAttempt
from app.records.linked import BEHIND
from app.records.outbox import Message
from app.records.rows import PAGE_SIZE, STANDING, Row, rows_of
from app.records.schedule import Appointment, Waitlist
from app.records.service_request import ServiceRequest
from app.records.task import Task
from app.records.types import LevelType, UtcDateTime
from app.workflow import outbox

LAST_PAGE: Final = 200
MOST_COUNTED: Final = 99
MOST_LISTED: Final = 1000
LATE_MAIL: Final = dt.timedelta(minutes=5)
VIEWS: Final = (
    "needs-action",
    "call-back-today",
    "no-answer",
    "with-doctor",
    "visits-today",
    "all",
)
UNFINISHED: Final = (lifecycle.WITH_DOCTOR, lifecycle.WITH_DESK, lifecycle.WITH_PATIENT)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much waits where; a number above `MOST_COUNTED` means "more than that"."""

    needs_action: int
    emergencies: int
    call_back_today: int
    no_answer: int
    with_doctor: int
    unacknowledged: int
    visits_today: int
    undelivered: int
    offers: int
    problems: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a view, and whether another follows."""

    rows: list[Row]
    number: int
    more: bool


def capped(number: int) -> str:
    """A count as it is shown: 14, or 99+."""
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number)


def count(now: dt.datetime, zone: ZoneInfo) -> Counts:
    """Count every view in one query."""
    values = {**_days(now, zone), "late": now - LATE_MAIL + outbox.GIVE_UP}
    return Counts(**db.session.execute(_counting(), values).one()._asdict())


def page(
    view: str,
    now: dt.datetime,
    zone: ZoneInfo,
    *,
    level: Level | None = None,
    language: str | None = None,
    number: int = 1,
) -> Page:
    """One page of a view: the most pressing first, and the longest waiting of those.

    Today's visits come in their own order, and everything newest first. Raises KeyError for a
    view that does not exist.
    """
    number = min(max(1, number), LAST_PAGE)
    start = (number - 1) * PAGE_SIZE
    values = _days(now, zone) | {"level": level, "language": language}
    values |= {"start": start, "end": start + PAGE_SIZE + 1}
    statement = _listing(view, level is not None, language is not None)
    found = db.session.scalars(statement, values).all()
    return Page(rows_of(found[:PAGE_SIZE]), number, len(found) > PAGE_SIZE)


def next_call() -> dt.datetime | None:
    """When the next call back falls due."""
    due = (
        sa.select(_DUE)
        .join(ServiceRequest, ServiceRequest.id == ContactAttempt.request_id)
        .where(_DUE.is_not(None), ServiceRequest.status.in_(UNFINISHED))
        .order_by(_DUE)
        .limit(1)
    )
    return db.session.scalar(due)


Conditions = tuple[sa.ColumnElement[bool], ...]

_NOW, _MIDNIGHT, _TOMORROW, _LATE = (
    sa.bindparam(name, type_=UtcDateTime()) for name in ("now", "midnight", "tomorrow", "late")
)
_LEVEL: Final = ServiceRequest.level == sa.bindparam("level", type_=LevelType())
_LANGUAGE: Final = ServiceRequest.language == sa.bindparam("language", type_=sa.Text())
_EMERGENCY: Final = ServiceRequest.level == Level.emergency

_WITH_DOCTOR: Final = ServiceRequest.status == lifecycle.WITH_DOCTOR
_DUE: Final = ContactAttempt.next_due_at


def _called(*when: sa.ColumnElement[bool]) -> Conditions:
    """Unfinished, and a next call is due.

    The database begins with the few calls: they are limited, and a status that is no bare column
    offers it no index to begin with instead.
    """
    calls = sa.select(ContactAttempt.request_id).where(*when).order_by(_DUE).limit(MOST_LISTED)
    return (ServiceRequest.id.in_(calls), (ServiceRequest.status + "").in_(UNFINISHED))


_NOT_REACHED: Final = _called(_DUE.is_not(None))
_CALL_TODAY: Final = _called(_DUE < _TOMORROW)
_VISITS_TODAY: Final = (
    Appointment.starts_at >= _MIDNIGHT,
    Appointment.starts_at < _TOMORROW,
    Appointment.status.in_(STANDING),
)
# Offers are made to who waits, so the database begins with the short waiting list.
_OFFERED: Final = (
    Appointment.request_id.in_(sa.select(Waitlist.request_id)),
    Appointment.status == "held",
    Appointment.held_until > _NOW,
)
_PUT_OFF: Final = sa.exists().where(ContactAttempt.request_id == ServiceRequest.id, _DUE > _NOW)
_WAITS_FOR_DESK: Final = (
    ServiceRequest.status == lifecycle.WITH_DESK,
    sa.or_(ServiceRequest.level >= Level.urgent, ~_PUT_OFF),
    ~BEHIND,
)
_NOT_TAKEN: Final = (_WITH_DOCTOR, ServiceRequest.acknowledged_at.is_(None), ~BEHIND)
_PARTS: Final[dict[str, tuple[Conditions, ...]]] = {
    "needs-action": (_WAITS_FOR_DESK, _NOT_TAKEN),
    "call-back-today": (_CALL_TODAY,),
    "no-answer": (_NOT_REACHED,),
    "with-doctor": ((_WITH_DOCTOR, ~BEHIND),),
}


def _days(now: dt.datetime, zone: ZoneInfo) -> dict[str, Any]:
    """This instant, and the clinic's midnights around it."""
    today = now.astimezone(zone).date()
    tomorrow = today + dt.timedelta(days=1)
    midnights = (dt.datetime.combine(day, dt.time(), zone) for day in (today, tomorrow))
    return {"now": now, **dict(zip(("midnight", "tomorrow"), midnights, strict=True))}


@functools.cache
def _counting() -> sa.Select[Any]:
    turns = _PARTS["needs-action"]
    late = (Message.status == "waiting", Message.give_up_at < _LATE)
    numbers = {
        "needs_action": _number(*turns),
        "emergencies": _number(*((*turn, _EMERGENCY) for turn in turns)),
        "call_back_today": _number(_CALL_TODAY),
        "no_answer": _number(_NOT_REACHED),
        "with_doctor": _number(*_PARTS["with-doctor"]),
        "unacknowledged": _number(_NOT_TAKEN),
        "visits_today": _number(_VISITS_TODAY, of=Appointment.id),
        "undelivered": _number((Message.status == "failed",), late, of=Message.id),
        "offers": _number(_OFFERED, of=Appointment.id),
        "problems": _number((Task.ended_at.is_(None),), of=Task.id),
    }
    return sa.select(*(number.label(name) for name, number in numbers.items()))


def _number(*parts: Conditions, of: Any = ServiceRequest.id) -> Any:
    """The number of rows of several parts that have none in common."""
    firsts = (sa.select(of).where(*part).limit(MOST_COUNTED + 1).subquery() for part in parts)
    numbers = (sa.select(sa.func.count()).select_from(f).scalar_subquery() for f in firsts)
    return functools.reduce(operator.add, numbers)


@functools.cache
def _listing(view: str, by_level: bool, by_language: bool) -> sa.Select[ServiceRequest]:
    """The statement of a view, with places for the values of `page`."""
    chosen = (_LEVEL,) * by_level + (_LANGUAGE,) * by_language
    request = sa.select(ServiceRequest)
    if view == "all":
        statement = request.where(*chosen).order_by(ServiceRequest.created_at.desc())
    elif view == "visits-today":
        columns = (Appointment.request_id, Appointment.starts_at)
        today = sa.select(*columns).where(*_VISITS_TODAY).order_by(Appointment.starts_at)
        # Limited, so that the database begins with the day and not with the requests.
        visits = today.limit(MOST_LISTED).subquery()
        statement = request.join(visits, visits.c.request_id == ServiceRequest.id)
        statement = statement.where(*chosen).order_by(visits.c.starts_at)
    else:
        statement = _most_pressing([(*part, *chosen) for part in _PARTS[view]])
    return statement.offset(sa.bindparam("start", type_=sa.Integer())).limit(PAGE_SIZE + 1)


def _most_pressing(parts: Sequence[Conditions]) -> sa.Select[ServiceRequest]:
    """Merge the beginnings of several lists, each read in the order of its index."""
    order = (ServiceRequest.level.desc(), ServiceRequest.waiting_since)
    columns = (ServiceRequest.id, ServiceRequest.level, ServiceRequest.waiting_since)
    end = sa.bindparam("end", type_=sa.Integer())
    begun = (sa.select(*columns).where(*part).order_by(*order).limit(end) for part in parts)
    merged = sa.union_all(*(sa.select(part.subquery()) for part in begun)).subquery()
    return (
        sa.select(ServiceRequest)
        .join(merged, merged.c.id == ServiceRequest.id)
        .order_by(merged.c.level.desc(), merged.c.waiting_since)
    )
