"""A request by phone: the same questions and the same rules, on one page."""

import uuid
from typing import Final

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app import free_times
from app.access import clinic, current_staff, now, packs
from app.desk import desk
from app.desk.forms import CallerForm, PhoneForm
from app.domain.condition import Pack
from app.words import LEVELS
from app.workflow import intake

# What a caller agrees to is read out from the privacy page of that day.
CONSENT: Final = "2026-11-24, on the phone"


@desk.get("/requests/new")
def new_request() -> ResponseReturnValue:
    """The empty form, with a fresh id, so that pressing twice stores once."""
    pack = _pack()
    caller = CallerForm(formdata=None, submission_id=str(uuid.uuid4()))
    return _page(pack, caller, PhoneForm(pack))


@desk.post("/requests/new")
def save_new_request() -> ResponseReturnValue:
    """Store it, and show at once how pressing it is and what to say."""
    pack = _pack()
    caller, asked = CallerForm(), PhoneForm(pack, request.form)
    if not all([caller.validate(), asked.validate()]):
        return _page(pack, caller, asked, 422)
    submission_id = caller.id_of_submission()
    if submission_id is None:
        abort(400)
    answers = asked.answers()
    submission = intake.Submission(
        id=submission_id,
        source="phone",
        language="en",
        answering_for=caller.answering_for.data,
        wanted=caller.wanted.data,
        answers=answers,
        person=caller.person(answers),
        consent_version=CONSENT if caller.consent.data else None,
    )
    stored = intake.submit(pack, submission, clinic(), now(), current_staff())
    flash(f"Saved as {stored.reference}. Level: {LEVELS[stored.level]}.", "ok")
    # The next thing to do is what the keyboard reaches first there.
    chosen = free_times.read(request.form.get("time", ""))
    time = free_times.written(chosen) if chosen else None
    return redirect(url_for("desk.show", reference=stored.reference, time=time, _anchor="now"), 303)


def _pack() -> Pack:
    """The condition that was chosen; until then the one that asks most, so that least is missed."""
    found = packs()
    fullest = max(found, key=lambda name: len(found[name].questions), default="")
    chosen = request.args.get("condition", fullest)
    if chosen not in found:
        abort(404)
    return found[chosen]


def _page(pack: Pack, caller: CallerForm, asked: PhoneForm, status: int = 200) -> Response:
    chosen = free_times.read(request.values.get("time", ""))
    errors = [(field.id, field.errors[0]) for field in caller if field.errors] + asked.errors()
    page = render_template(
        "desk/new.html",
        pack=pack,
        packs=packs().values(),
        caller=caller,
        asked=asked,
        errors=errors,
        chosen=chosen,
        time=free_times.written(chosen) if chosen else "",
    )
    return make_response(page, status)
