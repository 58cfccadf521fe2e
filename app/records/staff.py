"""The people who work here, and the sessions in which they are signed in."""

import datetime as dt
import uuid
from typing import Final

import sqlalchemy as sa
from flask_security import RoleMixin, UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.records import Base
from app.records.types import UtcDateTime

ROLES: Final = ("receptionist", "doctor", "manager")


class Role(RoleMixin):
    """A role as the sign-in library wants to see it; each person has exactly one."""

    def __init__(self, name: str) -> None:
        self.name = name


class Practitioner(Base, UserMixin):  # type: ignore[misc]  # the mixin calls its id an integer
    """A person who works at the clinic (FHIR Practitioner with PractitionerRole)."""

    __tablename__ = "practitioner"
    __table_args__ = (
        sa.CheckConstraint("role IN ('receptionist', 'doctor', 'manager')", "role"),
        {"sqlite_strict": True},
    )

    name: Mapped[str] = mapped_column(sa.Text)
    email: Mapped[str] = mapped_column(sa.Text, unique=True)
    role: Mapped[str] = mapped_column(sa.Text)
    password: Mapped[str] = mapped_column(sa.Text)
    active: Mapped[bool] = mapped_column(sa.Boolean)
    # Flask-Security's own handle of a person in a session; a new one ends every session.
    fs_uniquifier: Mapped[str] = mapped_column(sa.Text, unique=True)
    phone: Mapped[str | None] = mapped_column(sa.Text)
    registration: Mapped[str | None] = mapped_column(sa.Text)
    bookable: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    # Of the secret address of this person's calendar feed; None when there is none.
    feed_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary, unique=True)
    # How this person wants to see and use the lists.
    compact_rows: Mapped[bool] = mapped_column(sa.Boolean, default=False, server_default=sa.false())
    keys_on: Mapped[bool] = mapped_column(sa.Boolean, default=True, server_default=sa.true())
    tone_on: Mapped[bool] = mapped_column(sa.Boolean, default=False, server_default=sa.false())
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    @property
    def roles(self) -> list[Role]:  # type: ignore[override]  # the mixin expects a column
        """The one role, as the list that the sign-in library expects."""
        return [Role(self.role)]


class StaffSession(Base):
    """One signed-in browser. Signing out ends the row, so that a copied cookie is worth nothing."""

    __tablename__ = "staff_session"

    practitioner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("practitioner.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    started_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    practitioner: Mapped[Practitioner] = relationship()
