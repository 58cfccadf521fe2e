"""The counters of the rate limiter: one count for every thread and process."""

import datetime as dt
import subprocess
import sys
import threading
import time

import pytest
import sqlalchemy as sa
from flask import Flask

from app.records import db, limits
from app.records.limits import RATE_HIT, SqlStorage
from config import ROOT
from tests.builders import NOW, a_request

MINUTE = 60
THREADS, TIMES = 8, 10

pytestmark = pytest.mark.usefixtures("context")

COUNT = f"""
import sys
from tests.builders import an_app, settings
from app.records.limits import SqlStorage
with an_app(settings(database_url=sys.argv[1])).app_context():
    for _ in range({TIMES}):
        SqlStorage("sqlrate://").incr("key", {MINUTE})
"""


@pytest.fixture
def storage(context: Flask) -> SqlStorage:
    """The counters in the database of the app."""
    return SqlStorage("sqlrate://")


def test_a_window_counts_until_it_is_over(storage: SqlStorage) -> None:
    """Up within it, from one again after it; another key has its own."""
    assert [storage.incr("key", MINUTE) for _ in range(3)] == [1, 2, 3]
    assert storage.incr("key", MINUTE, amount=4) == 7
    assert storage.get("key") == 7
    assert 0 < storage.get_expiry("key") - time.time() <= MINUTE
    assert storage.get("other") == 0
    assert storage.incr("short", 0.01) == 1
    time.sleep(0.03)
    assert storage.get("short") == 0
    assert storage.incr("short", MINUTE) == 1


def test_counters_can_be_forgotten(storage: SqlStorage) -> None:
    """One by one, all at once, and those whose window is over."""
    for key in ("a", "b", "c"):
        storage.incr(key, MINUTE)
    storage.clear("a")
    assert (storage.get("a"), storage.get("b")) == (0, 1)
    now = dt.datetime.now(dt.UTC)
    assert limits.forget_over(now) == 0
    assert limits.forget_over(now + dt.timedelta(minutes=2)) == 2
    storage.incr("d", MINUTE)
    assert storage.reset() == 1
    assert storage.check()


def test_threads_never_count_too_few(app: Flask, storage: SqlStorage) -> None:
    """Eight at once: the counts that they get are all the numbers there are, each once."""
    counts: list[int] = []

    def count() -> None:
        with app.app_context():
            counts.extend(storage.incr("key", MINUTE) for _ in range(TIMES))

    threads = [threading.Thread(target=count) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == list(range(1, THREADS * TIMES + 1))


def test_two_processes_share_one_count(storage: SqlStorage, database_url: str) -> None:
    """A flood that hits two workers is one flood."""
    running = [
        subprocess.Popen([sys.executable, "-c", COUNT, database_url], cwd=ROOT)  # noqa: S603 - our own program
        for _ in range(2)
    ]
    assert [process.wait(60) for process in running] == [0, 0]
    assert storage.get("key") == 2 * TIMES


def test_counting_ends_no_write_of_somebody_else(storage: SqlStorage) -> None:
    """What was stored before stays, and what was read before can still be read."""
    request = a_request(at=NOW)
    storage.incr("key", MINUTE)
    assert request.person["name"] == "Asha Patil"
    with db.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(RATE_HIT)) == 1
