"""What a patient is filling in."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.records import Base
from app.records.types import Sealed, UtcDateTime


class Draft(Base):
    """The pages answered so far, kept for 24 hours under a random id in a cookie.

    Its id is the submission id of the request that it becomes.
    """

    __tablename__ = "draft"

    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    condition: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    # Of the request that it became: with a phone number only at first, sent in full at `sent_at`.
    reference: Mapped[str | None] = mapped_column(sa.Text)
    sent_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    answers_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    changes_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    person_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)

    answers = Sealed[dict[str, str]]("answers_sealed")
    # Each {"at", "page", "warned", "changed": {field: [old, new]}}: what was changed after advice.
    changes = Sealed[list[dict[str, Any]]]("changes_sealed")
    # The contact page as typed, and "for_whom", "wanted", "warned" (rules already shown).
    person = Sealed[dict[str, Any]]("person_sealed")
