"""Duplicates: requests that may be the same person's are shown, and a person links them.

Nothing is linked by itself, and nothing is dropped: a case of several requests shows all of them.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.orm import scoped_session

from app.domain.errors import NotAllowedNow
from app.records import audit, db, transaction
from app.records.alike import Alike, alike
from app.records.linked import in_order, locked_case, others_of, take_turns
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.records.task import POSSIBLE_DUPLICATE, end_tasks
from app.records.types import new_id

__all__ = ["Alike", "in_order", "link", "may_be", "others", "unlink"]


def may_be(request: ServiceRequest, now: dt.datetime) -> list[Alike]:
    """The requests that may be the same person's, the likeliest first, with what speaks for it."""
    return alike(db.session, request, now)


def others(request: ServiceRequest) -> list[ServiceRequest]:
    """The other requests of its case, whole, the leading one first."""
    return others_of(request, db.session)


def link(
    reference: str, other: str, version: int, by: Practitioner, now: dt.datetime
) -> ServiceRequest:
    """Make two requests one case; the requests that were linked with either come along.

    Only what they belong to changes: no level, status, clock, alarm or visit. Raises NotFound,
    AlreadyChanged, and NotAllowedNow for a request with itself.
    """
    with transaction() as session:
        take_turns(session)
        mine = locked_case(reference, session)
        theirs = locked_case(other, session)
        request = mine[0]
        if request.id == theirs[0].id:
            raise NotAllowedNow("request", request.status, "link")
        if theirs[0] not in mine:
            request.expect(version)
            _join(session, mine, theirs, by, now)
    return request


def unlink(reference: str, version: int, by: Practitioner, now: dt.datetime) -> ServiceRequest:
    """Take a request out of its case; the history of each keeps that they were linked.

    Raises NotFound, AlreadyChanged, and NotAllowedNow for a request that is alone.
    """
    with transaction() as session:
        take_turns(session)
        request, *left = locked_case(reference, session)
        request.expect(version)
        if not left:
            raise NotAllowedNow("request", request.status, "unlink")
        request.case_id = None
        if len(left) == 1:
            left[0].case_id = None
        _remember(session, "unlink", [request], left, by, now)
        _remember(session, "unlink", left, [request], by, now)
    return request


def _join(
    session: scoped_session[Any],
    mine: Sequence[ServiceRequest],
    theirs: Sequence[ServiceRequest],
    by: Practitioner,
    now: dt.datetime,
) -> None:
    case = mine[0].case_id or theirs[0].case_id or new_id()
    for each in (*mine, *theirs):
        each.case_id = case
    _remember(session, "link", mine, theirs, by, now)
    _remember(session, "link", theirs, mine, by, now)
    members = [str(each.id) for each in (*mine, *theirs)]
    end_tasks(session, POSSIBLE_DUPLICATE, members, "linked", now)


def _remember(
    session: scoped_session[Any],
    event: str,
    requests: Iterable[ServiceRequest],
    with_: Sequence[ServiceRequest],
    by: Practitioner,
    now: dt.datetime,
) -> None:
    """A line of history in each of them that names the others."""
    names = ", ".join(other.reference for other in in_order(with_))
    for each in requests:
        each.remember(event, each.status, now, by, names)
        audit.remember(session, event, now, by.id, each.id)
