"""Takes every mail that the demo sends and shows it in the browser; none leaves this machine.

Mails are kept in memory. What a mail says is never run: its text is shown as text, its HTML in a
sandbox without scripts, forms, or anything from outside.
"""

import asyncio
import logging
import os
import re
import socket
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from aiosmtpd.smtp import SMTP, Envelope, Session
from jinja2 import Environment
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from config import ROOT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MOST_KEPT: Final = 500
STYLE: Final = ROOT / "app" / "static" / "app.css"
LINK: Final = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")

PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
MAIL_POLICY: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)

_TEMPLATES: Final = Environment(autoescape=True, trim_blocks=True)
_FRAME: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title><link rel="stylesheet" href="/app.css"></head>
<body><main class="page">"""
_LIST: Final = _TEMPLATES.from_string(
    _FRAME
    + """
<h1>{{ title }}</h1>
<p>Every mail that the demo has sent since it was started, newest first. None left this machine.</p>
{% if not mails %}<p>There is none yet. Load this page again in a moment.</p>{% endif %}
<ul>
{% for mail in mails %}
<li><a href="/{{ mail.number }}">{{ mail.subject }}</a><br>
<small>to {{ mail.to }}, {{ mail.at.strftime("%H:%M:%S") }} UTC</small></li>
{% endfor %}
</ul>
</main></body></html>
"""
)
_MAIL: Final = _TEMPLATES.from_string(
    _FRAME
    + """
<p><a href="/">All mails</a></p>
<h1>{{ title }}</h1>
<p>From {{ mail.sender }}<br>To {{ mail.to }}<br>At {{ mail.at.strftime("%H:%M:%S") }} UTC</p>
<pre>{{ text }}</pre>
{% if html %}
<h2>As HTML</h2>
<iframe sandbox src="/{{ mail.number }}/html" width="100%" height="600" title="The mail as HTML">
</iframe>
{% endif %}
<p><a href="/{{ mail.number }}/source">As it was sent</a></p>
</main></body></html>
"""
)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it came in."""

    number: int
    at: datetime
    sender: str
    receivers: tuple[str, ...]
    source: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        return message_from_bytes(self.source, policy=default)

    @property
    def subject(self) -> str:
        """Its subject, or a word in its place."""
        return str(self.message["subject"] or "(no subject)")

    @property
    def to(self) -> str:
        """The addresses that the mail server was told."""
        return ", ".join(self.receivers)

    def part(self, kind: str) -> str | None:
        """Its text (`plain`) or its HTML (`html`)."""
        found = self.message.get_body((kind,))
        return str(found.get_content()) if found else None


class Mailbox:
    """The mails, as a handler for the mail server and as a site (WSGI)."""

    def __init__(self, hosts: Sequence[str]) -> None:
        self._hosts = hosts
        self._mails: OrderedDict[int, Mail] = OrderedDict()
        self._last = 0
        self._lock = threading.Lock()
        self._urls = Map(
            [
                Rule("/", endpoint=self._list),
                Rule("/app.css", endpoint=self._style),
                Rule("/<int:number>", endpoint=self._one),
                Rule("/<int:number>/html", endpoint=self._html),
                Rule("/<int:number>/source", endpoint=self._source),
            ]
        )

    async def handle_DATA(  # noqa: N802 - the name that the mail server calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail; the oldest make room."""
        content = envelope.content
        source = content.encode() if isinstance(content, str) else content or b""
        with self._lock:
            self._last += 1
            receivers = tuple(str(address) for address in envelope.rcpt_tos)
            sender = envelope.mail_from or ""
            mail = Mail(self._last, datetime.now(UTC), sender, receivers, source)
            self._mails[mail.number] = mail
            while len(self._mails) > MOST_KEPT:
                self._mails.popitem(last=False)
        return "250 Kept"

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request."""
        request = Request(environ)
        # Names of other sites that were pointed at this machine must not read the mails.
        request.trusted_hosts = [*self._hosts]
        response: Any
        try:
            if request.host and request.method not in {"GET", "HEAD"}:
                raise MethodNotAllowed(["GET", "HEAD"])
            show, values = self._urls.bind_to_environ(environ).match()
            response = show(**values)
        except HTTPException as refused:
            response = refused.get_response(environ)
        response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        answer: Iterable[bytes] = response(environ, start_response)
        return answer

    def _list(self) -> Response:
        with self._lock:
            newest_first = list(reversed(self._mails.values()))
        return _page(_LIST.render(title="Mailbox of the demo", mails=newest_first))

    def _one(self, number: int) -> Response:
        mail = self._find(number)
        text = _with_links(mail.part("plain") or "(no text)")
        html = mail.part("html") is not None
        return _page(_MAIL.render(title=mail.subject, mail=mail, text=text, html=html))

    def _html(self, number: int) -> Response:
        html = self._find(number).part("html")
        if html is None:
            raise NotFound
        return Response(
            html, mimetype="text/html", headers={"Content-Security-Policy": MAIL_POLICY}
        )

    def _source(self, number: int) -> Response:
        return Response(self._find(number).source, mimetype="text/plain")

    def _style(self) -> Response:
        return Response(STYLE.read_bytes(), mimetype="text/css")

    def _find(self, number: int) -> Mail:
        with self._lock:
            mail = self._mails.get(number)
        if mail is None:
            raise NotFound
        return mail


def _page(html: str) -> Response:
    return Response(html, mimetype="text/html")


def _with_links(text: str) -> Markup:
    """The text, safe, with its addresses as links."""
    safe, end = Markup(), 0
    for found in LINK.finditer(text):
        safe += escape(text[end : found.start()])
        safe += Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(found.group())
        end = found.end()
    return safe + escape(text[end:])


async def take_mails(mailbox: Mailbox, listening: socket.socket) -> None:
    """Take mails at a listening socket for ever."""
    loop = asyncio.get_running_loop()
    listening.setblocking(False)
    server = await loop.create_server(
        lambda: SMTP(mailbox, enable_SMTPUTF8=True, loop=loop), sock=listening
    )
    await server.serve_forever()


def show_mails(mailbox: Mailbox, listening: socket.socket) -> None:
    """Show the mails at a listening socket, in a thread that ends with the program."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    host, port = listening.getsockname()[:2]
    server = make_server(host, port, mailbox, threaded=True, fd=listening.fileno())
    threading.Thread(target=server.serve_forever, daemon=True).start()


def main(mail_socket: int, page_socket: int) -> None:
    """Run on two listening sockets that were handed over by their numbers."""
    public = urlsplit(os.environ.get("PUBLIC_BASE_URL", "")).hostname
    mailbox = Mailbox(["localhost", "127.0.0.1", *([public] if public else [])])
    show_mails(mailbox, socket.socket(fileno=page_socket))
    asyncio.run(take_mails(mailbox, socket.socket(fileno=mail_socket)))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
