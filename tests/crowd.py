"""Many requests at once, and what the database has to do for them."""

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa

from app.domain.level import Level
from app.records import db
from app.records.crypto import keyring
from app.records.search_term import SearchTerm
from app.records.service_request import ServiceRequest
from app.records.types import new_id
from tests.builders import NOW, a_request

MINUTE: Final = dt.timedelta(minutes=1)
YEARS_AGO: Final = "2020-01-01 00:00:00.000000"
YEARS_AHEAD: Final = "2040-01-01 00:00:00.000000"
NUMBERED: Final = """
    WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last)
"""


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """What is sent to the database meanwhile."""
    seen: list[tuple[str, Any]] = []

    def sent(connection: Any, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append((statement, values))

    sa.event.listen(db.engine, "before_cursor_execute", sent)
    try:
        yield seen
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", sent)


def many(number: int, status: str | None = None) -> None:
    """Many requests at once: copies of one, put straight into the tables."""
    one = a_request(Level.routine, person={"name": "Zzz", "phone": "+919000000000"})
    triage = one.triage
    requests = {column.key: getattr(one, column.key) for column in ServiceRequest.__table__.columns}
    triages = {column.key: getattr(triage, column.key) for column in triage.__table__.columns}
    statuses = ("closed", "booked", "closed", "with-patient")
    named = keyring().blind("name", "person")
    rows: list[list[dict[str, Any]]] = [[], [], []]
    for place in range(number - 1):
        now_status = status or statuses[place % 4]
        copy = ServiceRequest(id=new_id())
        copy.person = {"name": f"Person {place}"}
        decision = type(triage)(id=new_id())
        decision.findings = []
        at = NOW - place * MINUTE
        rows[0].append(
            requests
            | {
                "id": copy.id,
                "person_sealed": copy.person_sealed,
                "reference": f"X{place}",
                "submission_id": uuid.uuid4(),
                "status": now_status,
                "closed_reason": "seen" if now_status == "closed" else None,
                "created_at": at,
                "waiting_since": at,
                "level": Level(place % 4),
            }
        )
        rows[1].append(
            triages
            | {
                "id": decision.id,
                "request_id": copy.id,
                "findings_sealed": decision.findings_sealed,
                "number": 1,
            }
        )
        rows[2].append({"id": new_id(), "request_id": copy.id, "term": named})
    db.session.execute(sa.insert(ServiceRequest), rows[0])
    db.session.execute(sa.insert(type(triage)), rows[1])
    db.session.execute(sa.insert(SearchTerm), rows[2])
    db.session.commit()
    analyse()


def crowd(first: int, last: int) -> None:
    """So many more on SQLite, the lowest number first: old, routine, and never on a first page.

    A quarter of them waits for the desk; the closed ones are somebody's. All answer to "person".
    """
    columns = {column.key: f'one."{column.key}"' for column in ServiceRequest.__table__.columns}
    columns |= {
        "id": "printf('%032x', i)",
        "submission_id": "printf('%032x', i)",
        "reference": "printf('C%06d', i)",
        "level": "0",
        "status": "CASE i % 4 WHEN 0 THEN 'with-desk' WHEN 1 THEN 'booked' ELSE 'closed' END",
        "closed_reason": "CASE WHEN i % 4 > 1 THEN 'seen' END",
        "assigned_to_id": "CASE WHEN i % 4 > 1 THEN (SELECT id FROM practitioner LIMIT 1) END",
        "created_at": f"'{YEARS_AGO}'",
        "waiting_since": f"'{YEARS_AHEAD}'",
    }
    names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(columns.values())
    one = "(SELECT * FROM service_request LIMIT 1) AS one"
    # Our own numbers and names alone.
    copies = f"INSERT INTO service_request ({names}) SELECT {values} FROM n, {one}"  # noqa: S608
    found = (
        "INSERT INTO search_term (id, request_id, term)"
        " SELECT printf('%032x', i), printf('%032x', i), :term FROM n"
    )
    values_of = {"first": first, "last": last, "term": keyring().blind("name", "person")}
    with db.engine.begin() as connection:
        for statement in (copies, found):
            connection.execute(sa.text(NUMBERED + statement), values_of)
    analyse()


def analyse() -> None:
    """Let the database look at what it holds, so that it plans well."""
    with db.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


@contextmanager
def steps() -> Iterator[list[int]]:
    """Hundreds of steps that SQLite's machine makes meanwhile: work, whatever the clock says."""
    made = [0]

    def hundred_more() -> int:
        made[0] += 1
        return 0

    def taken(connection: Any, record: Any, proxy: Any) -> None:
        connection.set_progress_handler(hundred_more, 100)

    sa.event.listen(db.engine, "checkout", taken)
    try:
        yield made
    finally:
        sa.event.remove(db.engine, "checkout", taken)
