"""Places, kinds of visit, hours, closures, and the visits that take up time."""

import datetime as dt
import uuid
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain import lifecycle
from app.domain.errors import AlreadyChanged
from app.records import Base
from app.records.staff import Practitioner
from app.records.types import UtcDateTime

if TYPE_CHECKING:
    from app.records.service_request import ServiceRequest


class Place(Base):
    """Where visits take place (FHIR Location)."""

    __tablename__ = "place"

    name: Mapped[str] = mapped_column(sa.Text, unique=True)
    address: Mapped[str] = mapped_column(sa.Text)
    directions: Mapped[str] = mapped_column(sa.Text, default="")
    step_free: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    active: Mapped[bool] = mapped_column(sa.Boolean, default=True)


class VisitKind(Base):
    """A kind of visit: how long, how much, and when patients may choose it themselves.

    Lead and horizon bind patients; the desk may book any time that is to come.
    """

    __tablename__ = "visit_kind"
    __table_args__ = (
        sa.CheckConstraint("minutes BETWEEN 5 AND 240", "minutes"),
        sa.CheckConstraint("buffer_before BETWEEN 0 AND 120", "buffer_before"),
        sa.CheckConstraint("buffer_after BETWEEN 0 AND 120", "buffer_after"),
        sa.CheckConstraint("fee >= 0", "fee"),
        sa.CheckConstraint("lead_minutes >= 0", "lead"),
        sa.CheckConstraint("horizon_days BETWEEN 1 AND 366", "horizon"),
        {"sqlite_strict": True},
    )

    name: Mapped[str] = mapped_column(sa.Text, unique=True)
    minutes: Mapped[int] = mapped_column(sa.SmallInteger)
    # Minutes before and after a visit that are nobody else's.
    buffer_before: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    buffer_after: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    # In whole rupees; None where nothing is said of it.
    fee: Mapped[int | None] = mapped_column(sa.Integer)
    lead_minutes: Mapped[int] = mapped_column(sa.Integer, default=120)
    horizon_days: Mapped[int] = mapped_column(sa.SmallInteger, default=60)
    for_patients: Mapped[bool] = mapped_column(sa.Boolean, default=True)
    active: Mapped[bool] = mapped_column(sa.Boolean, default=True)


class Schedule(Base):
    """A practitioner's hours on one weekday, in local wall time with its zone."""

    __tablename__ = "schedule"
    __table_args__ = (
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", "weekday"),
        sa.CheckConstraint("opens < closes", "order"),
        sa.CheckConstraint("kept_for_urgent >= 0", "kept"),
        {"sqlite_strict": True},
    )

    practitioner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("practitioner.id"), index=True)
    place_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("place.id"))
    kind_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("visit_kind.id"))
    weekday: Mapped[int] = mapped_column(sa.SmallInteger)
    opens: Mapped[dt.time] = mapped_column(sa.Time)
    closes: Mapped[dt.time] = mapped_column(sa.Time)
    zone: Mapped[str] = mapped_column(sa.Text)
    valid_from: Mapped[dt.date] = mapped_column(sa.Date)
    valid_until: Mapped[dt.date | None] = mapped_column(sa.Date)
    # The last visits of these hours, kept for urgent requests until `released_at` of the day.
    kept_for_urgent: Mapped[int] = mapped_column(sa.Integer, default=0)
    released_at: Mapped[dt.time] = mapped_column(sa.Time, default=dt.time(8))

    place: Mapped[Place] = relationship()
    kind: Mapped[VisitKind] = relationship()


class Closure(Base):
    """A time without visits, of a practitioner or a place; without either, of the clinic."""

    __tablename__ = "closure"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", "order"),
        sa.CheckConstraint("practitioner_id IS NULL OR place_id IS NULL", "of_one"),
        {"sqlite_strict": True},
    )

    practitioner_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("practitioner.id"))
    place_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("place.id"))
    starts_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    reason: Mapped[str] = mapped_column(sa.Text)
    # Whether patients are told the reason.
    told: Mapped[bool] = mapped_column(sa.Boolean, default=False)


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
        sa.CheckConstraint("busy_from <= starts_at AND ends_at <= busy_until", "busy"),
        sa.CheckConstraint("status <> 'held' OR held_until IS NOT NULL", "held"),
        {"sqlite_strict": True},
    )

    request_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("service_request.id"), index=True)
    practitioner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("practitioner.id"))
    place_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("place.id"))
    kind_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("visit_kind.id"))
    starts_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    ends_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    # The visit with its buffers: what its cells cover.
    busy_from: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    busy_until: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    # Where it was before it was moved last.
    moved_from: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    # Of a time that is offered to somebody on the waiting list.
    held_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    # How often calendars were told of a change (iCalendar SEQUENCE).
    sequence: Mapped[int] = mapped_column(sa.Integer, default=0)
    status: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(sa.Integer)

    request: Mapped["ServiceRequest"] = relationship(back_populates="appointments")
    practitioner: Mapped[Practitioner] = relationship()
    place: Mapped[Place] = relationship()
    kind: Mapped[VisitKind] = relationship()
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

    def in_words(self, zone: ZoneInfo) -> str:
        """When and with whom, as the history keeps it, whatever becomes of the visit."""
        return _in_words(self.starts_at, self.practitioner, zone)


class Hold(Base):
    """A time that is kept for somebody who is still filling in the enquiry."""

    __tablename__ = "hold"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", "order"),
        {"sqlite_strict": True},
    )

    draft_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("draft.id", ondelete="CASCADE"), unique=True
    )
    practitioner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("practitioner.id"))
    place_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("place.id"))
    kind_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("visit_kind.id"))
    starts_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)

    practitioner: Mapped[Practitioner] = relationship()
    place: Mapped[Place] = relationship()
    kind: Mapped[VisitKind] = relationship()

    def in_words(self, zone: ZoneInfo) -> str:
        """When and with whom, as the history keeps it."""
        return _in_words(self.starts_at, self.practitioner, zone)


def _in_words(at: dt.datetime, who: Practitioner, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b} {local.year}, {local:%H:%M}, {who.name}"


class Slot(Base):
    """One taken five-minute cell of a practitioner's time; the unique key decides every race.

    It belongs to a visit or to a hold. After `expires_at`, where it has one, the cell is free: who
    takes it then removes this row in the same transaction.
    """

    __tablename__ = "slot"
    __table_args__ = (
        sa.UniqueConstraint("practitioner_id", "cell_at"),
        sa.CheckConstraint("(appointment_id IS NULL) <> (hold_id IS NULL)", "owner"),
        sa.CheckConstraint("hold_id IS NULL OR expires_at IS NOT NULL", "expires"),
        {"sqlite_strict": True},
    )

    practitioner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("practitioner.id"))
    cell_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    appointment_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("appointment.id"), index=True
    )
    hold_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("hold.id", ondelete="CASCADE"), index=True
    )
    expires_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class Waitlist(Base):
    """A request that waits for a freed time, of one practitioner or of any."""

    __tablename__ = "waitlist"

    request_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("service_request.id"), unique=True)
    practitioner_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("practitioner.id"))
    since: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
