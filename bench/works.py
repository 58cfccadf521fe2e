"""Everything that is measured, each with its goal."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.condition import Pack
from app.domain.triage import assess
from bench import bookings, flows
from bench.clinic import DESK, DOCTOR, Clinic
from bench.drain import messages_per_second
from bench.flows import PAGE, QUEUE, Colleague, Enquiry
from bench.measure import Compared, Effort, Flow, Side, Spread, at_once, compare, percentile
from bench.report import Line, at_least, at_most
from bench.servers import CONNECTIONS, Server
from bench.syncs import syncs_per_flow

CPU: Final = "CPU, × floor"
GROWTH: Final = "CPU, × at {small:,}"
LIST, SUBMIT = "CPU, × floor’s list", "CPU, × floor’s submission"
# The fastest peer's single form took 34 ms where the floor's submission took 2.2 ms.
FASTEST_PEER: Final = 34 / 2.2


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    small: int
    large: int
    effort: Effort
    cold_starts: int
    at_once: int
    messages: int


@dataclass(frozen=True, slots=True)
class Bench:
    """The servers that are compared: ours with few and with many requests, and the floor."""

    size: Size
    ours: Server
    clinic: Clinic
    grown: Server
    grown_clinic: Clinic
    floor: Server
    floor_case: str
    folder: Path

    def beside_floor(self, flow: Flow, floor_flow: Flow) -> Compared:
        """The same work on both."""
        ours, floor = self.ours.program, self.floor.program
        return compare(Side(ours, flow), Side(floor, floor_flow), self.size.effort)

    def as_it_grows(self, flow: Flow, small_flow: Flow) -> Compared:
        """The same work with many requests and with few."""
        grown, small = self.grown.program, self.ours.program
        return compare(Side(grown, flow), Side(small, small_flow), self.size.effort)


def public_pages(bench: Bench) -> Iterator[Line]:
    """What everybody reads."""
    ours, floor = bench.ours.port, bench.floor.port
    page = bench.beside_floor(flows.page(ours, PAGE), flows.page(floor, "/page"))
    yield Line("condition page", CPU, page.cpu, at_most(1.2))
    yield Line("condition page", "rate, × floor", page.rate, at_least(0.8))
    unchanged = bench.beside_floor(flows.unchanged_page(ours, PAGE), flows.page(floor, "/hello"))
    yield Line(
        "condition page, unchanged (304)", "rate, × floor’s hello", unchanged.rate, at_least(1)
    )


def enquiry(bench: Bench) -> Iterator[Line]:
    """What a patient does."""
    submission = flows.floor_submission(bench.floor.port)
    asked = Enquiry(bench.ours.port)
    one = bench.beside_floor(asked.one_page(), submission)
    yield Line("one enquiry page, stored", SUBMIT, one.cpu, at_most(3))
    whole = bench.beside_floor(asked.whole, submission)
    name = f"whole enquiry, {len(asked.steps) + 1} pages"
    yield Line(name, SUBMIT, whole.cpu, at_most(round(FASTEST_PEER, 1)))


def phone_request(bench: Bench) -> Iterator[Line]:
    """What the desk does while somebody is on the phone."""
    desk = Colleague(bench.ours.port, DESK)
    submission = flows.floor_submission(bench.floor.port)
    taken = bench.beside_floor(desk.phone_request(), submission)
    yield Line("phone request", SUBMIT, taken.cpu, at_most(4))
    syncs = syncs_per_flow(bench.ours.program, desk.sending(), 20)
    yield Line("phone request, sending", "disk syncs", syncs, at_most(1.2), "strace cannot be used")
    ours = [desk.sending() for _ in range(CONNECTIONS)]
    theirs = [flows.floor_sending(bench.floor.port) for _ in range(CONNECTIONS)]
    taken_by_us, failed = at_once(ours, bench.size.at_once)
    taken_by_floor, _ = at_once(theirs, bench.size.at_once)
    name = f"{CONNECTIONS} submissions at once"
    yield Line(name, "p99 ÷ p50", _tail(taken_by_us), at_most(3))
    yield Line(name, "p99 ÷ p50 of the floor", _tail(taken_by_floor))
    yield Line(name, "errors", float(failed), at_most(0))


def _tail(taken: list[float]) -> float:
    return percentile(taken, 99) / percentile(taken, 50)


def triage(pack: Pack) -> Iterator[Line]:
    """The rules on every worked example of the pack."""
    rounds = []
    for _ in range(5):
        began = time.process_time()
        for case in pack.cases:
            assess(pack, case.answers)
        rounds.append((time.process_time() - began) / len(pack.cases) * 1000)
    yield Line("triage of one answer set", "ms, no ratio", Spread.of(rounds), at_most(1))


def desk(bench: Bench) -> Iterator[Line]:
    """The lists of the desk, with few requests and with many."""
    here, there = Colleague(bench.ours.port, DESK), Colleague(bench.grown.port, DESK)
    floor_list = flows.page(bench.floor.port, "/requests")
    queue = bench.beside_floor(here.page(QUEUE), floor_list)
    yield Line("queue page, 50 lines", LIST, queue.cpu, at_most(8))
    growth = GROWTH.format(small=bench.size.small)
    grown = f"at {bench.size.large:,}"
    larger = bench.as_it_grows(there.page(QUEUE), here.page(QUEUE))
    yield Line(f"queue page {grown}", growth, larger.cpu, at_most(1.1))
    yield Line(f"queue page {grown}", growth.replace("CPU", "p99"), larger.p99, at_most(1.1))
    searches = {
        "reference": (bench.clinic.reference, bench.grown_clinic.reference, 303),
        "phone": (bench.clinic.phone, bench.grown_clinic.phone, 303),
        "name": (bench.clinic.name.split()[1], bench.grown_clinic.name.split()[1], 200),
    }
    for kind, (query, grown_query, status) in searches.items():
        found = bench.as_it_grows(there.search(grown_query, status), here.search(query, status))
        yield Line(f"search by {kind} {grown}", growth, found.cpu, at_most(1.2))


def doctor(bench: Bench) -> Iterator[Line]:
    """The case page."""
    reads = Colleague(bench.ours.port, DOCTOR).page(flows.urgent_case(bench.clinic))
    beside_list = bench.beside_floor(reads, flows.page(bench.floor.port, "/requests"))
    yield Line("case page", LIST, beside_list.cpu, at_most(10))
    beside_case = bench.beside_floor(reads, flows.page(bench.floor.port, bench.floor_case))
    yield Line("case page", "CPU, × floor’s case page", beside_case.cpu)


def free_times(bench: Bench) -> Iterator[Line]:
    """The times that can be booked, with few past visits and with many."""
    small, large = bench.size.small, bench.size.large
    few = bookings.open_diary(bench.folder / "few-visits", small)
    many = bookings.open_diary(bench.folder / "many-visits", large)
    name = f"free times of {bookings.DAYS} days, {bookings.DOCTORS} doctors, {large:,} past visits"
    grown = bookings.growth(few, many, bench.size.effort)
    yield Line(name, GROWTH.format(small=small), grown, at_most(1.1))


def outbox(bench: Bench) -> Iterator[Line]:
    """The worker."""
    rate = messages_per_second(bench.folder / "outbox", bench.size.messages)
    yield Line("outbox, one worker", "mails/s", rate, at_least(20), "the mails did not all arrive")


def programs(bench: Bench) -> Iterator[Line]:
    """Memory after all that, and then starts from nothing."""
    ratio = bench.ours.program.memory() / bench.floor.program.memory()
    yield Line("memory after load (PSS)", "× floor", ratio, at_most(2))
    starts = [
        (_start(bench.ours, PAGE), _start(bench.floor, "/page"))
        for _ in range(bench.size.cold_starts)
    ]
    ratios = Spread.of([ours / floor for ours, floor in starts])
    yield Line("cold start to first answer", "× floor", ratios, at_most(4))


def _start(server: Server, path: str) -> float:
    server.stop()
    return server.start(path)
