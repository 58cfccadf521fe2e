"""Runs migrations in one transaction, on SQLite as on PostgreSQL.

The database is the caller's (`app.records.migrate`), or DATABASE_URL for the `alembic` command.
To alter a table on SQLite, batch mode builds it anew, without its triggers: a migration that
alters an append-only table makes them again.
"""

import os
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import context

from app.records import (
    WRITES,
    Base,
    audit,
    enquiry,
    limits,
    link,
    outbox,
    prepare_sqlite,
    presence,
    roster,
    saved_view,
    schedule,
    score,
    search_term,
    service_request,
    staff,
    task,
    written,
)

RECORDS = (
    audit,
    enquiry,
    limits,
    link,
    outbox,
    presence,
    roster,
    saved_view,
    schedule,
    score,
    search_term,
    service_request,
    staff,
    task,
    written,
)
"""Loaded so that Base knows every table."""

ONE_AT_A_TIME = 7_031_002
"""The advisory lock under which PostgreSQL is migrated; SQLite has one writer anyway."""


def engine_for(url: str) -> sa.Engine:
    """An engine whose SQLite connections can rebuild tables that others refer to."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    if engine.name == "sqlite":
        Path(engine.url.database or "").parent.mkdir(parents=True, exist_ok=True)
        prepare_sqlite(engine)

        @sa.event.listens_for(engine, "connect")
        def connected(connection: Any, record: Any) -> None:
            connection.execute("pragma foreign_keys=off")

    return engine


def check_references(connection: sa.Connection) -> None:
    """Raise RuntimeError when a row refers to one that is gone."""
    if connection.dialect.name == "sqlite":
        lost = connection.exec_driver_sql("pragma foreign_key_check").all()
        if lost:
            tables = sorted({row[0] for row in lost})
            raise RuntimeError(f"rows of {', '.join(tables)} refer to rows that do not exist")


def migrate(url: str) -> None:
    """Run what is asked for; nothing of it stays when a part fails."""
    engine = engine_for(url)
    with engine.connect().execution_options(**WRITES) as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            # SQLite's own driver would commit before each table; ours does not.
            transactional_ddl=True,
        )
        with context.begin_transaction():
            if engine.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
            context.run_migrations()
            check_references(connection)


migrate(context.config.attributes.get("database_url") or os.environ["DATABASE_URL"])
