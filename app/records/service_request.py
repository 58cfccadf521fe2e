"""The stored request and everything that happens to it."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain import lifecycle
from app.domain.errors import AlreadyChanged
from app.domain.level import Level
from app.records import Base
from app.records.contact import ContactAttempt, Note
from app.records.findable import Findable
from app.records.schedule import Appointment
from app.records.staff import Practitioner
from app.records.types import LevelType, Sealed, UtcDateTime

LEVELS = "level BETWEEN 0 AND 3"


def _quoted(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


class ServiceRequest(Findable, Base):
    """One person's request for help (FHIR ServiceRequest)."""

    __tablename__ = "service_request"
    __table_args__ = (
        sa.CheckConstraint(f"status IN ({_quoted(lifecycle.REQUEST_STATUSES)})", "status"),
        sa.CheckConstraint(LEVELS, "level"),
        sa.CheckConstraint("(status = 'closed') = (closed_reason IS NOT NULL)", "closed_reason"),
        sa.CheckConstraint(
            f"closed_reason IN ({_quoted(lifecycle.CLOSING_REASONS)})", "closed_reasons"
        ),
        # The queue reads the most pressing first, inside one status, or of one colleague.
        sa.Index("ix_service_request_queue", "status", sa.desc("level"), "waiting_since"),
        sa.Index(
            "ix_service_request_mine",
            *("assigned_to_id", "status", sa.desc("level"), "waiting_since"),
        ),
        sa.Index("ix_service_request_status", "status", "created_at"),
        sa.Index("ix_service_request_arrival", "created_at"),
        {"sqlite_strict": True},
    )

    reference: Mapped[str] = mapped_column(sa.Text, unique=True)
    submission_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    condition: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.Text)
    source: Mapped[str] = mapped_column(sa.Text)
    answering_for: Mapped[str] = mapped_column(sa.Text)
    wanted: Mapped[str] = mapped_column(sa.Text)
    status: Mapped[str] = mapped_column(sa.Text)
    level: Mapped[Level] = mapped_column(LevelType)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    waiting_since: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("practitioner.id"))
    # Since when the desk finds something out for a doctor, who has not decided yet.
    asked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    # Of the enquiry on the web: when it was begun, and when it first led to the emergency page.
    begun_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    warned_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    assigned_to_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("practitioner.id"))
    closed_reason: Mapped[str | None] = mapped_column(sa.Text)
    consent_version: Mapped[str | None] = mapped_column(sa.Text)
    consent_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(sa.Integer)
    # The same in all requests that somebody has linked as one case.
    case_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    person_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    instruction_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)

    # name, age, phone (E.164), email, caller_name, speaks, call_time, access
    person = Sealed[dict[str, Any]]("person_sealed")
    # what the doctor asks the desk to do, or to find out
    instruction = Sealed[str | None]("instruction_sealed")

    acknowledged_by: Mapped[Practitioner | None] = relationship(foreign_keys=acknowledged_by_id)
    responses: Mapped[list["QuestionnaireResponse"]] = relationship(
        order_by="QuestionnaireResponse.number", back_populates="request"
    )
    triages: Mapped[list["Triage"]] = relationship(
        order_by="Triage.number", back_populates="request"
    )
    history: Mapped[list["StatusChange"]] = relationship(
        order_by="StatusChange.at, StatusChange.id", back_populates="request"
    )
    attempts: Mapped[list[ContactAttempt]] = relationship(order_by="ContactAttempt.at")
    notes: Mapped[list[Note]] = relationship(order_by="Note.at")
    appointments: Mapped[list[Appointment]] = relationship(
        order_by="Appointment.created_at", back_populates="request"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form

    @property
    def triage(self) -> "Triage":
        """The decision about the level that holds now: the newest."""
        return self.triages[-1]

    @property
    def response(self) -> "QuestionnaireResponse":
        """The newest answers."""
        return self.responses[-1]

    @property
    def appointment(self) -> Appointment | None:
        """The visit that stands, if there is one."""
        standing = ("booked", "arrived")
        return next((a for a in reversed(self.appointments) if a.status in standing), None)

    @property
    def visits(self) -> list[Appointment]:
        """The visits that were booked at some time; not those that were only offered."""
        return [a for a in self.appointments if a.held_until is None]

    @property
    def offer(self) -> Appointment | None:
        """The freed time that is kept for this person until the answer, if there is one."""
        return next((a for a in self.appointments if a.status == "held"), None)

    def events(self) -> tuple[str, ...]:
        """The events that its status allows, and a doctor's question where one is open."""
        return lifecycle.events_of_request(self.status, asked=self.asked_at is not None)

    def judge(
        self,
        level: Level,
        at: dt.datetime,
        by: Practitioner,
        reason: str,
    ) -> None:
        """Append a person's decision about the level; the one that the rules made stays."""
        before = self.triage
        triage = Triage(
            number=before.number + 1,
            at=at,
            level=level,
            pack_version=before.pack_version,
            by_id=by.id,
        )
        triage.findings, triage.reason = before.findings, reason
        self.triages.append(triage)
        self.level = level

    def expect(self, version: int) -> None:
        """Raise AlreadyChanged unless this is the version that the person saw."""
        if self.version != version:
            raise AlreadyChanged

    def move(
        self,
        event: str,
        at: dt.datetime,
        by: Practitioner | None = None,
        note: str | None = None,
        closed_reason: str | None = None,
        told: str | None = None,
    ) -> "StatusChange":
        """Let an event happen and write it into the history; raises NotAllowedNow.

        Without `by` it is the patient's act, or the rules'. `told` is how the history calls it,
        where the event alone would not say what happened.
        """
        before, asked = self.status, self.asked_at is not None
        self.status = lifecycle.after_request(before, event, asked=asked)
        self.asked_at = at if event == lifecycle.INQUIRE else None
        self.closed_reason = closed_reason if self.status == lifecycle.CLOSED else None
        return self.remember(told or event, before, at, by, note)

    def call_no_more(self) -> None:
        """No call is due any longer; those that were made stay."""
        for call in self.attempts:
            call.next_due_at = None

    def remember(
        self,
        event: str,
        before: str | None,
        at: dt.datetime,
        by: Practitioner | None = None,
        note: str | None = None,
    ) -> "StatusChange":
        """Write a line of history."""
        change = StatusChange(event=event, before=before, after=self.status, at=at, by=by)
        change.level, change.waiting_since = self.level, self.waiting_since
        change.due_at = self.due_at
        change.note = note
        self.history.append(change)
        return change


class QuestionnaireResponse(Base):
    """Answers as given, with the words of the questions; never edited.

    FHIR QuestionnaireResponse.
    """

    __tablename__ = "questionnaire_response"
    __table_args__ = (sa.UniqueConstraint("request_id", "number"), {"sqlite_strict": True})

    request_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("service_request.id"))
    number: Mapped[int] = mapped_column(sa.Integer)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    pack: Mapped[str] = mapped_column(sa.Text)
    pack_version: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.Text)
    answers_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    items_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    changes_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)

    answers = Sealed[dict[str, str]]("answers_sealed")
    # Each {"field", "question", "answer"}: the words that were on the page.
    items = Sealed[list[dict[str, str]]]("items_sealed")
    # What was changed after advice was shown; see Draft.changes.
    changes = Sealed[list[dict[str, Any]]]("changes_sealed")

    request: Mapped[ServiceRequest] = relationship(back_populates="responses")


class Triage(Base):
    """One decision about the level, by the rules or by a doctor. Append-only, numbered."""

    __tablename__ = "triage"
    __table_args__ = (
        sa.UniqueConstraint("request_id", "number"),
        sa.CheckConstraint(LEVELS, "level"),
        {"sqlite_strict": True},
    )

    request_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("service_request.id"))
    number: Mapped[int] = mapped_column(sa.Integer)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    level: Mapped[Level] = mapped_column(LevelType)
    pack_version: Mapped[str] = mapped_column(sa.Text)
    by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("practitioner.id"))
    findings_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    reason_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)

    # Each {"rule", "level", "title", "reasons", "evidence": [field], "source": [words], "desk"}
    findings = Sealed[list[dict[str, Any]]]("findings_sealed")
    reason = Sealed[str | None]("reason_sealed")

    request: Mapped[ServiceRequest] = relationship(back_populates="triages")
    by: Mapped[Practitioner | None] = relationship()


class StatusChange(Base):
    """A line of the history that pages show: who did what, when. Append-only."""

    __tablename__ = "status_change"
    __table_args__ = (
        sa.CheckConstraint(f"after IN ({_quoted(lifecycle.REQUEST_STATUSES)})", "after"),
        sa.Index("ix_status_change_clock", "event", "waiting_since"),
        {"sqlite_strict": True},
    )

    request_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("service_request.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    event: Mapped[str] = mapped_column(sa.Text)
    before: Mapped[str | None] = mapped_column(sa.Text)
    after: Mapped[str] = mapped_column(sa.Text)
    by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("practitioner.id"))
    # How the clock of the request stood: level and target change later, the figures need them.
    level: Mapped[Level | None] = mapped_column(LevelType)
    waiting_since: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    note_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)

    note = Sealed[str | None]("note_sealed")

    request: Mapped[ServiceRequest] = relationship(back_populates="history")
    by: Mapped[Practitioner | None] = relationship()
