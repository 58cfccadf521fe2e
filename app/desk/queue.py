"""The queue: always know whom to call next."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlencode

from flask import abort, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access import Count, counts, current_staff, now, settings
from app.desk import choices, desk
from app.desk.choices import SORT_NAMES, VIEW_NAMES
from app.desk.rows import Around, Line, line
from app.domain.clock import Targets
from app.formats import clock_time, moment
from app.words import LANGUAGES, LEVEL_KINDS, LEVELS, TURNS, WANTED, targets_in_words
from app.workflow import queue, staff
from app.workflow.queue import Choice

EMPTY: Final = {
    "needs-action": "Nothing needs action.",
    "mine": "You have taken on no request that is still open.",
    "call-back-today": "Nobody is to be called back today.",
    "no-answer": "Everybody who was called has answered.",
    "with-doctor": "No request waits for a doctor.",
    "visits-today": "There are no visits today.",
    "all": "No request has come in yet.",
}
IN_ONE_ORDER: Final = {
    "visits-today": "Visits today, in their order",
    "all": "Newest first",
}
OF_THE_NEWEST: Final = f"of the newest {queue.MOST_SEEN:,}"
FURTHEST_BACK: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one level; how many it has, when all of them are on this page."""

    title: str
    kind: str
    lines: list[Line]
    number: int | None


@dataclass(frozen=True, slots=True)
class Tab:
    """A saved view beside the fixed ones."""

    name: str
    url: str
    here: bool
    count: str


@desk.get("/requests")
def requests() -> ResponseReturnValue:
    """A view of the requests, page by page."""
    choice = choices.read(request.args)
    if choice.view not in queue.VIEWS:
        abort(404)
    return list_page(choice, request.args.get("page", 1, type=int))


@desk.get("/requests/news")
def news() -> ResponseReturnValue:
    """What became the clinic's turn since a page was made; a page asks for it by itself.

    The session is not kept alive by it, and nothing is written.
    """
    at, zone = now(), settings().clinic_zone
    for_doctors = request.args.get("for") == "doctors"
    waiting = queue.emergencies(at, zone, for_doctors=for_doctors)
    new = queue.arrivals(_since(at), for_doctors=for_doctors)
    response = jsonify(alarm=_alarm(waiting), new=new)
    response.add_etag()
    # Beside the body, which stays the same; and not by the clock of the desk's computer.
    response.headers["X-Clock"] = clock_time(at, zone)
    return response.make_conditional(request)


@desk.post("/requests/find")
def find() -> ResponseReturnValue:
    """Find a person. A form that is posted, so that no name stands in an address or a log."""
    query = request.form.get("q", "")[:100]
    rows = queue.find(query)
    if len(rows) == 1:
        reference = rows[0].request.reference
        return redirect(url_for("desk.show", reference=reference), 303)
    at = now()
    around = _around(rows, staff.everybody(), at)
    return render_template(
        "desk/found.html",
        query=query,
        lines=[line(row, "", around, at) for row in rows],
        many=len(rows) == queue.PAGE_SIZE,
    )


def list_page(
    choice: Choice,
    number: int,
    *,
    ticked: Sequence[str] = (),
    problem: str = "",
    status: int = 200,
) -> Response:
    """The page of a choice; with what was ticked and what is wrong with it, if something is."""
    at, me = now(), current_staff()
    page = queue.page(choice, at, settings().clinic_zone, me.id, number)
    people = staff.everybody()
    around = _around(page.rows, people, at)
    shown = render_template(
        "desk/queue.html",
        choice=choice,
        here=choices.written(choice, page.number),
        back=choices.written(choice, page.number - 1),
        on=choices.written(choice, page.number + 1),
        views=VIEW_NAMES,
        view_counts=_view_counts(),
        tabs=list(_tabs(choice, at)),
        groups=list(_groups(choice, page, around, at)),
        page=page,
        levels=LEVELS,
        turns=TURNS,
        languages=LANGUAGES,
        wants=WANTED,
        sorts={} if choice.view in IN_ONE_ORDER else SORT_NAMES,
        empty="" if page.rows else _empty(choice),
        alarm=_alarm(counts().emergencies),
        people=[person for person in people if person.active],
        ticked=set(ticked),
        errors=[("bulk", problem)] if problem else [],
        updated=at,
    )
    return make_response(shown, status)


def _since(at: dt.datetime) -> dt.datetime:
    """When the page was made that asks; a strange time, and one long ago, is not so long ago."""
    earliest, latest = (int(t.timestamp() * 1000) for t in (at - FURTHEST_BACK, at))
    asked = request.args.get("since", latest, type=int)
    return dt.datetime.fromtimestamp(min(max(asked, earliest), latest) / 1000, dt.UTC)


def _alarm(emergencies: int) -> str:
    """How a title begins, so that the tab itself is an alarm."""
    if not emergencies:
        return ""
    words = "emergency" if emergencies == 1 else "emergencies"
    return f"({queue.capped(emergencies)} {words}) "


def _around(rows: Sequence[queue.Row], people: Sequence[Any], at: dt.datetime) -> Around:
    me = current_staff().id
    names = {person.id: person.name for person in people}
    return Around(me, names, queue.who_looks([row.request.id for row in rows], me, at))


def _view_counts() -> dict[str, list[Count]]:
    found = counts()
    numbers = {
        "needs-action": found.needs_action,
        "mine": found.mine,
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


def _tabs(choice: Choice, at: dt.datetime) -> Iterator[Tab]:
    me = current_staff()
    kept = queue.saved.views_of(me)
    wanted = [queue.saved.choice_of(view) for view in kept]
    numbers = queue.count_choices(wanted, at, settings().clinic_zone, me.id)
    for view, each, number in zip(kept, wanted, numbers, strict=True):
        url = url_for("desk.requests", **choices.written(each))
        yield Tab(view.name, url, each == choice, queue.capped(number))


def _groups(choice: Choice, page: queue.Page, around: Around, at: dt.datetime) -> Iterator[Group]:
    here = choices.written(choice, page.number)
    trail = "" if here == choices.written(Choice()) else f"?{urlencode(here)}"
    if choice.view in IN_ONE_ORDER:
        if page.rows:
            lines = [line(row, trail, around, at) for row in page.rows]
            yield Group(_order_of(choice), "", lines, None)
        return
    within = targets_in_words(Targets(**settings().targets))
    by_level = [
        (level, list(rows)) for level, rows in groupby(page.rows, lambda row: row.request.level)
    ]
    for place, (level, rows) in enumerate(by_level):
        begins_here = page.number == 1 or place > 0
        ends_here = not page.more or place < len(by_level) - 1
        yield Group(
            title=f"{LEVELS[level]} – {within[level]}",
            kind=LEVEL_KINDS[level],
            lines=[line(row, trail, around, at) for row in rows],
            number=len(rows) if begins_here and ends_here else None,
        )


def _order_of(choice: Choice) -> str:
    words = IN_ONE_ORDER[choice.view]
    return f"{words}, {OF_THE_NEWEST}" if choice.view == "all" and choice.narrowed else words


def _empty(choice: Choice) -> str:
    if choice.narrowed:
        more = (
            f" It was looked for among the newest {queue.MOST_SEEN:,}."
            if choice.view == "all"
            else ""
        )
        return f"No request fits this choice.{more}"
    words = EMPTY[choice.view]
    if choice.view != "needs-action":
        return words
    call = queue.next_call()
    if call:
        words += f" The next call back is at {moment(call, settings().clinic_zone, now())}."
    return f"{words} New requests are announced here."
