"""Who hears an alarm, and what it says; None for what somebody has taken meanwhile.

Who is on call is looked up when the alarm goes out. Where the roster has a gap, every doctor hears
it: an alarm that reaches nobody would be worse than one that reaches many.
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from app.domain import lifecycle
from app.domain import roster as rank
from app.domain.escalation import FIRST, MANAGERS
from app.records import db
from app.records.outbox import Message
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.words import RECEIVERS
from app.workflow import outbox, roster


def receivers(to: str, now: dt.datetime) -> list[Practitioner]:
    """The people of the clinic whom a message is for, at that instant."""
    kind, _, which = to.partition(":")
    if kind == "staff":
        person = db.session.get(Practitioner, uuid.UUID(which))
        return [person] if person and person.active else []
    doctors, on_call = roster.doctors(), roster.on_call(now)
    managers = _managers() or doctors
    if to == MANAGERS:
        return managers
    first = on_call.get(rank.FIRST)
    if to == FIRST:
        return [first] if first else doctors
    second = on_call.get(rank.SECOND)
    others = [doctor for doctor in doctors if doctor != first]
    return [second] if second else others or managers


def to_doctors(
    leased: outbox.Leased, request: ServiceRequest, now: dt.datetime
) -> dict[str, Any] | None:
    """While nobody has taken the case."""
    if request.status != lifecycle.WITH_DOCTOR or request.acknowledged_at:
        return None
    return _told(leased, now)


def to_desk(
    leased: outbox.Leased, request: ServiceRequest, now: dt.datetime
) -> dict[str, Any] | None:
    """While nobody has called since it began to wait."""
    called = any(call.at >= request.waiting_since for call in request.attempts)
    if request.status != lifecycle.WITH_DESK or called:
        return None
    return _told(leased, now)


def to_desk_for_doctor(
    leased: outbox.Leased, request: ServiceRequest, now: dt.datetime
) -> dict[str, Any] | None:
    """While the desk has not answered the doctor."""
    return _told(leased, now) if request.asked_at else None


def _told(leased: outbox.Leased, now: dt.datetime) -> dict[str, Any]:
    following = _next(leased)
    return {
        "others": list(_others(leased, now)),
        "next_at": max(following[0].due_at, now) if following else None,
        "next": [RECEIVERS[_part(message.to)] for message in following],
    }


def _others(leased: outbox.Leased, now: dt.datetime) -> Iterator[str]:
    """Who gets the same alarm: people by name, the desk as the desk."""
    together = _people(leased.to, now)
    mine = {person.id for person in together}
    if len(together) > 1:
        yield from (each.name for each in together)
    for message in _of_step(leased, Message.occurrence == leased.occurrence):
        if message.to == leased.to:
            continue
        if _part(message.to) == "desk":
            yield RECEIVERS["desk"]
        yield from (each.name for each in _people(message.to, now) if each.id not in mine)


def _next(leased: outbox.Leased) -> Sequence[Message]:
    """The alarms that follow if nobody takes it."""
    waiting = (Message.occurrence > leased.occurrence, Message.status == "waiting")
    later = _of_step(leased, *waiting)
    return [each for each in later if each.occurrence == later[0].occurrence]


def _of_step(leased: outbox.Leased, *which: sa.ColumnElement[bool]) -> Sequence[Message]:
    return db.session.scalars(
        sa.select(Message)
        .where(Message.request_id == leased.request_id, Message.kind == leased.kind, *which)
        .order_by(Message.occurrence, Message.id)
    ).all()


def _people(to: str, now: dt.datetime) -> list[Practitioner]:
    return [] if _part(to) == "desk" else receivers(to, now)


def _part(to: str) -> str:
    return "desk" if to.startswith("desk:") else to


def _managers() -> list[Practitioner]:
    found = sa.select(Practitioner).where(Practitioner.role == "manager", Practitioner.active)
    return list(db.session.scalars(found.order_by(Practitioner.name)))
