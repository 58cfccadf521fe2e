"""`python -m app.demo.lighthouse`: measures two pages of a fresh demo as Google would, on a phone.

The page of a condition, and the first page of danger signs. Each is opened once before, and a score
is the median of three runs, since a busy machine looks like a slow site. Fails when one of the four
scores of either is below 98. It needs Chromium, and what `requirements/lighthouse` installs.
"""

import http.cookiejar
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import urllib.parse
import urllib.request
from typing import Any, Final

import click

from app.demo.pictures import CONDITION, running_demo
from config import ROOT

LIGHTHOUSE: Final = ROOT / ".lighthouse" / "node_modules" / ".bin" / "lighthouse"
CATEGORIES: Final = ("performance", "accessibility", "best-practices", "seo")
LEAST: Final = 98
RUNS, MOST_RUNS = 3, 6
DANGER_SIGNS: Final = f"{CONDITION}/enquiry/danger-signs"


def measure() -> bool:
    """Print the scores of both pages; tells whether all are good enough."""
    with running_demo() as (site, _):
        pages = {CONDITION: "", DANGER_SIGNS: _cookie_of_an_enquiry(site)}
        scores = {path: _scores(f"{site}{path}", cookie) for path, cookie in pages.items()}
    for path, found in scores.items():
        click.echo(f"{path}: " + ", ".join(f"{name} {score}" for name, score in found.items()))
    return min(score for found in scores.values() for score in found.values()) >= LEAST


def _cookie_of_an_enquiry(site: str) -> str:
    """Begin an enquiry, so that its first page can be opened; gives the cookie that it needs."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    start = f"{site}{CONDITION}/enquiry"
    (token,) = re.findall(r'name="csrf_token" value="([^"]+)"', browser.open(start).read().decode())
    fields = urllib.parse.urlencode({"csrf_token": token, "for_whom": "self"})
    browser.open(start, fields.encode())
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def _scores(address: str, cookie: str) -> dict[str, int]:
    """The scores of a page, of 100; raises RuntimeError when Lighthouse fails again and again."""
    _open(address, cookie)
    good: list[dict[str, int]] = []
    for _ in range(MOST_RUNS):
        report = _report(address, cookie)
        if report and report["finalDisplayedUrl"] == address and "runtimeError" not in report:
            found = report["categories"]
            good.append({name: round(100 * found[name]["score"]) for name in CATEGORIES})
        if len(good) == RUNS:
            return {name: int(statistics.median(run[name] for run in good)) for name in CATEGORIES}
    raise RuntimeError(f"Lighthouse could not measure {address}")


def _open(address: str, cookie: str) -> None:
    urllib.request.urlopen(urllib.request.Request(address, headers={"Cookie": cookie})).close()  # noqa: S310 - our own site


def _report(address: str, cookie: str) -> dict[str, Any] | None:
    """What Lighthouse says of a page, if it says anything."""
    command = [
        *(str(LIGHTHOUSE), address, "--quiet", "--output=json"),
        "--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage --no-proxy-server",
        f"--only-categories={','.join(CATEGORIES)}",
        f"--extra-headers={json.dumps({'Cookie': cookie})}",
    ]
    done = subprocess.run(  # noqa: S603 - Lighthouse, on our own page
        command,
        env={**os.environ, "CHROME_PATH": shutil.which("chromium") or ""},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return json.loads(done.stdout) if done.stdout else None


if __name__ == "__main__":
    sys.exit(not measure())
