"""What is to be sent."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.records import Base
from app.records.types import UtcDateTime


class Message(Base):
    """One thing to be sent to one address, when, and its fate (FHIR Communication).

    It holds no patient data: the text is rendered when it is sent. `to` says whom: `desk:<n>` (the
    n-th mailbox of the desk), `staff:<practitioner id>` or `patient`.
    """

    __tablename__ = "message"
    __table_args__ = (
        sa.UniqueConstraint("kind", "request_id", "to", "occurrence"),
        sa.CheckConstraint("status IN ('waiting', 'sent', 'failed', 'dropped')", "status"),
        # The worker asks for the most pressing message that is due.
        sa.Index("ix_message_due", "status", "priority", "due_at"),
        {"sqlite_strict": True},
    )

    kind: Mapped[str] = mapped_column(sa.Text)
    request_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("service_request.id"), index=True)
    to: Mapped[str] = mapped_column(sa.Text)
    occurrence: Mapped[int] = mapped_column(sa.Integer)
    priority: Mapped[int] = mapped_column(sa.SmallInteger)
    status: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    give_up_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(sa.Integer)
    settled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    # The class or code of the last failure, never its text: servers quote addresses back.
    failure: Mapped[str | None] = mapped_column(sa.Text)
