"""`python -m bench`: measures everything and prints the ratios beside the goals."""

import argparse
import dataclasses
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench import floor, works
from bench.client import Browser
from bench.clinic import CONDITION, open_clinic
from bench.flows import PAGE
from bench.measure import Effort
from bench.report import Line, table
from bench.servers import Server
from bench.works import Bench, Size

USUAL: Final = Size(1_000, 100_000, Effort(7, 0.6), cold_starts=5, at_once=30, messages=200)
QUICK: Final = Size(60, 150, Effort(1, 0.02), cold_starts=1, at_once=1, messages=10)
LONG: Final = 1_000_000


def main(size: Size) -> int:
    """Measure, and print the table."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, _servers(size, Path(folder)) as b:
        lines = list(_measured(b))
    print(table(lines))  # noqa: T201 - this is its answer
    _say(f"{time.monotonic() - began:.0f} s")
    return 0


def _measured(bench: Bench) -> Iterator[Line]:
    for measure in (
        works.public_pages,
        works.enquiry,
        works.phone_request,
        works.desk,
        works.doctor,
        works.free_times,
        works.outbox,
        works.programs,
    ):
        _say((measure.__doc__ or "").rstrip("."))
        yield from measure(bench)
    yield from works.triage(bench.clinic.app.extensions["packs"][CONDITION])


@contextmanager
def _servers(size: Size, folder: Path) -> Iterator[Bench]:
    _say(f"Preparing {size.small:,} and {size.large:,} requests")
    small, large = folder / "small", folder / "large"
    clinic = open_clinic(small, 0, size.small)
    grown_clinic = open_clinic(large, 0, size.large)
    with (
        Server("wsgi:app", clinic.env) as ours,
        Server("wsgi:app", grown_clinic.env) as grown,
    ):
        ours.start(PAGE)
        grown.start(PAGE)
        browser = Browser(ours.port)
        page_bytes = len(browser.get(PAGE).body)
        browser.close()
        with _floor(size, folder / "floor.db", page_bytes) as (floor_server, case):
            yield Bench(size, ours, clinic, grown, grown_clinic, floor_server, case, folder)


@contextmanager
def _floor(size: Size, database: Path, page_bytes: int) -> Iterator[tuple[Server, str]]:
    reference = floor.fill(database, size.small)
    env = os.environ | {
        "FLOOR_DATABASE": str(database),
        "FLOOR_PAGE_BYTES": str(page_bytes),
        "FLOOR_SECRET": secrets.token_urlsafe(32),
    }
    with Server("bench.floor:create()", env) as server:
        server.start("/page")
        yield server, f"/requests/{reference}"


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201 - progress


def _size() -> Size:
    parser = argparse.ArgumentParser(prog="python -m bench", description=main.__doc__)
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--quick", action="store_true", help="only see that everything runs")
    kinds.add_argument("--long", action="store_true", help=f"grow to {LONG:,} requests (8 GB)")
    asked = parser.parse_args()
    if asked.quick:
        return QUICK
    return dataclasses.replace(USUAL, large=LONG) if asked.long else USUAL


if __name__ == "__main__":
    sys.exit(main(_size()))
