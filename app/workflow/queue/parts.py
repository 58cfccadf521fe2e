"""What the views of the queue are made of: conditions with places for their values.

No list reads more than a page from the table of requests, however many there are: every view
walks an index in its own order. The statements are built once.
"""

import datetime as dt
import functools
import uuid
from collections.abc import Iterator
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.domain import lifecycle
from app.domain.level import Level
from app.records.contact import ContactAttempt
from app.records.crypto import keyring
from app.records.linked import BEHIND
from app.records.rows import STANDING
from app.records.schedule import Appointment
from app.records.search_term import SearchTerm
from app.records.service_request import ServiceRequest
from app.records.types import UtcDateTime
from app.workflow.queue.choice import NEWEST, Choice

MOST_LISTED: Final = 1000
MOST_SEEN: Final = 2000
"""How many requests are looked through for what no index knows, such as a language."""
UNFINISHED: Final = (lifecycle.WITH_DOCTOR, lifecycle.WITH_DESK, lifecycle.WITH_PATIENT)

Conditions = tuple[sa.ColumnElement[bool], ...]

NOW, MIDNIGHT, TOMORROW = (
    sa.bindparam(name, type_=UtcDateTime()) for name in ("now", "midnight", "tomorrow")
)
ME: Final = sa.bindparam("me", type_=sa.Uuid())
END: Final = sa.bindparam("end", type_=sa.Integer())
DUE: Final = ContactAttempt.next_due_at
EMERGENCY: Final = ServiceRequest.level == Level.emergency
WITH_DOCTOR: Final = ServiceRequest.status == lifecycle.WITH_DOCTOR


def called(*when: sa.ColumnElement[bool]) -> Conditions:
    """Unfinished, and a next call is due.

    The database begins with the few calls: they are limited, and a status that is no bare column
    offers it no index to begin with instead.
    """
    calls = sa.select(ContactAttempt.request_id).where(*when).order_by(DUE).limit(MOST_LISTED)
    return (ServiceRequest.id.in_(calls), (ServiceRequest.status + "").in_(UNFINISHED))


NOT_REACHED: Final = called(DUE.is_not(None))
CALL_TODAY: Final = called(DUE < TOMORROW)
VISITS_TODAY: Final = (
    Appointment.starts_at >= MIDNIGHT,
    Appointment.starts_at < TOMORROW,
    Appointment.status.in_(STANDING),
)
_PUT_OFF: Final = sa.exists().where(ContactAttempt.request_id == ServiceRequest.id, DUE > NOW)
_WAITS_FOR_DESK: Final = (
    ServiceRequest.status == lifecycle.WITH_DESK,
    sa.or_(ServiceRequest.level >= Level.urgent, ~_PUT_OFF),
    ~BEHIND,
)
NOT_TAKEN: Final = (WITH_DOCTOR, ServiceRequest.acknowledged_at.is_(None), ~BEHIND)
OF: Final[dict[str, tuple[Conditions, ...]]] = {
    "needs-action": (_WAITS_FOR_DESK, NOT_TAKEN),
    "mine": tuple(
        (ServiceRequest.assigned_to_id == ME, ServiceRequest.status == status)
        for status in UNFINISHED
    ),
    "call-back-today": (CALL_TODAY,),
    "no-answer": (NOT_REACHED,),
    "with-doctor": ((WITH_DOCTOR, ~BEHIND),),
}
"""The parts of each view that goes by level; no request is in two of one view."""

STATUSES: Final = {
    "needs-action": (lifecycle.WITH_DESK, lifecycle.WITH_DOCTOR),
    "mine": UNFINISHED,
    "with-doctor": (lifecycle.WITH_DOCTOR,),
}
"""The status of each of these parts, where it has only one."""


def values(
    now: dt.datetime, zone: ZoneInfo, me: uuid.UUID | None, *choices: Choice
) -> dict[str, Any]:
    """What the places stand for: this instant, the clinic's midnights around it, and who asks."""
    today = now.astimezone(zone).date()
    days = (today, today + dt.timedelta(days=1))
    midnight, tomorrow = (dt.datetime.combine(day, dt.time(), zone) for day in days)
    spoken = {each.speaks for each in choices if each.speaks}
    terms = {_place(speaks): keyring().blind("speaks", speaks) for speaks in spoken}
    return {"now": now, "midnight": midnight, "tomorrow": tomorrow, "me": me, **terms}


@functools.lru_cache(maxsize=256)
def listing(choice: Choice) -> sa.Select[ServiceRequest]:
    """The requests of a choice in their order, with a place for the `end` of what is read."""
    if choice.view == "all":
        return _newest(choice)
    if choice.view == "visits-today":
        return _visits(choice)
    return _most_pressing(choice)


def _newest(choice: Choice) -> sa.Select[ServiceRequest]:
    arrived, status = ServiceRequest.created_at.desc(), _of_status(choice)
    found = sa.select(ServiceRequest).where(*status).order_by(arrived)
    one_by_one = (*_of_level(choice), *_one_by_one(choice))
    if not one_by_one:
        return found
    first = sa.select(ServiceRequest.id).where(*status).order_by(arrived).limit(MOST_SEEN)
    seen = first.subquery()
    return found.join(seen, seen.c.id == ServiceRequest.id).where(*one_by_one)


def _visits(choice: Choice) -> sa.Select[ServiceRequest]:
    columns = (Appointment.request_id, Appointment.starts_at)
    today = sa.select(*columns).where(*VISITS_TODAY).order_by(Appointment.starts_at)
    # Limited, so that the database begins with the day and not with the requests.
    visits = today.limit(MOST_LISTED).subquery()
    joined = sa.select(ServiceRequest).join(visits, visits.c.request_id == ServiceRequest.id)
    chosen = (*_of_status(choice), *_of_level(choice), *_one_by_one(choice))
    return joined.where(*chosen).order_by(visits.c.starts_at)


def _most_pressing(choice: Choice) -> sa.Select[ServiceRequest]:
    """Merge the beginnings of several lists, each read in the order of its index."""
    newest, one_by_one = choice.sort == NEWEST, tuple(_one_by_one(choice))
    columns = (ServiceRequest.id, ServiceRequest.level, ServiceRequest.waiting_since)
    since = ServiceRequest.waiting_since
    order = (since.desc(),) if newest else (ServiceRequest.level.desc(), since)
    end = MOST_SEEN if one_by_one else END
    begun = (
        sa.select(*columns).where(*part).order_by(*order).limit(end)
        for part in _parts(choice, each_level=newest)
    )
    merged = sa.union_all(*(sa.select(part.subquery()) for part in begun)).subquery()
    waiting = merged.c.waiting_since
    return (
        sa.select(ServiceRequest)
        .join(merged, merged.c.id == ServiceRequest.id)
        .where(*one_by_one)
        .order_by(merged.c.level.desc(), waiting.desc() if newest else waiting)
    )


def _parts(choice: Choice, *, each_level: bool) -> list[Conditions]:
    """The parts of a view, as far as the choice has any of them.

    An index that is read backwards turns the levels round, too: then each level by itself.
    """
    found = [(*part, *_of_level(choice)) for part in OF[choice.view]]
    if choice.status is not None:
        # A status that a part has already would be compared with every request of the other.
        known = STATUSES.get(choice.view)
        if known is None:
            found = [(*part, *_of_status(choice)) for part in found]
        else:
            pairs = zip(known, found, strict=True)
            found = [part for status, part in pairs if status == choice.status]
    if each_level and choice.level is None:
        found = [(*part, ServiceRequest.level == level) for part in found for level in Level]
    # Nothing has an empty reference, and an index knows.
    return found or [(ServiceRequest.reference == "",)]


def _of_level(choice: Choice) -> Conditions:
    return (ServiceRequest.level == choice.level,) if choice.level is not None else ()


def _of_status(choice: Choice) -> Conditions:
    return (ServiceRequest.status == choice.status,) if choice.status is not None else ()


def _one_by_one(choice: Choice) -> Iterator[sa.ColumnElement[bool]]:
    """What no index of a list knows."""
    if choice.wants is not None:
        yield ServiceRequest.wanted == choice.wants
    if choice.speaks is not None:
        term = sa.bindparam(_place(choice.speaks), type_=sa.LargeBinary())
        yield sa.exists().where(SearchTerm.term == term, SearchTerm.request_id == ServiceRequest.id)


def _place(speaks: str) -> str:
    return f"speaks_{speaks}"
