"""What is stored. `transaction()` holds the only commit in the program."""

import fcntl
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, scoped_session
from sqlalchemy.orm.exc import StaleDataError

from app.domain.errors import AlreadyChanged
from app.records.types import new_id

WRITES = {"writes": True}
# Two waited for each other, and PostgreSQL let one of them go on.
DEADLOCK = "40P01"

# An INSERT that can add to the row that is there already, as each database says it.
INSERT: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Base(DeclarativeBase):
    """The base of every record: a time-ordered random id, named constraints, STRICT tables."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    __table_args__: Any = {"sqlite_strict": True}  # noqa: RUF012 - SQLAlchemy's own form

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


@contextmanager
def transaction() -> Iterator[scoped_session[Session]]:
    """One write transaction: committed at the end, rolled back on any error.

    What is read inside belongs to it; on SQLite it begins with `BEGIN IMMEDIATE`. Raises
    AlreadyChanged when a colleague was faster.
    """
    session = db.session
    session.rollback()
    session.connection(execution_options=WRITES)
    try:
        yield session  # type: ignore[misc]  # a scoped session of a subclass
        session.commit()
    except StaleDataError:
        session.rollback()
        raise AlreadyChanged from None
    except OperationalError as error:
        session.rollback()
        if getattr(error.orig, "sqlstate", None) == DEADLOCK:
            raise AlreadyChanged from None
        raise
    except BaseException:
        session.rollback()
        raise


def prepare_sqlite(engine: sa.Engine) -> None:
    """Make SQLite durable, checked and fair: WAL, synchronous FULL, foreign keys, a writers' queue.

    SQLite's own busy wait is unfair: under load some writers starve. A lock file, held from
    before `BEGIN IMMEDIATE` until the connection goes back to its pool, queues them instead.
    """
    lock_path = f"{engine.url.database}.writers"

    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=wal",
            "busy_timeout=5000",
            "foreign_keys=on",
            "synchronous=full",
        ):
            connection.execute(f"pragma {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        if writes:
            _queue_up(connection.info, lock_path)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @event.listens_for(engine, "checkin")
    def returned(connection: Any, record: Any) -> None:
        if (lock := record.info.get("writers_lock")) is not None:
            fcntl.flock(lock, fcntl.LOCK_UN)

    @event.listens_for(engine, "close")
    def closed(connection: Any, record: Any) -> None:
        if (lock := record.info.pop("writers_lock", None)) is not None:
            os.close(lock)


def _queue_up(info: dict[str, Any], lock_path: str) -> None:
    if "writers_lock" not in info:
        info["writers_lock"] = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(info["writers_lock"], fcntl.LOCK_EX)
