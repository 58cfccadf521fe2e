"""Times without visits: of the clinic, of a place, or of a person."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from app.domain.errors import NotFound
from app.domain.slots import Span
from app.records import db
from app.records.schedule import Closure
from app.workflow.hours.taken import Taken, taken


@dataclass(frozen=True, slots=True)
class Closing:
    """A closure as it shall be; of the clinic, unless it names a person or a place."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    reason: str
    told: bool
    practitioner_id: uuid.UUID | None = None
    place_id: uuid.UUID | None = None

    def forbids(self, each: Taken) -> bool:
        """Whether that visit cannot be."""
        concerned = self.practitioner_id in (None, each.practitioner_id) and self.place_id in (
            None,
            each.place_id,
        )
        return concerned and Span(self.starts_at, self.ends_at).meets(each.span)


@dataclass(frozen=True, slots=True)
class NewClosures:
    """One closure, or several at once."""

    closings: tuple[Closing, ...]

    def rests_on(self, now: dt.datetime) -> object:
        """The closures that there are."""
        return sorted(closure.id for closure in closures(now))

    def meets(self, now: dt.datetime) -> list[Taken]:
        """The times that fall into any of them."""
        return [
            each for each in taken(now) if any(closing.forbids(each) for closing in self.closings)
        ]

    def write(self, session: scoped_session[Session]) -> str:
        """Add them."""
        added = [
            Closure(
                starts_at=closing.starts_at,
                ends_at=closing.ends_at,
                reason=closing.reason,
                told=closing.told,
                practitioner_id=closing.practitioner_id,
                place_id=closing.place_id,
            )
            for closing in self.closings
        ]
        session.add_all(added)
        session.flush()
        return f"closure-add {' '.join(str(closure.id) for closure in added)}"


@dataclass(frozen=True, slots=True)
class EndedClosure:
    """A closure that is taken away: its times can be booked again."""

    id: uuid.UUID

    def rests_on(self, now: dt.datetime) -> object:
        """The closure."""
        found = closure_with(self.id)
        return found.starts_at, found.ends_at, found.practitioner_id, found.place_id

    def meets(self, now: dt.datetime) -> list[Taken]:
        """Nobody."""
        return []

    def write(self, session: scoped_session[Session]) -> str:
        """Take it away."""
        session.delete(closure_with(self.id))
        return f"closure-end {self.id}"


def closures(now: dt.datetime) -> list[Closure]:
    """Those that are not over, by time."""
    order = (Closure.starts_at, Closure.id)
    return list(
        db.session.scalars(sa.select(Closure).where(Closure.ends_at > now).order_by(*order))
    )


def closure_with(closure_id: uuid.UUID) -> Closure:
    """The closure with that id; raises NotFound."""
    if (found := db.session.get(Closure, closure_id)) is None:
        raise NotFound
    return found


def closed_already(closing: Closing, known: Sequence[Closure]) -> bool:
    """Whether one of these closures, of the same or of the whole clinic, holds all of it."""
    return any(
        closure.practitioner_id in (None, closing.practitioner_id)
        and closure.place_id in (None, closing.place_id)
        and closure.starts_at <= closing.starts_at
        and closing.ends_at <= closure.ends_at
        for closure in known
    )
