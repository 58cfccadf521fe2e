"""Hours, closures, and the visits that take up time."""

import datetime as dt
import uuid
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain import lifecycle
from app.domain.errors import AlreadyChanged
from app.records import Base
from app.records.staff import Practitioner
from app.records.types import UtcDateTime

if TYPE_CHECKING:
    from app.records.service_request import ServiceRequest


class Schedule(Base):
    """A practitioner's hours on one weekday, in local wall time with its zone."""

    __tablename__ = "schedule"
    __table_args__ = (
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", "weekday"),
        sa.CheckConstraint("opens < closes", "order"),
        sa.CheckConstraint("visit_minutes BETWEEN 5 AND 240", "visit"),
        {"sqlite_strict": True},
    )

    practitioner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("practitioner.id"), index=True)
    weekday: Mapped[int] = mapped_column(sa.SmallInteger)
    opens: Mapped[dt.time] = mapped_column(sa.Time)
    closes: Mapped[dt.time] = mapped_column(sa.Time)
    zone: Mapped[str] = mapped_column(sa.Text)
    visit_minutes: Mapped[int] = mapped_column(sa.SmallInteger)
    valid_from: Mapped[dt.date] = mapped_column(sa.Date)
    valid_until: Mapped[dt.date | None] = mapped_column(sa.Date)


class Closure(Base):
    """A time without visits; without a practitioner it closes the clinic."""

    __tablename__ = "closure"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", "order"),
        {"sqlite_strict": True},
    )

    practitioner_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("practitioner.id"))
    starts_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    reason: Mapped[str] = mapped_column(sa.Text)


class Appointment(Base):
    """A visit: a practitioner's time for a request (FHIR Appointment)."""

    __tablename__ = "appointment"
    __table_args__ = (
        sa.CheckConstraint(
            "status IN ("
            + ", ".join(f"'{status}'" for status in lifecycle.APPOINTMENT_STATUSES)
            + ")",
            "status",
        ),
        sa.CheckConstraint("starts_at < ends_at", "order"),
        {"sqlite_strict": True},
    )

    request_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("service_request.id"), index=True)
    practitioner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("practitioner.id"))
    starts_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    ends_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(sa.Integer)

    request: Mapped["ServiceRequest"] = relationship(back_populates="appointments")
    practitioner: Mapped[Practitioner] = relationship()
    slots: Mapped[list["Slot"]] = relationship(cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form

    def expect(self, version: int) -> None:
        """Raise AlreadyChanged unless this is the version that the person saw."""
        if self.version != version:
            raise AlreadyChanged

    def move(self, event: str, at: dt.datetime) -> None:
        """Let an event happen; raises NotAllowedNow."""
        self.status = lifecycle.after(lifecycle.APPOINTMENT, self.status, event, "visit")
        self.changed_at = at


class Slot(Base):
    """One taken five-minute cell of a practitioner's time; the unique key decides every race."""

    __tablename__ = "slot"
    __table_args__ = (
        sa.UniqueConstraint("practitioner_id", "cell_at"),
        {"sqlite_strict": True},
    )

    practitioner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("practitioner.id"))
    cell_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    appointment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("appointment.id"), index=True)


class Waitlist(Base):
    """A request that waits for a freed time."""

    __tablename__ = "waitlist"

    request_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("service_request.id"), unique=True)
    since: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
