"""The problems as they stand: what is open, and what was resolved or went away of late."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.domain.level import Level
from app.records import db
from app.records.outbox import Message
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest
from app.records.task import RESOLVED, Task
from app.workflow.problems.causes import Causes
from app.workflow.problems.finding import roster_gaps

MOST_SHOWN: Final = 200
OVER_SHOWN: Final = 50
REMEMBERED: Final = dt.timedelta(days=7)
_WITH_PEOPLE: Final = (joinedload(Task.owner), joinedload(Task.ended_by))


@dataclass(frozen=True, slots=True)
class Problem:
    """A task with what it is about; `ending` tells why its cause is gone, if it is."""

    task: Task
    request: ServiceRequest | None
    message: Message | None
    visit: Appointment | None
    tries: int
    ending: str | None

    @property
    def still_true(self) -> bool:
        """Whether somebody has resolved it while its cause holds."""
        return self.task.ending == RESOLVED and self.ending is None


def open_now(now: dt.datetime) -> list[Problem]:
    """What somebody must see to: the most pressing requests first, then the oldest."""
    found = sa.select(Task).where(Task.ended_at.is_(None)).order_by(Task.since).limit(MOST_SHOWN)
    problems = _problems(db.session.scalars(found.options(*_WITH_PEOPLE)).all(), now)
    return sorted(problems, key=_pressing, reverse=True)


def over(now: dt.datetime) -> list[Problem]:
    """What ended in the last days, newest first."""
    late = Task.ended_at > now - REMEMBERED
    found = sa.select(Task).where(late).order_by(Task.ended_at.desc()).limit(OVER_SHOWN)
    return _problems(db.session.scalars(found.options(*_WITH_PEOPLE)).all(), now)


def of_request(request: ServiceRequest) -> list[Task]:
    """The open tasks about one request, oldest first."""
    found = sa.select(Task).where(Task.request_id == request.id, Task.ended_at.is_(None))
    return list(db.session.scalars(found.order_by(Task.since).options(*_WITH_PEOPLE)))


def _problems(tasks: Sequence[Task], now: dt.datetime) -> list[Problem]:
    if not tasks:
        return []
    gaps = {gap.subject for gap in roster_gaps(db.session, now)}
    causes = Causes(db.session, tasks, gaps, now)
    return [
        Problem(
            task=task,
            request=causes.requests.get(task.request_id) if task.request_id else None,
            message=causes.message_of(task),
            visit=causes.visit_of(task),
            tries=causes.tries_of(task),
            ending=causes.ending(task),
        )
        for task in tasks
    ]


def _pressing(problem: Problem) -> Level:
    """A gap in the roster may concern an emergency that has not come yet."""
    return problem.request.level if problem.request else Level.emergency
