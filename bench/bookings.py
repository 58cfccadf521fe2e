"""A clinic with three doctors, two half-full weeks ahead, and any number of visits behind it."""

import datetime as dt
import itertools
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from flask import Flask

from app.domain.slots import Span, cells
from app.records import db, transaction
from app.records.schedule import Appointment, Place, Schedule, Slot, VisitKind
from app.records.service_request import ServiceRequest
from app.workflow import booking, staff
from bench.clinic import PASSWORD, open_clinic
from bench.measure import Effort, Spread

DAYS: Final = 14
DOCTORS: Final = 3
OPENS, CLOSES, VISIT = dt.time(9), dt.time(17), dt.timedelta(minutes=30)
DAY: Final = dt.timedelta(days=1)
A_DAY: Final = 16
AT_ONCE: Final = 2000
FEW: Final = 20


@dataclass(frozen=True, slots=True)
class Diary:
    """A clinic whose diary is filled, and the instant for which free times are asked."""

    app: Flask
    now: dt.datetime

    def asked(self, times: int) -> float:
        """Processor seconds of asking so many times for the free times of two weeks."""
        with self.app.app_context():
            began = time.process_time()
            for _ in range(times):
                booking.free(booking.practitioners(), self.now.date(), DAYS, self.now)
                db.session.rollback()
            return time.process_time() - began


def open_diary(folder: Path, past: int) -> Diary:
    """Make a clinic with so many visits in the past."""
    app = open_clinic(folder, 0, FEW).app
    now = dt.datetime.now(dt.UTC)  # noqa: TID251 - visits are before and after today
    with app.app_context():
        who, common = _doctors(now)
        ahead = (n for n in range(DAYS * A_DAY * DOCTORS) if n // DOCTORS % 2)
        behind = range(-1, -past - 1, -1)
        visits = (_visit(number, who, now) for number in itertools.chain(ahead, behind))
        while some := list(itertools.islice(visits, AT_ONCE)):
            _write(some, common, now)
    return Diary(app, now)


def _doctors(now: dt.datetime) -> tuple[list[uuid.UUID], dict[str, Any]]:
    """Their ids, and what all their visits have in common."""
    since = (now - DAY).date()
    with transaction() as session:
        place, kind = Place(name="Here", address="1 Example Road"), VisitKind(name="Visit")
        kind.minutes = 30
        session.add_all([place, kind])
    for number in range(DOCTORS - 1):
        email = f"doctor{number}@example.org"
        staff.add("doctor", f"Dr Number {number}", email, PASSWORD, now)
    who = [person.id for person in booking.practitioners()]
    with transaction() as session:
        session.add_all(
            Schedule(
                practitioner_id=each,
                place_id=place.id,
                kind_id=kind.id,
                weekday=weekday,
                opens=OPENS,
                closes=CLOSES,
                zone="Asia/Kolkata",
                valid_from=since,
            )
            for each in who
            for weekday in range(7)
        )
        request_id = session.scalars(sa.select(ServiceRequest.id).limit(1)).one()
    return who, {"request_id": request_id, "place_id": place.id, "kind_id": kind.id}


def _visit(number: int, who: list[uuid.UUID], now: dt.datetime) -> tuple[uuid.UUID, dt.datetime]:
    """With whom and when: one after the other, sixteen a day for each; today is number 0."""
    turn, doctor = divmod(number, len(who))
    day, place = divmod(turn, A_DAY)
    # Half past three in UTC is nine o'clock at the clinic.
    midnight = now.replace(hour=3, minute=30, second=0, microsecond=0)
    return who[doctor], midnight + day * DAY + place * VISIT


def _write(
    visits: list[tuple[uuid.UUID, dt.datetime]], common: dict[str, Any], now: dt.datetime
) -> None:
    rows, taken = [], []
    for doctor, starts_at in visits:
        ends_at = starts_at + VISIT
        row = {
            **common,
            "id": uuid.uuid4(),
            "practitioner_id": doctor,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "busy_from": starts_at,
            "busy_until": ends_at,
            "sequence": 0,
            "status": "booked" if starts_at > now else "fulfilled",
            "created_at": now,
            "changed_at": now,
            "version": 1,
        }
        rows.append(row)
        taken += [
            {"practitioner_id": doctor, "cell_at": cell, "appointment_id": row["id"]}
            for cell in cells(Span(starts_at, ends_at))
        ]
    with transaction() as session:
        session.execute(sa.insert(Appointment), rows)
        session.execute(sa.insert(Slot), taken)


def growth(small: Diary, large: Diary, effort: Effort) -> Spread:
    """What the larger one takes against the smaller, round by round."""
    one = max(small.asked(3), large.asked(3)) / 3
    times = max(1, round(effort.seconds / one))
    return Spread.of(list(_ratios(small, large, effort.rounds, times)))


def _ratios(small: Diary, large: Diary, rounds: int, times: int) -> Iterator[float]:
    for _ in range(rounds):
        few = small.asked(times)
        yield large.asked(times) / few
