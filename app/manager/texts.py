"""Messages: the texts that the desk can begin with when it writes to a patient."""

import uuid
from collections.abc import Collection
from typing import Any, Final

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response
from wtforms import BooleanField, Form, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import HiddenInput

from app.access import current_staff, now
from app.domain.errors import AlreadyChanged
from app.domain.ready_text import FIELDS, LONGEST_SUBJECT, faults_of_ready, filled
from app.forms import many_lines, one_line
from app.manager import manager
from app.manager.forms import Sent, errors_of
from app.words import LANGUAGES
from app.workflow import writing

CHANGED: Final = "A colleague changed this a moment ago. Nothing was saved: look at it again first"


class TextForm(Form):
    """A ready text. `taken` are the names and languages of the others."""

    name = StringField(
        "Name",
        [
            DataRequired("Enter a name for the text"),
            Length(max=80, message="Use 80 letters or fewer"),
        ],
        filters=[one_line],
        description="As the desk finds it, such as “Please bring your scans”",
    )
    language = SelectField(
        "Language", choices=[(code, name) for code, name in LANGUAGES.items() if code != "other"]
    )
    subject = StringField(
        "Subject",
        [DataRequired("Enter a subject")],
        filters=[one_line],
        description=f"{LONGEST_SUBJECT} letters at most, once the fields are filled in",
    )
    text = TextAreaField("Text", [DataRequired("Enter the text")], filters=[many_lines])
    active = BooleanField("In use: the desk can choose it", default=True)
    version = IntegerField(widget=HiddenInput(), default=0)

    def __init__(self, sent: Sent, taken: Collection[tuple[str, str]], **known: Any) -> None:
        super().__init__(formdata=sent, **known)
        self.taken = {(name.casefold(), language) for name, language in taken}

    def validate_name(self, field: StringField) -> None:
        """Refuse the name of another text in the same language."""
        if (field.data.casefold(), self.language.data) in self.taken:
            raise ValidationError("There is a text with this name in this language already")

    def validate_subject(self, field: StringField) -> None:
        """Refuse unknown fields, and what may not stand in a subject."""
        for fault in faults_of_ready(field.data or "", subject=True):
            raise ValidationError(fault)

    def validate_text(self, field: TextAreaField) -> None:
        """Refuse unknown fields, and what may not stand in a mail."""
        for fault in faults_of_ready(field.data or "", subject=False):
            raise ValidationError(fault)

    def wording(self) -> writing.Wording:
        """The text as it was filled in."""
        return writing.Wording(
            self.name.data,
            self.language.data,
            self.subject.data,
            self.text.data,
            self.active.data,
        )


@manager.get("/messages")
def text_list() -> ResponseReturnValue:
    """All ready texts."""
    return render_template("manager/texts.html", found=writing.ready_texts(), languages=LANGUAGES)


@manager.get("/messages/new")
def new_text() -> ResponseReturnValue:
    """An empty form."""
    return _page(None, _form(None))


@manager.post("/messages/new")
def add_text() -> ResponseReturnValue:
    """Add a text."""
    return _answer(None)


@manager.get("/messages/<uuid:text_id>")
def one_text(text_id: uuid.UUID) -> ResponseReturnValue:
    """The text as it is."""
    return _page(text_id, _form(text_id))


@manager.post("/messages/<uuid:text_id>")
def change_text(text_id: uuid.UUID) -> ResponseReturnValue:
    """Change a text."""
    return _answer(text_id)


def _form(text_id: uuid.UUID | None, sent: Sent = None) -> TextForm:
    others = [(t.name, t.language) for t in writing.ready_texts() if t.id != text_id]
    return TextForm(sent, others, obj=writing.ready_text(text_id) if text_id else None)


def _answer(text_id: uuid.UUID | None) -> ResponseReturnValue:
    form = _form(text_id, request.form)
    if not form.validate():
        return _page(text_id, form, status=422)
    try:
        writing.save(text_id, form.version.data or 0, form.wording(), current_staff(), now())
    except AlreadyChanged:
        return _page(text_id, form, CHANGED, 409)
    flash(f"{form.name.data} is saved.", "ok")
    return redirect(url_for("manager.text_list"), 303)


def _page(
    text_id: uuid.UUID | None, form: TextForm, problem: str = "", status: int = 200
) -> Response:
    """The form; with the text as an example once it can be read."""
    sound = not any(errors_of(form)) and bool(form.text.data)
    page = render_template(
        "manager/text.html",
        form=form,
        text=writing.ready_text(text_id) if text_id else None,
        fields=FIELDS,
        example=(filled(form.subject.data or "", FIELDS), filled(form.text.data, FIELDS))
        if sound
        else None,
        errors=[("name", problem)] if problem else errors_of(form),
    )
    return make_response(page, status)
