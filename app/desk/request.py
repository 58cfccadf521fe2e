"""One request: the facts, what to do now, and everything that happened."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app import case, errors, story
from app.access import clinic, current_staff, now, packs, settings
from app.desk import choices, desk
from app.desk.acts import ACTS, ALWAYS, ActForm, acts_for, form_for
from app.desk.rows import Around
from app.domain.condition import NO
from app.domain.errors import AlreadyChanged, NotAllowedNow, NotFound
from app.domain.level import Level
from app.formats import moment, whatsapp
from app.languages import speaking
from app.linking import LinkForm
from app.words import LEVEL_KINDS, LEVELS, PROBLEMS, name_of, told
from app.workflow import booking, manage, problems, queue, staff, writing


@desk.get("/requests/<reference>")
def show(reference: str) -> ResponseReturnValue:
    """The request as it stands; opening it is remembered."""
    return page_of(queue.open_request(reference, current_staff(), now()))


@desk.post("/requests/<reference>/<act>")
def act(reference: str, act: str) -> ResponseReturnValue:
    """Let one act of the desk happen, and come back to the request."""
    if act not in ACTS:
        raise NotFound
    form = form_for(act, sent=request.form)
    if not form.validate():
        found = queue.open_request(reference, current_staff(), now())
        if act not in ALWAYS:
            # What a colleague changed meanwhile must be seen before the form is sent again.
            found.expect(form.version.data or 0)
        return page_of(found, act, form, 422)
    flash(_do(act, reference, form), "ok")
    return redirect(url_for("desk.show", reference=reference, **choices.trail()), 303)


def _do(act: str, reference: str, form: ActForm) -> str:
    """Do it; gives the words of the green line on the next page."""
    by, at, zone = current_staff(), now(), settings().clinic_zone
    note = form.note.data or None
    if act == "call":
        again_at = queue.log_call(reference, form.choice.data, by, at, note).next_due_at
        if again_at:
            return f"The call is logged. The next one is due at {moment(again_at, zone, at)}."
    elif act == "note":
        queue.add_note(reference, form.note.data, by, at)
    elif act == "raise":
        level = Level[form.choice.data]
        queue.raise_level(reference, level, form.version.data, by, at, clinic(), form.note.data)
    else:
        reason = form.choice.data if "choice" in form else None
        queue.event(reference, act, form.version.data, by, at, clinic(), note=note, reason=reason)
    return ACTS[act].done


@desk.errorhandler(AlreadyChanged)
@desk.errorhandler(NotAllowedNow)
def colleague_was_faster(error: Exception) -> ResponseReturnValue:
    """Say who did what; what was typed stays on the page."""
    return errors.colleague_was_faster(error, "desk.show", now())


def page_of(
    found: Any,
    act: str | None = None,
    form: ActForm | None = None,
    status: int = 200,
    link: LinkForm | None = None,
) -> Response:
    """The page of a request; with the form that could not be taken, if there is one."""
    at = now()
    pack = packs().get(found.condition)
    forms = {name: form_for(name, found.level) for name in acts_for(found)}
    if act and form:
        forms[act] = form
    for each in forms.values():
        each.version.data = found.version
    people, me = staff.everybody(), current_staff().id
    names = {person.id: person.name for person in people}
    around = Around(me, names, queue.who_looks([found.id], me, at))
    # Opened once each: every look at a sealed field opens it again.
    person, findings = found.person, case.findings(found)
    beside = story.of(found, at)
    refused = form or link
    visit = found.appointment or next(reversed(found.visits), None)
    answers, items = found.response.answers, found.response.items
    page = render_template(
        "desk/request.html",
        request=found,
        person=person,
        name=name_of(person),
        told=told(findings, found.level),
        level=LEVELS[found.level],
        level_kind=LEVEL_KINDS[found.level],
        target=f"call by {moment(found.due_at, settings().clinic_zone, at)}",
        clock=case.clock(found, at),
        findings=findings,
        script=case.script(findings),
        pack=pack,
        answered=[item for item in items if answers.get(item["field"]) != NO],
        denied=[item for item in items if answers.get(item["field"]) == NO],
        contact=list(case.contact(found)),
        changes=list(case.changes(found, pack)),
        history=sorted(
            [*case.history(found), *beside.pop("elsewhere")],
            key=lambda event: event.at,
            reverse=True,
        ),
        **beside,
        link=link or LinkForm(found.reference, formdata=None),
        spoken=_who_may_be_spoken_to(person),
        whatsapp=whatsapp(person.get("phone", ""), found.reference, settings().clinic_phone),
        tasks=[(task, PROBLEMS[task.kind]) for task in problems.of_request(found)],
        may_write=writing.may_write(found),
        unanswered=queue.unanswered([call.outcome for call in found.attempts]),
        visit=visit,
        visit_acts=booking.acts_now(visit, at, settings().clinic_zone) if visit else (),
        page=_page_address(found, at),
        shut=manage.is_shut(found),
        acts=ACTS,
        forms=forms,
        errors=[(f.id, f.errors[0]) for f in refused if f.errors] if refused else [],
        opened=act or request.args.get("open"),
        waits=booking.waitlist.place_of(found),
        may_wait=booking.waitlist.may_wait(found),
        time=request.args.get("time"),
        trail=choices.trail(),
        with_whom=around.name_of(found.assigned_to_id),
        looking=around.words_of(found.id, at, "looking at this"),
        people=[person for person in people if person.active],
        at=at,
    )
    return make_response(page, status)


def _who_may_be_spoken_to(person: Mapping[str, Any]) -> tuple[str, dt.datetime] | None:
    """Who wrote down with whom we may speak, and when."""
    noted = person.get("speak_to")
    return (noted["by"], dt.datetime.fromisoformat(noted["at"])) if noted else None


def _page_address(found: Any, at: dt.datetime) -> str | None:
    """Where the patient's own page is open now."""
    secret = manage.address(found, at)
    if secret is None:
        return None
    with speaking(found.language):
        return settings().public_base_url + url_for("patient.own_page", token=secret)
