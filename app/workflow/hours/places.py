"""The places where visits take place."""

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from app.domain.errors import NotFound
from app.records import db
from app.records.schedule import Place
from app.workflow.hours.taken import Taken, taken


@dataclass(frozen=True, slots=True)
class ChangedPlace:
    """A place as it shall be; a new one without an id."""

    id: uuid.UUID | None
    name: str
    address: str
    directions: str
    step_free: bool
    active: bool

    def rests_on(self, now: dt.datetime) -> object:
        """The place as it is, and the names of all."""
        before = place_with(self.id) if self.id else None
        as_it_is = before and (
            before.name,
            before.address,
            before.directions,
            before.step_free,
            before.active,
        )
        return as_it_is, sorted((place.name, place.id) for place in places())

    def meets(self, now: dt.datetime) -> list[Taken]:
        """The visits that are to be there."""
        return taken(now, place_id=self.id) if self.id else []

    def write(self, session: scoped_session[Session]) -> str:
        """Change it, or add it."""
        place = place_with(self.id) if self.id else Place()
        session.add(place)
        place.name, place.address, place.directions = self.name, self.address, self.directions
        place.step_free, place.active = self.step_free, self.active
        session.flush()
        return f"place-{'set' if self.id else 'add'} {place.id}"


def places() -> list[Place]:
    """All of them: those in use first, by name."""
    return list(db.session.scalars(sa.select(Place).order_by(Place.active.desc(), Place.name)))


def place_with(place_id: uuid.UUID) -> Place:
    """The place with that id; raises NotFound."""
    if (found := db.session.get(Place, place_id)) is None:
        raise NotFound
    return found
