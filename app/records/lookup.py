"""Finding a stored request by its reference, alone or with everything that belongs to it.

It is always read afresh, so that nobody decides on what the same session saw before.
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, scoped_session, selectinload

from app.domain.errors import NotFound
from app.records.contact import ContactAttempt, Note
from app.records.schedule import Appointment
from app.records.search_term import SearchTerm
from app.records.service_request import ServiceRequest, StatusChange, Triage

WHOLE: Final = (
    joinedload(ServiceRequest.acknowledged_by),
    selectinload(ServiceRequest.responses),
    selectinload(ServiceRequest.triages).joinedload(Triage.by),
    selectinload(ServiceRequest.history).joinedload(StatusChange.by),
    selectinload(ServiceRequest.attempts).joinedload(ContactAttempt.by),
    selectinload(ServiceRequest.notes).joinedload(Note.by),
    selectinload(ServiceRequest.appointments).joinedload(Appointment.practitioner),
)


def request_with(reference: str, session: scoped_session[Any]) -> ServiceRequest:
    """The request with that reference; raises NotFound."""
    return _only(_request(reference), session)


def locked_request(reference: str, session: scoped_session[Any]) -> ServiceRequest:
    """The same; whoever else wants to change it waits until this transaction ends."""
    return _only(_request(reference).with_for_update(), session)


def whole_request(reference: str, session: scoped_session[Any]) -> ServiceRequest:
    """The same with answers, decisions, history, calls, notes and visits, in few queries."""
    return _only(_request(reference).options(*WHOLE), session)


def index(session: scoped_session[Any], request: ServiceRequest) -> None:
    """Make a stored request findable under what is known of the person now, and nothing older."""
    session.execute(sa.delete(SearchTerm).where(SearchTerm.request_id == request.id))
    session.add_all(SearchTerm(request_id=request.id, term=term) for term in request.found_by())


def _request(reference: str) -> sa.Select[ServiceRequest]:
    if "\0" in reference:
        # PostgreSQL cannot even be asked for it.
        raise NotFound
    found = sa.select(ServiceRequest).where(ServiceRequest.reference == reference)
    return found.execution_options(populate_existing=True)


def _only(statement: sa.Select[ServiceRequest], session: scoped_session[Any]) -> ServiceRequest:
    request = session.scalar(statement)
    if request is None:
        raise NotFound
    return request
