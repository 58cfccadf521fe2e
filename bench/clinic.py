"""An invented clinic to measure: its settings, its staff, and any number of requests.

A dozen requests come through the workflow. The others are clones of their rows, written with SQL:
each gets ids, a reference, a name, a phone number, search terms and a time of its own, and its
sealed fields are sealed again for their new place. To keep a million rows on a disk, a clone keeps
three of its answers. Three clones in five are closed, unless their mails are still to be sent.
"""

import datetime as dt
import functools
import itertools
import json
import os
import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Flask

from app import access, create_app
from app.demo import environment
from app.domain import lifecycle, search
from app.domain.condition import Pack
from app.domain.level import Level
from app.records import Base, db, migrate
from app.records.contact import ContactAttempt
from app.records.crypto import Keyring, keyring
from app.records.outbox import Message
from app.records.search_term import SearchTerm
from app.records.service_request import (
    QuestionnaireResponse,
    ServiceRequest,
    StatusChange,
    Triage,
)
from app.records.types import Sealed, new_id
from app.workflow import intake, queue, staff
from config import Settings

CONDITION: Final = "spinal-metastasis"
PASSWORD: Final = "correct horse battery"  # noqa: S105 - of people who do not exist
DESK, DOCTOR = "reception@example.org", "rao@example.org"
EACH_LEVEL: Final = 3
ANSWERS_KEPT: Final = 3
AT_ONCE: Final = 2000
KINDS: Final[tuple[type[Base], ...]] = (
    ServiceRequest,
    QuestionnaireResponse,
    Triage,
    StatusChange,
    ContactAttempt,
    Message,
)
FIRST_NAMES: Final = ("Asha", "Vasant", "Kamala", "Imran", "Deepa", "Thomas", "Sunita", "Baban")
LAST_NAMES: Final = ("Patil", "Deshmukh", "Iyer", "Shaikh", "Menon", "Pereira", "More", "Jadhav")
TIME: Final = "%Y-%m-%d %H:%M:%S.%f"
BETWEEN: Final = dt.timedelta(minutes=10)
YEARS_IN_MS: Final = 20 * 365 * 86_400_000
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Clinic:
    """A clinic whose database is ready, and somebody in it to look for."""

    env: Mapping[str, str]
    app: Flask
    reference: str
    urgent: str
    phone: str
    name: str


def open_clinic(
    folder: Path, port: int, requests: int, *, mail_port: int = 9, waiting: bool = False
) -> Clinic:
    """Make its settings and its database; with `waiting`, the mails of its clones are unsent."""
    others = {name: v for name, v in os.environ.items() if name not in environment.TAKEN_OVER}
    env = {**environment.prepare(folder, others, port).env, "MAIL_PORT": str(mail_port)}
    env["ENQUIRIES_PER_ADDRESS"] = "100000"  # all of them come from here
    settings = Settings.from_env(env)
    migrate.upgrade(settings.database_url)
    app = create_app(settings)
    with app.app_context():
        first = _first_requests(app.extensions["packs"][CONDITION], settings)
        db.session.remove()
        db.engine.dispose()
        clones = _Clones(folder / environment.DATABASE_FILE, keyring(), waiting=waiting)
        clones.write([made.id for made in first], requests - len(first))
    urgent = next(made for made in first if made.level is Level.urgent)
    name, phone = _person(0)
    return Clinic(env, app, clones.one, urgent.reference, phone, name)


@dataclass(frozen=True, slots=True)
class _Made:
    """A request that came through the workflow."""

    id: uuid.UUID
    reference: str
    level: Level


def _first_requests(pack: Pack, settings: Settings) -> list[_Made]:
    """Some of every level, as they come in; nobody answered at one call in three."""
    now = dt.datetime.now(dt.UTC)  # noqa: TID251 - mails and targets are of today
    desk = staff.add("receptionist", "Meera Joshi", DESK, PASSWORD, now)
    staff.add("doctor", "Dr Anand Rao", DOCTOR, PASSWORD, now)
    clinic = access.clinic()
    found = []
    for level in Level:
        cases = [case for case in pack.cases if case.level is level][:EACH_LEVEL]
        for number, case in enumerate(cases):
            submission = intake.Submission(
                id=uuid.uuid4(),
                source="web",
                language="en",
                answering_for="self",
                wanted="call",
                answers=case.answers,
                person={"name": "Lata Kulkarni", "phone": f"+9198765432{level:d}{number}"},
                consent_version="bench",
            )
            at = now - dt.timedelta(hours=1 + number)
            stored = intake.submit(pack, submission, clinic, at)
            found.append(_Made(stored.id, stored.reference, level))
            if number == 0:
                queue.log_call(found[-1].reference, "no-answer", desk, now)
    return found


def _person(number: int) -> tuple[str, str]:
    """The name and the phone number of the person of a clone."""
    first = FIRST_NAMES[number % len(FIRST_NAMES)]
    last = LAST_NAMES[number // len(FIRST_NAMES) % len(LAST_NAMES)]
    return f"{first} {last}", f"+9198765{number % 100_000:05}"


class _Clones:
    """Writes the rows of the first requests again and again, each time as of somebody else."""

    def __init__(self, database: Path, keys: Keyring, *, waiting: bool) -> None:
        self.keys = keys
        self.waiting = waiting
        self.one = ""
        self.connection = sqlite3.connect(database)
        self.connection.row_factory = sqlite3.Row
        self.name_term = functools.cache(functools.partial(keys.blind, "name"))
        self.now = dt.datetime.now(dt.UTC)  # noqa: TID251 - as above
        # Ids sort by time, and clones are older than the first requests.
        self.ids = itertools.count(new_id().int - (YEARS_IN_MS << 80))

    def write(self, ids: list[uuid.UUID], number: int) -> None:
        """Write so many clones, oldest first. The database need not survive a crash meanwhile."""
        moulds = [list(self._rows_of(found.hex)) for found in ids]
        self.connection.execute("PRAGMA journal_mode=off")
        self.connection.execute("PRAGMA synchronous=off")
        index = self._take_index_away()
        clones = (self._clone(moulds[n % len(moulds)], n, number) for n in range(number))
        while some := list(itertools.islice(clones, AT_ONCE)):
            self._insert([row for clone in some for row in clone])
        self.connection.execute(index)
        self.connection.commit()
        self.connection.execute("PRAGMA journal_mode=wal")
        self.connection.close()

    def _take_index_away(self) -> str:
        """Search terms are random: their index is made faster in one go."""
        name = "ix_search_term_term"
        found = self.connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,))
        statement: str = found.fetchone()["sql"]
        self.connection.execute(f"DROP INDEX {name}")
        return statement

    def _rows_of(self, request_id: str) -> Iterator[tuple[type[Base], Row, dict[str, bytes]]]:
        """The rows of a request, each with the plain text of its sealed columns."""
        for kind in KINDS:
            link = "id" if kind is ServiceRequest else "request_id"
            statement = f"SELECT * FROM {kind.__tablename__} WHERE {link} = ?"  # noqa: S608 - ours
            for row in map(dict, self.connection.execute(statement, (request_id,))):
                place = functools.partial(self._place, kind, uuid.UUID(row["id"]))
                sealed = {name: row[name] for name in _sealed(kind) if row[name] is not None}
                yield kind, row, {n: self.keys.open(v, place(n)) for n, v in sealed.items()}

    @staticmethod
    def _place(kind: type[Base], row_id: uuid.UUID, column: str) -> str:
        return _sealed(kind)[column].place(kind.__tablename__, row_id)

    def _clone(
        self, mould: list[tuple[type[Base], Row, dict[str, bytes]]], number: int, of: int
    ) -> Iterator[tuple[type[Base], Row]]:
        request_id = self._next_id()
        name, phone = _person(number)
        closed = False
        for kind, model, plain in mould:
            row = dict(model)
            row_id = request_id if kind is ServiceRequest else self._next_id()
            row["id"] = row_id.hex
            if kind is ServiceRequest:
                self._be_somebody(row, number, of)
                closed = row["status"] == lifecycle.CLOSED
                told = {**json.loads(plain["person_sealed"]), "name": name, "phone": phone}
                plain = {**plain, "person_sealed": json.dumps(told).encode()}  # noqa: PLW2901
            else:
                row["request_id"] = request_id.hex
            for column, text in plain.items():
                kept = _shortened(text) if kind is QuestionnaireResponse else text
                row[column] = self.keys.seal(kept, self._place(kind, row_id, column))
            if kind is ContactAttempt and closed:
                row["next_due_at"] = None
            if kind is Message and not self.waiting:
                row |= {"status": "sent", "settled_at": row["due_at"], "attempts": 1}
            yield kind, row
        for searched, words in search.terms_of_person(name, phone):
            is_name = searched == "name"
            term = self.name_term(words) if is_name else self.keys.blind(searched, words)
            row_id = self._next_id()
            yield SearchTerm, {"id": row_id.hex, "request_id": request_id.hex, "term": term}

    def _next_id(self) -> uuid.UUID:
        return uuid.UUID(int=next(self.ids))

    def _be_somebody(self, row: Row, number: int, of: int) -> None:
        """A reference and a time of its own; most requests are long done."""
        at = self.now - BETWEEN * (of - number)
        row["created_at"] = row["waiting_since"] = row["consent_at"] = at.strftime(TIME)
        row["due_at"] = (at + BETWEEN).strftime(TIME)
        letters = _spelt(number)
        row["reference"] = self.one = f"SPN-{letters[:3]}-{letters[3:]}"
        row["submission_id"] = uuid.uuid4().hex
        if number % 5 < 3 and not self.waiting:
            row |= {"status": lifecycle.CLOSED, "closed_reason": "advice-given"}

    def _insert(self, rows: list[tuple[type[Base], Row]]) -> None:
        by_kind: dict[type[Base], list[Row]] = {}
        for kind, row in rows:
            by_kind.setdefault(kind, []).append(row)
        for kind, found in by_kind.items():
            columns = ", ".join(f'"{name}"' for name in found[0])
            places = ", ".join("?" * len(found[0]))
            self.connection.executemany(
                f"INSERT INTO {kind.__tablename__} ({columns}) VALUES ({places})",  # noqa: S608 - ours
                [tuple(row.values()) for row in found],
            )


@functools.cache
def _sealed(kind: type[Base]) -> dict[str, Sealed[Any]]:
    """The sealed fields of a kind of record, by the column that holds them."""
    return {f.column: f for f in vars(kind).values() if isinstance(f, Sealed)}


@functools.cache
def _shortened(text: bytes) -> bytes:
    found = json.loads(text)
    if isinstance(found, dict):
        kept: object = dict(itertools.islice(found.items(), ANSWERS_KEPT))
    else:
        kept = found[:ANSWERS_KEPT]
    return json.dumps(kept).encode()


def _spelt(number: int) -> str:
    """Six letters for a number, in the alphabet of references."""
    letters = ""
    for _ in range(6):
        number, place = divmod(number, len(search.ALPHABET))
        letters = search.ALPHABET[place] + letters
    return letters
