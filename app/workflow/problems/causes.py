"""Whether the cause of a task still holds, and if not, what became of it."""

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, scoped_session, selectinload

from app.domain import lifecycle
from app.records.outbox import Message
from app.records.rows import STANDING, calls_of, unanswered
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest
from app.records.task import (
    MISSED_TARGET,
    NO_ANSWER,
    NO_OUTCOME,
    NUMBER_LEFT,
    ROSTER_GAP,
    UNDELIVERED,
    Task,
)
from app.workflow import escalation

# Mails that say nothing any more once the visit has begun.
BEFORE_THE_VISIT: Final = ("booked", "changed", "reminder")
# Mails that only ask somebody to take a request.
ALARMS: Final = ("new-request", "doctor-alert", "late")
FATES: Final = {"sent": "sent", "dropped": "not-needed"}


class Causes:
    """What is known of the causes of some tasks: read in a few queries, however many there are."""

    def __init__(
        self,
        session: scoped_session[Any],
        tasks: Sequence[Task],
        gaps: Collection[str],
        now: dt.datetime,
    ) -> None:
        self.gaps, self.now = gaps, now
        of_kind = {kind: [t for t in tasks if t.kind == kind] for kind in {t.kind for t in tasks}}
        ids = {task.request_id for task in tasks if task.request_id}
        self.requests = _by_id(
            session,
            sa.select(ServiceRequest)
            .where(ServiceRequest.id.in_(ids))
            .options(selectinload(ServiceRequest.appointments).joinedload(Appointment.place)),
        )
        self.messages = _by_id(
            session, sa.select(Message).where(Message.id.in_(_subjects(of_kind, UNDELIVERED)))
        )
        self.visits = _by_id(
            session,
            sa.select(Appointment)
            .where(Appointment.id.in_(_subjects(of_kind, NO_OUTCOME)))
            .options(joinedload(Appointment.practitioner)),
        )
        self.calls = calls_of(ids)
        waiting = sa.select(ServiceRequest.id).where(ServiceRequest.id.in_(ids), escalation.UNTAKEN)
        self.untaken = set(session.scalars(waiting))

    def ending(self, task: Task) -> str | None:
        """Why the task is over by itself; None while its cause holds."""
        request = self.requests.get(task.request_id) if task.request_id else None
        found = _ENDINGS[task.kind](self, task, request) if task.kind in _ENDINGS else None
        if found or task.kind == UNDELIVERED or request is None:
            return found
        return "closed" if request.status == lifecycle.CLOSED else None

    def message_of(self, task: Task) -> Message | None:
        """The message that did not arrive."""
        return self.messages.get(uuid.UUID(task.subject)) if task.kind == UNDELIVERED else None

    def visit_of(self, task: Task) -> Appointment | None:
        """The visit without an outcome."""
        return self.visits.get(uuid.UUID(task.subject)) if task.kind == NO_OUTCOME else None

    def tries_of(self, task: Task) -> int:
        """How many calls in a row nobody has answered."""
        calls = self.calls.get(task.request_id, []) if task.request_id else []
        return unanswered([call.outcome for call in calls])

    def _undelivered(self, task: Task, request: ServiceRequest | None) -> str | None:
        message = self.message_of(task)
        if message is None or request is None:
            return "not-needed"
        if message.status in FATES:
            return FATES[message.status]
        if message.kind in ALARMS and request.id not in self.untaken:
            return "taken"
        visit = request.appointment
        over = visit is None or visit.starts_at <= self.now
        return "visit-over" if message.kind in BEFORE_THE_VISIT and over else None

    def _no_answer(self, task: Task, request: ServiceRequest | None) -> str | None:
        return None if self.tries_of(task) else "answered"

    def _number_left(self, task: Task, request: ServiceRequest | None) -> str | None:
        if request and request.consent_at:
            return "sent-in-full"
        calls = self.calls.get(task.request_id, []) if task.request_id else []
        return "answered" if any(call.outcome == "answered" for call in calls) else None

    def _missed_target(self, task: Task, request: ServiceRequest | None) -> str | None:
        waits = request and request.id in self.untaken and request.due_at <= self.now
        closed = request and request.status == lifecycle.CLOSED
        return None if waits or closed else "taken"

    def _no_outcome(self, task: Task, request: ServiceRequest | None) -> str | None:
        visit = self.visit_of(task)
        if visit is None or visit.status not in STANDING:
            return "recorded"
        return "moved" if visit.ends_at > self.now else None

    def _roster_gap(self, task: Task, request: ServiceRequest | None) -> str | None:
        return None if task.subject in self.gaps else "on-call"


_ENDINGS: Final[Mapping[str, Callable[[Causes, Task, ServiceRequest | None], str | None]]] = {
    UNDELIVERED: Causes._undelivered,
    NO_ANSWER: Causes._no_answer,
    NUMBER_LEFT: Causes._number_left,
    MISSED_TARGET: Causes._missed_target,
    NO_OUTCOME: Causes._no_outcome,
    ROSTER_GAP: Causes._roster_gap,
}


def _by_id(session: scoped_session[Any], statement: sa.Select[Any]) -> dict[uuid.UUID, Any]:
    """By id, read afresh: the same session may have seen them before a colleague's change."""
    fresh = statement.execution_options(populate_existing=True)
    return {row.id: row for row in session.scalars(fresh)}


def _subjects(of_kind: Mapping[str, Sequence[Task]], kind: str) -> list[uuid.UUID]:
    return [uuid.UUID(task.subject) for task in of_kind.get(kind, ())]
