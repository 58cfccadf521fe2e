"""What every test may ask for: real databases, a real mail server, the app."""

import functools
import itertools
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import factory
from app.domain.pack_reader import read_packs
from app.languages import ENGLISH, speaking
from app.records import db, migrate
from config import Settings
from tests import builders, hazard_log
from tests.servers import MailServer, Postgres

DATABASES = ("sqlite", "postgresql")
DOORS = frozenset({"patient", "desk", "doctor", "manager"})
HERE = frozenset({"127.0.0.1", "::1", "localhost"})
NUMBERS = itertools.count(1)
ROOM_FOR_FILES = 4 * 2**30


def _stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise when a test reaches for another machine."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
        if host not in HERE:
            raise RuntimeError(f"a test reaches for {host}")


sys.addaudithook(_stay_here)


def _keep_files_in_memory() -> None:
    """Databases of tests need no disk: where memory can hold them, their files lie there."""
    memory = Path("/dev/shm")  # noqa: S108 - its files get names of their own from tempfile
    room = shutil.disk_usage(memory).free if os.access(memory, os.W_OK) else 0
    if room > ROOM_FOR_FILES and "TMPDIR" not in os.environ:
        tempfile.tempdir = str(memory)


_keep_files_in_memory()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Before a release, or after a change of the database's dialects."""
    parser.addoption("--both-databases", action="store_true", help="tests of pages on both")


def pytest_configure(config: pytest.Config) -> None:
    """A run of everything shows that the controls of the hazard log work."""
    hazard_log.watch(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what touches a database on both, unless the test is marked for some.

    Pages stand on a workflow that is tested on both: each test of a page runs on one of them, half
    of them on each. `pytest --both-databases` runs them all on both.
    """
    if "database" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("databases")
        metafunc.parametrize("database", marker.args if marker else _usual(metafunc), indirect=True)


def _usual(metafunc: pytest.Metafunc) -> tuple[str, ...]:
    # What a browser sees does not depend on the database.
    if "live_server" in metafunc.fixturenames:
        return ("sqlite",)
    of_a_page = metafunc.definition.path.parent.name in DOORS
    if metafunc.config.getoption("both_databases") or not of_a_page:
        return DATABASES
    name = f"{metafunc.module.__name__}.{metafunc.function.__name__}"
    return (DATABASES[zlib.crc32(name.encode()) % len(DATABASES)],)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server."""
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> str:
    """The name of a migrated database that others are made like."""
    migrate.upgrade(postgres.make("migrated"))
    return "migrated"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file that others are copies of."""
    path = tmp_path_factory.mktemp("migrated") / "clinic.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database that this test runs on: sqlite or postgresql."""
    kind: str = request.param
    return kind


@pytest.fixture
def empty_database_url(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """The address of a database without tables."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
    else:
        yield from _postgres_database(request, "template1")


@pytest.fixture
def shares_app(request: pytest.FixtureRequest) -> bool:
    """Whether the test gets the app of the tests before: it changes nothing of it but its rows."""
    return "smtp" not in request.fixturenames and not request.node.get_closest_marker("own_app")


@pytest.fixture
def database_url(
    database: str, request: pytest.FixtureRequest, tmp_path: Path, shares_app: bool
) -> Iterator[str]:
    """The address of a migrated database that holds nothing yet."""
    if database == "sqlite":
        empty: Path = request.getfixturevalue("migrated_sqlite")
        path = (empty.parent if shares_app else tmp_path) / "test.db"
        for left in path.parent.glob("test.db*"):
            left.unlink()
        shutil.copyfile(empty, path)
        yield f"sqlite:///{path}"
    else:
        template = request.getfixturevalue("migrated_postgres")
        yield from _postgres_database(request, template, "shared" if shares_app else None)


def _postgres_database(
    request: pytest.FixtureRequest, template: str, name: str | None = None
) -> Iterator[str]:
    server: Postgres = request.getfixturevalue("postgres")
    name = name or f"test_{next(NUMBERS)}"
    yield server.make(name, template)
    server.drop(name)


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    """A mail server; its port is in the settings of the app."""
    server = MailServer().start()
    yield server
    server.stop()


@pytest.fixture
def settings(database_url: str, request: pytest.FixtureRequest) -> Settings:
    """The settings of the app; without `smtp`, nobody listens where mail would go."""
    mail_server = request.getfixturevalue("smtp") if "smtp" in request.fixturenames else None
    port = mail_server.port if mail_server else 9
    return builders.settings(database_url=database_url, mail_port=port)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins in English, whatever the page before it spoke."""
    with speaking(ENGLISH):
        yield


@pytest.fixture(scope="session", autouse=True)
def _packs_are_read_once() -> Iterator[None]:
    """Reading and checking a pack takes longer than all the rest of making an app."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(factory, "read_packs", functools.cache(read_packs))
        yield


@pytest.fixture(scope="session")
def apps() -> dict[Settings, Flask]:
    """The apps that tests share, by their settings."""
    return {}


@pytest.fixture
def app(settings: Settings, shares_app: bool, apps: dict[Settings, Flask]) -> Iterator[Flask]:
    """The app with an empty, migrated database; no context is pushed."""
    made = apps.get(settings) if shares_app else None
    made = made or builders.an_app(settings)
    if shares_app:
        apps[settings] = made
    yield made
    with made.app_context():
        db.engine.dispose()
        # Whoever listens to its statements listens to those of one test.
        if list(db.engine.dispatch.before_cursor_execute):
            apps.pop(settings, None)


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The app, in the context in which the workflow is called."""
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without script that knows nobody yet."""
    return app.test_client()
