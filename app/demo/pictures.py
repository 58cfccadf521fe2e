"""`python -m app.demo.pictures FOLDER`: takes the README's pictures of a fresh demo.

It needs the packages of `requirements/dev.lock` and Chromium.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from config import ROOT

CONDITION: Final = "/spinal-metastasis"
PHONE: Final = (390, 844)
DESK: Final = (1280, 800)
START: Final = """
import sys
from pathlib import Path
from app.demo.__main__ import main
sys.exit(main(Path(sys.argv[1])))
"""


def take(folder: Path) -> None:
    """Take every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    with running_demo() as (site, password), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = _open(browser, site + CONDITION, PHONE)
        page.screenshot(path=folder / "condition-390.png")
        page.goto(f"{site}{CONDITION}/enquiry")
        page.check("input[name=for_whom][value=self]")
        page.click("main form button")
        page.screenshot(path=folder / "danger-390.png")
        page = _signed_in(browser, site, "reception@example.org", password, DESK)
        page.goto(f"{site}/desk/requests")
        page.screenshot(path=folder / "queue-1280.png")
        page = _signed_in(browser, site, "rao@example.org", password, PHONE)
        page.goto(f"{site}/doctor/reviews")
        page.click("main a[href^='/doctor/reviews/']")
        page.screenshot(path=folder / "case-390.png")
        browser.close()


def _open(browser: Browser, address: str, size: tuple[int, int]) -> Page:
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=2)
    page.goto(address)
    return page


def _signed_in(
    browser: Browser, site: str, email: str, password: str, size: tuple[int, int]
) -> Page:
    page = _open(browser, f"{site}/sign-in", size)
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    page.click("main form button")
    return page


@contextmanager
def running_demo() -> Iterator[tuple[str, str]]:
    """A demo of its own on a free port; gives its address and its password."""
    with tempfile.TemporaryDirectory() as folder:
        demo = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", START, folder],
            cwd=ROOT,
            env={**os.environ, "HOST": "127.0.0.1", "PORT": "0", "DATABASE_URL": ""},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield _address_and_password(demo)
        finally:
            demo.terminate()
            demo.communicate()


def _address_and_password(demo: "subprocess.Popen[str]") -> tuple[str, str]:
    said = ""
    for line in demo.stdout or ():
        said += line
        if "Ctrl-C" in line:
            site = re.findall(r"Patients +(http\S+)/", said)
            return site[0], re.findall(r"password (\S+) as", said)[0]
    raise RuntimeError(f"The demo did not start:\n{said}")


if __name__ == "__main__":
    take(Path(sys.argv[1]))
