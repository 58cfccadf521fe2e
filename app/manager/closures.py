"""Closures of the clinic, of a place or of a person, and public holidays."""

import uuid
from datetime import time, timedelta
from typing import Any

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access import now, settings
from app.formats import plain_date, wall_time
from app.manager import manager
from app.manager.changes import Shown, answer, today
from app.manager.forms import ClosureForm, HolidaysForm, Sent, closing_of, errors_of
from app.workflow import hours


@manager.get("/closures")
def closure_list() -> ResponseReturnValue:
    """What is closed now or later."""
    this_year = today().year
    return render_template(
        "manager/closures.html",
        found=[(closure, *_in_words(closure)) for closure in hours.closures(now())],
        years=(this_year, this_year + 1),
    )


@manager.get("/closures/new")
def new_closure() -> ResponseReturnValue:
    """An empty form."""
    return _page(_form(None))


@manager.post("/closures/new")
def add_closure() -> ResponseReturnValue:
    """Say whom it meets, and close."""
    form = _form(request.form)
    if not form.validate():
        return _page(form, status=422)
    change = form.change()
    if hours.closed_already(change.closings[0], hours.closures(now())):
        form.first.errors = ["It is closed then already"]
        return _page(form, status=422)
    return answer(
        lambda shown, status: _page(form, shown, status),
        change,
        "The closure is saved.",
        url_for("manager.closure_list"),
    )


@manager.get("/closures/holidays")
def holidays() -> ResponseReturnValue:
    """The public holidays of a year that are not closed yet, ticked, to be looked over."""
    return _holidays_page(_year(), _holidays_form(_year(), None))


@manager.post("/closures/holidays")
def close_holidays() -> ResponseReturnValue:
    """Say whom it meets, and close the days that were left ticked."""
    year = _year()
    form = _holidays_form(year, request.form)
    if not form.validate():
        return _holidays_page(year, form, status=422)
    return answer(
        lambda shown, status: _holidays_page(year, form, shown, status),
        form.change(),
        f"{len(form.days.data)} public holidays are closed.",
        url_for("manager.closure_list"),
    )


@manager.get("/closures/<uuid:closure_id>")
def one_closure(closure_id: uuid.UUID) -> ResponseReturnValue:
    """What it means to take this closure away."""
    change = hours.EndedClosure(closure_id)
    shown = hours.preview(change, now())
    return _end_page(closure_id, Shown(shown.digest, shown.met, "", one=False, stale=False), 200)


@manager.post("/closures/<uuid:closure_id>")
def end_closure(closure_id: uuid.UUID) -> ResponseReturnValue:
    """Take it away: its times can be booked again."""
    return answer(
        lambda shown, status: _end_page(closure_id, shown, status),
        hours.EndedClosure(closure_id),
        "The closure is taken away.",
        url_for("manager.closure_list"),
    )


def _year() -> int:
    """The year that was asked for: this one or the next, for which there is data."""
    this_year = today().year
    asked = request.args.get("year", this_year, type=int)
    return asked if asked == this_year + 1 else this_year


def _in_words(closure: Any) -> tuple[str, str]:
    """Who or what is closed, and when."""
    people = {person.id: person.name for person in hours.people()}
    places = {place.id: place.name for place in hours.places()}
    if closure.practitioner_id:
        whose = people.get(closure.practitioner_id, "Somebody who has left")
    else:
        whose = places[closure.place_id] if closure.place_id else "The whole clinic"
    return whose, _when(closure)


def _when(closure: Any) -> str:
    """Its days; with times where it does not take whole days."""
    zone = settings().clinic_zone
    starts, ends = closure.starts_at.astimezone(zone), closure.ends_at.astimezone(zone)
    if starts.time() == ends.time() == time():
        first, last = starts.date(), ends.date() - timedelta(days=1)
        words = [f"{day:%a} {plain_date(day)}" for day in dict.fromkeys((first, last))]
        return " to ".join(words)
    day = f"{starts:%a} {plain_date(starts.date())}, {wall_time(starts.time())}"
    same_day = starts.date() == ends.date()
    until = "" if same_day else f"{ends:%a} {plain_date(ends.date())}, "
    return f"{day} to {until}{wall_time(ends.time())}"


def _form(sent: Sent) -> ClosureForm:
    places = [(f"place:{place.id}", place.name) for place in hours.places() if place.active]
    people = [(f"person:{person.id}", person.name) for person in hours.people()]
    return ClosureForm(sent, [*places, *people], today(), settings().clinic_zone)


def _holidays_form(year: int, sent: Sent) -> HolidaysForm:
    zone, known = settings().clinic_zone, hours.closures(now())
    offered = [
        holiday
        for holiday in hours.public_holidays(year)
        if holiday.day >= today() and not hours.closed_already(closing_of(holiday, zone), known)
    ]
    return HolidaysForm(sent, offered, zone)


def _page(form: ClosureForm, shown: Shown | None = None, status: int = 200) -> Response:
    page = render_template("manager/closure.html", form=form, shown=shown, errors=errors_of(form))
    return make_response(page, status)


def _holidays_page(
    year: int, form: HolidaysForm, shown: Shown | None = None, status: int = 200
) -> Response:
    page = render_template(
        "manager/holidays.html", form=form, year=year, shown=shown, errors=errors_of(form)
    )
    return make_response(page, status)


def _end_page(closure_id: uuid.UUID, shown: Shown, status: int) -> Response:
    found = hours.closure_with(closure_id)
    whose, when = _in_words(found)
    page = render_template(
        "manager/reopen.html",
        closure=found,
        whose=whose,
        when=when,
        shown=shown,
        errors=[],
    )
    return make_response(page, status)
