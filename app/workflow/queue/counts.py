"""How much waits where. Counting stops at a hundred, and every count walks an index."""

import datetime as dt
import functools
import operator
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.records import db
from app.records.outbox import Message
from app.records.schedule import Appointment, Waitlist
from app.records.service_request import ServiceRequest
from app.records.task import Task
from app.records.types import UtcDateTime
from app.workflow import outbox
from app.workflow.queue import parts
from app.workflow.queue.choice import Choice
from app.workflow.queue.parts import Conditions

MOST_COUNTED: Final = 99
LATE_MAIL: Final = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much waits where; a number above `MOST_COUNTED` means "more than that"."""

    needs_action: int
    emergencies: int
    mine: int
    call_back_today: int
    no_answer: int
    with_doctor: int
    unacknowledged: int
    visits_today: int
    undelivered: int
    offers: int
    problems: int


def capped(number: int) -> str:
    """A count as it is shown: 14, or 99+."""
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number)


def count(now: dt.datetime, zone: ZoneInfo, me: uuid.UUID | None = None) -> Counts:
    """Count every view in one query; `me` is whose requests are "mine"."""
    values = {**parts.values(now, zone, me), "late": now - LATE_MAIL + outbox.GIVE_UP}
    return Counts(**db.session.execute(_counting(), values).one()._asdict())


def count_choices(
    choices: Sequence[Choice], now: dt.datetime, zone: ZoneInfo, me: uuid.UUID
) -> list[int]:
    """Count what each of these choices would list, in one query."""
    if not choices:
        return []
    values = parts.values(now, zone, me, *choices) | {"end": MOST_COUNTED + 1}
    return list(db.session.execute(_counting_choices(tuple(choices)), values).one())


def emergencies(now: dt.datetime, zone: ZoneInfo, *, for_doctors: bool = False) -> int:
    """How many emergencies wait for the clinic, or for a doctor."""
    waiting = sa.select(_emergencies(for_doctors=for_doctors))
    return int(db.session.scalar(waiting, parts.values(now, zone, None)) or 0)


_LATE: Final = sa.bindparam("late", type_=UtcDateTime())
# Offers are made to who waits, so the database begins with the short waiting list.
_OFFERED: Final = (
    Appointment.request_id.in_(sa.select(Waitlist.request_id)),
    Appointment.status == "held",
    Appointment.held_until > parts.NOW,
)


def _emergencies(*, for_doctors: bool = False) -> Any:
    turns = (parts.NOT_TAKEN,) if for_doctors else parts.OF["needs-action"]
    return _number(*((*turn, parts.EMERGENCY) for turn in turns))


@functools.cache
def _counting() -> sa.Select[Any]:
    late = (Message.status == "waiting", Message.give_up_at < _LATE)
    numbers = {
        "needs_action": _number(*parts.OF["needs-action"]),
        "emergencies": _emergencies(),
        "mine": _number(*parts.OF["mine"]),
        "call_back_today": _number(parts.CALL_TODAY),
        "no_answer": _number(parts.NOT_REACHED),
        "with_doctor": _number(*parts.OF["with-doctor"]),
        "unacknowledged": _number(parts.NOT_TAKEN),
        "visits_today": _number(parts.VISITS_TODAY, of=Appointment.id),
        "undelivered": _number((Message.status == "failed",), late, of=Message.id),
        "offers": _number(_OFFERED, of=Appointment.id),
        "problems": _number((Task.ended_at.is_(None),), of=Task.id),
    }
    return sa.select(*(number.label(name) for name, number in numbers.items()))


@functools.lru_cache(maxsize=64)
def _counting_choices(choices: tuple[Choice, ...]) -> sa.Select[Any]:
    # Without a wish for an order, the database may stop at the first hundred.
    listed = (
        parts.listing(choice).with_only_columns(ServiceRequest.id).order_by(None)
        for choice in choices
    )
    firsts = (each.limit(MOST_COUNTED + 1).subquery() for each in listed)
    return sa.select(*(_size(first).label(f"n{place}") for place, first in enumerate(firsts)))


def _number(*either: Conditions, of: Any = ServiceRequest.id) -> Any:
    """The number of rows of several parts that have none in common."""
    firsts = (sa.select(of).where(*part).limit(MOST_COUNTED + 1).subquery() for part in either)
    return functools.reduce(operator.add, map(_size, firsts))


def _size(rows: sa.Subquery) -> Any:
    return sa.select(sa.func.count()).select_from(rows).scalar_subquery()
