"""The benchmark runs. What it measures is never asserted: machines differ."""

import re
import subprocess
import sys

from config import ROOT

WORKS = (
    "condition page",
    "condition page, unchanged (N)",
    "one enquiry page, stored",
    "whole enquiry, N pages",
    "phone request",
    "phone request, sending",
    "N submissions at once",
    "triage of one answer set",
    "queue page, N lines",
    "queue page at N",
    "search by reference at N",
    "search by phone at N",
    "search by name at N",
    "case page",
    "free times of N days, N doctors, N past visits",
    "outbox, one worker",
    "memory after load (PSS)",
    "cold start to first answer",
)


def test_a_quick_run_measures_every_work() -> None:
    """`python -m bench --quick` ends well and prints a line for everything that has a goal."""
    run = subprocess.run(
        [sys.executable, "-m", "bench", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    heading, _, *rows = [line.strip("| ").split(" | ") for line in run.stdout.splitlines()]
    assert [cell.strip() for cell in heading[:3]] == ["work", "measured as", "figure"]
    assert {re.sub(r"\d+", "N", row[0].strip()) for row in rows} == set(WORKS)
    assert all(row[2].strip() for row in rows)
    assert "did not all arrive" not in run.stdout
