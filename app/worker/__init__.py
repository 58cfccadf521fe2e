"""The background worker: it sends what is due, and tidies up.

The rows of the outbox are the truth. huey (see `engine`) only wakes workers: losing every one of
its messages loses nothing. Times to wait are measured with a clock that nobody can set.
"""

import datetime as dt
import logging
import threading
import time
import traceback
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Session

from app import access, mail
from app.records import db, limits
from app.workflow import booking, enquiry, escalation, outbox, problems, reminders, retriage
from config import BadSettings, Settings

if TYPE_CHECKING:
    from app.worker.engine import Bell

log = logging.getLogger(__name__)
ENGINES = ("sqlite", "postgresql", "redis", "rediss")


def init(app: Flask) -> None:
    """Wake a worker after every commit that leaves something to be sent."""
    settings: Settings = app.extensions["settings"]
    _check(settings.huey_url)
    app.extensions["worker"] = Worker(app)
    if not sa.event.contains(db.session, "after_commit", _committed):
        sa.event.listen(db.session, "after_commit", _committed)
        sa.event.listen(db.session, "after_rollback", _rolled_back)


def run(app: Flask) -> None:
    """Work until SIGTERM or SIGINT; what is being sent then has a few seconds to end."""
    from app.worker.engine import work  # noqa: PLC0415 - serving pages does not need it

    worker: Worker = app.extensions["worker"]
    work(worker)


def _check(url: str | None) -> None:
    scheme = urlsplit(url or "sqlite:").scheme
    if scheme not in ENGINES:
        raise BadSettings(["HUEY_URL must begin with sqlite:///, postgresql:// or redis://"])
    if scheme.startswith("redis") and find_spec("redis") is None:
        raise BadSettings(["HUEY_URL names Redis, which needs the package redis: install it"])


def _committed(session: Session) -> None:
    if session.info.pop("messages", False):
        worker: Worker = current_app.extensions["worker"]
        worker.wake()


def _rolled_back(session: Session) -> None:
    session.info.pop("messages", None)


class Worker:
    """What one process knows of its work; `wake` is for everybody, the rest for the worker."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.stopping: Callable[[], bool] = lambda: False
        self.alarm: float | None = None
        self._lock = threading.Lock()
        self._bell: Bell | None = None
        self._faults = 0
        self._shut_until = 0.0
        self._judged_again = False

    @property
    def bell(self) -> "Bell":
        """What rings; made when it is first wanted."""
        if self._bell is None:
            from app.worker.engine import Bell  # noqa: PLC0415 - pages come up without it

            self._bell = Bell(self, self.app.extensions["settings"])
        return self._bell

    def wake(self) -> None:
        """Ring for a worker. When that fails, the next sweep finds what is due."""
        from app.worker.engine import faults  # noqa: PLC0415 - pages come up without it

        try:
            with self._lock:
                self.bell.ring()
        except faults(self.app.extensions["settings"]) as error:
            log.warning("not-woken fault=%s", type(error).__name__)

    def drain(self) -> int:
        """Send all that is due, the most pressing first; gives how many messages were settled.

        When the mail server takes nothing from us, it stops, and tries again a little later.
        """
        settled = 0
        with self.app.app_context():
            settings: Settings = self.app.extensions["settings"]
            reminders.wait_for_morning(_now(), settings.clinic_zone)
        while not self.stopping() and time.monotonic() >= self._shut_until:
            with self.app.app_context():
                leased = outbox.lease(_now())
                if leased is None:
                    break
                settled += self._send(leased)
        self._set_alarm()
        return settled

    def sweep(self) -> None:
        """Once a minute: go on with what is late, send, find problems, forget, pass offers on."""
        with self.app.app_context():
            escalation.go_on(_now(), access.clinic())
        self.drain()
        settings: Settings = self.app.extensions["settings"]
        with self.app.app_context():
            packs = self.app.extensions["packs"]
            drafts = enquiry.forget_expired(packs, settings.clinic_zone, _now())
            limits.forget_over(_now())
            offers = booking.waitlist.pass_on(_now(), settings.clinic_zone)
            found, gone = problems.look(_now())
        if drafts:
            log.info("forgot drafts=%s", drafts)
        if offers:
            log.info("passed-on offers=%s", offers)
        if found or gone:
            log.info("problems found=%s gone=%s", found, gone)
        if not self._judged_again:
            self._judge_again()

    def _judge_again(self) -> None:
        """Once after a start: a start may have brought a new version of a pack."""
        with self.app.app_context():
            judged = retriage.run(self.app.extensions["packs"], access.clinic(), _now())
        self._judged_again = True
        if judged.requests:
            log.info("judged-again requests=%s raised=%s", judged.requests, judged.raised)

    def _send(self, leased: outbox.Leased) -> bool:
        """Try one message and write down its fate; tells whether it is settled."""
        try:
            sent = mail.send(leased, _now())
        except mail.Refused as fault:
            self._server_answers()
            outbox.settle_refused(leased, _now(), fault.failure)
            _say(leased, "refused", fault.failure)
            return True
        except mail.Unreachable as fault:
            self._faults += 1
            longest = outbox.LONGEST_WAIT_FOR_SERVER
            pause = outbox.retry_after(self._faults, longest)
            self._shut_until = time.monotonic() + pause.total_seconds()
            outbox.settle_postponed(leased, _now(), fault.failure, longest)
            _say(leased, "postponed", fault.failure)
            return False
        except mail.Postponed as fault:
            self._server_answers()
            outbox.settle_postponed(leased, _now(), fault.failure)
            _say(leased, "postponed", fault.failure)
            return False
        except Exception as error:  # noqa: BLE001 - one message must never stop the others
            failure = type(error).__name__
            outbox.settle_postponed(leased, _now(), failure)
            _say(leased, "postponed", f"{failure} at={_place(error)}")
            return False
        if sent:
            self._server_answers()
            outbox.settle_sent(leased, _now())
        else:
            outbox.settle_dropped(leased, _now())
        _say(leased, "sent" if sent else "dropped")
        return True

    def _server_answers(self) -> None:
        self._faults, self._shut_until = 0, 0.0

    def _set_alarm(self) -> None:
        """When to look again: as the next message falls due, and not before the pause is over."""
        now = _now()
        with self.app.app_context():
            due = outbox.next_due(now)
        if due is None:
            self.alarm = None
            return
        wait = max(0.0, (due - now).total_seconds())
        self.alarm = max(time.monotonic() + wait, self._shut_until)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _say(leased: outbox.Leased, fate: str, failure: str | None = None) -> None:
    """A line for the log: references and classes, never a name, an address or a word of a mail."""
    log.info(
        "%s kind=%s reference=%s to=%s try=%s%s",
        fate,
        leased.kind,
        leased.reference,
        leased.to,
        leased.attempts,
        f" failure={failure}" if failure else "",
    )


def _place(error: Exception) -> str:
    """Where a fault of ours happened; its own words may hold what a patient wrote."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.name}:{last.lineno}"
