"""Acts on several requests at once: only such as can do no harm, and none on an emergency."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import scoped_session

from app.domain import lifecycle
from app.domain.errors import EmergencyInBulk, NotFound
from app.domain.level import Level
from app.records import audit, transaction
from app.records.rows import PAGE_SIZE, Row, rows_of
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow.queue.acts import keep_call
from app.workflow.queue.assigning import colleague, give

PRINT, EXPORT = "print", "export"
NO_ANSWER: Final = "no-answer"


@dataclass(frozen=True, slots=True)
class Done:
    """How many requests an act reached, and the references of those that it left as they are."""

    number: int
    left: tuple[str, ...] = ()


def assign_all(
    references: Iterable[str], to: uuid.UUID | None, by: Practitioner, now: dt.datetime
) -> Done:
    """Give them to oneself, to a colleague, or back to everybody.

    What another colleague sees to stays there, unless the manager decides. Raises
    EmergencyInBulk and NotFound.
    """
    with transaction() as session:
        found = _all_of(session, references)
        person = colleague(session, to)
        free = [r for r in found if by.role == "manager" or r.assigned_to_id in (None, by.id, to)]
        for request in free:
            give(session, request, person, by, now)
    return Done(len(free), tuple(r.reference for r in found if r not in free))


def nobody_answered(references: Iterable[str], by: Practitioner, now: dt.datetime) -> Done:
    """Keep a call that nobody answered for each; the next one falls due by its level.

    Closed requests are left as they are, and so is what is linked with an open emergency: a call
    counts for the whole case. Raises EmergencyInBulk and NotFound.
    """
    with transaction() as session:
        found = _all_of(session, references)
        alarming = _cases_with_an_emergency(session, found)
        called = [r for r in found if r.status != lifecycle.CLOSED and r.case_id not in alarming]
        for request in called:
            keep_call(session, request, NO_ANSWER, by, now)
    return Done(len(called), tuple(r.reference for r in found if r not in called))


def take_out(references: Iterable[str], how: str, by: Practitioner, now: dt.datetime) -> list[Row]:
    """The requests for a printed list or a file, with an audit line of each that left the house.

    In the order given. Raises EmergencyInBulk and NotFound.
    """
    wanted = list(dict.fromkeys(references))
    with transaction() as session:
        found = _all_of(session, wanted)
        rows = rows_of(found)
        for request in found:
            audit.remember(session, how, now, by.id, request.id)
    return sorted(rows, key=lambda row: wanted.index(row.request.reference))


def _cases_with_an_emergency(
    session: scoped_session[Any], requests: Iterable[ServiceRequest]
) -> set[uuid.UUID | None]:
    cases = {request.case_id for request in requests if request.case_id}
    if not cases:
        return set()
    emergencies = sa.select(ServiceRequest.case_id).where(
        ServiceRequest.case_id.in_(cases),
        ServiceRequest.level == Level.emergency,
        ServiceRequest.status != lifecycle.CLOSED,
    )
    return set(session.scalars(emergencies))


def _all_of(session: scoped_session[Any], references: Iterable[str]) -> Sequence[ServiceRequest]:
    """All of them, locked, in the order in which everybody locks them."""
    wanted = set(references)
    # PostgreSQL cannot even be asked for a NUL.
    if not 0 < len(wanted) <= PAGE_SIZE or any("\0" in each for each in wanted):
        raise NotFound
    found = session.scalars(
        sa.select(ServiceRequest)
        .where(ServiceRequest.reference.in_(wanted))
        .order_by(ServiceRequest.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if len(found) < len(wanted):
        raise NotFound
    if emergencies := [r.reference for r in found if r.level is Level.emergency]:
        raise EmergencyInBulk(emergencies)
    return found
