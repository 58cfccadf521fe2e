"""What the database itself promises: durable, checked, and nobody's write lost."""

import threading
import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DatabaseError, IntegrityError

from app.domain.errors import AlreadyChanged
from app.records import Base, db, transaction
from app.records.enquiry import Draft
from app.records.outbox import Message
from app.records.service_request import ServiceRequest, Triage
from app.records.staff import Practitioner
from app.records.types import new_id
from app.workflow import enquiry
from tests.builders import NOW, a_request, a_staff_member, the_pack

pytestmark = pytest.mark.usefixtures("context")
THREADS, TIMES = 8, 10


def change(request: ServiceRequest, **values: object) -> None:
    """Write past every rule of the program."""
    with transaction() as session:
        session.execute(
            sa.update(ServiceRequest).where(ServiceRequest.id == request.id).values(**values)
        )


@pytest.mark.databases("sqlite")
def test_sqlite_is_durable_checked_and_patient() -> None:
    """WAL, synchronous FULL, foreign keys, five seconds of patience: on every connection."""
    for _ in range(2):
        with db.engine.connect() as connection:
            found = {
                name: connection.exec_driver_sql(f"pragma {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
        assert found == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "busy_timeout": 5000,
        }
        db.engine.dispose()


@pytest.mark.databases("sqlite")
def test_every_table_of_ours_is_strict() -> None:
    """A word where a number belongs is refused, whoever writes it."""
    rows = db.session.execute(sa.text("SELECT name, strict FROM pragma_table_list"))
    strict = {row.name for row in rows if row.strict}
    assert {table.name for table in Base.metadata.sorted_tables} <= strict
    with pytest.raises(DatabaseError, match="cannot store TEXT"), transaction() as session:
        session.execute(sa.text("INSERT INTO rate_hit (k, n, exp) VALUES ('a', 'many', 0.5)"))


def test_writes_begin_immediately_and_reads_do_not(database: str) -> None:
    """On SQLite a writer queues before it reads, so that it never has to give up half-way."""
    begun: list[str] = []
    engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", lambda c, cur, sql, *_: begun.append(sql))
    db.session.remove()
    db.session.scalar(sa.select(sa.func.count()).select_from(Draft))
    reads = [sql for sql in begun if sql.startswith("BEGIN")]
    db.session.rollback()
    begun.clear()
    with transaction() as session:
        session.scalar(sa.select(sa.func.count()).select_from(Draft))
    writes = [sql for sql in begun if sql.startswith("BEGIN")]
    expected = (["BEGIN"], ["BEGIN IMMEDIATE"]) if database == "sqlite" else ([], [])
    assert (reads, writes) == expected


def test_many_writers_at_once_lose_nothing_and_none_fails(app: Flask) -> None:
    """Eight threads count up one number in the database, by reading it and writing it."""
    token = enquiry.start(the_pack(), "en", "self", NOW)
    pack = the_pack()
    db.session.remove()

    def count() -> None:
        for _ in range(TIMES):
            with app.app_context():
                number = threading.get_ident()
                enquiry.save_person(token, pack, {f"{number}-{new_id()}": 1}, NOW)

    assert together(count) == []
    draft = enquiry.find(token, pack.id, NOW)
    assert draft
    assert len(draft.person) == THREADS * TIMES + 1


def together(act: Callable[[], None]) -> list[BaseException]:
    """Do it in many threads at once; gives what went wrong."""
    failed: list[BaseException] = []

    def safely() -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - told by the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=safely) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


@pytest.mark.databases("sqlite")
def test_a_reader_is_not_held_up_by_a_writer(app: Flask) -> None:
    """While somebody writes, pages still open, and show the state before."""
    a_request()
    db.session.remove()
    with transaction() as session:
        session.execute(sa.update(ServiceRequest).values(wanted="visit"))
        seen: list[str | None] = []

        def read() -> None:
            with app.app_context():
                seen.append(db.session.scalar(sa.select(ServiceRequest.wanted)))

        reader = threading.Thread(target=read)
        reader.start()
        reader.join(3)
        assert seen == ["call"]


def test_a_transaction_that_fails_leaves_nothing() -> None:
    """Whatever is raised inside, not a row of it is there afterwards, and the next one works."""

    def stopped() -> None:
        with transaction() as session:
            session.add(a_draft())
            session.flush()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 0
    a_request()


def a_draft() -> Draft:
    """A draft that nobody has stored."""
    draft = Draft(token_hash=b"1", condition="x", language="en", created_at=NOW, expires_at=NOW)
    draft.answers, draft.changes, draft.person = {}, [], {}
    return draft


def test_the_slower_of_two_colleagues_is_told(app: Flask) -> None:
    """A record that was changed between reading and writing raises AlreadyChanged."""
    request = a_request()

    def slower() -> None:
        with transaction() as session:
            found = session.get(ServiceRequest, request.id)
            assert found
            session.connection().execute(
                sa.text("UPDATE service_request SET version = version + 1")
            )
            found.wanted = "visit"

    with pytest.raises(AlreadyChanged):
        slower()
    db.session.expire_all()
    assert request.wanted == "call"


@pytest.mark.parametrize(
    "values",
    [
        {"status": "lost"},
        {"level": sa.text("4")},
        {"level": sa.text("-1")},
        {"closed_reason": "seen"},
        {"status": "closed"},
        {"status": "closed", "closed_reason": "because"},
        {"reference": None},
        {"person_sealed": None},
        {"acknowledged_by_id": uuid.UUID(int=1)},
    ],
)
def test_the_database_refuses_what_cannot_be(values: dict[str, object]) -> None:
    """Unknown states, levels and reasons, a reason without a closing, a person who is not there."""
    request = a_request()
    with pytest.raises(IntegrityError):
        change(request, **values)


def test_a_closed_request_has_a_reason() -> None:
    """The pair that belongs together is taken."""
    change(a_request(), status="closed", closed_reason="seen")


def test_no_reference_no_submission_and_no_triage_number_is_there_twice() -> None:
    """The unique keys decide, whatever the program does."""
    first, second = a_request(), a_request()
    for values in (
        {"reference": first.reference},
        {"submission_id": first.submission_id},
    ):
        with pytest.raises(IntegrityError):
            change(second, **values)
    twin = Triage(request_id=first.id, number=1, at=NOW, level=first.level, pack_version="1")
    twin.findings = []
    with pytest.raises(IntegrityError), transaction() as session:
        session.add(twin)


def test_one_message_for_each_kind_receiver_and_occasion() -> None:
    """The same mail cannot be queued twice."""
    request = a_request()
    mine = sa.select(Message).where(Message.request_id == request.id)
    known = db.session.scalars(mine.where(Message.kind == "new-request")).one()
    values = {c.name: getattr(known, c.name) for c in Message.__table__.columns}
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(sa.insert(Message).values({**values, "id": new_id()}))


def test_a_role_is_one_of_three_and_an_address_belongs_to_one() -> None:
    """Nobody gets rights by a misspelt role, or another person's sign-in."""
    meera = a_staff_member("receptionist")
    for values in ({"role": "owner"}, {"role": ""}):
        with pytest.raises(IntegrityError), transaction() as session:
            session.execute(sa.update(Practitioner).values(**values))
    arun = a_staff_member("doctor")
    mine = Practitioner.id == arun.id
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(sa.update(Practitioner).where(mine).values(email=meera.email))


def test_a_request_with_history_cannot_be_deleted_by_accident() -> None:
    """Foreign keys hold: what belongs to a request keeps it."""
    a_request()
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(sa.delete(ServiceRequest))


@pytest.mark.databases("postgresql")
def test_of_two_who_wait_for_each_other_one_is_told_that_a_colleague_was_faster(
    context: Flask,
) -> None:
    """A deadlock is no fault of ours: the loser looks at how it stands now."""
    ids = [a_staff_member("receptionist").id for _ in range(2)]
    db.session.remove()
    both_hold_one = threading.Barrier(2)
    ends: list[str] = []

    def lock(first: uuid.UUID, second: uuid.UUID) -> None:
        with context.app_context():
            try:
                with transaction() as session:
                    for number, id_ in enumerate((first, second)):
                        session.execute(
                            sa.select(Practitioner.id)
                            .where(Practitioner.id == id_)
                            .with_for_update()
                        )
                        if number == 0:
                            both_hold_one.wait()
                ends.append("done")
            except AlreadyChanged:
                ends.append("told")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=lock, args=pair) for pair in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["done", "told"]
