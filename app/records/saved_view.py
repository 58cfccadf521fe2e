"""Views of the queue that somebody keeps under a name."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.level import Level
from app.records import Base
from app.records.types import LevelType, Sealed


class SavedView(Base):
    """A choice of the queue with its name, for one person or for all who work here."""

    __tablename__ = "saved_view"

    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("practitioner.id"), index=True)
    shared: Mapped[bool] = mapped_column(sa.Boolean)
    view: Mapped[str] = mapped_column(sa.Text)
    level: Mapped[Level | None] = mapped_column(LevelType)
    status: Mapped[str | None] = mapped_column(sa.Text)
    speaks: Mapped[str | None] = mapped_column(sa.Text)
    wants: Mapped[str | None] = mapped_column(sa.Text)
    sort: Mapped[str] = mapped_column(sa.Text)
    name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)

    # Sealed, because people call a view after the patient for whom they made it.
    name = Sealed[str]("name_sealed")
