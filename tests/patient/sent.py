"""What arrived in the database, opened, so that a test may read it without an app context."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app.domain.level import Level
from app.records import db
from app.records.outbox import Message
from app.records.service_request import ServiceRequest


@dataclass(frozen=True, slots=True)
class Sent:
    """A stored request."""

    reference: str
    level: Level
    status: str
    wanted: str
    answering_for: str
    consent_version: str | None
    pack_version: str
    person: dict[str, Any]
    answers: dict[str, str]
    items: list[dict[str, str]]
    changes: list[dict[str, Any]]
    responses: int
    levels: list[Level]
    rules: set[str]
    history: list[str]
    messages: list[str]


def everything_sent(app: Flask) -> list[Sent]:
    """Every stored request."""
    with app.app_context():
        return [_opened(request) for request in db.session.scalars(sa.select(ServiceRequest))]


def the_one_sent(app: Flask) -> Sent:
    """The only stored request."""
    (found,) = everything_sent(app)
    return found


def _opened(request: ServiceRequest) -> Sent:
    # Not those of the clock, which come later.
    mine = sa.select(Message.kind).where(
        Message.request_id == request.id, Message.due_at == Message.created_at
    )
    return Sent(
        reference=request.reference,
        level=request.level,
        status=request.status,
        wanted=request.wanted,
        answering_for=request.answering_for,
        consent_version=request.consent_version,
        pack_version=request.response.pack_version,
        person=request.person,
        answers=request.response.answers,
        items=request.response.items,
        changes=request.response.changes,
        responses=len(request.responses),
        levels=[triage.level for triage in request.triages],
        rules={finding["rule"] for finding in request.triage.findings},
        history=[change.event for change in request.history],
        messages=sorted(db.session.scalars(mine)),
    )
