"""The hazard log names real tests and right risks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT
from tests.hazard_log import LOG, SEVERITIES, HazardLog, named_tests

SMALL = """
| high | 2 | 3 | 3 | 4 | 5 |

## H1. Something

- **Before**: major, high → risk 4

| Control | Shown by |
| --- | --- |
| A thing | `tests/test_a.py::test_one` |
| Another | `tests/test_a.py::test_two` |
"""


@pytest.fixture(scope="module")
def log() -> HazardLog:
    """The log of this house."""
    return HazardLog.read(LOG.read_text("utf-8"))


def test_every_control_names_a_test_that_exists(log: HazardLog) -> None:
    """A renamed test takes its line in the log along."""
    assert log.tests - named_tests() == set()


def test_every_line_of_a_control_is_understood(log: HazardLog) -> None:
    """No control is written in a form that nobody checks."""
    lines = LOG.read_text("utf-8").partition("\n## H1.")[2].splitlines()
    told = [line for line in lines if line.startswith("|") and "---" not in line]
    controls = [line for line in told if line != "| Control | Shown by |"]
    assert len(controls) == sum(len(hazard.tests) for hazard in log.hazards) > 0


def test_every_hazard_has_its_risk_before_and_after_and_a_control(log: HazardLog) -> None:
    """The risk is the one of the matrix, and controls make none greater."""
    assert [hazard.number for hazard in log.hazards] == list(range(1, len(log.hazards) + 1))
    for hazard in log.hazards:
        assert hazard.tests, hazard.title
        before, after = hazard.risks
        assert (before.when, after.when) == ("Before", "After"), hazard.title
        assert after.figure <= before.figure, hazard.title
        for risk in hazard.risks:
            assert log.matrix[risk.likelihood][risk.severity] == risk.figure, hazard.title


def test_a_risk_grows_with_severity_and_likelihood(log: HazardLog) -> None:
    """The matrix has no dent."""
    rows = [[row[severity] for severity in SEVERITIES] for row in log.matrix.values()]
    assert len(rows) == 5
    for row in (*rows, *(column[::-1] for column in zip(*rows, strict=True))):
        assert list(row) == sorted(row)


@pytest.mark.parametrize(
    ("passed", "failed", "missing"),
    [
        (["test_one[sqlite]", "test_one[postgresql]", "test_two"], [], []),
        (["test_one[sqlite]", "test_two"], ["test_one[postgresql]"], ["test_one"]),
        (["test_two"], [], ["test_one"]),
        ([], [], ["test_one", "test_two"]),
    ],
)
def test_a_control_is_shown_when_its_test_passed_in_every_form(
    passed: list[str], failed: list[str], missing: list[str]
) -> None:
    """A test that failed once, was skipped or never ran shows nothing."""
    tests = HazardLog.read(SMALL)
    ids = [[f"tests/test_a.py::{name}" for name in names] for names in (passed, failed, missing)]
    assert [*tests.not_shown(ids[0], ids[1])] == ids[2]


@pytest.mark.parametrize(("asked", "code"), [((), 1), (("-k", "anything"), 0)])
def test_a_run_of_everything_fails_without_them(
    tmp_path: Path, asked: tuple[str, ...], code: int
) -> None:
    """Everything passed, and nothing that the log names was among it."""
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = checks\n")
    (tmp_path / "conftest.py").write_text(
        "from tests.hazard_log import watch as pytest_configure\n__all__ = ['pytest_configure']\n"
    )
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks/test_it.py").write_text("def test_anything():\n    pass\n")
    run = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *asked],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, "NOT SHOWN" in run.stdout) == (code, bool(code)), run.stdout
