"""Hands a letter to the mail server, and says what became of it.

Flask-Mail waits for ever; here every connection and every answer has an end, and the whole
conversation ends before the lease does, so that no second worker sends the same message meanwhile.
"""

import contextlib
import re
import smtplib
import socket
import ssl
import threading
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, localtime
from types import TracebackType
from typing import Any, Final
from urllib.parse import urlsplit

import flask_mail
from flask import Flask, current_app

from app.mail.form import Letter
from app.mail.invite import Invite
from app.workflow import outbox
from config import Settings

# One address and nothing else: no blanks of any script, no list, no comment, no name.
ADDRESS: Final = re.compile(
    r"""[^\s@<>()\[\],;:\\"\x00-\x1f\x7f]+@[^\s@<>()\[\],;:\\"\x00-\x1f\x7f]+"""
)
LONGEST: Final = (outbox.LEASE - outbox.SETTLING).total_seconds()
WANTS_SIGN_IN: Final = (530, 534, 535, 538)
GOING_AWAY: Final = 421


class Refused(Exception):
    """The mail server will never take this message; `failure` is a code, never its words."""

    def __init__(self, failure: str) -> None:
        self.failure = failure
        super().__init__(failure)


class Postponed(Exception):
    """The mail server does not take this message now; `failure` is a code or a class."""

    def __init__(self, failure: str) -> None:
        self.failure = failure
        super().__init__(failure)


class Unreachable(Postponed):
    """The mail server takes nothing from us now: it is away, or does not let us in."""


def init(app: Flask) -> None:
    """Tell Flask-Mail the settings."""
    settings: Settings = app.extensions["settings"]
    app.config.update(
        MAIL_SERVER=settings.mail_server,
        MAIL_PORT=settings.mail_port,
        MAIL_USE_TLS=settings.mail_security == "starttls",
        MAIL_USE_SSL=settings.mail_security == "tls",
        MAIL_USERNAME=settings.mail_username,
        MAIL_PASSWORD=settings.mail_password,
        MAIL_DEFAULT_SENDER=formataddr((settings.clinic_name, settings.mail_from)),
        MAIL_SUPPRESS_SEND=False,
        MAIL_DEBUG=False,
    )
    _Mail(app)


def hand_over(letter: Letter, message_id: str) -> None:
    """Send a letter to its receivers; raises Refused, Postponed, Unreachable.

    It is sent when the mail server takes it for one of them.
    """
    settings: Settings = current_app.extensions["settings"]
    to = [address for address in map(_in_ascii, letter.to) if address]
    if not to:
        raise Refused("address")
    mail = _Mail().connect()
    try:
        with mail as connection:
            connection.send(_Message(letter, to, message_id, settings), settings.mail_from)
    except OSError as error:  # of the network, of TLS, and every one of smtplib
        raise _what_became_of_it(error) from None


def _in_ascii(address: str) -> str | None:
    """The address as every mail server understands it, if there is such a one."""
    local, _, domain = address.rpartition("@")
    try:
        known = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return None
    return known if ADDRESS.fullmatch(known) and known.isascii() else None


def _what_became_of_it(error: OSError) -> Refused | Postponed:
    code = _code(error)
    if code is None:
        return Unreachable(type(error).__name__)
    failure = f"SMTP {code}"
    greeting = isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError)
    if greeting or code in WANTS_SIGN_IN or code == GOING_AWAY:
        return Unreachable(failure)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Unreachable(failure)
    return Refused(failure) if 500 <= code < 600 else Postponed(failure)


def _code(error: OSError) -> int | None:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next(int(code) for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return int(error.smtp_code)
    return None


class _Message(flask_mail.Message):
    """A letter in the form that Flask-Mail sends."""

    def __init__(self, letter: Letter, to: list[str], message_id: str, settings: Settings) -> None:
        super().__init__(subject=letter.subject, recipients=[*to], body=letter.text)
        self.html = letter.html
        self._to = to
        self.invite = letter.invite
        self._from = Address(settings.clinic_name, addr_spec=settings.mail_from)
        self.msgId = f"<{message_id}@{urlsplit(settings.public_base_url).hostname}>"

    def as_bytes(self) -> bytes:
        """The mail by the standard library's strict rules: it refuses line ends in headers."""
        mail = EmailMessage(policy=SMTP)
        mail["Subject"] = self.subject
        mail["From"] = self._from
        mail["To"] = ", ".join(self._to)
        mail["Date"] = localtime()
        mail["Message-ID"] = self.msgId
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(self.body, cte="quoted-printable")
        mail.add_alternative(self.html, subtype="html", cte="quoted-printable")
        if self.invite:
            _enclose(mail, self.invite)
        return mail.as_bytes()


def _enclose(mail: EmailMessage, invite: Invite) -> None:
    """A visit for the calendar: as one more form of the mail, and as a file.

    Mail programs act upon the first, and those that do not know it offer the second. The large
    calendar services send both.
    """
    mail.add_alternative(
        invite.file.decode(), subtype="calendar", cte="base64", params={"method": invite.method}
    )
    mail.add_attachment(
        invite.file, maintype="application", subtype="ics", filename="clinic-visit.ics"
    )


class _Mail(flask_mail.Mail):
    def connect(self) -> "_Connection":
        return _Connection(current_app.extensions["mail"])


class _Connection(flask_mail.Connection):
    """A conversation with the mail server that always ends."""

    def configure_host(self) -> smtplib.SMTP:
        """Connect and sign in, with time-outs and with verified certificates."""
        settings: Settings = current_app.extensions["settings"]
        host = _connect(settings)
        try:
            if settings.mail_security == "starttls":
                host.starttls(context=ssl.create_default_context())
            if settings.mail_username and settings.mail_password:
                host.login(settings.mail_username, settings.mail_password)
        except BaseException:
            host.close()
            raise
        return host

    def __exit__(
        self, exc_type: type[BaseException], exc_value: BaseException, tb: TracebackType
    ) -> None:
        if self.host is None:
            return
        with contextlib.suppress(OSError):
            self.host.putcmd("quit")  # nobody waits for the answer: the mail was taken, or not
        self.host.close()


def _connect(settings: Settings) -> smtplib.SMTP:
    wait = settings.mail_timeout
    longest = min(LONGEST, 4.0 * wait)
    where = (settings.mail_server, settings.mail_port)
    # Our own name is given, because smtplib would ask the network for it.
    own_name = urlsplit(settings.public_base_url).hostname
    if settings.mail_security == "tls":
        context = ssl.create_default_context()
        return _WatchedTls(longest, *where, own_name, timeout=wait, context=context)
    return _Watched(longest, *where, own_name, timeout=wait)


class _Watched(smtplib.SMTP):
    """A conversation that is cut after so many seconds, however slowly the server drips."""

    def __init__(self, longest: float, *where: Any, **options: Any) -> None:
        self._watch = threading.Timer(longest, self._hang_up)
        self._watch.daemon = True
        self._watch.start()
        try:
            super().__init__(*where, **options)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End it; nobody watches any more."""
        self._watch.cancel()
        super().close()

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError):
            if self.sock is not None:
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class _WatchedTls(_Watched, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""
