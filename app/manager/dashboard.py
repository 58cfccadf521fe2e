"""The figures of the clinic for its manager: a page, and the same numbers as a table file."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.access import now, packs, settings
from app.domain import enquiry
from app.domain.condition import Pack, in_language
from app.domain.level import Level
from app.formats import length_of_time
from app.manager import charts, figures, findings, periods, table_file
from app.words import CLOSING_REASONS, LEVELS
from app.workflow import figures as counted

ENDS = {
    enquiry.EMERGENCY: "Told to call an ambulance (right to stop here)",
    enquiry.NUMBER_LEFT: "Left a number at the emergency page",
    enquiry.ADVICE: "Advice, and what they wish",
    enquiry.CONTACT: "How to reach them",
    enquiry.CHECK: "Check and send",
    enquiry.SENT: "Sent",
}
RECEIVERS = {
    "desk": "To the desk",
    "on-call": "To the doctors on call",
    "managers": "To the manager",
    "staff": "To a colleague",
    "patient": "To the patient",
}
PRESSING_FIRST = sorted(Level, reverse=True)
PRESSING = (Level.emergency, Level.urgent)


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a table of bars."""

    label: str
    number: int
    pressing: bool = False


@figures.get("/dashboard")
def dashboard() -> ResponseReturnValue:
    """Every figure of a period, each chart beside a table with the same numbers."""
    asked = _asked()
    found = counted.gather(asked.period, now()) if asked.period else None
    return _page(asked, found)


@figures.get("/dashboard.csv")
def dashboard_file() -> ResponseReturnValue:
    """The same numbers for a spreadsheet: no names, no references, nothing that people wrote."""
    asked = _asked()
    if asked.period is None:
        return _page(asked, None)
    found = counted.gather(asked.period, now())
    ends = {condition: _end_names(pack) for condition, pack in packs().items()}
    response = make_response(table_file.text(found, ends).encode("utf-8-sig"))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    name = f"figures-{asked.period.first}-to-{asked.period.last}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked() -> periods.Asked:
    zone = settings().clinic_zone
    return periods.read(request.args, now().astimezone(zone).date(), zone)


def _page(asked: periods.Asked, found: counted.Figures | None) -> Response:
    today = now().astimezone(settings().clinic_zone).date()
    shown = _shown(found) if found else {}
    page = render_template(
        "manager/dashboard.html",
        asked=asked,
        errors=asked.errors,
        choices=periods.choices(asked, today),
        found=found,
        **shown,
    )
    return make_response(page, 422 if asked.errors else 200)


def _shown(found: counted.Figures) -> dict[str, Any]:
    """What the template needs, in words and in the order of the page."""
    by_hour = _by_hour(found)
    return {
        "words": findings,
        "levels": LEVELS,
        "pressing_first": PRESSING_FIRST,
        "emergency": Level.emergency,
        "urgent": Level.urgent,
        "fewest": counted.FEWEST,
        "no_case": counted.NONE,
        "late_emergencies": _open(found, Level.emergency),
        "bar": charts.bar,
        "hatch": charts.hatch(),
        "took": [
            ("Until a doctor took the case", found.acknowledged),
            ("Until the first call", found.called),
            ("Until the visit", found.visited),
        ],
        "days": list(_stretches(found)),
        "days_chart": _days_chart(found),
        "waiting": list(_waiting(found)),
        "by_level": [
            Bar(LEVELS[level], found.arrived(level), level in PRESSING) for level in PRESSING_FIRST
        ],
        "by_hour": by_hour,
        "hours_title": findings.busiest([sum(each.values()) for each in by_hour]),
        "hours_chart": _hours_chart(by_hour),
        "stops": [_stops(pack, found) for pack in packs().values()],
        **_outcomes(found),
        "undelivered": [
            Bar(RECEIVERS[to], number, to != "patient")
            for to, number in _by_receiver(found).items()
        ],
    }


def _open(found: counted.Figures, level: Level) -> counted.Open:
    nothing = counted.Open(0, 0, None, (0,) * (len(counted.WAITED) + 1))
    return found.open_now.get(level, nothing)


def _waiting(found: counted.Figures) -> Iterator[Bar]:
    """Open cases by how long they have waited."""
    bounds = [length_of_time(bound) for bound in counted.WAITED]
    labels = [
        f"Under {bounds[0]}",
        *(f"{a} to {b}" for a, b in pairwise(bounds)),
        f"Over {bounds[-1]}",
    ]
    for place, label in enumerate(labels):
        yield Bar(label, sum(_open(found, level).by_wait[place] for level in PRESSING))


def _stretches(found: counted.Figures) -> Iterator[tuple[str, counted.Times]]:
    """Every day (or week, or more) of the period, with the emergencies that began in it."""
    for number in range(0, found.period.days, found.step):
        day = found.period.first + dt.timedelta(days=number)
        yield f"{day.day} {day:%b}", found.emergencies.get(day, counted.NONE)


def _days_chart(found: counted.Figures) -> Markup:
    """The time until a doctor took an emergency, in minutes or, where it took long, in hours."""
    longest = max((each.longest or 0 for each in found.emergencies.values()), default=0)
    unit, size = ("hours", 3600) if longest > 3 * 3600 else ("minutes", 60)
    points = [
        charts.Stick(
            label,
            None if times.median is None else times.median / size,
            None if times.longest is None else times.longest / size,
            times.met < times.judged,
            findings.length(times.longest),
        )
        for label, times in _stretches(found)
    ]
    title = findings.acknowledged(findings.of_level(found.acknowledged, Level.emergency))
    return charts.sticks(points, title, unit)


def _by_hour(found: counted.Figures) -> list[Mapping[Level, int]]:
    return [
        {level: found.arrivals.get((hour, level), 0) for level in PRESSING_FIRST}
        for hour in range(24)
    ]


def _hours_chart(by_hour: list[Mapping[Level, int]]) -> Markup:
    columns = [
        charts.Column(
            f"{hour}:00",
            sum(number for level, number in each.items() if level in PRESSING),
            sum(number for level, number in each.items() if level not in PRESSING),
        )
        for hour, each in enumerate(by_hour)
    ]
    return charts.columns(columns, findings.busiest([c.pressing + c.rest for c in columns]))


def _end_names(pack: Pack) -> dict[str, str]:
    """How the ends of an enquiry are called, in the order in which they come."""
    pages = {page.id: in_language(page.title, "en") for page in pack.pages}
    return {**pages, **ENDS, "unknown": "Not known"}


def _stops(pack: Pack, found: counted.Figures) -> dict[str, Any]:
    """Where the enquiries of a condition ended."""
    ended = {at: number for (of, at), number in found.ends.items() if of == pack.id}
    names = _end_names(pack)
    # Pages of an earlier version of the pack come last, under their own ids.
    order = [*names, *(at for at in sorted(ended) if at not in names)]
    bars = [Bar(names.get(at, at), ended[at]) for at in order if at in ended]
    return {
        "condition": in_language(pack.name, "en"),
        "title": findings.stops(ended, names),
        "bars": bars,
    }


def _outcomes(found: counted.Figures) -> dict[str, Any]:
    closed: Counter[str] = Counter()
    for (_, reason), number in found.outcomes.items():
        if reason:
            closed[reason] += number
    unfinished = sum(number for (_, reason), number in found.outcomes.items() if reason is None)
    bars = [Bar(words, closed[reason]) for reason, words in CLOSING_REASONS.items()]
    return {
        "outcomes_title": findings.outcomes(closed, CLOSING_REASONS),
        "outcomes": [*bars, Bar("Not closed yet", unfinished)],
    }


def _by_receiver(found: counted.Figures) -> Counter[str]:
    numbers: Counter[str] = Counter()
    for (to, _), number in found.undelivered.items():
        numbers[to] += number
    return numbers
