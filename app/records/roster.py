"""Who is on call, and when."""

import datetime as dt
import uuid
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship, scoped_session

from app.domain.roster import FIRST, gaps
from app.domain.slots import Span
from app.records import Base
from app.records.staff import Practitioner
from app.records.types import UtcDateTime

LOOK_AHEAD: Final = dt.timedelta(hours=24)
"""How far ahead a gap is an error on every page of staff."""


class OnCall(Base):
    """A doctor is on call from an instant up to another, as the first or the second."""

    __tablename__ = "on_call"
    __table_args__ = (
        sa.UniqueConstraint("rank", "starts_at"),
        sa.CheckConstraint("rank IN (1, 2)", "rank"),
        sa.CheckConstraint("starts_at < ends_at", "order"),
        {"sqlite_strict": True},
    )

    rank: Mapped[int] = mapped_column(sa.SmallInteger)
    practitioner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("practitioner.id"))
    starts_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)

    practitioner: Mapped[Practitioner] = relationship()


def duties(start: dt.datetime, end: dt.datetime) -> sa.Select[OnCall]:
    """The duties that meet that time, of doctors who still work here; the newest start last."""
    return (
        sa.select(OnCall)
        .join(OnCall.practitioner)
        .options(contains_eager(OnCall.practitioner))
        .where(OnCall.ends_at > start, OnCall.starts_at < end)
        .where(Practitioner.active, Practitioner.role == "doctor")
        .order_by(OnCall.starts_at)
    )


def gaps_soon(session: scoped_session[Any], now: dt.datetime) -> list[Span]:
    """The times within a day at which no first doctor is on call."""
    window = Span(now, now + LOOK_AHEAD)
    first = duties(window.start, window.end).where(OnCall.rank == FIRST)
    return gaps(window, (Span(row.starts_at, row.ends_at) for row in session.scalars(first)))


def last_duty_before(session: scoped_session[Any], now: dt.datetime) -> dt.datetime | None:
    """When a first doctor was on call last; None when that was never."""
    return session.scalar(
        sa.select(sa.func.max(OnCall.ends_at))
        .join(OnCall.practitioner)
        .where(OnCall.rank == FIRST, OnCall.ends_at <= now)
        .where(Practitioner.active, Practitioner.role == "doctor")
    )
