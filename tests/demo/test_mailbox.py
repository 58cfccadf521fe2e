"""The mailbox of the demo."""

import asyncio
import smtplib
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from werkzeug.test import Client

from app.demo import mailbox
from app.demo.mailbox import Mailbox

Send = Callable[[EmailMessage], None]


@pytest.fixture
def box() -> Mailbox:
    """An empty mailbox."""
    return Mailbox(["localhost"])


@pytest.fixture
def browser(box: Mailbox) -> Client:
    """Somebody who looks at it."""
    return Client(box)


async def taken_in(box: Mailbox, envelope: Envelope) -> str:
    """What its mail server answers the sender."""
    loop = asyncio.get_running_loop()
    return await box.handle_DATA(SMTP(box, loop=loop), Session(loop), envelope)


@pytest.fixture
def send(box: Mailbox) -> Send:
    """Hands it a mail as its mail server does."""

    def hand_over(message: EmailMessage) -> None:
        envelope = Envelope()
        envelope.mail_from, envelope.rcpt_tos = "clinic@example.org", [message["To"]]
        envelope.content = message.as_bytes()
        # A thread of its own: a browser test before this one leaves its loop running in ours.
        with ThreadPoolExecutor(1) as mail_server:
            answer = mail_server.submit(asyncio.run, taken_in(box, envelope)).result()
        assert answer.startswith("250")

    return hand_over


def a_mail(
    text: str = "Hello", html: str | None = None, subject: str = "Your request"
) -> EmailMessage:
    """A mail to an invented patient."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = (
        subject,
        "clinic@example.org",
        "a@example.com",
    )
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


def test_a_mail_can_be_read(send: Send, browser: Client) -> None:
    """What was sent is listed, newest first, and opens with its links."""
    send(a_mail("First"))
    send(a_mail("See http://localhost:8000/r/abc. Bye", subject="Visit: 11:00 am"))
    listed = browser.get("/").text
    assert listed.index("Visit: 11:00 am") < listed.index("Your request")
    page = browser.get("/2").text
    assert '<a href="http://localhost:8000/r/abc" rel="noreferrer">' in page
    assert "a@example.com" in page
    assert "See http" in browser.get("/2/source").text


def test_a_mail_in_another_script_can_be_read(send: Send, browser: Client) -> None:
    """Devanagari arrives as it was written."""
    send(a_mail("नमस्कार", subject="आपली विनंती"))
    assert "आपली विनंती" in browser.get("/").text
    assert "नमस्कार" in browser.get("/1").text


def test_what_a_mail_says_is_not_run(send: Send, browser: Client) -> None:
    """Text is shown as text; HTML comes into a sandbox that lets nothing in."""
    evil = "<script>alert(1)</script>"
    send(a_mail(evil, html=f"<p>Hi</p>{evil}", subject=evil))
    assert evil not in browser.get("/").text
    page = browser.get("/1")
    assert evil not in page.text
    assert '<iframe sandbox src="/1/html"' in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]
    html = browser.get("/1/html")
    assert html.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    source = browser.get("/1/source")
    assert source.mimetype == "text/plain"
    assert source.headers["X-Content-Type-Options"] == "nosniff"


def test_the_program_takes_mails_and_shows_them() -> None:
    """On two sockets that were handed over, mails come in and are read."""
    with (
        socket.create_server(("127.0.0.1", 0)) as mails,
        socket.create_server(("127.0.0.1", 0)) as pages,
    ):
        handed_over = (mails.fileno(), pages.fileno())
        program = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "app.demo.mailbox", *map(str, handed_over)],
            cwd=Path(__file__).parents[2],
            pass_fds=handed_over,
        )
        try:
            with smtplib.SMTP("127.0.0.1", mails.getsockname()[1], timeout=10) as connection:
                connection.send_message(a_mail())
            address = f"http://localhost:{pages.getsockname()[1]}/"
            with urllib.request.urlopen(address, timeout=10) as page:
                assert "Your request" in page.read().decode()
        finally:
            program.kill()
            program.wait()


def test_only_so_many_mails_are_kept(
    send: Send, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest mails make room, so that the memory has an end."""
    monkeypatch.setattr(mailbox, "MOST_KEPT", 2)
    for number in range(3):
        send(a_mail(subject=f"Mail {number}"))
    assert browser.get("/1").status_code == 404
    assert "Mail 2" in browser.get("/3").text


def test_it_answers_only_to_its_own_name_and_only_reading(browser: Client) -> None:
    """Another site that points its name at this machine reads nothing, and nothing is changed."""
    assert browser.get("/", base_url="http://evil.example").status_code == 400
    assert browser.post("/").status_code == 405
    assert browser.get("/nothing").status_code == 404
    assert browser.get("/app.css").mimetype == "text/css"
