"""What the desk and the doctors did beside moving a request on: calls and notes."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.records import Base
from app.records.staff import Practitioner
from app.records.types import Sealed, UtcDateTime


class ContactAttempt(Base):
    """One call, and when to try again."""

    __tablename__ = "contact_attempt"
    __table_args__ = (
        sa.CheckConstraint(
            "outcome IN ('answered', 'no-answer', 'wrong-number', 'left-message')", "outcome"
        ),
        {"sqlite_strict": True},
    )

    request_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("service_request.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("practitioner.id"))
    outcome: Mapped[str] = mapped_column(sa.Text)
    next_due_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    note_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)

    note = Sealed[str | None]("note_sealed")
    by: Mapped[Practitioner] = relationship()


class Note(Base):
    """A colleague's note on a request."""

    __tablename__ = "note"

    request_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("service_request.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("practitioner.id"))
    text_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)

    text = Sealed[str]("text_sealed")
    by: Mapped[Practitioner] = relationship()
