"""The kinds of visit: how long, how much, and when patients may choose them."""

import datetime as dt
import uuid
from dataclasses import dataclass, fields

import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from app.domain.errors import NotFound
from app.domain.hours import minutes_between
from app.records import db
from app.records.schedule import Schedule, VisitKind
from app.workflow.hours.taken import Taken, taken


@dataclass(frozen=True, slots=True)
class ChangedKind:
    """A kind of visit as it shall be; a new one without an id. Booked visits keep their length."""

    id: uuid.UUID | None
    name: str
    minutes: int
    buffer_before: int
    buffer_after: int
    fee: int | None
    lead_minutes: int
    horizon_days: int
    for_patients: bool
    active: bool

    def rests_on(self, now: dt.datetime) -> object:
        """The kind as it is, the names of all, and the shortest hours that are for it."""
        before = kind_with(self.id) if self.id else None
        as_it_is = before and tuple(getattr(before, field.name) for field in fields(self))
        shortest = shortest_hours(self.id, now.date()) if self.id else None
        return as_it_is, sorted((kind.name, kind.id) for kind in kinds()), shortest

    def meets(self, now: dt.datetime) -> list[Taken]:
        """The visits of this kind that are to come."""
        return taken(now, kind_id=self.id) if self.id else []

    def write(self, session: scoped_session[Session]) -> str:
        """Change it, or add it."""
        kind = kind_with(self.id) if self.id else VisitKind()
        session.add(kind)
        for field in fields(self):
            if field.name != "id":
                setattr(kind, field.name, getattr(self, field.name))
        session.flush()
        return f"kind-{'set' if self.id else 'add'} {kind.id}"


def kinds() -> list[VisitKind]:
    """All of them: those in use first, by name."""
    order = (VisitKind.active.desc(), VisitKind.name)
    return list(db.session.scalars(sa.select(VisitKind).order_by(*order)))


def kind_with(kind_id: uuid.UUID) -> VisitKind:
    """The kind of visit with that id; raises NotFound."""
    if (found := db.session.get(VisitKind, kind_id)) is None:
        raise NotFound
    return found


def shortest_hours(kind_id: uuid.UUID, today: dt.date) -> int | None:
    """How many minutes the shortest hours for this kind last, today or later."""
    hours = sa.select(Schedule.opens, Schedule.closes).where(
        Schedule.kind_id == kind_id,
        sa.or_(Schedule.valid_until.is_(None), Schedule.valid_until >= today),
    )
    found = db.session.execute(hours).all()
    return min((minutes_between(opens, closes) for opens, closes in found), default=None)
