"""The queue: always know whom to call next."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import case
from app.access import Count, counts, now, settings
from app.desk import desk
from app.domain import lifecycle
from app.domain.clock import share_used
from app.domain.level import Level
from app.formats import clock_time, length_of_time, moment
from app.words import (
    CALL_TIMES,
    LANGUAGES,
    LEVEL_KINDS,
    LEVELS,
    TARGETS,
    WANTED,
    name_of,
    told,
)
from app.workflow import queue

NEARLY_LATE: Final = 0.75
VIEW_NAMES: Final = {
    "needs-action": "Needs action",
    "call-back-today": "Call back today",
    "no-answer": "No answer",
    "with-doctor": "With doctor",
    "visits-today": "Visits today",
    "all": "All",
}
EMPTY: Final = {
    "needs-action": "Nothing needs action.",
    "call-back-today": "Nobody is to be called back today.",
    "no-answer": "Everybody who was called has answered.",
    "with-doctor": "No request waits for a doctor.",
    "visits-today": "There are no visits today.",
    "all": "No request has come in yet.",
}
# The tags of what is not the clinic's turn.
ELSEWHERE: Final = {
    lifecycle.WITH_PATIENT: ("Waiting for patient", ""),
    lifecycle.BOOKED: ("Booked", "green"),
    lifecycle.CLOSED: ("Closed", ""),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A request as the list shows it, in words."""

    reference: str
    requests: int
    url: str
    name: str
    waiting: str
    lateness: str
    share: int | None
    target: str
    told: str
    wanted: str
    phone: str | None
    speaks: str
    status: str
    status_kind: str
    step: str
    step_url: str
    step_kind: str


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one level; how many it has, when all of them are on this page."""

    title: str
    kind: str
    lines: list[Line]
    number: int | None


@desk.get("/requests")
def requests() -> ResponseReturnValue:
    """A view of the requests, page by page."""
    view = request.args.get("view", "needs-action")
    if view not in queue.VIEWS:
        abort(404)
    level = _level(request.args.get("level"))
    language = request.args.get("language")
    page = queue.page(
        view,
        now(),
        settings().clinic_zone,
        level=level,
        language=language if language in LANGUAGES else None,
        number=request.args.get("page", 1, type=int),
    )
    return render_template(
        "desk/queue.html",
        view=view,
        views=VIEW_NAMES,
        view_counts=_view_counts(),
        groups=list(_groups(view, page)),
        page=page,
        level=level,
        levels=LEVELS,
        language=language,
        languages=LANGUAGES,
        empty="" if page.rows else _empty(view),
        emergencies=counts().emergencies,
        updated=now(),
    )


@desk.post("/requests/find")
def find() -> ResponseReturnValue:
    """Find a person. A form that is posted, so that no name stands in an address or a log."""
    query = request.form.get("q", "")[:100]
    rows = queue.find(query)
    if len(rows) == 1:
        reference = rows[0].request.reference
        return redirect(url_for("desk.show", reference=reference), 303)
    at = now()
    return render_template(
        "desk/found.html",
        query=query,
        lines=[_line(row, "all", at) for row in rows],
        many=len(rows) == queue.PAGE_SIZE,
    )


def _level(name: str | None) -> Level | None:
    return Level.__members__.get(name or "")


def _view_counts() -> dict[str, list[Count]]:
    found = counts()
    numbers = {
        "needs-action": found.needs_action,
        "call-back-today": found.call_back_today,
        "no-answer": found.no_answer,
        "with-doctor": found.with_doctor,
        "visits-today": found.visits_today,
    }
    pills = {view: [Count(queue.capped(number), "")] for view, number in numbers.items()}
    if found.emergencies:
        pills["needs-action"].insert(
            0, Count(queue.capped(found.emergencies), "emergencies, of", "")
        )
    if found.undelivered:
        pills["undelivered"] = [Count(queue.capped(found.undelivered), "", "n--a")]
    if found.problems:
        pills["problems"] = [Count(queue.capped(found.problems), "", "n--a")]
    return pills


def _groups(view: str, page: queue.Page) -> Iterator[Group]:
    at = now()
    if view in ("visits-today", "all"):
        title = "Visits today, in their order" if view == "visits-today" else "Newest first"
        if page.rows:
            yield Group(title, "", [_line(row, view, at) for row in page.rows], None)
        return
    by_level = [
        (level, list(rows)) for level, rows in groupby(page.rows, lambda row: row.request.level)
    ]
    for place, (level, rows) in enumerate(by_level):
        begins_here = page.number == 1 or place > 0
        ends_here = not page.more or place < len(by_level) - 1
        yield Group(
            title=f"{LEVELS[level]} – {TARGETS[level]}",
            kind=LEVEL_KINDS[level],
            lines=[_line(row, view, at) for row in rows],
            number=len(rows) if begins_here and ends_here else None,
        )


def _line(row: queue.Row, view: str, at: dt.datetime) -> Line:
    found = row.request
    url = f"/desk/requests/{found.reference}?view={view}"
    waiting, lateness, share = _waiting(row, at)
    status, status_kind = _status(row, at)
    step, step_url, step_kind = _step(row, url)
    return Line(
        reference=found.reference,
        requests=row.requests,
        url=url,
        name=name_of(row.person),
        waiting=waiting,
        lateness=lateness,
        share=share,
        target=TARGETS[found.level],
        told=told(row.findings, found.level),
        wanted=_wanted(row, at),
        phone=row.person.get("phone"),
        speaks=LANGUAGES[row.person.get("speaks") or found.language],
        status=status,
        status_kind=status_kind,
        step=step,
        step_url=step_url,
        step_kind=step_kind,
    )


def _waiting(row: queue.Row, at: dt.datetime) -> tuple[str, str, int | None]:
    """How long it waits, how that stands against the target, and the used share in percent.

    The clock runs while it is the clinic's turn and no doctor has taken the case.
    """
    found = row.request
    zone = settings().clinic_zone
    if found.status == lifecycle.BOOKED and row.visit:
        return moment(row.visit.starts_at, zone, at), "", None
    if found.status not in (lifecycle.WITH_DESK, lifecycle.WITH_DOCTOR):
        return f"came {moment(found.created_at, zone, at)}", "", None
    if found.status == lifecycle.WITH_DOCTOR and found.acknowledged_at:
        return length_of_time(at - found.waiting_since), "", None
    waited = case.waited(found, at)
    if at > found.due_at:
        return waited, "late", 100
    share = share_used(found.waiting_since, found.due_at, at)
    return waited, "warn" if share >= NEARLY_LATE else "", round(100 * share)


def _wanted(row: queue.Row, at: dt.datetime) -> str:
    found = row.request
    if row.visit:
        return f"Visit, {moment(row.visit.starts_at, settings().clinic_zone, at)}"
    if found.level is Level.emergency:
        return "Told to go to hospital"
    wanted = WANTED.get(found.wanted, "")
    when = CALL_TIMES.get(row.person.get("call_time", ""))
    return f"{wanted}, {when}" if wanted == "Call" and when else wanted


def _status(row: queue.Row, at: dt.datetime) -> tuple[str, str]:
    """The tag: its words and its kind."""
    found = row.request
    if found.status in ELSEWHERE:
        return ELSEWHERE[found.status]
    if found.status == lifecycle.WITH_DOCTOR or found.asked_at:
        return _of_the_doctor(found), "violet"
    if row.last_outcome == "wrong-number":
        return "Wrong number", "today"
    if row.call_back_at and row.call_back_at > at:
        return f"Call at {clock_time(row.call_back_at, settings().clinic_zone)}", "today"
    if row.unanswered:
        return f"No answer ×{row.unanswered}", "today"
    words = "Called" if row.last_outcome else "New"
    return ("Doctor has decided", "violet") if found.instruction else (words, "soon")


def _of_the_doctor(found: Any) -> str:
    if found.asked_at:
        return "Doctor asks"
    return "With doctor" if found.acknowledged_at else "Doctor alerted"


def _step(row: queue.Row, url: str) -> tuple[str, str, str]:
    """The one next step: its word, where it leads, and the kind of its button."""
    found = row.request
    ours = found.status == lifecycle.WITH_DESK
    if not ours and (found.status != lifecycle.WITH_DOCTOR or found.acknowledged_at):
        return "View", url, "2"
    if found.level is Level.emergency:
        return "Call now", url, "call"
    if row.last_outcome == "wrong-number":
        return "View", url, "2"
    if row.unanswered:
        return "Call again", url, "call2"
    if ours and found.level <= Level.soon and found.wanted == "visit":
        booking = f"/desk/requests/{found.reference}/booking"
        return "Offer time", booking, "2"
    return "Call", url, "call2"


def _empty(view: str) -> str:
    words = EMPTY[view]
    if view != "needs-action":
        return words
    call = queue.next_call()
    if call:
        words += f" The next call back is at {moment(call, settings().clinic_zone, now())}."
    return f"{words} New requests appear here after “Check for new”."
