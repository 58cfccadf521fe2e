"""What the desk writes to patients: ready texts, and the words that were sent."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.records import Base
from app.records.staff import Practitioner
from app.records.types import Sealed, UtcDateTime


class ReadyText(Base):
    """A text that the manager has made ready, once in each language."""

    __tablename__ = "ready_text"
    __table_args__ = (sa.UniqueConstraint("name", "language"), {"sqlite_strict": True})

    name: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.Text)
    subject: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text)
    active: Mapped[bool] = mapped_column(sa.Boolean)
    version: Mapped[int] = mapped_column(sa.Integer)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form


class Written(Base):
    """The words of one mail that somebody of the clinic wrote to a patient; never edited.

    Its id is that of the form that was sent, so that pressing twice writes once. `number` is the
    occurrence of the message that refers to it.
    """

    __tablename__ = "written"
    __table_args__ = (sa.UniqueConstraint("request_id", "number"), {"sqlite_strict": True})

    request_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("service_request.id"))
    number: Mapped[int] = mapped_column(sa.Integer)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("practitioner.id"))
    subject_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    text_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)

    subject = Sealed[str]("subject_sealed")
    text = Sealed[str]("text_sealed")
    by: Mapped[Practitioner] = relationship()
