"""The diary: a day's visits, each with the one press that says what became of it."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access import current_staff, now, settings
from app.desk import desk
from app.desk.acts import LONGEST_NOTE
from app.domain.errors import NotFound
from app.formats import named_day
from app.words import ACCESS_NEEDS, LANGUAGES, name_of
from app.workflow import booking

NO_OUTCOME: Final = "no-outcome"
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2199, 12, 31)
DONE: Final = {
    "arrive": "Noted: the patient has arrived.",
    "fulfil": "Noted: the patient has been seen. The request is closed.",
    "miss": "Noted: the patient did not come. The request is with the desk again.",
    "cancel": "The visit is cancelled. The request is with the desk again.",
    "undo": "It is taken back.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A visit as the diary shows it: no word about the illness."""

    visit: Any
    reference: str
    name: str
    phone: str | None
    remarks: str
    acts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The visits of one practitioner, or of one past day."""

    title: str
    lines: list[Line]


@desk.get("/diary")
def diary() -> ResponseReturnValue:
    """The visits of a day by practitioner, or those whose outcome nobody has written down."""
    if request.args.get("view") == NO_OUTCOME:
        return _without_outcome()
    return _day()


@desk.post("/diary/<uuid:appointment_id>/<act>")
def visit_act(appointment_id: uuid.UUID, act: str) -> ResponseReturnValue:
    """Write down what became of a visit, or take it back, and return to where that was pressed."""
    if act not in booking.ACTS:
        raise NotFound
    by, at, zone = current_staff(), now(), settings().clinic_zone
    version = request.form.get("version", 0, type=int)
    if act == "cancel":
        reason = request.form.get("note", "").strip()[:LONGEST_NOTE] or None
        visit = booking.cancel(appointment_id, version, by, at, zone, reason)
    else:
        visit = getattr(booking, act)(appointment_id, version, by, at, zone)
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
    day = _read_day(asked) if asked else today
    problem = "" if day else "Enter a day such as 2026-11-25"
    day = day or today
    only = request.args.get("practitioner", type=uuid.UUID)
    visits = booking.day(day, zone, only)
    by_name = sorted(visits, key=lambda visit: (visit.practitioner.name, visit.practitioner_id))
    page = render_template(
        "desk/diary.html",
        groups=_groups(by_name, lambda visit: visit.practitioner.name),
        day=day,
        title=named_day(day, today),
        today=today,
        before=max(day - dt.timedelta(days=1), FIRST_DAY),
        after=min(day + dt.timedelta(days=1), LAST_DAY),
        people=_with_visits(visits),
        only=only,
        late=len(booking.unrecorded(at)),
        errors=[("date", problem)] if problem else [],
        asked=asked,
        view="day",
    )
    return make_response(page, 422 if problem else 200)


def _without_outcome() -> Response:
    at, zone = now(), settings().clinic_zone
    today = at.astimezone(zone).date()
    groups = _groups(
        booking.unrecorded(at),
        lambda visit: named_day(visit.starts_at.astimezone(zone).date(), today),
    )
    return make_response(
        render_template("desk/diary.html", groups=groups, view=NO_OUTCOME, errors=[])
    )


def _read_day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def _with_visits(visits: Iterable[Any]) -> list[Any]:
    """Who can be chosen: everybody who can be booked, and whoever has a visit on that day."""
    people = {person.id: person for person in booking.practitioners()}
    people |= {visit.practitioner_id: visit.practitioner for visit in visits}
    return sorted(people.values(), key=lambda person: person.name)


def _groups(visits: Iterable[Any], title: Any) -> list[Group]:
    return [
        Group(words, [_line(visit) for visit in each]) for words, each in groupby(visits, title)
    ]


def _line(visit: Any) -> Line:
    found = visit.request
    person = found.person
    speaks = LANGUAGES[person.get("speaks") or found.language]
    needs = [ACCESS_NEEDS.get(need, need) for need in person.get("access", [])]
    return Line(
        visit=visit,
        reference=found.reference,
        name=name_of(person),
        phone=person.get("phone"),
        remarks=", ".join([f"speaks {speaks}", *needs]),
        acts=booking.acts_now(visit, now(), settings().clinic_zone),
    )
