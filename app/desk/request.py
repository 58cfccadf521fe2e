"""One request: the facts, what to do now, and everything that happened."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access import current_staff, now, packs, settings
from app.desk import desk
from app.desk.acts import ACTS, ActForm, acts_for, form_for
from app.desk.words import (
    ACCESS_NEEDS,
    CALL_TIMES,
    FOR_WHOM,
    LANGUAGES,
    LEVEL_KINDS,
    LEVELS,
    OUTCOMES,
    TARGETS,
    WANTED,
    name_of,
    told,
)
from app.domain import lifecycle
from app.domain.condition import NO, Pack
from app.domain.enquiry import Field
from app.domain.errors import AlreadyChanged, NotAllowedNow, NotFound
from app.domain.level import Level
from app.domain.wording import answer_words, question_words
from app.formats import length_of_time, moment
from app.workflow import queue


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the history: when, who (nobody is never shown empty), what, and their words."""

    at: dt.datetime
    who: str
    what: str
    words: str | None = None


@desk.get("/requests/<reference>")
def show(reference: str) -> ResponseReturnValue:
    """The request as it stands; opening it is remembered."""
    return _page(queue.open_request(reference, current_staff(), now()))


@desk.post("/requests/<reference>/<act>")
def act(reference: str, act: str) -> ResponseReturnValue:
    """Let one act of the desk happen, and come back to the request."""
    if act not in ACTS:
        raise NotFound
    form = form_for(act, sent=request.form)
    if not form.validate():
        found = queue.open_request(reference, current_staff(), now())
        return _page(found, act, form, 422)
    flash(_do(act, reference, form), "ok")
    return redirect(url_for("desk.show", reference=reference), 303)


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
        queue.raise_level(reference, level, form.version.data, by, at, zone, form.note.data)
    else:
        reason = form.choice.data if "choice" in form else None
        queue.event(reference, act, form.version.data, by, at, zone, note=note, reason=reason)
    return ACTS[act].done


@desk.errorhandler(AlreadyChanged)
@desk.errorhandler(NotAllowedNow)
def colleague_was_faster(error: Exception) -> ResponseReturnValue:
    """Say who did what; what was typed stays on the page."""
    reference = (request.view_args or {}).get("reference", "")
    page = render_template(
        "errors/already_changed.html",
        error=error,
        typed=[note for note in request.form.getlist("note") if note],
        change=queue.newest_change(reference),
        here=url_for("desk.show", reference=reference),
        at=now(),
    )
    return make_response(page, 409)


def _page(
    found: Any, act: str | None = None, form: ActForm | None = None, status: int = 200
) -> Response:
    """The page of a request; with the form that could not be taken, if there is one."""
    at = now()
    pack = packs().get(found.condition)
    forms = {name: form_for(name, found.level) for name in acts_for(found)}
    if act and form:
        forms[act] = form
    for each in forms.values():
        each.version.data = found.version
    view = request.args.get("view", "needs-action")
    # Opened once each: every look at a sealed field opens it again.
    person, findings = found.person, _findings(found)
    answers, items = found.response.answers, found.response.items
    page = render_template(
        "desk/request.html",
        request=found,
        person=person,
        name=name_of(person),
        told=told(findings, found.level),
        level=LEVELS[found.level],
        level_kind=LEVEL_KINDS[found.level],
        target=TARGETS[found.level],
        clock=_clock(found, at),
        findings=findings,
        script=_script(findings),
        answered=[item for item in items if answers.get(item["field"]) != NO],
        denied=[item for item in items if answers.get(item["field"]) == NO],
        contact=list(_contact(found)),
        changes=list(_changes(found, pack)),
        history=sorted(_history(found), key=lambda event: event.at, reverse=True),
        same_phone=queue.same_phone(found),
        unanswered=queue.unanswered([call.outcome for call in found.attempts]),
        acts=ACTS,
        forms=forms,
        errors=[(f.id, f.errors[0]) for f in form if f.errors] if form else [],
        opened=act,
        view=view if view in queue.VIEWS else "needs-action",
        at=at,
    )
    return make_response(page, status)


def _clock(found: Any, at: dt.datetime) -> tuple[str, bool]:
    """How long it waits against its target, in words, and whether it is late."""
    if found.status == lifecycle.WITH_DOCTOR and found.acknowledged_at:
        waited = length_of_time(found.acknowledged_at - found.waiting_since)
        return f"Taken by {found.acknowledged_by.name} after {waited}", False
    if found.status not in (lifecycle.WITH_DESK, lifecycle.WITH_DOCTOR):
        return "", False
    waited = f"Waiting {length_of_time(at - found.waiting_since)}"
    if at > found.due_at:
        return f"{waited}, late {length_of_time(at - found.due_at)}", True
    return f"{waited}; {length_of_time(found.due_at - at)} left", False


def _findings(found: Any) -> list[Mapping[str, Any]]:
    """The rules that fired, the most pressing first."""
    return sorted(found.triage.findings, key=lambda f: -Level[f["level"]])


def _script(findings: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the most pressing rules tell the desk to do, each once."""
    pressing = [f for f in findings if f["level"] == findings[0]["level"]]
    return list(dict.fromkeys(f["desk"] for f in pressing if f["desk"]))


def _contact(found: Any) -> Iterator[tuple[str, str]]:
    person = found.person
    yield "Asked for", _wanted(found)
    if person.get("caller_name"):
        yield "Filled in by", person["caller_name"]
    who = FOR_WHOM.get(found.answering_for, found.answering_for)
    yield "Who", f"{who} by phone" if found.source == "phone" else who
    yield "Speaks", LANGUAGES[person.get("speaks") or found.language]
    if person.get("email"):
        yield "E-mail", person["email"]
    needs = [ACCESS_NEEDS.get(need, need) for need in person.get("access", [])]
    if needs:
        yield "Help needed", ", ".join(needs)
    if person.get("already_checked"):
        yield "Seen by a doctor", person["already_checked"]
    yield "Consent", _consent(found)


def _wanted(found: Any) -> str:
    when = CALL_TIMES.get(found.person.get("call_time", ""))
    wanted = WANTED.get(found.wanted, "Not said")
    return f"{wanted}, {when}" if when else wanted


def _consent(found: Any) -> str:
    if found.consent_version:
        return f"Given, text of {found.consent_version}"
    return "Not given yet. Ask for it on the phone"


def _changes(found: Any, pack: Pack | None) -> Iterator[tuple[dt.datetime, str, str, str]]:
    """Answers that were changed after advice was shown: when, what, before, after."""
    for change in found.response.changes:
        at = dt.datetime.fromisoformat(change["at"])
        for name, (old, new) in change["changed"].items():
            field = _field(pack, name)
            if field:
                words = [answer_words(field, v, "en") if v else "no answer" for v in (old, new)]
                yield at, question_words(field, "en"), words[0], words[1]


def _field(pack: Pack | None, name: str) -> Field | None:
    """The field of that name in today's pack; older packs may have had others."""
    question_id, _, detail = name.partition(".")
    if pack is None or question_id not in pack.questions:
        return None
    return Field(name, pack.questions[question_id], pack.details.get(detail))


def _history(found: Any) -> Iterator[Event]:
    for change in found.history:
        if change.event != "raise":
            by_phone = change.event == "submit" and change.by
            what = "took the request by phone" if by_phone else change.event
            yield Event(change.at, _who(change), what, change.note)
    for triage in found.triages[1:]:
        what = f"set the level to {LEVELS[triage.level]}"
        yield Event(triage.at, triage.by.name if triage.by else "The rules", what, triage.reason)
    for call in found.attempts:
        what = f"called: {OUTCOMES[call.outcome].lower()}"
        yield Event(call.at, call.by.name, what, call.note)
    for note in found.notes:
        yield Event(note.at, note.by.name, "wrote a note", note.text)


def _who(change: Any) -> str:
    if change.by:
        return str(change.by.name)
    return "The rules" if change.event == "escalate" else "The patient"
