"""What colleagues do with a problem: take it, give it to somebody, resolve it with a word.

`version` is the task's. All of them raise NotFound, AlreadyChanged and NotAllowedNow.
"""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy.orm import scoped_session

from app.domain.errors import AlreadyChanged, NotAllowedNow, NotFound, ReasonMissing
from app.records import audit, transaction
from app.records.staff import Practitioner
from app.records.task import RESOLVED, Task


def take(task_id: uuid.UUID, version: int, by: Practitioner, now: dt.datetime) -> Task:
    """Somebody sees to it."""
    return _own(task_id, version, by.id, "task-take", by, now)


def give(
    task_id: uuid.UUID, version: int, to: uuid.UUID, by: Practitioner, now: dt.datetime
) -> Task:
    """A colleague shall see to it."""
    return _own(task_id, version, to, "task-give", by, now)


def resolve(
    task_id: uuid.UUID, version: int, words: str, by: Practitioner, now: dt.datetime
) -> Task:
    """It is seen to; `words` say how. Raises ReasonMissing, too."""
    with transaction() as session:
        task = _open_task(session, task_id, version, "resolve")
        if not words:
            raise ReasonMissing
        task.ended_at, task.ended_by_id, task.ending = now, by.id, RESOLVED
        task.owner_id = task.owner_id or by.id
        task.note = words
        if task.request:
            task.request.remember("resolve-problem", task.request.status, now, by, words)
        audit.remember(session, "task-resolve", now, by.id, task.request_id)
    return task


def _own(
    task_id: uuid.UUID,
    version: int,
    owner_id: uuid.UUID,
    action: str,
    by: Practitioner,
    now: dt.datetime,
) -> Task:
    with transaction() as session:
        task = _open_task(session, task_id, version, action)
        owner = session.get(Practitioner, owner_id)
        if owner is None or not owner.active:
            raise NotFound
        task.owner = owner
        session.flush()
        audit.remember(session, action, now, by.id, task.request_id)
    return task


def _open_task(session: scoped_session[Any], task_id: uuid.UUID, version: int, act: str) -> Task:
    """The task, held until the end of the transaction."""
    task: Task | None = session.get(Task, task_id, with_for_update=True, populate_existing=True)
    if task is None:
        raise NotFound
    if task.version != version:
        raise AlreadyChanged
    if task.ended_at:
        raise NotAllowedNow("task", "ended", act)
    return task
