"""Scores that doctors have kept for a request."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.records import Base
from app.records.staff import Practitioner
from app.records.types import Sealed, UtcDateTime


class Score(Base):
    """One score as a doctor kept it; never edited.

    A correction is another row that names the one it corrects. It hangs on no relation of the
    request, so that nobody loads it with what the desk sees.
    """

    __tablename__ = "score"

    request_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("service_request.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("practitioner.id"))
    name: Mapped[str] = mapped_column(sa.Text)
    # Of the table by which it was worked out.
    table_version: Mapped[str] = mapped_column(sa.Text)
    # A row is corrected once: who wants to correct it again corrects the correction.
    corrects_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("score.id"), unique=True)
    answers_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    result_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)

    # By item; and "level" of the spine and "scan_on" where the score is of one level.
    answers = Sealed[dict[str, str]]("answers_sealed")
    # As it was on the page: "title", "value", "words", "items" (each "item", "answer", "points").
    result = Sealed[dict[str, Any]]("result_sealed")

    by: Mapped[Practitioner] = relationship()
