"""What to do now: the emergency page, and the advice for everybody else."""

from collections.abc import Sequence
from typing import Any

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from app import access
from app.domain import enquiry as rules
from app.domain import wording
from app.domain.condition import EmergencyWords, Pack
from app.domain.errors import AlreadySent
from app.domain.level import Level
from app.domain.triage import Assessment
from app.languages import spoken
from app.patient import patient
from app.patient.enquiry import (
    draft_of,
    onwards,
    ready_with_advice,
    submission_of,
    to,
    token,
)
from app.patient.forms import CheckedForm, PhoneForm, WantedForm
from app.patient.pages import pack_of
from app.workflow import enquiry, intake


@patient.get("/<condition>/enquiry/emergency")
def emergency(condition: str) -> Response:
    """Advice before everything else, then one phone field."""
    pack = pack_of(condition)
    draft = draft_of(pack)
    if draft is None:
        return to(pack, "start")
    if not draft.person.get("warned"):
        return onwards(pack, draft)
    known = draft.person.get("phone_typed") or draft.person.get("phone", "")
    return _emergency_page(pack, draft, PhoneForm(formdata=None, phone=known))


@patient.post("/<condition>/enquiry/emergency")
def send_phone(condition: str) -> Response:
    """Store the enquiry with a phone number only: the clock starts and the doctor is told."""
    pack = pack_of(condition)
    draft = draft_of(pack)
    if draft is None or not draft.person.get("warned"):
        return to(pack, "start")
    form = PhoneForm()
    if not form.validate():
        return _emergency_page(pack, draft, form, 422)
    ready_with_advice(pack, draft.answers)
    given = {"phone": form.e164, "phone_typed": form.phone.data}
    if not draft.sent_at:
        draft = enquiry.save_person(token(), pack, given, access.now())
    intake.submit(pack, submission_of(draft, newer=given), access.clinic(), access.now())
    return to(pack, "emergency")


@patient.post("/<condition>/enquiry/emergency/go-on")
def go_on(condition: str) -> Response:
    """Nobody is stopped: the questions go on, and what a doctor has checked is kept."""
    pack = pack_of(condition)
    draft = draft_of(pack)
    if draft is None:
        return to(pack, "start")
    if not draft.person.get("warned"):
        return onwards(pack, draft)
    form = CheckedForm()
    if not form.validate():
        return _emergency_page(pack, draft, PhoneForm(formdata=None), 422, form)
    if form.already_checked.data:
        given = {"already_checked": form.already_checked.data}
        draft = enquiry.save_person(token(), pack, given, access.now())
    return onwards(pack, draft)


def _emergency_page(
    pack: Pack, draft: Any, form: PhoneForm, status: int = 200, checked: CheckedForm | None = None
) -> Response:
    assessment = enquiry.judge(pack, draft.answers)
    fired = [f.rule.id for f in assessment.findings if f.rule.level is Level.emergency]
    checked = checked or CheckedForm(formdata=None)
    return make_response(
        render_template(
            "patient/emergency.html",
            pack=pack,
            draft=draft,
            form=form,
            checked=checked,
            errors=[(f.id, f.errors[0]) for f in (*form, *checked) if f.errors],
            reasons=_reasons(pack, draft, assessment) if fired else (),
            words=_words(pack, fired or draft.person["warned"]),
        ),
        status,
    )


def _words(pack: Pack, fired: Sequence[str]) -> list[EmergencyWords]:
    """What the page says about these rules, each text once, in the order of the pack."""
    return [words for words in pack.emergency_words if set(words.rules) & set(fired)]


def _reasons(pack: Pack, draft: Any, assessment: Assessment) -> tuple[str, ...]:
    return wording.reasons(pack, assessment.evidence(), draft.answers, spoken())


@patient.get("/<condition>/enquiry/advice")
def advice(condition: str) -> Response:
    """How soon a doctor should hear of it, why, and what the person would like."""
    pack = pack_of(condition)
    draft = draft_of(pack)
    if draft is None:
        return to(pack, "start")
    if draft.sent_at:
        return to(pack, "received")
    if rules.first_open_page(pack, draft.answers):
        return onwards(pack, draft)
    known = {"call_time": "any", **draft.person}
    return _advice_page(pack, draft, WantedForm(formdata=None, data=known))


@patient.post("/<condition>/enquiry/advice")
def choose(condition: str) -> Response:
    """Keep what the person would like."""
    pack = pack_of(condition)
    draft = draft_of(pack)
    if draft is None:
        return to(pack, "start")
    if draft.sent_at:
        raise AlreadySent
    if rules.first_open_page(pack, draft.answers):
        return onwards(pack, draft)
    form = WantedForm(request.form)
    if not form.validate():
        return _advice_page(pack, draft, form, 422)
    given = {
        "wanted": form.wanted.data,
        "call_time": form.call_time.data,
        "advised": enquiry.judge(pack, draft.answers).level.name,
    }
    return onwards(pack, enquiry.save_person(token(), pack, given, access.now()))


def _advice_page(pack: Pack, draft: Any, form: WantedForm, status: int = 200) -> Response:
    assessment = enquiry.judge(pack, draft.answers)
    return make_response(
        render_template(
            "patient/advice.html",
            pack=pack,
            form=form,
            errors=[(field.id, field.errors[0]) for field in form if field.errors],
            level=assessment.level,
            levels=Level,
            reasons=_reasons(pack, draft, assessment),
            sources=_sources(pack, assessment),
            last=rules.pages_for(pack, draft.answers)[-1],
        ),
        status,
    )


def _sources(pack: Pack, assessment: Assessment) -> list[str]:
    """The guidelines behind the level, by name."""
    cited = (c.ref for finding in assessment.at_its_level() for c in finding.rule.source)
    found = (pack.references[ref] for ref in dict.fromkeys(cited))
    return [ref.title for ref in found if ref.status not in ("policy", "unverified")]
