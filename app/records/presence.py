"""Who looks at which request right now, so that two colleagues do not phone the same person."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, scoped_session

from app.records import INSERT, Base
from app.records.staff import Practitioner
from app.records.types import UtcDateTime, new_id

LASTS: Final = dt.timedelta(minutes=5)
KEPT: Final = dt.timedelta(hours=1)


class Presence(Base):
    """A person and the request that they opened last time; it counts for a few minutes only.

    No part of the audit, which has its own line of each opening.
    """

    __tablename__ = "presence"
    __table_args__ = (
        sa.UniqueConstraint("request_id", "practitioner_id"),
        sa.Index("ix_presence_at", "at"),
        {"sqlite_strict": True},
    )

    # No foreign key: it would wait for whoever changes the request, and that one for the log.
    request_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
    practitioner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("practitioner.id"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


def look(
    session: scoped_session[Any],
    request_id: uuid.UUID,
    practitioner_id: uuid.UUID,
    now: dt.datetime,
) -> None:
    """Note that somebody opened a request; in the caller's transaction, after its audit line.

    Writers of the log take turns, so those who come here do, too, and none waits for another.
    """
    session.execute(sa.delete(Presence).where(Presence.at < now - KEPT))
    insert = INSERT[session.get_bind().dialect.name](Presence)
    session.execute(
        insert.values(
            id=new_id(), request_id=request_id, practitioner_id=practitioner_id, at=now
        ).on_conflict_do_update(index_elements=["request_id", "practitioner_id"], set_={"at": now})
    )


def who_looks(
    session: scoped_session[Any],
    request_ids: Sequence[uuid.UUID],
    but: uuid.UUID,
    now: dt.datetime,
) -> dict[uuid.UUID, list[tuple[str, dt.datetime]]]:
    """Name and time of everybody else who has opened one of these just now, by request."""
    found: dict[uuid.UUID, list[tuple[str, dt.datetime]]] = {}
    asked = (
        sa.select(Presence.request_id, Practitioner.name, Presence.at)
        .join(Practitioner, Practitioner.id == Presence.practitioner_id)
        .where(Presence.request_id.in_(request_ids), Presence.at > now - LASTS)
        .where(Presence.practitioner_id != but)
        .order_by(Presence.at)
    )
    for request_id, name, at in session.execute(asked):
        found.setdefault(request_id, []).append((name, at))
    return found
