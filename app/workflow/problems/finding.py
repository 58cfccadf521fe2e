"""What only the passing of time brings about: found once a minute, by any number of workers.

Finding the same twice changes nothing, so a worker that is killed leaves the rest to the next
round. Tasks whose cause is gone are closed in the same round.
"""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from app.records import rows, transaction
from app.records.outbox import Message
from app.records.roster import gaps_soon, last_duty_before
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest
from app.records.task import (
    MISSED_TARGET,
    NO_OUTCOME,
    ROSTER_GAP,
    UNDELIVERED,
    Fact,
    Task,
    end_tasks,
    open_tasks,
)
from app.workflow import escalation, outbox
from app.workflow.problems.causes import Causes

MOST_AT_ONCE: Final = 500
OUTCOME_AFTER: Final = dt.timedelta(hours=2)
"""How long after its end a visit may be without an outcome: doctors run late."""

EVER: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def look(now: dt.datetime) -> tuple[int, int]:
    """Make tasks of what is true, and close those whose cause is gone; gives both numbers."""
    with transaction() as session:
        new = _not_known(session, [*_facts(session, now)])
        open_tasks(session, new, now)
        ended = _end(session, now)
    return len(new), ended


def _facts(session: scoped_session[Session], now: dt.datetime) -> Iterator[Fact]:
    yield from itertools.chain(
        _late_mails(session, now),
        _missed_targets(session, now),
        _without_outcome(session, now),
        roster_gaps(session, now),
    )


def _late_mails(session: scoped_session[Session], now: dt.datetime) -> Iterator[Fact]:
    late = sa.select(Message).where(Message.status == "waiting", outbox.not_delivered(now))
    for message in session.scalars(late.order_by(Message.due_at).limit(MOST_AT_ONCE)):
        since = message.give_up_at - outbox.GIVE_UP
        yield Fact(UNDELIVERED, str(message.id), message.request_id, since)


def _missed_targets(session: scoped_session[Session], now: dt.datetime) -> Iterator[Fact]:
    columns = (ServiceRequest.id, ServiceRequest.due_at)
    missed = sa.select(*columns).where(escalation.UNTAKEN, ServiceRequest.due_at <= now)
    order = (ServiceRequest.level.desc(), ServiceRequest.due_at)
    for request_id, due_at in session.execute(missed.order_by(*order).limit(MOST_AT_ONCE)):
        yield Fact(MISSED_TARGET, str(request_id), request_id, due_at)


def _without_outcome(session: scoped_session[Session], now: dt.datetime) -> Iterator[Fact]:
    visits = rows.unrecorded(now - OUTCOME_AFTER).limit(MOST_AT_ONCE)
    visit: Appointment
    for visit in session.scalars(visits):
        yield Fact(NO_OUTCOME, str(visit.id), visit.request_id, visit.ends_at)


def roster_gaps(session: scoped_session[Any], now: dt.datetime) -> Iterator[Fact]:
    """The gaps of the next day, each by its true beginning, which does not move with `now`."""
    for gap in gaps_soon(session, now):
        since = gap.start if gap.start > now else last_duty_before(session, now) or EVER
        yield Fact(ROSTER_GAP, since.astimezone(dt.UTC).isoformat(), None, since)


def _not_known(session: scoped_session[Session], facts: Iterable[Fact]) -> list[Fact]:
    """Those that are new, or newer than the task that they made before."""
    found = {(fact.kind, fact.subject): fact for fact in facts}
    kinds, subjects = {kind for kind, _ in found}, [subject for _, subject in found]
    known = sa.select(Task.kind, Task.subject, Task.since).where(
        Task.kind.in_(kinds), Task.subject.in_(subjects)
    )
    for kind, subject, since in session.execute(known):
        if (fact := found.get((kind, subject))) and fact.since <= since:
            del found[kind, subject]
    return list(found.values())


def _end(session: scoped_session[Session], now: dt.datetime) -> int:
    """Close what is over; the rows are held before their causes are read, so no news is missed."""
    held = (
        sa.select(Task)
        .where(Task.ended_at.is_(None))
        .order_by(Task.since)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    tasks = session.scalars(held).all()
    gaps = {gap.subject for gap in roster_gaps(session, now)}
    causes = Causes(session, tasks, gaps, now)
    gone: dict[tuple[str, str], list[str]] = defaultdict(list)
    for task in tasks:
        if ending := causes.ending(task):
            gone[task.kind, ending].append(task.subject)
    for (kind, ending), subjects in gone.items():
        end_tasks(session, kind, subjects, ending, now)
    return sum(len(subjects) for subjects in gone.values())
