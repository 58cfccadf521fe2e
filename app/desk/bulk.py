"""Acts on the ticked requests of a list, and who sees to a single one."""

import uuid
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import parse_qsl

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app import case
from app.access import current_staff, now, settings
from app.desk import choices, desk
from app.desk.queue import list_page
from app.domain.errors import EmergencyInBulk, NotFound
from app.formats import table
from app.words import LANGUAGES, LEVEL_KINDS, LEVELS, OUTCOMES, TURNS, WANTED, name_of
from app.workflow import queue, staff
from app.workflow.queue.bulk import EXPORT, PRINT, Done

NOTHING_TICKED: Final = "Select at least one request"
NOT_EMERGENCIES: Final = (
    "Nothing was done: {} {} by now. Emergencies are handled one by one. "
    "The others are still selected"
)
HEAD: Final = (
    *("Reference", "Level", "Now", "Waiting since (UTC)", "Target (UTC)", "Name", "Phone"),
    *("Speaks", "Asked for", "With", "Last call"),
)


@desk.post("/requests/bulk")
def bulk() -> ResponseReturnValue:
    """Do one thing with every ticked request, or nothing with any of them."""
    act = ACTS.get(request.form.get("do", ""))
    if act is None:
        raise NotFound
    ticked = request.form.getlist("id")
    if not ticked:
        return _list_again([], NOTHING_TICKED)
    try:
        return act(ticked)
    except EmergencyInBulk as error:
        left = [each for each in ticked if each not in error.references]
        are = "is an emergency" if len(error.references) == 1 else "are emergencies"
        return _list_again(left, NOT_EMERGENCIES.format(", ".join(error.references), are))


@desk.post("/requests/<reference>/assign")
def assign(reference: str) -> ResponseReturnValue:
    """Give one request to oneself, to a colleague, or back to everybody."""
    to, seen = _person("to"), _person("seen")
    queue.assign(reference, to, seen, current_staff(), now())
    flash(f"{reference}: {_whose(to)}.", "ok")
    if request.form.get("back") == "list":
        return _back_to_list(reference)
    return redirect(url_for("desk.show", reference=reference, **choices.trail()), 303)


def _to_me(ticked: list[str]) -> Response:
    return _assign_all(ticked, current_staff().id)


def _to_somebody(ticked: list[str]) -> Response:
    return _assign_all(ticked, _person("whom"))


def _assign_all(ticked: list[str], to: uuid.UUID | None) -> Response:
    done = queue.bulk.assign_all(ticked, to, current_staff(), now())
    if done.number:
        flash(f"{_requests(done.number)}: {_whose(to)}.", "ok")
    _tell_of_the_rest(done, "A colleague sees to {}. Open it to take it over.")
    return _back_to_list(ticked[0])


def _no_answer(ticked: list[str]) -> Response:
    done = queue.bulk.nobody_answered(ticked, current_staff(), now())
    if done.number:
        flash(f"{_requests(done.number)}: “no answer” is noted, the next call is set.", "ok")
    _tell_of_the_rest(done, "Nothing was noted for {}: closed, or one case with an emergency.")
    return _back_to_list(ticked[0])


def _print(ticked: list[str]) -> Response:
    at, zone = now(), settings().clinic_zone
    rows = queue.bulk.take_out(ticked, PRINT, current_staff(), at)
    page = render_template(
        "desk/print_list.html",
        cases=[case.on_paper(row, zone, at) for row in rows],
        levels=LEVELS,
        kinds=LEVEL_KINDS,
        back=_list_of(),
        at=at,
    )
    return make_response(page)


def _export(ticked: list[str]) -> Response:
    at = now()
    rows = queue.bulk.take_out(ticked, EXPORT, current_staff(), at)
    response = make_response(table([HEAD, *_cells(rows)]).encode("utf-8-sig"))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    name = f"requests-{at.astimezone(settings().clinic_zone):%Y-%m-%d-%H%M}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


ACTS: Final[dict[str, Callable[[list[str]], Response]]] = {
    "mine": _to_me,
    "assign": _to_somebody,
    "no-answer": _no_answer,
    "print": _print,
    "export": _export,
}


def _cells(rows: list[queue.Row]) -> Iterator[tuple[str, ...]]:
    """What a list for phoning needs; nothing of what the person told about the illness."""
    names = {person.id: person.name for person in staff.everybody()}
    for row in rows:
        found, person = row.request, row.person
        yield (
            found.reference,
            LEVELS[found.level],
            TURNS[found.status],
            f"{found.waiting_since:%Y-%m-%d %H:%M}",
            f"{found.due_at:%Y-%m-%d %H:%M}",
            name_of(person),
            person.get("phone", ""),
            LANGUAGES[person.get("speaks") or found.language],
            WANTED.get(found.wanted, ""),
            names.get(found.assigned_to_id, "") if found.assigned_to_id else "",
            OUTCOMES.get(row.last_outcome or "", ""),
        )


def _person(field: str) -> uuid.UUID | None:
    """Whom a field names; nobody when it is empty. Raises NotFound for what is no id."""
    value = request.form.get(field, "")
    try:
        return uuid.UUID(value) if value else None
    except ValueError:
        raise NotFound from None


def _whose(to: uuid.UUID | None) -> str:
    if to is None:
        return "assigned to nobody"
    if to == current_staff().id:
        return "assigned to you"
    return "assigned to " + next(p.name for p in staff.everybody() if p.id == to)


def _requests(number: int) -> str:
    return f"{number} {'request' if number == 1 else 'requests'}"


def _tell_of_the_rest(done: Done, words: str) -> None:
    if done.left:
        flash(words.format(", ".join(done.left)), "new")


def _list_of() -> str:
    return url_for("desk.requests", **choices.trail())


def _back_to_list(reference: str) -> Response:
    return redirect(url_for("desk.requests", _anchor=reference, **choices.trail()), 303)


def _list_again(ticked: list[str], problem: str) -> Response:
    """The list from which it came, with what is still ticked."""
    along = dict(parse_qsl(request.form.get(choices.TRAIL, "")))
    choice = choices.read(along)
    if choice.view not in queue.VIEWS:
        choice = queue.Choice()
    page = choices.trail().get("page", "1")
    return list_page(choice, int(page), ticked=ticked, problem=problem, status=422)
