"""The investigation log: only ever longer, and every line sealed to the one before."""

import threading

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DatabaseError

from app.records import audit, db, transaction
from app.records.audit import AuditEvent
from app.records.service_request import QuestionnaireResponse, StatusChange, Triage
from tests.builders import NOW, a_request, a_staff_member

pytestmark = pytest.mark.usefixtures("context")
THREADS = 8


def write(*actions: str) -> None:
    """Write lines into the log, all in one transaction."""
    with transaction() as session:
        for action in actions:
            audit.remember(session, action, NOW, None, None)


def first_broken() -> int | None:
    """Where the log is broken, looked at afresh."""
    db.session.expire_all()
    return audit.first_broken(db.session)


def tamper(database: str, statement: str) -> None:
    """Change the log as somebody could who owns the database and takes its guards away."""
    with db.engine.connect() as connection:
        if database == "sqlite":
            for event in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER audit_event_no_{event}")
        else:
            connection.exec_driver_sql("ALTER TABLE audit_event DISABLE TRIGGER ALL")
        connection.exec_driver_sql(statement)
        connection.commit()


def test_lines_follow_from_each_other() -> None:
    """Several in one transaction, and then some more: numbered from one, unbroken."""
    assert first_broken() is None
    write("one", "two", "three")
    write("four")
    numbers = db.session.scalars(sa.select(AuditEvent.number).order_by(AuditEvent.number))
    assert list(numbers) == [1, 2, 3, 4]
    assert first_broken() is None


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("UPDATE audit_event SET action = 'nothing' WHERE number = 2", 2),
        ("UPDATE audit_event SET number = 9 WHERE number = 3", 3),
        ("DELETE FROM audit_event WHERE number = 1", 1),
        ("DELETE FROM audit_event WHERE number = 2", 2),
        ("UPDATE audit_event SET request_id = id WHERE number = 3", 3),
    ],
)
def test_a_line_that_was_changed_or_removed_is_found(
    database: str, statement: str, line: int
) -> None:
    """The first line that does not follow from the one before is named."""
    write("one", "two", "three")
    tamper(database, statement)
    assert first_broken() == line


def test_writers_at_the_same_time_take_turns(app: Flask) -> None:
    """No number is given twice, nobody fails, and the chain holds."""
    failed: list[Exception] = []
    db.session.remove()

    def log() -> None:
        with app.app_context():
            try:
                for number in range(5):
                    write(f"look-{number}")
            except Exception as error:  # noqa: BLE001 - told by the test's own thread
                failed.append(error)

    threads = [threading.Thread(target=log) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert db.session.scalar(sa.select(sa.func.max(AuditEvent.number))) == THREADS * 5
    assert first_broken() is None


@pytest.mark.parametrize("table", [AuditEvent, Triage, StatusChange, QuestionnaireResponse])
def test_what_is_append_only_cannot_be_changed(table: type) -> None:
    """The database itself refuses, whoever asks."""
    a_request()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(table))
    with pytest.raises(DatabaseError, match="append-only"), transaction() as session:
        session.execute(sa.update(table).values(at=NOW.replace(year=2020)))


def test_the_log_cannot_be_shortened(database: str) -> None:
    """Neither line by line nor all at once."""
    write("one")
    statements = ["DELETE FROM audit_event"]
    if database == "postgresql":
        statements.append("TRUNCATE audit_event")
    for statement in statements:
        with pytest.raises(DatabaseError, match="append-only"), transaction() as session:
            session.execute(sa.text(statement))
    assert first_broken() is None


def test_the_log_names_who_and_which_request() -> None:
    """An opened request leaves a line with the person and the record, and none of its content."""
    meera = a_staff_member("receptionist")
    request = a_request(by=meera)
    line = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "submit")).one()
    assert (line.actor_id, line.request_id, line.at) == (meera.id, request.id, NOW)
