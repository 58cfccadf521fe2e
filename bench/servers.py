"""Programs under measurement: the same web server for both sides, and what it has used."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Final, Self

import psutil

from app.demo import ports
from config import ROOT

HERE: Final = "127.0.0.1"
FIRST_PORT: Final = 18000
WORKERS: Final = 2
CONNECTIONS: Final = 16


class Program:
    """A program with all that it starts; nothing of it is left after `stop`."""

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        sockets: Sequence[int] = (),
        *,
        quiet: bool = False,
    ) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own programs
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=env,
            pass_fds=sockets,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if quiet else None,
            start_new_session=True,
        )

    def family(self) -> list[psutil.Process]:
        """The program and everything below it."""
        first = psutil.Process(self.process.pid)
        return [first, *first.children(recursive=True)]

    def cpu(self) -> float:
        """Seconds of processor time until now, user and system."""
        times = [member.cpu_times() for member in self.family()]
        return float(sum(each.user + each.system for each in times))

    def memory(self) -> int:
        """Bytes of memory, with shared pages counted once (PSS)."""
        return int(sum(member.memory_full_info().pss for member in self.family()))

    def stop(self) -> None:
        """End all of it at once: there is nothing to lose."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Server:
    """A web app under gunicorn: two workers of four threads, keep-alive, a port of its own."""

    def __init__(self, app: str, env: Mapping[str, str]) -> None:
        self.app = app
        self.env = env
        with ports.next_free(HERE, FIRST_PORT) as free:
            self.port = ports.number(free)
        self._program: Program | None = None

    @property
    def program(self) -> Program:
        """The running program."""
        if self._program is None:
            raise RuntimeError("the server does not run")
        return self._program

    def start(self, path: str) -> float:
        """Start it; gives the seconds until this path was answered."""
        began = time.perf_counter()
        with ports.next_free(HERE, self.port) as listening:
            self.port = ports.number(listening)
            descriptor = listening.fileno()
            command = [
                *("gunicorn", self.app, "--bind", f"fd://{descriptor}"),
                *("--worker-class", "gthread", "--workers", str(WORKERS), "--threads", "4"),
                *("--keep-alive", "600", "--no-control-socket"),
                *("--log-level", "warning"),
            ]
            self._program = Program(command, self.env, [descriptor])
            self._ask(path)
        return time.perf_counter() - began

    def _ask(self, path: str) -> None:
        connection = http.client.HTTPConnection(HERE, self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{self.app} answers {path} with {answer.status}")

    def stop(self) -> None:
        """Stop it."""
        if self._program is not None:
            self._program.stop()
            self._program = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
