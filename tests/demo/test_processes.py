"""Programs that live and die together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

# Two programs under a supervisor: one that ends when told to, and one with a child of its own that
# does not listen.
SUPERVISED = """
import os, socket, sys
from app.demo import processes
processes.PATIENCE, processes.PAUSE = 1.0, 0.2
sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
stubborn = [sys.executable, "-c", '''
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
time.sleep(600)
''']
programs = [processes.Program("one", sleeper), processes.Program("two", COMMAND)]
site = socket.create_server(("127.0.0.1", 0))
sys.exit(processes.Supervisor(programs, dict(os.environ)).run(site, lambda: None))
"""


@pytest.fixture
def supervise() -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Starts a supervisor whose second program is this."""
    started: list[subprocess.Popen[str]] = []

    def start(command: str) -> subprocess.Popen[str]:
        started.append(
            subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-c", SUPERVISED.replace("COMMAND", command)],
                cwd=Path(__file__).parents[2],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        return started[-1]

    yield start
    for supervisor in started:
        for process in below(supervisor.pid):
            process.kill()
        supervisor.kill()
        supervisor.communicate()


def below(pid: int) -> list[psutil.Process]:
    """Every process that this one has started, and those that they have started."""
    try:
        return [*psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def soon(holds: Callable[[], bool], within: float = 10.0) -> bool:
    """Whether something comes true soon."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them runs any more."""
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_stops_all(
    supervise: Callable[[str], subprocess.Popen[str]], number: signal.Signals
) -> None:
    """Ctrl-C, SIGTERM and a closed terminal end every program, and the supervisor well."""
    supervisor = supervise("sleeper")
    assert soon(lambda: len(below(supervisor.pid)) == 2)
    programs = below(supervisor.pid)
    supervisor.send_signal(number)
    assert supervisor.wait(10) == 0
    assert gone(programs)


def test_a_program_that_does_not_listen_is_killed_with_its_children(
    supervise: Callable[[str], subprocess.Popen[str]],
) -> None:
    """What ignores the order to stop is ended all the same, whole."""
    supervisor = supervise("stubborn")
    assert soon(lambda: len(below(supervisor.pid)) == 3)
    programs = below(supervisor.pid)
    supervisor.terminate()
    assert supervisor.wait(10) == 0
    assert soon(lambda: gone(programs))


def test_nothing_stays_when_the_supervisor_is_killed(
    supervise: Callable[[str], subprocess.Popen[str]],
) -> None:
    """After kill -9 of the supervisor its programs end by themselves."""
    supervisor = supervise("sleeper")
    assert soon(lambda: len(below(supervisor.pid)) == 2)
    programs = below(supervisor.pid)
    time.sleep(0.3)  # until both have set themselves to die with it
    supervisor.kill()
    assert soon(lambda: gone(programs))


def test_a_program_that_was_killed_is_started_again(
    supervise: Callable[[str], subprocess.Popen[str]],
) -> None:
    """After kill -9 of a program there is a new one, and the other has gone on."""
    supervisor = supervise("sleeper")
    assert soon(lambda: len(below(supervisor.pid)) == 2)
    first, second = sorted(process.pid for process in below(supervisor.pid))
    os.kill(first, signal.SIGKILL)
    assert soon(lambda: len(below(supervisor.pid)) == 2 and first not in pids(supervisor))
    assert second in pids(supervisor)


def pids(supervisor: subprocess.Popen[str]) -> list[int]:
    """The processes that run under a supervisor."""
    return [process.pid for process in below(supervisor.pid)]


def test_a_program_that_cannot_start_ends_all(
    supervise: Callable[[str], subprocess.Popen[str]],
) -> None:
    """A program that ends at once, again and again, is not started for ever."""
    supervisor = supervise('[sys.executable, "-c", "print(5)"]')
    said, _ = supervisor.communicate(timeout=15)
    assert supervisor.returncode == 1
    assert "Two keeps ending" in said
