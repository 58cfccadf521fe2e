"""What the search looks in."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.records import Base


class SearchTerm(Base):
    """The blind index: keyed hashes of name starts and phone endings; none can be read back."""

    __tablename__ = "search_term"
    __table_args__ = (
        sa.Index("ix_search_term_term", "term", "request_id"),
        {"sqlite_strict": True},
    )

    request_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("service_request.id"), index=True)
    term: Mapped[bytes] = mapped_column(sa.LargeBinary)
