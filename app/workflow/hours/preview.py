"""What a change would do, and the one transaction that does just that or nothing.

The digest of a preview covers what is to change, what is stored now, and every time that the
change meets, with its version. It is compared inside the transaction that writes, once nobody can
book any more (`records/turns.py`): what was previewed and what is written cannot differ.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session, scoped_session

from app.domain.errors import AlreadyChanged
from app.records import audit, transaction
from app.records.staff import Practitioner
from app.records.turns import while_nobody_books
from app.workflow.hours.taken import Taken


class Change(Protocol):
    """Something that a manager wants to change; two that want the same are written the same."""

    def rests_on(self, now: dt.datetime) -> object:
        """What is stored now of the things that it changes; raises NotFound."""

    def meets(self, now: dt.datetime) -> list[Taken]:
        """The times to come that somebody has, and that it meets, by time."""

    def write(self, session: scoped_session[Session]) -> str:
        """Change it; gives the name of the act for the log."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The times that a change meets, and the digest by which a confirmation refers to this."""

    met: tuple[Taken, ...]
    digest: str


def preview(change: Change, now: dt.datetime) -> Preview:
    """What a change would do now; raises NotFound."""
    met = tuple(change.meets(now))
    seen = repr((change, change.rests_on(now), met))
    return Preview(met, hashlib.sha256(seen.encode()).hexdigest())


def save(change: Change, digest: str, by: Practitioner, now: dt.datetime) -> None:
    """Do what the preview with that digest showed.

    Raises AlreadyChanged when it would do anything else by now, and NotFound.
    """
    with transaction() as session:
        while_nobody_books(session)
        if preview(change, now).digest != digest:
            raise AlreadyChanged
        action = change.write(session)
        session.flush()
        audit.remember(session, action, now, by.id, None)
