"""The weekly hours of each practitioner, who takes visits, and the visits that no hours cover."""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access import now, settings
from app.domain.hours import WEEKDAYS
from app.formats import plain_date
from app.manager import manager
from app.manager.changes import Shown, answer, today
from app.manager.forms import Sent
from app.manager.week_form import WeekForm
from app.workflow import hours

DAY = dt.timedelta(days=1)


@manager.get("/hours")
def week_list() -> ResponseReturnValue:
    """Everybody's hours as they stand, and those that are planned."""
    return render_template(
        "manager/hours.html",
        found=[(person, hours.periods(person.id, today())) for person in hours.people()],
        ready=_ready(),
        outside=len(hours.outside(now())),
        weekdays=WEEKDAYS,
    )


@manager.get("/hours/<uuid:practitioner_id>")
def week(practitioner_id: uuid.UUID) -> ResponseReturnValue:
    """A form for other hours, filled in with those that stand."""
    hours.person_with(practitioner_id)
    return _page(practitioner_id, _form(practitioner_id))


@manager.post("/hours/<uuid:practitioner_id>")
def change_week(practitioner_id: uuid.UUID) -> ResponseReturnValue:
    """Add a row to the form; or say what the new hours do, and save them."""
    person = hours.person_with(practitioner_id)
    form = _form(practitioner_id, request.form)
    if "add" in request.form:
        form.add(request.form.get("add", -1, type=int))
        return _page(practitioner_id, form)
    if not form.validate():
        return _page(practitioner_id, form, status=422)
    change = form.change(practitioner_id, settings().clinic_zone.key)
    return answer(
        lambda shown, status: _page(practitioner_id, form, shown, status, change),
        change,
        f"The new hours of {person.name} are saved.",
        url_for("manager.week_list"),
    )


@manager.post("/hours/<uuid:practitioner_id>/bookable")
def change_bookable(practitioner_id: uuid.UUID) -> ResponseReturnValue:
    """Say what it does when somebody takes visits, or no more; and switch it."""
    person = hours.person_with(practitioner_id)
    takes = request.form.get("bookable") == "yes"
    name = person.name

    def page(shown: Shown, status: int) -> Response:
        words = render_template(
            "manager/bookable.html",
            person=hours.person_with(practitioner_id),
            takes=takes,
            shown=shown,
            errors=[],
        )
        return make_response(words, status)

    return answer(
        page,
        hours.Bookable(practitioner_id, takes),
        f"{name} takes visits." if takes else f"{name} takes no new visits.",
        url_for("manager.week_list"),
    )


@manager.get("/outside")
def outside() -> ResponseReturnValue:
    """Booked visits that no hours cover, for somebody to call."""
    return render_template("manager/outside.html", found=hours.outside(now()))


def _ready() -> bool:
    """Whether there is a place and a kind of visit that hours can be for."""
    return any(place.active for place in hours.places()) and any(
        kind.active for kind in hours.kinds()
    )


def _form(practitioner_id: uuid.UUID, sent: Sent = None) -> WeekForm:
    day = today()
    known = hours.periods(practitioner_id, day)
    stored = known[0].rows if known else []
    return WeekForm(sent, day, hours.places(), hours.kinds(), stored)


def _page(
    practitioner_id: uuid.UUID,
    form: WeekForm,
    shown: Shown | None = None,
    status: int = 200,
    change: hours.NewWeek | None = None,
) -> Response:
    known = hours.periods(practitioner_id, today())
    page = render_template(
        "manager/week.html",
        person=hours.person_with(practitioner_id),
        form=form,
        weekdays=WEEKDAYS,
        ready=_ready(),
        shown=shown,
        sentences=list(_what_it_does(change, known)) if change else [],
        errors=form.errors(),
    )
    return make_response(page, status)


def _what_it_does(change: hours.NewWeek, known: Sequence[Any]) -> Iterator[str]:
    """When the new hours begin and end, and what becomes of those that there are."""
    yield f"Starts {change.first:%A} {plain_date(change.first)}."
    if change.until:
        yield f"Ends {change.until:%A} {plain_date(change.until)}."
    for period in known:
        begins, ends = plain_date(period.first), period.until
        met = change.until is None or period.first <= change.until
        if not met or (ends and ends < change.first):
            continue
        if period.first < change.first:
            yield f"The hours since {begins} end on {plain_date(change.first - DAY)}."
        else:
            yield f"The hours planned from {begins} are replaced."
        if change.until and (ends is None or ends > change.until):
            yield f"They go on from {plain_date(change.until + DAY)}."
    closed = [
        name for day, name in enumerate(WEEKDAYS) if day not in {r.weekday for r in change.rows}
    ]
    if len(closed) == len(WEEKDAYS):
        yield "There are no hours on any day."
    elif closed:
        yield f"No hours on {', '.join(closed)}."
