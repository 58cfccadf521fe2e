"""The figures as a CSV file: one number a line, so that any spreadsheet can sort and sum them.

UTF-8 with a byte order mark, which the door puts before it: without one, Excel reads the file in
the code page of the machine.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from app.domain.level import Level
from app.formats import table
from app.words import CLOSING_REASONS, LEVELS
from app.workflow.figures import WAITED, Figures, Times

HEAD: Final = ("figure", "group", "measure", "value", "unit")
Row = tuple[str, str, str, int | str, str]


def text(found: Figures, ends: Mapping[str, Mapping[str, str]]) -> str:
    """The whole file; `ends` are the words for how far an enquiry got, by condition."""
    return table([HEAD, *_rows(found, ends)])


def _rows(found: Figures, ends: Mapping[str, Mapping[str, str]]) -> Iterator[Row]:
    yield "Period", "", "first day", f"{found.period.first}", "day"
    yield "Period", "", "last day", f"{found.period.last}", "day"
    yield "Period", "", "counted at", f"{found.at:%Y-%m-%dT%H:%M:%SZ}", "UTC"
    for name, times in (
        ("Until a doctor took the case", found.acknowledged),
        ("Until the first call", found.called),
        ("Until the visit", found.visited),
    ):
        for level in sorted(times, reverse=True):
            yield from _times(name, LEVELS[level], times[level])
    for day, each in sorted(found.emergencies.items()):
        yield from _times(f"Emergencies by {found.step} days", f"{day}", each)
    yield from _open(found)
    for (hour, level), number in sorted(found.arrivals.items()):
        yield f"Arrivals, {LEVELS[level]}", f"{hour}:00", "number", number, "requests"
    for (condition, reached), number in sorted(found.ends.items()):
        where = ends.get(condition, {}).get(reached, reached)
        yield f"How far the form was filled in, {condition}", where, "number", number, "enquiries"
    for level in sorted(Level, reverse=True):
        for reason, words in ((None, "Not closed yet"), *CLOSING_REASONS.items()):
            if number := found.outcomes.get((level, reason), 0):
                yield f"Outcomes, {LEVELS[level]}", words, "number", number, "requests"
    for (to, failed), number in sorted(found.undelivered.items()):
        yield "Undelivered messages", to, "failed" if failed else "late", number, "messages"


def _times(figure: str, group: str, times: Times) -> Iterator[Row]:
    yield figure, group, "number", times.number, "cases"
    yield figure, group, "without it so far", times.without, "cases"
    if times.enough and times.median is not None:
        yield figure, group, "median", times.median, "seconds"
    if times.longest is not None:
        yield figure, group, "longest", times.longest, "seconds"
    yield figure, group, "target known", times.judged, "cases"
    yield figure, group, "target met", times.met, "cases"


def _open(found: Figures) -> Iterator[Row]:
    bounds = [f"{int(bound.total_seconds() // 60)} min" for bound in WAITED]
    stretches = [f"up to {bound}" for bound in bounds] + [f"over {bounds[-1]}"]
    for level, each in sorted(found.open_now.items(), reverse=True):
        yield "Open now", LEVELS[level], "number", each.number, "requests"
        yield "Open now", LEVELS[level], "past the target", each.late, "requests"
        for stretch, number in zip(stretches, each.by_wait, strict=True):
            yield "Open now", LEVELS[level], f"waiting {stretch}", number, "requests"
