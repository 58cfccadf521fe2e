"""What a patient is filling in, and how many got how far."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, scoped_session

from app.records import INSERT, Base
from app.records.types import Sealed, UtcDateTime, new_id


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
    # The contact page as typed, and "for_whom", "wanted", "warned" (rules already shown),
    # "warned_at" (when the first of them was).
    person = Sealed[dict[str, Any]]("person_sealed")


class EnquiryCount(Base):
    """How many enquiries begun on one day of the clinic got exactly so far.

    A number without a time of day, an id or an answer: nothing leads from it to a person.
    """

    __tablename__ = "enquiry_count"
    __table_args__ = (
        sa.UniqueConstraint("day", "condition", "reached"),
        sa.CheckConstraint("number > 0", "number"),
        {"sqlite_strict": True},
    )

    day: Mapped[dt.date] = mapped_column(sa.Date)
    condition: Mapped[str] = mapped_column(sa.Text)
    # The page that was open when the draft was erased, or one of `app.domain.enquiry.ENDS`.
    reached: Mapped[str] = mapped_column(sa.Text)
    number: Mapped[int] = mapped_column(sa.Integer)


def add_counts(
    session: scoped_session[Session], counted: Mapping[tuple[dt.date, str, str], int]
) -> None:
    """Add to the counts of each (day, condition, reached), in the caller's transaction."""
    insert = INSERT[session.get_bind().dialect.name]
    # In one order, so that two workers never wait for each other.
    for (day, condition, reached), number in sorted(counted.items()):
        row = insert(EnquiryCount).values(
            id=new_id(), day=day, condition=condition, reached=reached, number=number
        )
        session.execute(
            row.on_conflict_do_update(
                index_elements=["day", "condition", "reached"],
                set_={"number": EnquiryCount.number + row.excluded.number},
            )
        )
