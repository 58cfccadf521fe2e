"""Who sees to a request. It changes nothing that others decide on, so their forms stay valid."""

import datetime as dt
import uuid
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import scoped_session

from app.domain.errors import AlreadyChanged, NotFound
from app.records import audit, transaction
from app.records.lookup import locked_request
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner

CLAIM, ASSIGN, UNASSIGN = "claim", "assign", "unassign"
TO_WHOM: Final = "To {}"


def assign(
    reference: str,
    to: uuid.UUID | None,
    seen: uuid.UUID | None,
    by: Practitioner,
    now: dt.datetime,
) -> ServiceRequest:
    """Give a request to oneself, to a colleague, or back to everybody.

    `seen` is whose it was on the page. Raises AlreadyChanged when it is another's by now, and
    NotFound, also for a colleague who does not work here.
    """
    with transaction() as session:
        request = locked_request(reference, session)
        if request.assigned_to_id not in (seen, to):
            raise AlreadyChanged
        give(session, request, colleague(session, to), by, now)
    return request


def colleague(session: scoped_session[Any], to: uuid.UUID | None) -> Practitioner | None:
    """Somebody who works here, or nobody; raises NotFound."""
    if to is None:
        return None
    person = session.get(Practitioner, to)
    if person is None or not person.active:
        raise NotFound
    return person


def give(
    session: scoped_session[Any],
    request: ServiceRequest,
    to: Practitioner | None,
    by: Practitioner,
    now: dt.datetime,
) -> None:
    """Write it down, with its history and audit; nothing when it is theirs already."""
    if request.assigned_to_id == (to.id if to else None):
        return
    # Past the record, so that its version stays.
    session.execute(
        sa.update(ServiceRequest)
        .where(ServiceRequest.id == request.id)
        .values(assigned_to_id=to.id if to else None)
    )
    event = UNASSIGN if to is None else CLAIM if to.id == by.id else ASSIGN
    note = TO_WHOM.format(to.name) if to and event == ASSIGN else None
    request.remember(event, request.status, now, by, note)
    audit.remember(session, event, now, by.id, request.id)
