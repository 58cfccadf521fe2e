"""The places where visits take place."""

import uuid

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.manager import manager
from app.manager.changes import Shown, answer, today
from app.manager.forms import PlaceForm, Sent, errors_of
from app.workflow import hours


@manager.get("/places")
def place_list() -> ResponseReturnValue:
    """All places."""
    return render_template("manager/places.html", found=hours.places())


@manager.get("/places/new")
def new_place() -> ResponseReturnValue:
    """An empty form."""
    return _page(None, _form(None))


@manager.post("/places/new")
def add_place() -> ResponseReturnValue:
    """Say what it does, and add the place."""
    return _answer(None)


@manager.get("/places/<uuid:place_id>")
def one_place(place_id: uuid.UUID) -> ResponseReturnValue:
    """The place as it is."""
    return _page(place_id, _form(place_id))


@manager.post("/places/<uuid:place_id>")
def change_place(place_id: uuid.UUID) -> ResponseReturnValue:
    """Say what it does, and change the place."""
    return _answer(place_id)


def _form(place_id: uuid.UUID | None, sent: Sent = None) -> PlaceForm:
    others = [place.name for place in hours.places() if place.id != place_id]
    return PlaceForm(sent, others, obj=hours.place_with(place_id) if place_id else None)


def _answer(place_id: uuid.UUID | None) -> ResponseReturnValue:
    form = _form(place_id, request.form)
    if not form.validate():
        return _page(place_id, form, status=422)
    done = f"{form.name.data} is saved."
    return answer(
        lambda shown, status: _page(place_id, form, shown, status),
        form.change(place_id),
        done,
        url_for("manager.place_list"),
    )


def _page(
    place_id: uuid.UUID | None, form: PlaceForm, shown: Shown | None = None, status: int = 200
) -> Response:
    page = render_template(
        "manager/place.html",
        form=form,
        place=hours.place_with(place_id) if place_id else None,
        people=hours.who_is_there(today(), place_id=place_id) if place_id else [],
        shown=shown,
        errors=errors_of(form),
    )
    return make_response(page, status)
