"""Correcting what is known of a person, and with whom the patient lets us speak."""

from typing import Any, Final

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response
from wtforms import Form, IntegerField, StringField
from wtforms.validators import Length, Optional
from wtforms.widgets import HiddenInput

from app.access import current_staff, now
from app.checks import has_letters, is_email, is_phone
from app.desk import desk
from app.formats import phone as phone_words
from app.forms import Choice, one_line
from app.words import LANGUAGES
from app.workflow import queue

LONGEST_NAME: Final = 120
_SHORT: Final = Length(max=LONGEST_NAME, message=f"Use {LONGEST_NAME} letters or fewer")


class PersonForm(Form):
    """What is known of the person; everything may be empty but the language."""

    name = StringField(
        "Full name of the patient", [Optional(), _SHORT, has_letters], filters=[one_line]
    )
    phone = StringField("Phone number", [Optional(), is_phone], filters=[one_line])
    email = StringField(
        "E-mail",
        [Optional(), Length(max=254, message="This address is too long"), is_email],
        filters=[one_line],
        description="Spell it back. Mails that failed can then be sent again.",
    )
    speaks = Choice("Which language do they speak?", choices=list(LANGUAGES.items()))
    caller_name = StringField(
        "Who filled it in, if it is not the patient", [Optional(), _SHORT], filters=[one_line]
    )
    speak_to = StringField(
        "With whom may we speak?",
        [Optional(), Length(max=200, message="Use 200 letters or fewer")],
        filters=[one_line],
        description=(
            "Only whom the patient has named to you, and how they are related: "
            "“Rupali Patil, daughter”. Empty means: with the patient alone."
        ),
    )
    version = IntegerField(widget=HiddenInput(), default=0)
    e164: str = ""

    def given(self) -> dict[str, str]:
        """What is known now, by field."""
        found = {name: self[name].data or "" for name in queue.CORRECTED}
        return {**found, "phone": self.e164}


@desk.get("/requests/<reference>/person")
def ask_person(reference: str) -> ResponseReturnValue:
    """What is known of the person."""
    found = queue.open_request(reference, current_staff(), now())
    person = found.person
    known = {
        **person,
        "phone": phone_words(person["phone"]) if person.get("phone") else "",
        "speaks": person.get("speaks") or found.language,
        "speak_to": queue.speak_to(person),
        "version": found.version,
    }
    return _page(found, PersonForm(data=known))


@desk.post("/requests/<reference>/person")
def correct_person(reference: str) -> ResponseReturnValue:
    """Keep it; the history keeps what stood there before."""
    form = PersonForm(request.form)
    by, at = current_staff(), now()
    if not form.validate():
        return _page(queue.open_request(reference, by, at), form, 422)
    queue.correct(reference, form.version.data or 0, form.given(), by, at, _in_words)
    flash("It is written down.", "ok")
    return redirect(url_for("desk.show", reference=reference, _anchor="person"), 303)


def _in_words(field: str, value: str) -> str:
    if field == "phone" and value:
        return phone_words(value)
    return LANGUAGES.get(value, value) if field == "speaks" else value


def _page(found: Any, form: PersonForm, status: int = 200) -> Response:
    page = render_template(
        "desk/person.html",
        request=found,
        form=form,
        errors=[(field.id, field.errors[0]) for field in form if field.errors],
    )
    return make_response(page, status)
