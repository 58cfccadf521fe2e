"""Finding a stored request by its reference, alone or with everything that belongs to it."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, scoped_session, selectinload

from app.domain.errors import NotFound
from app.records.schedule import Appointment
from app.records.service_request import ContactAttempt, Note, ServiceRequest, StatusChange, Triage

_WHOLE: Final = (
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
    locking = _request(reference).with_for_update().execution_options(populate_existing=True)
    return _only(locking, session)


def whole_request(reference: str, session: scoped_session[Any]) -> ServiceRequest:
    """The same with answers, decisions, history, calls, notes and visits, in few queries."""
    return _only(_request(reference).options(*_WHOLE), session)


def _request(reference: str) -> sa.Select[ServiceRequest]:
    return sa.select(ServiceRequest).where(ServiceRequest.reference == reference)


def _only(statement: sa.Select[ServiceRequest], session: scoped_session[Any]) -> ServiceRequest:
    request = session.scalar(statement)
    if request is None:
        raise NotFound
    return request
