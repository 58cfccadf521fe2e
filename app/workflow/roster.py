"""The roster: who is on call first and second, and where nobody is."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from app.domain.errors import AlreadyChanged, NotFound
from app.domain.roster import FIRST, SECOND, WEEK, monday_of, shifts
from app.domain.slots import Span
from app.records import audit, db, transaction
from app.records.roster import OnCall, duties, gaps_soon
from app.records.staff import Practitioner


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift of the grid: who was entered for it, if anybody."""

    span: Span
    first: Practitioner | None
    second: Practitioner | None

    def id_of(self, rank: int) -> uuid.UUID | None:
        """Who has that rank, by id."""
        person = self.first if rank == FIRST else self.second
        return person.id if person else None


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody wants of one place in the grid, and whom they saw there."""

    span: Span
    rank: int
    seen: uuid.UUID | None
    wish: uuid.UUID | None


def doctors() -> list[Practitioner]:
    """Everybody who can be on call, by name."""
    found = sa.select(Practitioner).where(Practitioner.role == "doctor", Practitioner.active)
    return list(db.session.scalars(found.order_by(Practitioner.name, Practitioner.id)))


def on_call(now: dt.datetime) -> dict[int, Practitioner]:
    """By rank, who is on call now."""
    moment = duties(now, now + dt.timedelta(microseconds=1))
    return {duty.rank: duty.practitioner for duty in db.session.scalars(moment)}


def grid(spans: Sequence[Span]) -> list[Shift]:
    """Who is entered for each of these shifts: whoever is on call when it begins."""
    if not spans:
        return []
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    rows = db.session.scalars(duties(start, end)).all()

    def entered(rank: int, at: dt.datetime) -> Practitioner | None:
        found = (row for row in rows if row.rank == rank and row.starts_at <= at < row.ends_at)
        return next((row.practitioner for row in found), None)

    return [Shift(span, entered(FIRST, span.start), entered(SECOND, span.start)) for span in spans]


def gap(now: dt.datetime) -> Span | None:
    """The next time within a day at which no first doctor is on call."""
    return next(iter(gaps_soon(db.session, now)), None)


def enter(entries: Sequence[Entry], by: Practitioner, now: dt.datetime) -> int:
    """Enter who is on call, where that differs from what was seen; gives how many places changed.

    Raises AlreadyChanged when a colleague has changed one of these places meanwhile, and NotFound
    for somebody who cannot be on call.
    """
    wanted = [entry for entry in entries if entry.wish != entry.seen]
    with transaction() as session:
        _one_at_a_time(session)
        known = {doctor.id for doctor in doctors()}
        for entry, shift in zip(wanted, grid([entry.span for entry in wanted]), strict=True):
            stands = shift.id_of(entry.rank)
            if stands not in (entry.seen, entry.wish):
                raise AlreadyChanged
            if entry.wish not in {None, *known}:
                raise NotFound
            _put(session, entry.rank, entry.span, entry.wish)
        if wanted:
            audit.remember(session, "on-call", now, by.id, None)
    return len(wanted)


def next_hand_over(now: dt.datetime, hand_over: Sequence[dt.time], zone: ZoneInfo) -> dt.datetime:
    """When the shift that runs now ends."""
    monday = monday_of(now.astimezone(zone).date())
    weeks = [span for week in (-1, 0) for span in shifts(monday + week * WEEK, hand_over, zone)]
    return next(span.end for span in weeks if span.end > now)


def take_over(by: Practitioner, until: dt.datetime, now: dt.datetime) -> None:
    """A doctor takes the phone now: first on call until the next hand-over.

    Raises NotFound for somebody who cannot be on call.
    """
    with transaction() as session:
        if by.id not in {doctor.id for doctor in doctors()}:
            raise NotFound
        _one_at_a_time(session)
        _put(session, FIRST, Span(now, until), by.id)
        audit.remember(session, "take-over", now, by.id, None)


def _one_at_a_time(session: scoped_session[Session]) -> None:
    """Whoever else changes the roster waits until this transaction ends (SQLite has one writer)."""
    if db.engine.name == "postgresql":
        session.execute(sa.text("LOCK TABLE on_call IN SHARE ROW EXCLUSIVE MODE"))


def _put(
    session: scoped_session[Session],
    rank: int,
    span: Span,
    who: uuid.UUID | None,
) -> None:
    """Let one doctor, or nobody, be on call in that time; what others have of it ends there."""
    meeting = sa.select(OnCall).where(
        OnCall.rank == rank, OnCall.ends_at > span.start, OnCall.starts_at < span.end
    )
    for duty in session.scalars(meeting).all():
        session.delete(duty)
        session.flush()
        for start, end in ((duty.starts_at, span.start), (span.end, duty.ends_at)):
            if start < end:
                session.add(
                    OnCall(
                        rank=rank,
                        practitioner_id=duty.practitioner_id,
                        starts_at=start,
                        ends_at=end,
                    )
                )
    if who is not None:
        session.add(OnCall(rank=rank, practitioner_id=who, starts_at=span.start, ends_at=span.end))
    session.flush()
