"""The diary: a day's visits, each with the one press that says what became of it."""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access import clinic, current_staff, now, settings
from app.desk import desk, week
from app.desk.acts import LONGEST_NOTE
from app.desk.lines import (
    DAY,
    FIRST_DAY,
    LAST_DAY,
    Group,
    differing,
    entries_of,
    gaps_of,
    line_of,
    read_day,
)
from app.desk.week import tabs
from app.domain.errors import NotFound
from app.formats import named_day
from app.workflow import booking

NO_OUTCOME: Final = "no-outcome"
DONE: Final = {
    "arrive": "Noted: the patient has arrived.",
    "fulfil": "Noted: the patient has been seen. The request is closed.",
    "miss": "Noted: the patient did not come. The request is with the desk again.",
    "cancel": "The visit is cancelled. The request is with the desk again.",
    "undo": "It is taken back.",
}


@desk.get("/diary")
def diary() -> ResponseReturnValue:
    """The visits of a day or week, or those whose outcome nobody has written down."""
    view = request.args.get("view")
    if view == NO_OUTCOME:
        return _without_outcome()
    return week.page() if view == "week" else _day()


@desk.post("/diary/<uuid:appointment_id>/<act>")
def visit_act(appointment_id: uuid.UUID, act: str) -> ResponseReturnValue:
    """Write down what became of a visit, or take it back, and return to where that was pressed."""
    if act not in booking.ACTS:
        raise NotFound
    by, at, here = current_staff(), now(), clinic()
    version = request.form.get("version", 0, type=int)
    if act == "cancel":
        reason = request.form.get("note", "").strip()[:LONGEST_NOTE] or None
        visit = booking.cancel(appointment_id, version, by, at, here, reason)
    else:
        visit = getattr(booking, act)(appointment_id, version, by, at, here)
    flash(DONE[act], "ok")
    return redirect(_back_to(visit), 303)


def _back_to(visit: Any) -> str:
    back = request.form.get("back", "")
    if back == "request":
        return url_for("desk.show", reference=visit.request.reference)
    if back == NO_OUTCOME:
        return url_for("desk.diary", view=NO_OUTCOME)
    day = visit.starts_at.astimezone(settings().clinic_zone).date()
    only = request.form.get("practitioner", type=uuid.UUID)
    return url_for("desk.diary", date=day.isoformat(), practitioner=only, _anchor=f"v-{visit.id}")


def _day() -> Response:
    at, zone = now(), settings().clinic_zone
    today = at.astimezone(zone).date()
    asked = request.args.get("date", "")
    day = read_day(asked) if asked else today
    problem = "" if day else "Enter a day such as 2026-11-25"
    day = day or today
    only = request.args.get("practitioner", type=uuid.UUID)
    visits = booking.day(day, zone, only)
    people = _with_visits(visits)
    shown = [person for person in people if person.id == only] or people
    groups = list(_columns(visits, shown, day, at))
    page = render_template(
        "desk/diary.html",
        groups=groups,
        differing=differing(groups),
        visits=len(visits),
        day=day,
        title=named_day(day, today),
        today=today,
        before=max(day - DAY, FIRST_DAY),
        after=min(day + DAY, LAST_DAY),
        people=people,
        only=only,
        tabs=tabs(day, only),
        errors=[("date", problem)] if problem else [],
        asked=asked,
        view="day",
        at=at,
    )
    return make_response(page, 422 if problem else 200)


def _columns(
    visits: Sequence[Any], people: Sequence[Any], day: dt.date, at: dt.datetime
) -> Iterator[Group]:
    """A column for everybody who has visits or free times on that day."""
    free = booking.free([person for person in people if person.bookable], day, 1, at)
    offers = free[0][1] if free else []
    for person in people:
        lines = [line_of(visit) for visit in visits if visit.practitioner_id == person.id]
        gaps = gaps_of([offer for offer in offers if offer.practitioner.id == person.id])
        if lines or gaps:
            yield Group(person.name, entries_of(lines, gaps), len(lines), person)


def _without_outcome() -> Response:
    at, zone = now(), settings().clinic_zone
    today = at.astimezone(zone).date()
    past = groupby(
        booking.unrecorded(at),
        lambda visit: named_day(visit.starts_at.astimezone(zone).date(), today),
    )
    listed = [(title, [line_of(visit) for visit in visits]) for title, visits in past]
    groups = [Group(title, [*lines], len(lines)) for title, lines in listed]
    page = render_template(
        "desk/diary.html",
        groups=groups,
        differing=differing(groups),
        tabs=tabs(today, None),
        view=NO_OUTCOME,
        errors=[],
        at=at,
    )
    return make_response(page)


def _with_visits(visits: Sequence[Any]) -> list[Any]:
    """Who can be chosen: everybody who can be booked, and whoever has a visit on that day."""
    people = {person.id: person for person in booking.practitioners()}
    people |= {visit.practitioner_id: visit.practitioner for visit in visits}
    return sorted(people.values(), key=lambda person: (person.name, person.id))
