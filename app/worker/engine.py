"""huey, which wakes the worker and keeps its minute clock: a file, PostgreSQL, or Redis.

Its own tables hold nothing but wake-up calls. In PostgreSQL they are called `huey_…` and stand
beside ours, unknown to our records and migrations.
"""

import logging
import sqlite3
import time
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import psycopg
from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey, crontab
from huey.consumer import Consumer
from sqlalchemy.exc import SQLAlchemyError

from config import Settings

if TYPE_CHECKING:
    from app.worker import Worker

log = logging.getLogger(__name__)
NAME: Final = "clinic"
CONNECT_SECONDS: Final = 3
STOP_SECONDS: Final = 8
AFTER_FAULT_SECONDS: Final = 5


def faults(settings: Settings) -> tuple[type[Exception], ...]:
    """What can go wrong when somebody rings."""
    if _url(settings).startswith("redis"):
        return (OSError, import_module("redis").RedisError)  # not everybody has it
    return (OSError, sqlite3.Error, psycopg.Error)


class Bell:
    """Rings for a worker, and calls the worker of this process when somebody rang."""

    def __init__(self, worker: "Worker", settings: Settings) -> None:
        self._worker = worker
        self.huey = _huey(settings)
        self._drain = self.huey.task(name="drain")(self._surviving(worker.drain))
        self.huey.periodic_task(crontab(), name="sweep")(self._surviving(worker.sweep))

    def ring(self) -> None:
        """Ask for a drain; raises one of `faults`. Nothing stays open."""
        try:
            self._drain()
        finally:
            self.huey.storage.close()

    def _surviving(self, act: Callable[[], object]) -> Callable[[], None]:
        """The act, after which the worker goes on when the database was away for a moment."""

        def run() -> None:
            try:
                act()
            except SQLAlchemyError as error:
                self._worker.alarm = time.monotonic() + AFTER_FAULT_SECONDS
                log.error("interrupted fault=%s", type(error).__name__)

        return run


def work(worker: "Worker") -> None:
    """Work until a signal comes."""
    _log_lines()
    bell = worker.bell
    bell.huey.flush()  # the first sweep finds all that is due, however often somebody rang
    consumer = _Consumer(worker, bell)
    worker.stopping = consumer.stop_flag.is_set
    log.info("started")
    consumer.run()
    bell.huey.storage.close()
    log.info("stopped")


class _Consumer(Consumer):
    """huey's consumer with one thread that sends, so that mails keep their order."""

    def __init__(self, worker: "Worker", bell: Bell) -> None:
        self._worker = worker
        super().__init__(
            bell.huey,
            workers=1,
            initial_delay=0.1,
            max_delay=0.5,
            shutdown_timeout=STOP_SECONDS,
            graceful_signal="TERM",
        )

    def loop(self, health_check_ts: float | None = None) -> Any:
        """Several times a second: ring when a message falls due."""
        alarm = self._worker.alarm
        if alarm is not None and time.monotonic() >= alarm:
            self._worker.alarm = None
            self._worker.wake()
        return super().loop(health_check_ts)

    def stop(self, graceful: bool = False) -> None:
        """Let what is being sent come to its end, whatever the signal was, and start no more."""
        self._restart = False
        super().stop(graceful=True)


def _huey(settings: Settings) -> Huey:
    url = _url(settings)
    if url.startswith("postgresql"):
        return PostgresHuey(NAME, results=False, dsn=url, connect_timeout=CONNECT_SECONDS)
    if url.startswith("redis"):
        return RedisHuey(NAME, results=False, url=url)
    file = urlsplit(url).path
    return SqliteHuey(NAME, results=False, filename=file, fsync=False, timeout=CONNECT_SECONDS)


def _url(settings: Settings) -> str:
    """Where to ring: what is set, or else what lies beside the records."""
    if settings.huey_url:
        return settings.huey_url
    return f"{settings.database_url}.worker" if settings.on_sqlite else settings.database_url


class _Lines(logging.Formatter):
    """Lines that name the class of a fault and hold nothing of what it says."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's own name
        """The class of the fault."""
        return f"fault={ei[0].__name__}"


def _log_lines() -> None:
    """Write our lines to standard error, unless somebody has decided otherwise."""
    if logging.root.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines("%(asctime)s level=%(levelname)s logger=%(name)s %(message)s"))
    logging.root.addHandler(handler)
    logging.getLogger("app").setLevel(logging.INFO)
