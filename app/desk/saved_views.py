"""Views that are kept under a name: making, renaming and removing them."""

import uuid
from typing import Any, Final

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length

from app.access import current_staff
from app.desk import choices, desk
from app.domain.errors import NotFound, TooMany
from app.forms import one_line
from app.workflow import queue
from app.workflow.queue import Choice

LONGEST_NAME: Final = 40
FULL: Final = f"There are {queue.saved.MOST} views already. Remove one first"


class NameForm(FlaskForm):
    """What a view is called, and whether all shall see it."""

    name = StringField(
        "Name",
        [
            DataRequired("Enter a name, such as “Hindi, to call”"),
            Length(max=LONGEST_NAME, message=f"Use {LONGEST_NAME} letters or fewer"),
        ],
        filters=[one_line],
    )
    shared = BooleanField("For everybody who works here")


@desk.get("/views")
def saved_views() -> ResponseReturnValue:
    """The views that a person sees, with what may be changed of them."""
    return _all_views()


@desk.get("/views/new")
def new_view() -> ResponseReturnValue:
    """Ask for the name of the choice in the address."""
    return _name_page(_choice(request.args), NameForm(formdata=None))


@desk.post("/views")
def save_view() -> ResponseReturnValue:
    """Keep it, and show it."""
    choice, form = _choice(request.form), NameForm()
    if not form.validate():
        return _name_page(choice, form, 422)
    try:
        queue.saved.save(form.name.data, choice, current_staff(), shared=form.shared.data)
    except TooMany:
        form.name.errors = [FULL]
        return _name_page(choice, form, 422)
    flash("The view is saved.", "ok")
    return redirect(url_for("desk.requests", **choices.written(choice)), 303)


@desk.post("/views/<uuid:view_id>/rename")
def rename_view(view_id: uuid.UUID) -> ResponseReturnValue:
    """Give it another name."""
    form = _named(view_id)
    if not form.validate():
        return _all_views(view_id, form, 422)
    queue.saved.rename(view_id, form.name.data, current_staff())
    flash("The view has a new name.", "ok")
    return redirect(url_for("desk.saved_views"), 303)


@desk.post("/views/<uuid:view_id>/remove")
def remove_view(view_id: uuid.UUID) -> ResponseReturnValue:
    """Forget it."""
    queue.saved.remove(view_id, current_staff())
    flash("The view is removed.", "ok")
    return redirect(url_for("desk.saved_views"), 303)


def _choice(given: Any) -> Choice:
    choice = choices.read(given)
    if choice.view not in queue.VIEWS:
        raise NotFound
    return choice


def _named(view_id: uuid.UUID, sent: bool = True, name: str = "") -> NameForm:
    """The form of one view among several: its fields have ids of their own."""
    form = NameForm(data={"name": name}) if sent else NameForm(formdata=None, data={"name": name})
    form.name.id = f"name-{view_id}"
    return form


def _name_page(choice: Choice, form: NameForm, status: int = 200) -> Response:
    page = render_template(
        "desk/save_view.html",
        form=form,
        words=choices.in_words(choice),
        choice=choices.written(choice),
        errors=[(field.id, field.errors[0]) for field in form if field.errors],
    )
    return make_response(page, status)


def _all_views(
    changed: uuid.UUID | None = None, form: NameForm | None = None, status: int = 200
) -> Response:
    by = current_staff()
    shown = [
        {
            "view": view,
            "words": choices.in_words(queue.saved.choice_of(view)),
            "url": url_for("desk.requests", **choices.written(queue.saved.choice_of(view))),
            "mine": queue.saved.may_change(view, by),
            "form": form if view.id == changed else _named(view.id, sent=False, name=view.name),
        }
        for view in queue.saved.views_of(by)
    ]
    errors = [(f.id, f.errors[0]) for f in form if f.errors] if form else []
    page = render_template("desk/saved_views.html", views=shown, errors=errors)
    return make_response(page, status)
