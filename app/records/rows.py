"""Requests as lines of a list, with what a line shows of each."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from app.domain import lifecycle
from app.records import db
from app.records.contact import ContactAttempt
from app.records.linked import sizes_of
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest, Triage

PAGE_SIZE: Final = 50
STANDING: Final = ("booked", "arrived")
OPEN: Final = tuple(each for each in lifecycle.REQUEST_STATUSES if each != lifecycle.CLOSED)


@dataclass(frozen=True, slots=True)
class Row:
    """A request as a line of a list."""

    request: ServiceRequest
    person: dict[str, Any]
    findings: Sequence[dict[str, Any]]
    unanswered: int
    last_outcome: str | None
    call_back_at: dt.datetime | None
    visit: Appointment | None
    # Of its case, where somebody has linked several.
    requests: int = 1


_IDS: Final[sa.BindParameter[Any]] = sa.bindparam("ids", expanding=True)
_TRIAGES: Final = sa.select(Triage).where(Triage.request_id.in_(_IDS)).order_by(Triage.number)
_CALLS: Final = (
    sa.select(ContactAttempt).where(ContactAttempt.request_id.in_(_IDS)).order_by(ContactAttempt.at)
)
_VISITS: Final = sa.select(Appointment).where(
    Appointment.request_id.in_(_IDS), Appointment.status.in_(STANDING)
)


def rows_of(requests: Sequence[ServiceRequest]) -> list[Row]:
    """Requests with what a line shows of them; three queries for any number, four with a case."""
    if not requests:
        return []
    ids = {"ids": [request.id for request in requests]}
    newest = {triage.request_id: triage for triage in db.session.scalars(_TRIAGES, ids)}
    visits = {visit.request_id: visit for visit in db.session.scalars(_VISITS, ids)}
    calls = calls_of(ids["ids"])
    cases = {request.case_id for request in requests if request.case_id}
    sizes = sizes_of(cases, db.session) if cases else {}
    return [
        _row(
            request,
            newest[request.id],
            calls[request.id],
            visits.get(request.id),
            sizes.get(request.case_id, 1) if request.case_id else 1,
        )
        for request in requests
    ]


def _row(
    request: ServiceRequest,
    triage: Triage,
    calls: Sequence[ContactAttempt],
    visit: Appointment | None,
    number: int,
) -> Row:
    return Row(
        request=request,
        person=request.person,
        findings=triage.findings,
        unanswered=unanswered([call.outcome for call in calls]),
        last_outcome=calls[-1].outcome if calls else None,
        call_back_at=calls[-1].next_due_at if calls else None,
        visit=visit,
        requests=number,
    )


def unanswered(outcomes: Sequence[str]) -> int:
    """How many calls in a row, the newest last, have not been answered by now."""
    tries = 0
    for outcome in outcomes:
        tries = 0 if outcome == "answered" else tries + 1
    return tries


def unrecorded(now: dt.datetime) -> sa.Select[Appointment]:
    """Visits whose time has passed without an outcome, oldest first.

    Found by way of the open requests, which are few, however many visits there have been.
    """
    return (
        sa.select(Appointment)
        .join(Appointment.request)
        .where(ServiceRequest.status.in_(OPEN))
        .where(Appointment.status.in_(STANDING), Appointment.ends_at <= now)
        .order_by(Appointment.starts_at, Appointment.created_at)
    )


def calls_of(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[ContactAttempt]]:
    """The calls of each of these requests, oldest first; one query."""
    calls: dict[uuid.UUID, list[ContactAttempt]] = defaultdict(list)
    for call in db.session.scalars(_CALLS, {"ids": list(ids)}) if ids else ():
        calls[call.request_id].append(call)
    return calls
