"""A real browser, and the real app behind a real server."""

import hashlib
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)
from werkzeug.serving import make_server

from app.records import db
from config import Settings
from tests.builders import an_app

FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-proxy-server",
)
STANDARDS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
FORM_TOKEN: Final = re.compile(r'name="csrf_token" value="[^"]*"')
# Words, and what a tag says of itself beyond its kind.
BUILT_ALIKE: Final = re.compile(r"""(?<=>)[^<]*\w[^<]*|\s(?!class|role|type|aria)[\w-]+="[^"]*\"""")
WIDE: Final = 1000
WAIT: Final = 10_000
"""Milliseconds after which something that should be on a page counts as missing."""


@dataclass(frozen=True, slots=True)
class LiveServer:
    """The app, and the address at which browsers reach it."""

    app: Flask
    url: str


@pytest.fixture
def live_server(settings: Settings) -> Iterator[LiveServer]:
    """The app behind a server with threads, on a free port that its links name."""
    server = make_server("127.0.0.1", 0, Flask(__name__), threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    server.app = an_app(settings.replace(public_base_url=url))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield LiveServer(server.app, url)
    server.shutdown()
    thread.join()
    server.server_close()
    with server.app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window; it is missed loudly."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise RuntimeError("Chromium is not installed; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


class Watch:
    """What a page should not do: fail in its script, break its own rules, ask other servers."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.seen: list[str] = []

    def over(self, context: BrowserContext) -> None:
        """Listen to every page of a context."""
        context.on("console", self._said)
        context.on("weberror", lambda error: self.seen.append(str(error.error)))
        context.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        # Chromium reports every answer of 400 and above, and ours are meant.
        meant = message.text.startswith("Failed to load resource")
        if message.type in ("error", "warning") and not meant:
            self.seen.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.home + "/", "data:", "blob:")):
            self.seen.append(f"asked for {request.url}")


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """Opens a page in a browser of its own: `open_page(width=390, java_script_enabled=False)`.

    The test fails when any page wrote an error to its console or reached for another server.
    """
    watch = Watch(live_server.url)
    contexts = []

    def opened(width: int = 1280, height: int = 900, **options: Any) -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": height}, **options
        )
        context.set_default_timeout(WAIT)
        watch.over(context)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
    assert watch.seen == []


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A page on a desk's screen."""
    return open_page()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Page], None]:
    """`axe(page)` fails when the page breaks a rule of WCAG 2.2 AA or a best practice.

    The same page at the same width is looked at once in a run: stories share many of their pages.
    On a wide screen, that are pages built alike: on a phone each was looked at with its own words.
    """
    base = tmp_path_factory.getbasetemp()
    passed = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "accessible"
    passed.mkdir(exist_ok=True)

    def checked(page: Page) -> None:
        wide = (page.viewport_size or {"width": 0})["width"] >= WIDE
        without = BUILT_ALIKE if wide else FORM_TOKEN
        seen = f"{page.viewport_size} {without.sub('x', page.content())}"
        known = passed / hashlib.sha256(seen.encode()).hexdigest()
        if known.exists():
            return
        options = {"runOnly": list(STANDARDS), "resultTypes": ["violations"]}
        found = Axe().run(page, options=options).response["violations"]
        words = [
            f"{each['id']}: {each['help']}: {[node['target'] for node in each['nodes']]}"
            for each in found
        ]
        assert words == [], f"{page.url} is not accessible"
        known.touch()

    return checked
