"""Who opened or changed which record: append-only, each line sealed to the one before."""

import datetime as dt
import hashlib
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, scoped_session

from app.records import Base
from app.records.types import UtcDateTime

LOG_LOCK = 7_031_001


class AuditEvent(Base):
    """One line of the investigation log (FHIR AuditEvent)."""

    __tablename__ = "audit_event"

    number: Mapped[int] = mapped_column(sa.BigInteger, unique=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("practitioner.id"))
    action: Mapped[str] = mapped_column(sa.Text)
    # No foreign key: the log outlives a request that is erased.
    request_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    previous: Mapped[bytes] = mapped_column(sa.LargeBinary)
    digest: Mapped[bytes] = mapped_column(sa.LargeBinary)

    def expected_digest(self) -> bytes:
        """The digest that this line must have, given the one before it."""
        parts = (
            str(self.number),
            self.at.astimezone(dt.UTC).isoformat(),
            str(self.actor_id or ""),
            self.action,
            str(self.request_id or ""),
        )
        return hashlib.sha256(self.previous + "\0".join(parts).encode()).digest()


def remember(
    session: scoped_session[Session],
    action: str,
    at: dt.datetime,
    actor_id: uuid.UUID | None,
    request_id: uuid.UUID | None,
) -> None:
    """Append a line in the caller's transaction; writers of the log take turns."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOG_LOCK)))
    newest = session.execute(
        sa.select(AuditEvent.number, AuditEvent.digest).order_by(AuditEvent.number.desc()).limit(1)
    ).first()
    number, previous = (newest.number + 1, newest.digest) if newest else (1, b"")
    event = AuditEvent(
        number=number,
        at=at,
        actor_id=actor_id,
        action=action,
        request_id=request_id,
        previous=previous,
    )
    event.digest = event.expected_digest()
    session.add(event)
    session.flush()  # the next line of this transaction must find this one


def first_broken(session: scoped_session[Any]) -> int | None:
    """The number of the first line that does not follow from the one before; None when all do."""
    previous = b""
    expected = 1
    for event in session.scalars(sa.select(AuditEvent).order_by(AuditEvent.number)):
        unbroken = event.number == expected and event.previous == previous
        if not unbroken or event.digest != event.expected_digest():
            return expected
        previous = event.digest
        expected += 1
    return None
