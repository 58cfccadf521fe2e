"""The demo as a whole."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app.demo import clinic, past
from app.demo.people import ENQUIRERS, STAFF
from app.domain import lifecycle
from app.domain.level import Level
from app.records import audit, db
from app.records.service_request import ServiceRequest
from app.workflow import staff
from config import ROOT
from tests.builders import PASSWORD

START = """
import sys
from pathlib import Path
from app.demo.__main__ import main
sys.exit(main(Path(sys.argv[1])))
"""


def requests() -> list[ServiceRequest]:
    """Every request of the database."""
    return list(db.session.scalars(sa.select(ServiceRequest)))


def test_an_empty_clinic_is_filled_with_every_level_and_status(context: Flask) -> None:
    """Whoever looks around in the demo finds each level, each status, and all who work there."""
    clinic.prepare(context, PASSWORD, datetime.now(UTC))
    found = requests()
    assert len(found) == len(ENQUIRERS) + past.REQUESTS
    assert min(Counter(request.level for request in found).values()) >= 2
    assert {request.level for request in found} == set(Level)
    assert {request.status for request in found} == set(lifecycle.REQUEST_STATUSES)
    for _, _, email, _, _ in STAFF:
        assert staff.recognise(email, PASSWORD) is not None
    assert audit.first_broken(db.session) is None


def test_a_filled_clinic_stays_as_it_is(context: Flask) -> None:
    """A second start adds nobody and nothing."""
    clinic.prepare(context, PASSWORD, datetime.now(UTC))
    before = {(request.reference, request.version) for request in requests()}
    clinic.prepare(context, "another password", datetime.now(UTC))
    assert {(request.reference, request.version) for request in requests()} == before
    assert len(staff.everybody()) == len(STAFF)


def get(address: str) -> str:
    """The page at an address of this machine."""
    with urllib.request.urlopen(address, timeout=10) as page:  # noqa: S310 - our own
        text: str = page.read().decode()
        return text


@pytest.fixture
def demo(tmp_path: Path) -> "subprocess.Popen[str]":
    """The demo as `make run` starts it, on a free port and in a folder of its own."""
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", START, str(tmp_path / "instance")],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PORT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_everything_starts_and_everything_stops(demo: "subprocess.Popen[str]") -> None:
    """The demo names its pages, they answer, its mails come in, and one signal ends all of it."""
    said = ""
    try:
        for line in demo.stdout or ():
            said += line
            if "Ctrl-C" in line:
                break
        patients, staff_page, mailbox = re.findall(r"(http://localhost:\d+\S*)", said)
        assert "Example Spine Clinic" in get(patients)
        assert "Sign in" in get(staff_page)
        end = time.monotonic() + 20
        while "to desk@example.org" not in get(mailbox):
            assert time.monotonic() < end, "no mail has arrived"
            time.sleep(0.2)
    finally:
        demo.terminate()
        rest, _ = demo.communicate(timeout=30)
    assert demo.returncode == 0, said + rest
    assert "Traceback" not in said + rest
