"""Problems: what somebody must see to, who does, and what became of it."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, Final

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access import current_staff, now, settings
from app.desk import desk
from app.desk.scripts import Script, instead_of_mail
from app.domain.errors import AlreadyChanged, NotAllowedNow
from app.formats import moment
from app.forms import one_line
from app.words import ENDINGS, LEVEL_KINDS, LEVELS, MAILS, PROBLEMS, name_of
from app.workflow import problems, staff

LONGEST_WORDS: Final = 500
NO_WORDS: Final = "Enter what was done, such as “Reached the daughter”"
NOBODY: Final = "Select a colleague"
TOLD: Final = {
    problems.NUMBER_LEFT: (
        "They saw the emergency advice, left a number and sent no more. Call them."
    ),
    problems.ROSTER_GAP: "Every doctor is alerted until somebody is on call.",
    problems.POSSIBLE_DUPLICATE: (
        "The page of the request shows both. Link them if they are one person’s."
    ),
}
# Whoever is to be called can be called from here.
CALLED: Final = (problems.NO_ANSWER, problems.NUMBER_LEFT, problems.MISSED_TARGET)
CHANGED: Final = "A colleague changed this a moment ago. Nothing was saved. Look at how it stands"


@dataclass(frozen=True, slots=True)
class Line:
    """A problem in words. `gone` tells why it closes by itself within a minute, if it does."""

    task: Any
    title: str
    told: str
    level: str
    level_kind: str
    reference: str | None
    name: str
    phone: str
    since: str
    owner: str
    mine: bool
    script: Script | None
    gone: str
    typed: str
    problem: str
    given_to: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A problem that is over, in words."""

    title: str
    told: str
    reference: str | None
    at: dt.datetime | None
    by: str
    words: str
    still_true: bool


@desk.get("/problems")
def problem_list() -> ResponseReturnValue:
    """What is open, and what ended in the last days."""
    return _page()


@desk.post("/problems/<uuid:task_id>/take")
def take_problem(task_id: uuid.UUID) -> ResponseReturnValue:
    """I do it."""
    try:
        problems.take(task_id, _version(), current_staff(), now())
    except (AlreadyChanged, NotAllowedNow):
        return _page(task_id, CHANGED, 409)
    flash("It is yours.", "ok")
    return redirect(url_for("desk.problem_list", _anchor=f"problem-{task_id}"), 303)


@desk.post("/problems/<uuid:task_id>/give")
def give_problem(task_id: uuid.UUID) -> ResponseReturnValue:
    """Somebody else does it."""
    to = request.form.get("to", type=uuid.UUID)
    colleague = next((each for each in _colleagues() if each.id == to), None)
    if colleague is None:
        return _page(task_id, NOBODY, 422, field="to")
    try:
        problems.give(task_id, _version(), colleague.id, current_staff(), now())
    except (AlreadyChanged, NotAllowedNow):
        return _page(task_id, CHANGED, 409)
    flash(f"{colleague.name} sees to it.", "ok")
    return redirect(url_for("desk.problem_list", _anchor=f"problem-{task_id}"), 303)


@desk.post("/problems/<uuid:task_id>/resolve")
def resolve_problem(task_id: uuid.UUID) -> ResponseReturnValue:
    """It is seen to; if it is true all the same, the page says so."""
    words = one_line(request.form.get("note", ""))
    if not words or len(words) > LONGEST_WORDS:
        problem = f"Use {LONGEST_WORDS} letters or fewer" if words else NO_WORDS
        return _page(task_id, problem, 422, field="note")
    try:
        problems.resolve(task_id, _version(), words, current_staff(), now())
    except (AlreadyChanged, NotAllowedNow):
        return _page(task_id, CHANGED, 409)
    ended = next((each for each in problems.over(now()) if each.task.id == task_id), None)
    still = " It is still true: it opens again when it happens anew." if _holds(ended) else ""
    flash(f"Resolved.{still}", "ok")
    return redirect(url_for("desk.problem_list"), 303)


def _holds(ended: problems.Problem | None) -> bool:
    return ended is not None and ended.still_true


def _version() -> int:
    return request.form.get("version", 0, type=int)


def _colleagues() -> list[Any]:
    return [person for person in staff.everybody() if person.active]


def _page(
    task_id: uuid.UUID | None = None, problem: str = "", status: int = 200, field: str = "note"
) -> Response:
    """The page; after an error with what was typed, in its field if that is still there."""
    at = now()
    found = problems.open_now(at)
    listed = any(each.task.id == task_id for each in found)
    lines = [_line(each, at, problem if each.task.id == task_id else "", field) for each in found]
    typed = request.form.get("note", "") if task_id and not listed else ""
    target = f"{field}-{task_id}" if listed else "main"
    page = render_template(
        "desk/problems.html",
        lines=sorted(lines, key=lambda line: line.script is None or bool(line.gone)),
        ended=[_ended(each) for each in problems.over(at)],
        colleagues=[each for each in _colleagues() if each.id != current_staff().id],
        field=field,
        typed=[typed] if typed else [],
        errors=[(target, problem)] if problem else [],
        at=at,
    )
    return make_response(page, status)


def _line(each: problems.Problem, at: dt.datetime, problem: str, field: str) -> Line:
    task, found = each.task, each.request
    person = found.person if found else {}
    script = instead_of_mail(each, at)
    sent = request.form if problem else {}
    return Line(
        task=task,
        title="Phone in place of a mail" if script else PROBLEMS[task.kind],
        told=_told(each, at),
        level=LEVELS[found.level] if found else "",
        level_kind=LEVEL_KINDS[found.level] if found else "",
        reference=found.reference if found else None,
        name=name_of(person) if found else "",
        phone=person.get("phone", "") if task.kind in CALLED else "",
        since=moment(task.since, settings().clinic_zone, at) if task.since.year > 1970 else "",
        owner=task.owner.name if task.owner else "",
        mine=task.owner_id == current_staff().id,
        script=script,
        gone=ENDINGS[each.ending] if each.ending else "",
        typed=sent.get("note", "") or "",
        problem=problem,
        given_to=sent.get("to", "") or "",
    )


def _told(each: problems.Problem, at: dt.datetime) -> str:
    """What happened, in a line."""
    zone = settings().clinic_zone
    if each.message:
        return _mail(each.message)
    if each.visit:
        when = moment(each.visit.starts_at, zone, at)
        return f"The visit was {when}, {each.visit.practitioner.name}."
    if each.task.kind == problems.NO_ANSWER:
        return f"{each.tries} calls in a row. Find another way, or ask the doctor."
    if each.task.kind == problems.MISSED_TARGET and each.request:
        return f"Somebody should have taken it by {moment(each.request.due_at, zone, at)}."
    return TOLD.get(each.task.kind, "")


def _mail(message: Any) -> str:
    fate = "failed" if message.status == "failed" else "is late"
    to = "the patient" if message.to == "patient" else "staff"
    last = f" The last answer was {message.failure}." if message.failure else ""
    return f"“{MAILS[message.kind]}” to {to} {fate}.{last}"


def _ended(each: problems.Problem) -> Ended:
    task = each.task
    return Ended(
        title=PROBLEMS[task.kind],
        told=ENDINGS.get(task.ending or "", ""),
        reference=each.request.reference if each.request else None,
        at=task.ended_at,
        by=task.ended_by.name if task.ended_by else "",
        words=(task.note or "") if task.ending == problems.RESOLVED else "",
        still_true=each.still_true,
    )
