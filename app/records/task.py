"""What somebody must see to: one row per fact, with an owner, until it is resolved."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, scoped_session

from app.records import INSERT, Base
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.records.types import Sealed, UtcDateTime, new_id

UNDELIVERED: Final = "undelivered"
NO_ANSWER: Final = "no-answer"
NUMBER_LEFT: Final = "number-left"
MISSED_TARGET: Final = "missed-target"
NO_OUTCOME: Final = "no-outcome"
ROSTER_GAP: Final = "roster-gap"
POSSIBLE_DUPLICATE: Final = "possible-duplicate"
KINDS: Final = (
    UNDELIVERED,
    NO_ANSWER,
    NUMBER_LEFT,
    MISSED_TARGET,
    NO_OUTCOME,
    ROSTER_GAP,
    POSSIBLE_DUPLICATE,
)
RESOLVED: Final = "resolved"
"""How a task ends when a person says so; every other ending names why its cause is gone."""


class Task(Base):
    """One fact that somebody must see to (FHIR Task).

    `subject` says what the fact is about: the id of a message, request or visit, or an instant.
    `since` is when the fact began; a task opens again only for a fact that began later.
    """

    __tablename__ = "task"
    __table_args__ = (
        sa.UniqueConstraint("kind", "subject"),
        sa.CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", "kind"),
        sa.CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", "ending"),
        sa.Index("ix_task_open", "ended_at", "since"),
        {"sqlite_strict": True},
    )

    kind: Mapped[str] = mapped_column(sa.Text)
    subject: Mapped[str] = mapped_column(sa.Text)
    request_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("service_request.id"), index=True
    )
    since: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    owner_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("practitioner.id"))
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("practitioner.id"))
    ending: Mapped[str | None] = mapped_column(sa.Text)
    note_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    version: Mapped[int] = mapped_column(sa.Integer)

    # the word with which somebody resolved it last
    note = Sealed[str | None]("note_sealed")

    request: Mapped[ServiceRequest | None] = relationship()
    owner: Mapped[Practitioner | None] = relationship(foreign_keys=owner_id)
    ended_by: Mapped[Practitioner | None] = relationship(foreign_keys=ended_by_id)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is true and that somebody must see to."""

    kind: str
    subject: str
    request_id: uuid.UUID | None
    since: dt.datetime


def open_task(
    session: scoped_session[Any],
    kind: str,
    subject: str | uuid.UUID,
    request: ServiceRequest | None,
    at: dt.datetime,
) -> None:
    """Make a task of a fact that begins now, in the caller's transaction; see `open_tasks`."""
    fact = Fact(kind, str(subject), request.id if request else None, at)
    open_tasks(session, [fact], at)


def open_tasks(session: scoped_session[Any], facts: Iterable[Fact], at: dt.datetime) -> None:
    """Make a task of each fact, in the caller's transaction.

    The same fact again changes nothing. A later one keeps the task open, or opens it again, and
    whoever looks at an older version is told.
    """
    insert = INSERT[session.get_bind().dialect.name]
    # In one order, so that two who find the same never wait for each other.
    for fact in sorted(facts, key=lambda fact: (fact.kind, fact.subject)):
        row = insert(Task).values(
            id=new_id(),
            kind=fact.kind,
            subject=fact.subject,
            request_id=fact.request_id,
            since=fact.since,
            opened_at=at,
            version=1,
        )
        session.execute(
            row.on_conflict_do_update(
                index_elements=["kind", "subject"],
                set_={
                    "since": row.excluded.since,
                    "opened_at": sa.case(
                        (Task.ended_at.is_(None), Task.opened_at), else_=row.excluded.opened_at
                    ),
                    "ended_at": None,
                    "ended_by_id": None,
                    "ending": None,
                    "version": Task.version + 1,
                },
                where=Task.since < row.excluded.since,
            )
        )


def end_tasks(
    session: scoped_session[Any],
    kind: str,
    subjects: Collection[str],
    ending: str,
    at: dt.datetime,
) -> None:
    """Close the open tasks whose cause is gone, in the caller's transaction; nobody did it."""
    session.execute(
        sa.update(Task)
        .where(Task.kind == kind, Task.subject.in_(subjects), Task.ended_at.is_(None))
        .values(ended_at=at, ending=ending, version=Task.version + 1)
    )
