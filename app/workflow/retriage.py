"""A new version of a pack: every unfinished request is judged again by it.

Each request is a transaction of its own that adds one decision of the new version. That decision
is the mark that it is done: whoever stops half-way begins again, and nothing is judged twice.
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from app.domain import difference, enquiry
from app.domain.clinic import Clinic
from app.domain.condition import Pack
from app.domain.level import Level
from app.domain.triage import assess
from app.records import audit, db, transaction
from app.records.answering import judge
from app.records.rows import OPEN
from app.records.service_request import ServiceRequest, Triage
from app.workflow import escalation, outbox

BATCH: Final = 200
STAYS: Final = "The level was higher before, and stays so until a doctor lowers it."
WHY: Final = "a new version of the rules says more"

_JUDGED_BY: Final = (
    sa.select(Triage.pack_version)
    .where(Triage.request_id == ServiceRequest.id, Triage.by_id.is_(None))
    .order_by(Triage.number.desc())
    .limit(1)
    .correlate(ServiceRequest)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Judged:
    """How many requests were judged again, and how many of them became more pressing."""

    requests: int
    raised: int


def due(packs: Mapping[str, Pack]) -> int:
    """How many unfinished requests another version of their pack has judged last."""
    return sum(1 for pack in packs.values() for _ in _ids(pack))


def run(packs: Mapping[str, Pack], clinic: Clinic, now: dt.datetime) -> Judged:
    """Judge again whatever another version has judged; it may be stopped and begun at any time."""
    outcomes = [
        raised
        for pack in packs.values()
        for request_id in _ids(pack)
        if (raised := _judge_again(request_id, pack, clinic, now)) is not None
    ]
    return Judged(len(outcomes), sum(outcomes))


def _ids(pack: Pack) -> Iterator[uuid.UUID]:
    """What is to be judged again, in batches, each read when the one before is done."""
    last = uuid.UUID(int=0)
    asked = sa.select(ServiceRequest.id).where(*_waits_for(pack)).order_by(ServiceRequest.id)
    while True:
        batch = db.session.scalars(asked.where(ServiceRequest.id > last).limit(BATCH)).all()
        yield from batch
        if len(batch) < BATCH:
            return
        last = batch[-1]


def _waits_for(pack: Pack) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        ServiceRequest.condition == pack.id,
        ServiceRequest.status.in_(OPEN),
        _JUDGED_BY.is_distinct_from(pack.version),
    )


def _judge_again(
    request_id: uuid.UUID, pack: Pack, clinic: Clinic, now: dt.datetime
) -> bool | None:
    """Judge one; tells whether its level rose, None when somebody was faster."""
    with transaction() as session:
        request = session.scalar(
            sa.select(ServiceRequest)
            .where(ServiceRequest.id == request_id, *_waits_for(pack))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if request is None:
            return None
        return _judge(session, request, pack, clinic, now)


def _judge(
    session: scoped_session[Session],
    request: ServiceRequest,
    pack: Pack,
    clinic: Clinic,
    now: dt.datetime,
) -> bool:
    """Only what fires newly raises the level: what a doctor has weighed already is not raised."""
    before, said_before = request.level, _said_by_rules(request)
    assessment = assess(pack, enquiry.settle(pack, request.response.answers))
    judge(request, pack, assessment, now, STAYS)
    triage = request.triage
    news = difference.newly_fired(said_before.findings, triage.findings)
    request.level = triage.level = max([before, *(each.level for each in news)])
    rose = request.level > before
    request.remember("retriage", request.status, now)
    if rose:
        escalation.start_again(session, request, now, clinic, WHY)
    if before < Level.emergency <= request.level:
        outbox.tell_patient(session, request, "emergency-sent", now)
    audit.remember(session, "retriage", now, None, request.id)
    return rose


def _said_by_rules(request: ServiceRequest) -> Triage:
    """The newest decision that the rules made, whatever people have decided since."""
    return next(each for each in reversed(request.triages) if each.by_id is None)
