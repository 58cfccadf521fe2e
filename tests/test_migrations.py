"""Migrations go up, down and up again, equal the models, and happen whole or not at all."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from app.domain.level import Level
from app.records import Base, audit, db, migrate, transaction
from app.records.service_request import ServiceRequest, StatusChange
from config import ROOT
from tests.builders import ENVIRONMENT, a_request, a_staff_member

BEFORE_THE_CLOCK = "0004"
COUNT_DOWN = ("ix_service_request_queue", "ix_service_request_mine")
BROKEN = '''
"""Breaks half-way."""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "9999", "NEWEST"
def upgrade():
    op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("INSERT INTO half VALUES (1)")
    op.execute("INSERT INTO nowhere VALUES (1)")
def downgrade():
    pass
'''

pytestmark = pytest.mark.own_app


@pytest.fixture
def engine(empty_database_url: str) -> sa.Engine:
    """An engine on a database without tables."""
    return sa.create_engine(empty_database_url, poolclass=sa.NullPool)


def tables(engine: sa.Engine) -> set[str]:
    """The tables that are there, but for the note of the revision."""
    return set(sa.inspect(engine).get_table_names()) - {"alembic_version"}


def shape(engine: sa.Engine) -> dict[str, object]:
    """Everything that the database says of its tables."""
    look = sa.inspect(engine)
    return {
        name: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(name)],
            sorted(str(each["name"]) for each in look.get_check_constraints(name)),
            sorted(str(each["column_names"]) for each in look.get_unique_constraints(name)),
            sorted(str(each["name"]) for each in look.get_indexes(name)),
            sorted(str(each["constrained_columns"]) for each in look.get_foreign_keys(name)),
        )
        for name in sorted(tables(engine))
    }


def test_up_down_and_up_again_gives_the_same(engine: sa.Engine, empty_database_url: str) -> None:
    """Down leaves nothing behind, not even a function; up makes the same tables again."""
    migrate.upgrade(empty_database_url)
    first = shape(engine)
    assert set(first) == {table.name for table in Base.metadata.sorted_tables}
    assert migrate.revision_of(engine) == migrate.NEWEST
    migrate.upgrade(empty_database_url)
    assert shape(engine) == first
    migrate.downgrade(empty_database_url, "base")
    assert tables(engine) == set()
    assert migrate.revision_of(engine) is None
    migrate.upgrade(empty_database_url)
    assert shape(engine) == first


def test_the_tables_equal_the_models(engine: sa.Engine, empty_database_url: str) -> None:
    """Alembic finds no difference, types included; check constraints carry the same names."""
    migrate.upgrade(empty_database_url)
    with engine.connect() as connection:
        options = {"compare_type": True, "include_object": comparable}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
        look = sa.inspect(connection)
        for table in Base.metadata.sorted_tables:
            wanted = {
                str(each.name) for each in table.constraints if isinstance(each, sa.CheckConstraint)
            }
            found = {str(each["name"]) for each in look.get_check_constraints(table.name)}
            assert found == wanted, table.name


def comparable(thing: object, name: str | None, kind: str, *_: object) -> bool:
    """Whether SQLite tells all about it: of an index that counts down it does not."""
    return kind != "index" or name not in COUNT_DOWN


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("name", COUNT_DOWN)
def test_the_indexes_of_the_queue_equal_the_model(
    engine: sa.Engine, empty_database_url: str, name: str
) -> None:
    """An index that cannot be compared is written as the model would write it."""
    migrate.upgrade(empty_database_url)
    known = Base.metadata.tables["service_request"].indexes
    index = next(each for each in known if each.name == name)
    with engine.connect() as connection:
        asked = sa.text("SELECT sql FROM sqlite_master WHERE name = :name")
        written = connection.scalar(asked, {"name": name})
        assert written == str(sa.schema.CreateIndex(index).compile(connection))


def test_a_database_with_data_goes_down_and_up(app: Flask, database_url: str) -> None:
    """Rows in every corner do not stop a migration, and the clinic works on the fresh tables."""
    with app.app_context():
        a_staff_member("doctor")
        a_request(Level.emergency)
        db.session.remove()
        db.engine.dispose()
        migrate.downgrade(database_url, "base")
        migrate.upgrade(database_url)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(ServiceRequest)) == 0
        a_request()
        assert audit.first_broken(db.session) is None


def test_the_history_of_older_requests_gets_its_clock(app: Flask, database_url: str) -> None:
    """Level and start of the arrival are filled in, the target is not known; then it is shut."""
    with app.app_context():
        arrived = a_request(Level.urgent).created_at
        db.session.remove()
        db.engine.dispose()
        migrate.downgrade(database_url, BEFORE_THE_CLOCK)
        migrate.upgrade(database_url)
        [line] = db.session.scalars(sa.select(StatusChange))
        assert (line.event, line.level, line.waiting_since) == ("submit", Level.urgent, arrived)
        assert line.due_at is None
        for change in ({"level": 0}, {"waiting_since": None}, {"due_at": arrived}):
            with pytest.raises(sa.exc.DatabaseError, match="append-only"), transaction() as session:
                session.execute(sa.update(StatusChange).values(change))


def test_data_stays_when_there_is_nothing_to_migrate(app: Flask, database_url: str) -> None:
    """An update that needs no migration leaves every row as it is."""
    with app.app_context():
        reference = a_request().reference
        db.session.remove()
        migrate.upgrade(database_url)
        assert db.session.scalar(sa.select(ServiceRequest.reference)) == reference


def test_a_migration_that_fails_leaves_no_half(
    engine: sa.Engine, empty_database_url: str, tmp_path: Path
) -> None:
    """Neither its tables nor its number stay; the clinic goes on with the version before."""
    migrate.upgrade(empty_database_url)
    before = shape(engine)
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9999_broken.py").write_text(
        BROKEN.replace("NEWEST", migrate.NEWEST), encoding="utf-8"
    )
    config = migrate._config(empty_database_url)
    config.set_main_option("script_location", str(folder))
    with pytest.raises(sa.exc.DatabaseError, match="nowhere"):
        command.upgrade(config, "9999")
    assert shape(engine) == before
    assert migrate.revision_of(engine) == migrate.NEWEST


def start_web(database_url: str) -> subprocess.CompletedProcess[str]:
    """Load the web app as its server does."""
    return subprocess.run(
        [sys.executable, "-c", "import wsgi; print(wsgi.app.name)"],
        cwd=ROOT,
        env={**ENVIRONMENT, "DATABASE_URL": database_url, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_web_refuses_a_database_that_is_not_migrated(empty_database_url: str) -> None:
    """It names the command that helps, and starts once that was done."""
    refused = start_web(empty_database_url)
    assert refused.returncode == 1
    assert f"the database is at nothing, this version needs {migrate.NEWEST}" in refused.stderr
    assert "Run `flask migrate`" in refused.stderr
    assert "Traceback" not in refused.stderr
    migrate.upgrade(empty_database_url)
    started = start_web(empty_database_url)
    assert (started.returncode, started.stdout) == (0, "app.factory\n")


def test_the_worker_refuses_a_database_of_a_newer_version(app: Flask, database_url: str) -> None:
    """An old program must not write into tables that it does not know."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0999'"))
    refused = app.test_cli_runner().invoke(args=["worker"])
    assert isinstance(refused.exception, SystemExit)
    assert "the database is at 0999" in str(refused.exception)
    assert "Start the newer Spinedesk" in str(refused.exception)


@pytest.mark.databases("sqlite")
def test_the_web_starts_when_the_database_does_not_answer(tmp_path: Path) -> None:
    """What patients read needs no database, and the database may come back."""
    started = start_web(f"postgresql://nobody@/nothing?host={tmp_path}&connect_timeout=1")
    assert started.returncode == 0
    assert "the database does not answer" in started.stderr


@pytest.mark.databases("sqlite")
def test_commands_migrate_what_the_web_refuses(empty_database_url: str) -> None:
    """`flask migrate` and `python -m app.commands migrate` both load on an empty database."""
    for program in (["flask", "--app", "wsgi"], ["app.commands"]):
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", *program, "migrate"],
            cwd=ROOT,
            env={**ENVIRONMENT, "DATABASE_URL": empty_database_url, "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert "up to date" in done.stdout
