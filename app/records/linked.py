"""Requests that a person has linked are one case: which of them leads, and which stands behind.

Linking changes nothing about any of them: each keeps its level, status, clock, alarms and visit.
See `docs/decisions/0011-a-case-of-several-requests.md`.
"""

import uuid
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, scoped_session

from app.domain import lifecycle
from app.domain.errors import NotFound
from app.records.lookup import WHOLE
from app.records.service_request import ServiceRequest

CASES_LOCK: Final = 7_031_007

_OTHER: Final = aliased(ServiceRequest)
_LEADS: Final = sa.or_(
    _OTHER.level > ServiceRequest.level,
    sa.and_(_OTHER.level == ServiceRequest.level, _OTHER.created_at < ServiceRequest.created_at),
    sa.and_(
        _OTHER.level == ServiceRequest.level,
        _OTHER.created_at == ServiceRequest.created_at,
        _OTHER.id < ServiceRequest.id,
    ),
)
# What nobody has taken may stand behind nothing but what nobody has taken.
_AS_LOUD: Final = sa.or_(
    ServiceRequest.status != lifecycle.WITH_DOCTOR,
    ServiceRequest.acknowledged_at.is_not(None),
    _OTHER.acknowledged_at.is_(None),
)
BEHIND: Final = sa.and_(
    ServiceRequest.case_id.is_not(None),
    sa.exists().where(
        _OTHER.case_id == ServiceRequest.case_id,
        _OTHER.status == ServiceRequest.status,
        _LEADS,
        _AS_LOUD,
    ),
)
"""Another request of its case has the same turn and leads: lists of that turn show only that."""


def others_of(request: ServiceRequest, session: scoped_session[Any]) -> list[ServiceRequest]:
    """The other requests of its case, whole, the leading first; no query for one that is alone."""
    if request.case_id is None:
        return []
    found = session.scalars(
        sa.select(ServiceRequest)
        .where(ServiceRequest.case_id == request.case_id, ServiceRequest.id != request.id)
        .options(*WHOLE)
        .execution_options(populate_existing=True)
    )
    return in_order(found.all())


def in_order(requests: Sequence[ServiceRequest]) -> list[ServiceRequest]:
    """The leading first: what is open, then the highest level, then the oldest."""
    return sorted(requests, key=_place)


def _place(request: ServiceRequest) -> tuple[Any, ...]:
    closed = request.status == lifecycle.CLOSED
    return closed, -request.level, request.created_at, request.id


def locked_case(reference: str, session: scoped_session[Any]) -> list[ServiceRequest]:
    """The request with that reference, and then the others of its case, all of them locked.

    They are locked in the order of their ids, so that two who lock the same case do not wait for
    each other. Raises NotFound.
    """
    if "\0" in reference:
        raise NotFound
    named = sa.select(ServiceRequest).where(ServiceRequest.reference == reference).subquery()
    ids = sa.union(
        sa.select(named.c.id),
        sa.select(_OTHER.id).join(named, named.c.case_id == _OTHER.case_id),
    )
    found = session.scalars(
        sa.select(ServiceRequest)
        .where(ServiceRequest.id.in_(ids))
        .order_by(ServiceRequest.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if not found:
        raise NotFound
    return sorted(found, key=lambda each: each.reference != reference)


def sizes_of(cases: set[uuid.UUID], session: scoped_session[Any]) -> dict[uuid.UUID, int]:
    """How many requests each case has."""
    counted = sa.select(ServiceRequest.case_id, sa.func.count()).where(
        ServiceRequest.case_id.in_(cases)
    )
    rows = session.execute(counted.group_by(ServiceRequest.case_id))
    return {case: number for case, number in rows if case}


def take_turns(session: scoped_session[Any]) -> None:
    """Let one person at a time link or unlink: whoever comes next sees the case as it is then."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(CASES_LOCK)))
