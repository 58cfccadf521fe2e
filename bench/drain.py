"""How fast one worker empties the outbox when the mail server takes every mail at once."""

import asyncio
import datetime as dt
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.demo import ports
from app.records import db
from app.records.outbox import Message
from bench.clinic import open_clinic
from bench.servers import FIRST_PORT, HERE, Program

LONGEST: Final = 60.0  # seconds to wait for the mails
STEP: Final = 0.05


class Mailbox:
    """Takes every mail, and notes when."""

    def __init__(self) -> None:
        self.arrived: list[float] = []

    async def handle_DATA(  # noqa: N802 - the library's own name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a mail."""
        self.arrived.append(time.perf_counter())
        return "250 OK"


@contextmanager
def mail_server(mailbox: Mailbox) -> Iterator[int]:
    """An SMTP server in a thread; gives its port."""
    loop = asyncio.new_event_loop()
    listening = ports.next_free(HERE, FIRST_PORT)
    start = loop.create_server(lambda: SMTP(mailbox, loop=loop), sock=listening)
    server = loop.run_until_complete(start)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield ports.number(listening)
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def messages_per_second(folder: Path, requests: int) -> float | None:
    """Of one worker, from its first mail to its last; None when one does not arrive."""
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        clinic = open_clinic(folder, 0, requests, mail_port=port, waiting=True)
        with clinic.app.app_context():
            # Reminders and the later steps of the clock are not due while it runs.
            now = dt.datetime.now(dt.UTC)  # noqa: TID251 - the worker's clock is the real one
            due = sa.select(sa.func.count(Message.id)).where(Message.due_at <= now)
            expected = db.session.scalar(due) or 0
        worker = Program(["flask", "--app", "wsgi", "worker"], clinic.env, quiet=True)
        try:
            end = time.perf_counter() + LONGEST
            while len(mailbox.arrived) < expected and time.perf_counter() < end:
                time.sleep(STEP)
        finally:
            worker.stop()
    if len(mailbox.arrived) < expected:
        return None
    return (expected - 1) / (mailbox.arrived[-1] - mailbox.arrived[0])
