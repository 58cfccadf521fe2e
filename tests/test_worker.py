"""The worker: nothing that was confirmed is lost, whatever is killed, cut or away."""

import dataclasses
import datetime as dt
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from app.domain.level import Level
from app.records import db, transaction
from app.records.enquiry import Draft
from app.records.outbox import Message
from app.worker import Worker
from app.workflow import enquiry, escalation, outbox, problems
from config import ROOT, BadSettings, Settings
from tests import builders
from tests.builders import a_request, a_staff_member, the_pack
from tests.servers import MailServer

DESK = "desk@example.org"
Start = Callable[..., subprocess.Popen[str]]

pytestmark = pytest.mark.own_app


def now() -> dt.datetime:
    """The time that the worker sees."""
    return dt.datetime.now(dt.UTC)


@pytest.fixture
def worker(context: Flask) -> Worker:
    """The worker of this process; nobody has started it."""
    found: Worker = context.extensions["worker"]
    return found


@pytest.fixture
def start(settings: Settings) -> Iterator[Start]:
    """Starts real workers, in processes of their own."""
    started = []

    def begin(**changes: str) -> subprocess.Popen[str]:
        environment = {
            **builders.ENVIRONMENT,
            "DATABASE_URL": settings.database_url,
            "MAIL_PORT": str(settings.mail_port),
            "PATH": os.environ["PATH"],
            **changes,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
            cwd=ROOT,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until it holds; fails after so many seconds."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def fates() -> list[tuple[str, str | None, int]]:
    """Status, failure and tries of every message but those of the clock, which come later."""
    db.session.rollback()
    found = sa.select(Message.status, Message.failure, Message.attempts).where(
        Message.kind.not_in(escalation.KINDS)
    )
    return [tuple(row) for row in db.session.execute(found)]  # type: ignore[misc]


def all_settled() -> bool:
    """Whether nothing waits."""
    return all(status != "waiting" for status, _, _ in fates())


def test_all_that_is_due_is_sent_the_pressing_first(worker: Worker, smtp: MailServer) -> None:
    """One drain sends everything, each once, doctor before desk before patient."""
    doctor = a_staff_member("doctor")
    person = {"email": "asha@example.org"}
    a_request(Level.routine, at=now(), person={**person, "phone": "+919876543211"})
    a_request(Level.emergency, at=now(), person=person)
    assert worker.drain() == 5
    receivers = [mail.to[0] for mail in smtp.mails]
    assert receivers == [doctor.email, DESK, person["email"], DESK, person["email"]]
    assert worker.drain() == 0


def test_a_mail_that_cannot_be_written_stops_no_other(
    worker: Worker, smtp: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A poison message waits with the class of its fault, and everything else goes out."""
    request = a_request(Level.emergency, at=now())
    with transaction() as session:
        outbox.enqueue(session, request, "unheard-of", ["desk:0"], now())
        session.execute(sa.update(Message).where(Message.kind == "unheard-of").values(priority=-1))
    caplog.set_level(logging.INFO)
    worker.drain()
    assert sorted(fates(), key=str) == [("sent", None, 1), ("waiting", "KeyError", 1)]
    assert f"postponed kind=unheard-of reference={request.reference}" in caplog.text
    assert "failure=KeyError at=_written:" in caplog.text


def test_one_bad_address_holds_nobody_up(worker: Worker, smtp: MailServer) -> None:
    """A refusal is final and shows at the desk; a "later" is tried later; others are sent."""
    for number, name in enumerate(("gone", "full", "well")):
        person = {"email": f"{name}@example.org", "phone": f"+91987654325{number}"}
        a_request(at=now(), person=person)
    smtp.answers["gone@example.org"] = "550 5.1.1 gone@example.org is unknown"
    smtp.answers["full@example.org"] = "452 4.2.2 full@example.org is full"
    worker.drain()
    assert sorted(str(failure) for _, failure, _ in fates()) == ["None"] * 4 + [
        "SMTP 452",
        "SMTP 550",
    ]
    assert [each.to for each in outbox.undelivered(now())] == ["the patient"]
    assert len(smtp.sent_to("well@example.org")) == 1
    smtp.answers.clear()
    with time_machine.travel(now() + dt.timedelta(seconds=6)):
        assert worker.drain() == 1
    assert len(smtp.sent_to("full@example.org")) == 1


def test_a_mail_server_that_is_away_costs_one_try_not_one_for_each(
    worker: Worker, smtp: MailServer
) -> None:
    """After a failed connection the worker waits, and gives up nothing."""
    for number in range(3):
        a_request(at=now(), person={"phone": f"+91987654326{number}"})
    smtp.stop()
    assert worker.drain() == worker.drain() == 0
    assert sorted(fates(), key=str) == [
        ("waiting", "ConnectionRefusedError", 1),
        ("waiting", None, 0),
        ("waiting", None, 0),
    ]
    assert worker.alarm is not None
    assert 0 < worker.alarm - time.monotonic() <= 5.1


def test_the_minute_sweep_tidies_up(worker: Worker, smtp: MailServer) -> None:
    """It sends what nobody rang for, and erases drafts whose day is over."""
    enquiry.start(the_pack(), "en", "self", now() - dt.timedelta(days=2))
    a_request(at=now())
    worker.sweep()
    assert len(smtp.mails) == 1
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 0


def test_the_first_sweep_judges_again_by_a_new_version(worker: Worker, smtp: MailServer) -> None:
    """A start may have brought it; sweeps after that have nothing to do."""
    packs = worker.app.extensions["packs"]
    request = a_request(at=now())
    newer = {name: dataclasses.replace(pack, version="next") for name, pack in packs.items()}
    worker.app.extensions["packs"] = newer
    worker.sweep()
    worker.app.extensions["packs"] = packs
    worker.sweep()
    found = db.session.get_one(type(request), request.id, populate_existing=True)
    assert [each.pack_version for each in found.triages][1:] == ["next"]


def test_a_commit_rings_once_and_a_rollback_not_at_all(worker: Worker) -> None:
    """Whoever commits something to be sent wakes a worker; nobody else does."""
    waiting = worker.bell.huey.pending_count
    assert waiting() == 0
    request = a_request(at=now())
    assert waiting() == 1

    def fail() -> None:
        with transaction() as session:
            outbox.enqueue(session, request, "booked", ["patient"], now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    a_staff_member()
    assert waiting() == 1
    worker.bell.huey.storage.close()


def test_a_bell_that_does_not_ring_fails_no_request(
    settings: Settings, smtp: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    """When nobody can be woken the request is stored all the same, and sent by the next sweep."""
    app = builders.an_app(settings.replace(huey_url="sqlite:////nowhere/at/all.db"))
    with app.app_context():
        a_request(at=now())
        assert "not-woken fault=OperationalError" in caplog.text
        app.extensions["worker"].sweep()
        assert all_settled()
    with app.app_context():
        db.engine.dispose()
    assert len(smtp.mails) == 1


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("url", "words"), [("redis://localhost", "package redis"), ("amqp://x", "must begin with")]
)
def test_a_bell_of_the_wrong_kind_is_told_in_words(
    settings: Settings, url: str, words: str
) -> None:
    """The program does not start with a HUEY_URL that it cannot use, and says why."""
    with pytest.raises(BadSettings, match=words):
        builders.an_app(settings.replace(huey_url=url))


@pytest.mark.databases("sqlite")
def test_pages_come_up_without_the_bell(settings: Settings) -> None:
    """Its library is loaded when somebody first rings, not when the site starts."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, wsgi; print(*sys.modules)"],
        cwd=ROOT,
        env={**builders.ENVIRONMENT, "DATABASE_URL": settings.database_url},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "app.worker" in loaded
    assert not {"huey", "app.worker.engine"} & set(loaded)


def test_a_killed_worker_loses_nothing(worker: Worker, smtp: MailServer, start: Start) -> None:
    """Killed while it sends, its lease ends, and the mail goes out with the same Message-ID."""
    smtp.delay = 1.0
    a_request(at=now())
    process = start(MAIL_TIMEOUT="10")
    wait_for(lambda: fates()[0][2] == 1)
    time.sleep(0.3)
    process.kill()
    process.wait()
    assert fates() == [("waiting", None, 1)]
    assert worker.drain() == 0  # it is not ours before the lease ends
    smtp.delay = 0.0
    with time_machine.travel(now() + outbox.LEASE):
        assert worker.drain() == 1
    assert fates() == [("sent", None, 2)]
    assert len({mail.message["Message-ID"] for mail in smtp.mails}) == 1


def test_two_workers_send_each_mail_once(context: Flask, smtp: MailServer, start: Start) -> None:
    """Workers beside each other share the work and never do it twice."""
    for number in range(8):
        a_request(
            at=now(), person={"phone": f"+9198765432{number:02}", "email": "asha@example.org"}
        )
    processes = [start(), start()]
    wait_for(all_settled)
    for process in processes:
        process.terminate()
    ends = [process.wait(10) for process in processes]
    # One that has only just begun knows no better way to end yet.
    assert 0 in ends
    assert set(ends) <= {0, -signal.SIGTERM}
    ids = [mail.message["Message-ID"] for mail in smtp.mails]
    assert len(ids) == len(set(ids)) == 16
    assert {tries for _, _, tries in fates()} == {1}


def test_a_worker_that_is_told_to_stop_ends_its_mail_and_leaves_nothing(
    context: Flask, smtp: MailServer, start: Start
) -> None:
    """SIGTERM: the mail in hand goes out once, no child stays, and the log names nobody."""
    smtp.delay = 1.0
    request = a_request(at=now(), person={"email": "asha@example.org"})
    process = start(MAIL_TIMEOUT="10")
    wait_for(lambda: any(tries for _, _, tries in fates()))
    assert psutil.Process(process.pid).children() == []
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=10)
    assert process.returncode == 0
    assert sorted(fates(), key=str) == [("sent", None, 1), ("waiting", None, 0)]
    assert len(smtp.mails) == 1
    assert f"sent kind=new-request reference={request.reference} to=desk:0 try=1" in log
    assert "stopped" in log
    for hidden in ("Asha", "98765", "example.org", "Traceback"):
        assert hidden not in log


@pytest.mark.databases("sqlite")
def test_a_request_is_told_at_once_and_soon_after_the_mail_server_is_back(
    context: Flask, smtp: MailServer, start: Start
) -> None:
    """A worker is woken by the commit, and tries again in seconds, not at the next sweep."""
    process = start()
    a_request(at=now())
    wait_for(all_settled)
    smtp.stop()
    a_request(at=now(), person={"phone": "+919876543211"})
    wait_for(lambda: ("waiting", "ConnectionRefusedError", 1) in fates(), 5)
    smtp.start()
    wait_for(all_settled, 10)
    assert len(smtp.mails) == 2
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0


def test_a_sweep_makes_tasks_of_what_goes_wrong(worker: Worker) -> None:
    """Once a minute: a clinic without a roster has a gap, and one task of it."""
    for _ in range(2):
        worker.sweep()
    assert [each.task.kind for each in problems.open_now(now())] == [problems.ROSTER_GAP]
