"""What the search looks in."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.domain import sounds
from app.records import Base
from app.records.crypto import keyring


class SearchTerm(Base):
    """The blind index: keyed hashes of name starts, phone endings and how names sound.

    None can be read back.
    """

    __tablename__ = "search_term"
    __table_args__ = (
        sa.Index("ix_search_term_term", "term", "request_id"),
        {"sqlite_strict": True},
    )

    request_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("service_request.id"), index=True)
    term: Mapped[bytes] = mapped_column(sa.LargeBinary)


def heard(name: str) -> set[bytes]:
    """The terms for how a name sounds: one for every two of its parts."""
    return {keyring().blind("sounds", pair) for pair in sounds.pairs_of(name)}
