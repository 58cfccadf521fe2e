"""Who is on call, and when."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship

from app.records import Base
from app.records.staff import Practitioner
from app.records.types import UtcDateTime


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
