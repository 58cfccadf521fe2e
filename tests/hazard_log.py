"""The hazard log as the tests read it: its hazards, their risks, and the test of each control."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import pytest

from config import ROOT

LOG: Final = ROOT / "docs/safety/hazard-log.md"
SEVERITIES: Final = ("minor", "significant", "considerable", "major", "catastrophic")
HAZARD: Final = re.compile(r"^## H(\d+)\. (.+)$", re.MULTILINE)
RISK: Final = re.compile(
    r"^- \*\*(Before|After)\*\*: ([a-z]+), ([a-z ]+) → risk (\d)$", re.MULTILINE
)
CONTROL: Final = re.compile(r"^\| (.+) \| `(tests/\S+\.py::test_\w+)` \|$", re.MULTILINE)
ROW: Final = re.compile(r"^\| ([a-z ]+) \|((?: \d \|){5})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Risk:
    """How bad and how likely, and the risk that the log says this is."""

    when: str
    severity: str
    likelihood: str
    figure: int


@dataclass(frozen=True, slots=True)
class Hazard:
    """What can go wrong, and the test that shows each control."""

    number: int
    title: str
    risks: tuple[Risk, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HazardLog:
    """All hazards, and the matrix of risks by likelihood, then severity."""

    hazards: tuple[Hazard, ...]
    matrix: dict[str, dict[str, int]]

    @classmethod
    def read(cls, text: str) -> Self:
        """Read the Markdown."""
        matrix = {
            likelihood: dict(zip(SEVERITIES, map(int, re.findall(r"\d", cells)), strict=True))
            for likelihood, cells in ROW.findall(text)
        }
        _, *parts = HAZARD.split(text)
        hazards = (
            _hazard(int(number), title, body)
            for number, title, body in zip(parts[0::3], parts[1::3], parts[2::3], strict=True)
        )
        return cls(tuple(hazards), matrix)

    @property
    def tests(self) -> set[str]:
        """Every test that shows a control."""
        return {test for hazard in self.hazards for test in hazard.tests}

    def not_shown(self, passed: Iterable[str], failed: Iterable[str]) -> Iterator[str]:
        """The tests of controls that did not run, or did not pass in each of their forms."""
        good, bad = ({_without_form(test) for test in tests} for tests in (passed, failed))
        yield from sorted(self.tests - (good - bad))


def _hazard(number: int, title: str, body: str) -> Hazard:
    risks = (
        Risk(when, how_bad, often, int(figure))
        for when, how_bad, often, figure in RISK.findall(body)
    )
    return Hazard(number, title, tuple(risks), tuple(test for _, test in CONTROL.findall(body)))


def _without_form(test: str) -> str:
    """The function of a test, without the values that it was given."""
    return test.partition("[")[0]


def named_tests(folder: Path = ROOT / "tests") -> set[str]:
    """Every test function there is, as the log names it."""
    return {
        f"{path.relative_to(folder.parent).as_posix()}::{name}"
        for path in folder.rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", path.read_text("utf-8"), re.MULTILINE)
    }


class ControlsAreShown:
    """Fails a run of all tests in which the test of a control did not run or did not pass."""

    def __init__(self) -> None:
        self.passed: set[str] = set()
        self.failed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a test ended; one that was skipped has shown nothing."""
        if report.failed:
            self.failed.add(report.nodeid)
        elif report.when == "call" and report.passed:
            self.passed.add(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Say which controls nobody has seen at work."""
        missing = [*HazardLog.read(LOG.read_text("utf-8")).not_shown(self.passed, self.failed)]
        if missing:
            session.config.stash[NOT_SHOWN] = missing
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        """Name them."""
        for test in config.stash.get(NOT_SHOWN, []):
            terminalreporter.write_line(f"NOT SHOWN: a control of the hazard log, {test}", red=True)


NOT_SHOWN: Final = pytest.StashKey[list[str]]()


def watch(config: pytest.Config) -> None:
    """Watch a run of everything; part of the tests shows part of the controls."""
    chosen = ("keyword", "markexpr", "collectonly", "deselect", "ignore", "lf", "maxfail")
    everything = config.args == config.getini("testpaths")
    is_worker = hasattr(config, "workerinput")
    if everything and not is_worker and not any(config.getoption(name, None) for name in chosen):
        config.pluginmanager.register(ControlsAreShown())
