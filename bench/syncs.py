"""How often a server waits for the disk, counted by `strace` where that is installed."""

import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from bench.measure import Flow
from bench.servers import Program

ATTACHED: Final = 1.0  # seconds
CALLS: Final = re.compile(
    r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s.*?(?:fsync|fdatasync)$", re.MULTILINE
)


def syncs_per_flow(server: Program, flow: Flow, flows: int) -> float | None:
    """Calls of fsync and fdatasync for one flow; None when nothing here can count them."""
    strace = shutil.which("strace")
    if strace is None:
        return None
    with tempfile.NamedTemporaryFile() as report:
        members = [str(member.pid) for member in server.family()]
        watcher = subprocess.Popen(  # noqa: S603 - of our own children
            [strace, "-f", "-c", "-e", "trace=fsync,fdatasync", "-o", report.name]
            + [part for pid in members for part in ("-p", pid)],
            stderr=subprocess.DEVNULL,
        )
        time.sleep(ATTACHED)
        if watcher.poll() is not None:  # it is not allowed to look
            return None
        for _ in range(flows):
            flow()
        watcher.send_signal(signal.SIGINT)
        watcher.wait()
        counted = Path(report.name).read_text(encoding="utf-8")
    return sum(int(calls) for calls in CALLS.findall(counted)) / flows
