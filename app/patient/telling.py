"""What a patient tells on the own page: more words, another number, or that it has got worse."""

from collections.abc import Mapping
from typing import Any

from flask import g, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired

from app import access
from app.checks import PHONE_WORDS, is_phone
from app.domain import lifecycle, worse
from app.domain.condition import Pack
from app.domain.errors import LinkEnded
from app.domain.level import Level
from app.forms import LONGEST_STORY, NOTHING_CHOSEN, Choice, at_most, many_lines, one_line
from app.languages import Later, label, spoken
from app.patient import limits, own_link, patient
from app.patient.manage import finished, form_of, shown, to_own_page
from app.patient.own_link import ADVISED, ADVISED_FOR, DigitsForm, checked, holds, opened
from app.workflow import manage


class AddForm(DigitsForm):
    """Something that the patient forgot."""

    more = TextAreaField(
        Later("What would you like to add?"),
        [
            DataRequired(Later("Enter what you would like to add")),
            at_most(LONGEST_STORY),
        ],
        filters=[many_lines],
        description=Later(
            "A person reads it when the clinic is open. Do not use it for an emergency."
        ),
    )


class NumberForm(DigitsForm):
    """Another phone number."""

    phone = StringField(
        Later("New mobile number"),
        [DataRequired(PHONE_WORDS), is_phone],
        filters=[one_line],
        description=Later("We will call you on this number from now on."),
    )
    e164: str = ""


def pack_of(link: Any) -> Pack:
    """The pack of a request; one that the clinic has given up since takes no more answers."""
    pack = access.packs().get(link.request.condition)
    if pack is None:
        raise LinkEnded
    return pack


@patient.get("/r/<token>/add")
def ask_add(token: str) -> Response:
    """One box for more words."""
    link = opened(token)
    if link.request.status == lifecycle.CLOSED:
        return to_own_page(token)
    return shown("patient/add.html", token, form_of(AddForm, link))


@patient.post("/r/<token>/add")
def add(token: str) -> Response:
    """Keep the words; when they name a danger, say at once what to do."""
    link = opened(token)
    pack = pack_of(link)
    form = form_of(AddForm, link, request.form)
    valid, status = checked(form, link)
    if not valid:
        return shown("patient/add.html", token, form, status)
    if link.request.status == lifecycle.CLOSED:
        return to_own_page(token)
    limits.count(f"add {link.id.hex}")
    before = link.request.level
    story = f"{link.request.response.answers.get('story', '')} {form.more.data}"
    answers = {**link.request.response.answers, "story": story}
    g.advice = lambda: max(before, manage.judged(pack, answers).level)
    found = manage.add(token, pack, form.more.data, access.clinic(), access.now())
    if found.level > before:
        return own_link.let_in(_to_advice(token), link, ADVISED, ADVISED_FOR)
    return finished(token, link, "added")


@patient.get("/r/<token>/number")
def ask_number(token: str) -> Response:
    """One box for another number."""
    link = opened(token)
    return shown("patient/number.html", token, form_of(NumberForm, link))


@patient.post("/r/<token>/number")
def change_number(token: str) -> Response:
    """Keep another phone number; the one before stays in the history."""
    link = opened(token)
    form = form_of(NumberForm, link, request.form)
    valid, status = checked(form, link)
    if not valid:
        return shown("patient/number.html", token, form, status)
    limits.count(f"number {link.id.hex}")
    manage.change_number(token, form.e164, access.clinic(), access.now())
    return finished(token, link, "number")


@patient.get("/r/<token>/worse")
def ask_worse(token: str) -> Response:
    """Four questions. Nothing stands before them: no digits, no sign-in."""
    link = opened(token)
    return shown("patient/worse.html", token, worse_form(pack_of(link)))


@patient.post("/r/<token>/worse")
def tell_worse(token: str) -> Response:
    """Judge the answers by the rules of the pack, and say at once what to do."""
    link = opened(token)
    pack = pack_of(link)
    form = worse_form(pack, request.form)
    if not form.validate():
        return shown("patient/worse.html", token, form, 422)
    told = {asked.id: form[asked.id].data for asked in pack.worse}
    before, answers = link.request.level, link.request.response.answers
    g.advice = lambda: max(before, manage.judged(pack, worse.merged(pack, answers, told)).level)
    manage.worse(token, pack, told, access.clinic(), access.now())
    return own_link.let_in(_to_advice(token), link, ADVISED, ADVISED_FOR)


def worse_form(pack: Pack, sent: Any = None) -> FlaskForm:
    """The questions of the pack; an answer to each is needed."""
    answers = [(value, label(words, spoken())) for value, words in worse.ANSWERS.items()]
    fields: Mapping[str, Any] = {
        asked.id: Choice(
            label(asked.ask, spoken()), [InputRequired(NOTHING_CHOSEN)], choices=answers
        )
        for asked in pack.worse
    }
    form: FlaskForm = type("WorseForm", (FlaskForm,), dict(fields))(formdata=sent)
    return form


def _to_advice(token: str) -> Response:
    return redirect(url_for("patient.own_advice", token=token), 303)


@patient.get("/r/<token>/advice")
def own_advice(token: str) -> Response:
    """What to do now, for the browser that has just told us; a forwarded link shows nothing."""
    link = opened(token)
    if not holds(link, ADVISED):
        return to_own_page(token)
    found, pack = link.request, pack_of(link)
    fired = {finding["rule"] for finding in found.triage.findings}
    page = render_template(
        "patient/own_advice.html",
        token=token,
        found=found,
        pack=pack,
        level=found.level,
        levels=Level,
        words=[words for words in pack.emergency_words if set(words.rules) & fired],
        worried=found.history[-1].event != "not-worse",
    )
    return make_response(page)
