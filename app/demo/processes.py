"""Programs that live and die together: started, started again when one ends, stopped."""

import contextlib
import ctypes
import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Final

import click

PATIENCE: Final = 10.0  # seconds to stop by itself
QUICK: Final = 5.0  # seconds within which an end counts as a failed start
FAILED_STARTS: Final = 4
PAUSE: Final = 1.0
STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_PR_SET_PDEATHSIG: Final = 1
_libc: Final = ctypes.CDLL(None)


@dataclass(slots=True)
class Program:
    """A program to keep alive, with the sockets that it takes over."""

    name: str
    command: Sequence[str]
    sockets: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failed_starts: int = 0


def run_once(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Run a program that ends by itself; gives its exit status."""
    return _start(command, env, ()).wait()


class Supervisor:
    """Keeps programs running until a signal comes, and leaves none behind."""

    def __init__(self, programs: Sequence[Program], env: Mapping[str, str]) -> None:
        self.programs = programs
        self.env = env
        self.stopping = False
        self._bell, self._button = socket.socketpair()
        for end in (self._bell, self._button):
            end.setblocking(False)

    def run(self, site: socket.socket, welcome: Callable[[], None]) -> int:
        """Run until told to stop; `welcome` is called once, when the site answers at its socket.

        Gives the exit status: 0 when it was told to stop, 1 when a program could not be kept alive.
        """
        self._listen_to_signals()
        welcomed = False
        try:
            while not self.stopping:
                if not self._keep_alive():
                    return 1
                if not welcomed and _answers(site):
                    welcomed = True
                    welcome()
                self._sleep(PAUSE if welcomed else PAUSE / 5)
        finally:
            self._stop_all()
        return 0

    def _listen_to_signals(self) -> None:
        signal.set_wakeup_fd(self._button.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        for number in STOP_SIGNALS:
            signal.signal(number, self._told_to_stop)

    def _told_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _sleep(self, longest: float) -> None:
        """Until a signal comes: a program has ended, or all is to end."""
        select.select([self._bell], [], [], longest)
        with contextlib.suppress(BlockingIOError):
            self._bell.recv(4096)

    def _keep_alive(self) -> bool:
        """Start what does not run; tells whether that still makes sense."""
        for program in self.programs:
            if program.process is not None and program.process.poll() is None:
                continue
            if program.process is not None and not self._may_start_again(program):
                return False
            program.started_at = time.monotonic()
            program.process = _start(program.command, self.env, program.sockets)
        return True

    def _may_start_again(self, program: Program) -> bool:
        quick = time.monotonic() - program.started_at < QUICK
        program.failed_starts = program.failed_starts + 1 if quick else 1
        if program.failed_starts >= FAILED_STARTS:
            click.echo(
                f"{program.name.capitalize()} keeps ending; the lines above say why.", err=True
            )
            return False
        click.echo(f"{program.name.capitalize()} has ended; starting it again.", err=True)
        if quick:
            time.sleep(PAUSE)
        return True

    def _stop_all(self) -> None:
        click.echo("\nStopping …")
        for program in self.programs:
            if program.process is not None:
                _stop(program.process)


def _start(
    command: Sequence[str], env: Mapping[str, str], sockets: tuple[int, ...]
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own: Ctrl-C reaches the supervisor alone."""
    parent = os.getpid()

    def die_with_parent() -> None:
        if sys.platform == "linux":
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return subprocess.Popen(  # noqa: S603 - the commands are our own
        command,
        env=env,
        pass_fds=sockets,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - one thread: no lock can be held
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a program to stop; whatever is left of it after a while is killed."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _answers(site: socket.socket) -> bool:
    """Whether the home page comes from the site that listens there."""
    host, port = site.getsockname()[:2]
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - only compared
    connection = http.client.HTTPConnection(here, port, timeout=PAUSE)
    try:
        connection.request("GET", "/", headers={"Host": "localhost"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()
