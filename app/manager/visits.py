"""The kinds of visit."""

import uuid

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.manager import manager
from app.manager.changes import Shown, answer, today
from app.manager.forms import KindForm, Sent, errors_of
from app.workflow import hours


@manager.get("/visits")
def kind_list() -> ResponseReturnValue:
    """All kinds of visit."""
    return render_template("manager/visits.html", found=hours.kinds())


@manager.get("/visits/new")
def new_kind() -> ResponseReturnValue:
    """An empty form."""
    return _page(None, _form(None))


@manager.post("/visits/new")
def add_kind() -> ResponseReturnValue:
    """Say what it does, and add the kind of visit."""
    return _answer(None)


@manager.get("/visits/<uuid:kind_id>")
def one_kind(kind_id: uuid.UUID) -> ResponseReturnValue:
    """The kind of visit as it is."""
    return _page(kind_id, _form(kind_id))


@manager.post("/visits/<uuid:kind_id>")
def change_kind(kind_id: uuid.UUID) -> ResponseReturnValue:
    """Say what it does, and change the kind of visit."""
    return _answer(kind_id)


def _form(kind_id: uuid.UUID | None, sent: Sent = None) -> KindForm:
    others = [kind.name for kind in hours.kinds() if kind.id != kind_id]
    shortest = hours.shortest_hours(kind_id, today()) if kind_id else None
    return KindForm(sent, others, shortest, obj=hours.kind_with(kind_id) if kind_id else None)


def _answer(kind_id: uuid.UUID | None) -> ResponseReturnValue:
    form = _form(kind_id, request.form)
    if not form.validate():
        return _page(kind_id, form, status=422)
    done = f"{form.name.data} is saved."
    return answer(
        lambda shown, status: _page(kind_id, form, shown, status),
        form.change(kind_id),
        done,
        url_for("manager.kind_list"),
    )


def _page(
    kind_id: uuid.UUID | None, form: KindForm, shown: Shown | None = None, status: int = 200
) -> Response:
    page = render_template(
        "manager/visit.html",
        form=form,
        kind=hours.kind_with(kind_id) if kind_id else None,
        people=hours.who_is_there(today(), kind_id=kind_id) if kind_id else [],
        shown=shown,
        errors=errors_of(form),
    )
    return make_response(page, status)
