"""What becomes of a mail: taken, refused, postponed; and what nobody can smuggle into it."""

import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask

from app import mail
from app.mail.form import in_form
from app.mail.post import hand_over
from app.workflow import outbox
from config import Settings
from tests import builders
from tests.builders import NOW, a_request
from tests.servers import MailServer, controlled

DESK = "desk@example.org"


def leased(now: dt.datetime = NOW) -> outbox.Leased:
    """The next message, which must be there."""
    found = outbox.lease(now)
    assert found is not None
    return found


@contextmanager
def a_clinic(settings: Settings, **changes: Any) -> Iterator[Flask]:
    """A clinic with other settings, in its context."""
    app = builders.an_app(settings.replace(**changes))
    with app.app_context():
        yield app


def a_mail(to: str = DESK) -> None:
    """Hand over a mail without anybody's data."""
    hand_over(in_form([to], "test", {}), "0")


@pytest.mark.usefixtures("context")
def test_every_try_carries_the_same_message_id(smtp: MailServer) -> None:
    """Whoever gets a mail twice can see that it is one; each message has an id of its own."""
    for phone in ("+919876543211", "+919876543212"):
        a_request(person={"phone": phone})
    first, second = leased(), leased()
    for message in (first, first, second):
        mail.send(message, NOW)
    ids = [each.message["Message-ID"] for each in smtp.mails]
    assert ids == [f"<{message.id}@localhost>" for message in (first, first, second)]


@pytest.mark.usefixtures("context")
def test_a_mail_says_that_a_program_wrote_it_for_one_receiver(smtp: MailServer) -> None:
    """One receiver, our name, a date, marked as automatic, so that no absence note comes back."""
    a_request()
    mail.send(leased(), NOW)
    (found,) = smtp.mails
    assert (found.sender, found.to) == ("clinic@example.org", (DESK,))
    assert found.message["From"] == "Example Spine Clinic <clinic@example.org>"
    assert found.message["Auto-Submitted"] == "auto-generated"
    assert found.message["Date"].datetime.tzinfo is not None
    assert [part.get_content_type() for part in found.message.iter_parts()] == [
        "text/plain",
        "text/html",
    ]


@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        ("550 5.1.1 No such mailbox", mail.Refused),
        ("554 5.7.1 We do not like you", mail.Refused),
        ("450 4.2.1 Try later", mail.Postponed),
        ("451 4.7.1 Greylisted desk@example.org", mail.Postponed),
        ("421 4.3.2 Going down", mail.Unreachable),
        ("530 5.7.0 Sign in first", mail.Unreachable),
    ],
)
def test_the_answer_of_the_server_decides(
    smtp: MailServer, answer: str, fate: type[Exception]
) -> None:
    """5xx is for good, 4xx for now, and what is our own fault is never the receiver's."""
    smtp.answers[DESK] = answer
    with pytest.raises(mail.Postponed if fate is not mail.Refused else fate) as found:
        a_mail()
    assert type(found.value) is fate
    assert str(found.value) == f"SMTP {answer[:3]}"  # a code, never the server's words


@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    "address",
    [
        "asha@example.org\r\nBcc: eve@example.org",
        "asha@example.org\nBcc: eve@example.org",
        "asha@example.org\u2028Bcc: eve@example.org",
        "asha@example.org, eve@example.org",
        "Asha <asha@example.org>",
        "asha@example.org>\x00",
        "आशा@example.org",
        "asha",
    ],
)
def test_only_one_plain_address_is_written_to(smtp: MailServer, address: str) -> None:
    """Whatever the records hold, nobody can add a receiver or a header."""
    with pytest.raises(mail.Refused, match="address"):
        a_mail(address)
    assert smtp.mails == []


@pytest.mark.databases("sqlite")
def test_a_domain_in_another_script_is_written_to(context: Flask, smtp: MailServer) -> None:
    """Domains outside ASCII go out in the form that every server knows."""
    a_mail("asha@bücher.example")
    assert smtp.mails[0].to == ("asha@xn--bcher-kva.example",)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("name", ["Clinic\r\nBcc: eve@example.org", "Clinic\nX: y"])
def test_line_ends_in_the_name_of_the_clinic_send_nothing(
    settings: Settings, smtp: MailServer, name: str
) -> None:
    """A header is one line, whoever wrote it."""
    with a_clinic(settings, clinic_name=name), pytest.raises(ValueError, match="CR or LF"):
        a_mail()
    assert smtp.mails == []


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "name", ["Rao, Shah & Co. “Spine”", "रीढ़ क्लिनिक", "Clinic\u2028Bcc: eve@example.org"]
)
def test_any_name_of_a_clinic_arrives_unchanged(
    settings: Settings, smtp: MailServer, name: str
) -> None:
    """Commas, quotes and other scripts in the sender's name are written as they should be."""
    with a_clinic(settings, clinic_name=name):
        a_mail()
    (found,) = smtp.mails
    (sender,) = found.message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, "clinic@example.org")
    assert found.message["Bcc"] is None


@pytest.mark.databases("sqlite")
def test_a_server_that_is_not_there_is_unreachable(context: Flask) -> None:
    """Nobody listens: everything waits."""
    with pytest.raises(mail.Unreachable, match="ConnectionRefusedError"):
        a_mail()


def _silent(connection: socket.socket) -> None:
    time.sleep(10)


def _dripping(connection: socket.socket) -> None:
    for _ in range(100):
        connection.sendall(b"220-one moment please\r\n")
        time.sleep(0.1)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("behaviour", [_silent, _dripping])
def test_a_server_that_never_comes_to_the_point_is_left(
    settings: Settings, behaviour: Callable[[socket.socket], None]
) -> None:
    """Neither silence nor a drip of words holds the worker longer than a few time-outs."""

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            behaviour(connection)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        port = listening.getsockname()[1]
        began = time.monotonic()
        with (
            a_clinic(settings, mail_port=port, mail_timeout=1),
            pytest.raises(mail.Unreachable),
        ):
            a_mail()
    assert time.monotonic() - began < 8


@pytest.mark.databases("sqlite")
def test_a_wrong_password_of_ours_is_not_the_receivers_fault(settings: Settings) -> None:
    """Mails wait until somebody has set the right one; nothing is given up."""
    refusing = {
        "auth_require_tls": False,
        "authenticator": lambda *_: AuthResult(success=False, handled=False),
    }
    with (
        controlled(**refusing) as port,
        a_clinic(settings, mail_port=port, mail_username="clinic", mail_password="wrong"),
        pytest.raises(mail.Unreachable, match="SMTP 535"),
    ):
        a_mail()


@pytest.mark.databases("sqlite")
def test_without_encryption_nothing_is_sent_where_it_is_asked_for(
    settings: Settings, smtp: MailServer
) -> None:
    """A server that knows no STARTTLS, or that somebody in between hides, gets nothing."""
    with a_clinic(settings, mail_security="starttls"), pytest.raises(mail.Unreachable):
        a_mail()
    assert smtp.mails == []


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    settings: Settings, tmp_path: Path, security: str
) -> None:
    """Whoever sits between us and the mail server reads nothing."""
    context = _own_certificate(tmp_path)
    options = {"tls_context": context} if security == "starttls" else {"ssl_context": context}
    with (
        controlled(**options) as port,
        a_clinic(settings, mail_port=port, mail_security=security),
        pytest.raises(mail.Unreachable, match="SSLCertVerificationError"),
    ):
        a_mail()


def _own_certificate(folder: Path) -> ssl.SSLContext:
    """A server's context whose certificate it has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now, now + dt.timedelta(days=1)
    ).sign(key, hashes.SHA256())
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.mark.databases("sqlite")
def test_an_operator_tries_the_mail_server(app: Flask, smtp: MailServer) -> None:
    """`flask mail test` sends one mail at once, or says why it could not."""
    run = app.test_cli_runner().invoke
    assert "took it" in run(args=["mail", "test", DESK]).output
    assert [each.subject for each in smtp.mails] == ["Test of the mail connection"]
    smtp.answers["*"] = "550 no"
    refused = run(args=["mail", "test", DESK])
    assert (refused.exit_code, refused.output) == (
        1,
        "Error: The mail server refuses it: SMTP 550.\n",
    )
    smtp.stop()
    away = run(args=["mail", "test", DESK])
    assert (away.exit_code, "cannot be used: ConnectionRefusedError" in away.output) == (1, True)
