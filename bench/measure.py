"""Measuring: rounds of both sides in turn, so that a noisy machine is noisy for both."""

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from bench.servers import Program

FIRST_FLOWS: Final = 3
Flow = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: so many rounds, and seconds of each side in each round."""

    rounds: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of the rounds, and the lowest and highest of them."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of some values."""
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Side:
    """One of two sides: who serves, and what is asked again and again."""

    server: Program
    flow: Flow


@dataclass(slots=True)
class Taken:
    """What one side took, in seconds a flow: of the processor, and of the clock."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    each: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Compared:
    """The first side against the second, round by round."""

    cpu: Spread
    rate: Spread
    p99: float


def compare(ours: Side, floor: Side, effort: Effort) -> Compared:
    """Let both sides work in turn, round after round."""
    sides = (ours, floor)
    flows = [_flows_in(side.flow, effort.seconds) for side in sides]
    taken = (Taken(), Taken())
    for _ in range(effort.rounds):
        for side, number, found in zip(sides, flows, taken, strict=True):
            _work(side, number, found)
    us, them = taken
    return Compared(
        cpu=Spread.of([a / b for a, b in zip(us.cpu, them.cpu, strict=True)]),
        rate=Spread.of([b / a for a, b in zip(us.wall, them.wall, strict=True)]),
        p99=percentile(us.each, 99) / percentile(them.each, 99),
    )


def _flows_in(flow: Flow, seconds: float) -> int:
    """How many flows fill that time; the first ones also warm the server."""
    for _ in range(FIRST_FLOWS):
        flow()
    began = time.perf_counter()
    for _ in range(FIRST_FLOWS):
        flow()
    one = (time.perf_counter() - began) / FIRST_FLOWS
    return max(1, round(seconds / one))


def _work(side: Side, flows: int, taken: Taken) -> None:
    cpu, began = side.server.cpu(), time.perf_counter()
    before = began
    for _ in range(flows):
        side.flow()
        after = time.perf_counter()
        taken.each.append(after - before)
        before = after
    taken.wall.append((before - began) / flows)
    # The system counts processor time in steps of 10 ms: never let a round be free.
    taken.cpu.append(max(side.server.cpu() - cpu, 0.005) / flows)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def at_once(flows: Sequence[Flow], times: int) -> tuple[list[float], int]:
    """Run flows side by side, each so many times; gives seconds of each, and how many failed."""
    taken: list[float] = []
    failed: list[Exception] = []
    ready = threading.Barrier(len(flows))

    def run(flow: Flow) -> None:
        ready.wait()
        for _ in range(times):
            began = time.perf_counter()
            try:
                flow()
            except Exception as error:  # noqa: BLE001 - whatever went wrong is counted
                failed.append(error)
            taken.append(time.perf_counter() - began)

    threads = [threading.Thread(target=run, args=(flow,)) for flow in flows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken, len(failed)
