"""A browser without script that keeps its connection, and fills in forms like a calm person."""

import http.client
import re
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from bench.servers import HERE

TOKEN: Final = re.compile(rb'name="csrf_token"[^>]* value="([^"]+)"')
Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def token(self) -> str:
        """The form token on the page."""
        found = TOKEN.search(self.body)
        return found[1].decode() if found else ""

    @property
    def path(self) -> str:
        """Where a redirect leads, as a path."""
        return urllib.parse.urlsplit(self.headers["Location"] or "").path


class Unexpected(Exception):
    """A server did not answer as it must: the figures would mean nothing."""


class Browser:
    """One connection and its cookies."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection(HERE, port, timeout=60)
        self.cookies: dict[str, str] = {}

    def get(self, path: str, status: int = 200, **headers: str) -> Answer:
        """Fetch a page; raises Unexpected for any other status."""
        return self._ask("GET", path, None, headers, status)

    def post(self, path: str, fields: Iterable[tuple[str, str]], status: int = 303) -> Answer:
        """Send a form; raises Unexpected for any other status."""
        body = urllib.parse.urlencode(list(fields)).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, body, headers, status)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], status: int
    ) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self._connection.request(
            method, path, body, {**headers, **({"Cookie": cookies} if cookies else {})}
        )
        response = self._connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        if answer.status != status:
            raise Unexpected(f"{method} {path} was answered with {answer.status}, not {status}")
        for line in response.headers.get_all("Set-Cookie", ()):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer


@dataclass(slots=True)
class Form:
    """The form of a page: what it sends by itself, and what it offers by name and kind."""

    action: str = ""
    hidden: Fields = field(default_factory=list)
    offered: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def filled_in(self, known: Mapping[str, str]) -> Fields:
        """As somebody fills it in who has no danger sign: details of signs stay empty."""
        fields = [(name, value) for name, value in self.hidden if name != "csrf_token"]
        for (name, kind), values in self.offered.items():
            if name in known:
                fields.append((name, known[name]))
            elif kind == "radio" and "." not in name:
                calm = (value for value in ("no", "none", "any") if value in values)
                fields.append((name, next(calm, values[0])))
            elif kind == "checkbox" and "none" in values:
                fields.append((name, "none"))
            elif kind == "checkbox" and len(values) == 1:
                fields.append((name, values[0]))
        return fields


class _Reader(HTMLParser):
    """Reads the first form of the main part that is posted."""

    def __init__(self) -> None:
        super().__init__()
        self.form: Form | None = None
        self._inside = self._in_main = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "main":
            self._in_main = True
        elif tag == "form":
            self._inside = self._in_main and self.form is None and found.get("method") == "post"
            if self._inside:
                self.form = Form(found.get("action", ""))
        elif self._inside and self.form is not None and "name" in found:
            kind = found.get("type", "text") if tag == "input" else tag
            value = found.get("value", "on" if kind == "checkbox" else "")
            if kind == "hidden":
                self.form.hidden.append((found["name"], value))
            elif tag in ("input", "textarea", "select"):
                self.form.offered.setdefault((found["name"], kind), []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def form_of(page: Answer, path: str) -> Form:
    """The form of a page; raises Unexpected when it has none."""
    reader = _Reader()
    reader.feed(page.body.decode())
    if reader.form is None:
        raise Unexpected(f"{path} has no form")
    reader.form.action = reader.form.action or path
    return reader.form
