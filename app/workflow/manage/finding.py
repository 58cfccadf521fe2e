"""Finding a request by the secret of its page, and who has opened it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, scoped_session, selectinload

from app.domain.errors import LinkEnded
from app.records import db
from app.records.audit import AuditEvent
from app.records.link import RequestLink, hash_of, link_of
from app.records.lookup import locked_request
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody of the clinic looked at a request: in which role, and when."""

    role: str
    at: dt.datetime


def find(token: str, now: dt.datetime) -> RequestLink:
    """The open page of that secret; raises LinkEnded for every other, whatever it is.

    It is looked up by the hash alone, so that the time it takes tells nothing of the secret.
    """
    return _open(db.session, token, now)


def held(
    session: scoped_session[Any], token: str, now: dt.datetime
) -> tuple[RequestLink, ServiceRequest]:
    """The same with its request, in the caller's transaction: whoever comes next waits."""
    link = _open(session, token, now)
    return link, locked_request(link.request.reference, session)


def _open(session: scoped_session[Any], token: str, now: dt.datetime) -> RequestLink:
    whole = joinedload(RequestLink.request)
    link = session.scalar(
        sa.select(RequestLink)
        .where(RequestLink.token_hash == hash_of(token))
        .options(
            whole.selectinload(ServiceRequest.history),
            whole.selectinload(ServiceRequest.appointments).joinedload(Appointment.practitioner),
            whole.options(selectinload(ServiceRequest.triages)),
        )
        .execution_options(populate_existing=True)
    )
    if link is None or not link.is_open(now):
        raise LinkEnded
    return link


def address(request: ServiceRequest, now: dt.datetime) -> str | None:
    """The secret under which this request's page is open now; None when it is not."""
    link = link_of(request, db.session)
    return link.token if link and link.is_open(now) else None


def is_shut(request: ServiceRequest) -> bool:
    """Whether somebody who got the address said "this was not me", and no new one was given."""
    link = link_of(request, db.session)
    return link is not None and link.ended_at is not None


def openings(request: ServiceRequest) -> list[Opening]:
    """Every time that somebody of the clinic opened the request, oldest first."""
    rows = db.session.execute(
        sa.select(Practitioner.role, AuditEvent.at)
        .join(Practitioner, Practitioner.id == AuditEvent.actor_id)
        .where(AuditEvent.request_id == request.id, AuditEvent.action == "open")
        .order_by(AuditEvent.number)
    )
    return [Opening(role, at) for role, at in rows]
