"""Who is on call: a week of shifts, with a first and a second doctor in each."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, Final

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access import current_staff, now, settings
from app.domain.errors import AlreadyChanged, NotFound
from app.domain.roster import FIRST, SECOND, WEEK, monday_of, shifts
from app.formats import clock_time, named_day, plain_date
from app.manager import manager
from app.workflow import roster

RANKS: Final = ((FIRST, "first"), (SECOND, "second"))
YEARS: Final = (dt.date(2020, 1, 6), dt.date(2099, 12, 28))


@dataclass(frozen=True, slots=True)
class Cell:
    """One place in the grid: who is chosen, who stood there when the page was made."""

    name: str
    label: str
    chosen: str
    seen: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A shift in words, with its two places."""

    words: str
    over: bool
    cells: tuple[Cell, ...]


@manager.get("/on-call")
def on_call() -> ResponseReturnValue:
    """The roster of a week."""
    monday = _monday()
    return _page(monday, _as_stored(roster.grid(_shifts(monday))))


@manager.post("/on-call")
def enter_on_call() -> ResponseReturnValue:
    """Keep a week of the roster; what a colleague changed meanwhile is never overwritten."""
    monday = _monday()
    spans = _shifts(monday)
    lines = _as_typed(spans)
    if any(cell.problem for line in lines for cell in line.cells):
        return _page(monday, lines, 422)
    entries = [
        roster.Entry(span, rank, _id(cell.seen), _id(cell.chosen))
        for span, line in zip(spans, lines, strict=True)
        for (rank, _), cell in zip(RANKS, line.cells, strict=True)
    ]
    try:
        changed = roster.enter(entries, current_staff(), now())
    except AlreadyChanged:
        return _page(monday, _as_typed(spans, anew=True), 409)
    except NotFound:
        # Somebody who left between the page and the press.
        return _page(monday, _as_typed(spans), 422)
    flash("The roster is saved." if changed else "Nothing was changed.", "ok")
    return redirect(url_for("manager.on_call", week=monday.isoformat()), 303)


def _monday() -> dt.date:
    today = now().astimezone(settings().clinic_zone).date()
    try:
        asked = dt.date.fromisoformat(request.values.get("week", ""))
    except ValueError:
        asked = today
    return monday_of(min(max(asked, YEARS[0]), YEARS[1]))


def _shifts(monday: dt.date) -> list[Any]:
    return shifts(monday, settings().hand_over, settings().clinic_zone)


def _as_stored(grid: list[roster.Shift]) -> list[Line]:
    def cell(number: int, rank: int, name: str, shift: roster.Shift) -> Cell:
        who = str(shift.id_of(rank) or "")
        return Cell(f"{name}-{number}", _label(name, shift.span), who, who)

    return [
        Line(
            _words(shift.span),
            shift.span.end <= now(),
            tuple(cell(number, rank, name, shift) for rank, name in RANKS),
        )
        for number, shift in enumerate(grid)
    ]


def _as_typed(spans: list[Any], *, anew: bool = False) -> list[Line]:
    """What was chosen, with a word where it cannot be; `anew` sees what a colleague entered."""
    known = {str(doctor.id) for doctor in roster.doctors()}
    stored = _as_stored(roster.grid(spans))
    lines = []
    for number, (span, line) in enumerate(zip(spans, stored, strict=True)):
        chosen = [request.form.get(f"{name}-{number}", "")[:36] for _, name in RANKS]
        cells = []
        for (_, name), who, stands in zip(RANKS, chosen, line.cells, strict=True):
            seen = request.form.get(f"seen-{name}-{number}", "")[:36]
            problem = _problem(name, who, chosen, known)
            if anew and stands.seen not in (seen, who):
                problem = f"{_label(name, span)}: a colleague has changed this. Look again"
            cells.append(
                Cell(stands.name, stands.label, who, stands.seen if anew else seen, problem)
            )
        lines.append(Line(line.words, line.over, tuple(cells)))
    return lines


def _problem(name: str, who: str, chosen: list[str], known: set[str]) -> str:
    if who and who not in known:
        return "Select a doctor of the list"
    if name == "second" and who and who == chosen[0]:
        return "Select somebody else than the first doctor"
    if name == "second" and who and not chosen[0]:
        return "Select a first doctor before a second"
    return ""


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _page(monday: dt.date, lines: list[Line], status: int = 200) -> Response:
    problems = [(cell.name, cell.problem) for line in lines for cell in line.cells if cell.problem]
    return make_response(
        render_template(
            "manager/on_call.html",
            lines=lines,
            doctors=roster.doctors(),
            monday=monday,
            title=f"{plain_date(monday)} to {plain_date(monday + dt.timedelta(days=6))}",
            before=max(monday - WEEK, YEARS[0]),
            after=min(monday + WEEK, monday_of(YEARS[1])),
            errors=problems,
        ),
        status,
    )


def _words(span: Any) -> str:
    zone = settings().clinic_zone
    today = now().astimezone(zone).date()
    day = named_day(span.start.astimezone(zone).date(), today)
    return f"{day}, {clock_time(span.start, zone)} to {clock_time(span.end, zone)}"


def _label(name: str, span: Any) -> str:
    return f"{name.capitalize()}, {_words(span)}"
