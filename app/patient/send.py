"""The last pages: contact, check, and the receipt."""

from typing import Any

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from app import access
from app.domain import enquiry as rules
from app.domain import wording
from app.domain.condition import Pack
from app.domain.errors import AlreadySent
from app.domain.level import Level
from app.languages import spoken
from app.patient import limits, patient, traps
from app.patient.enquiry import (
    advised,
    draft_of,
    onwards,
    ready_with_advice,
    submission_of,
    time_is_open,
    to,
    token,
)
from app.patient.forms import ACCESS_NEEDS, CALL_TIMES, LANGUAGES, WANTED, ConsentForm, ContactForm
from app.patient.pages import pack_of
from app.patient.progress import visit_that_stands
from app.workflow import booking, enquiry, intake, manage

# Raise it with every change of templates/patient/consent.html.
CONSENT_VERSION = "2026-11-24"


@patient.get("/<condition>/enquiry/contact")
def contact_page(condition: str) -> Response:
    """How to reach the person."""
    pack = pack_of(condition)
    draft = draft_of(pack)
    if draft is None:
        return to(pack, "start")
    if draft.sent_at:
        return to(pack, "received")
    return _contact(draft, pack, _contact_form(draft, None))


@patient.post("/<condition>/enquiry/contact")
def keep_contact(condition: str) -> Response:
    """Keep how to reach the person."""
    pack = pack_of(condition)
    draft = draft_of(pack)
    if draft is None:
        return to(pack, "start")
    if draft.sent_at:
        raise AlreadySent
    form = _contact_form(draft, request.form)
    if not form.validate():
        return _contact(draft, pack, form, 422)
    given = {
        "name": form.name.data,
        "phone": form.e164,
        "phone_typed": form.phone.data,
        "email": form.email.data or "",
        "speaks": form.speaks.data,
        "access": form.access.data or [],
        "homepage": bool(form.homepage.data),
    }
    if "caller_name" in form:
        given["caller_name"] = form.caller_name.data
    return onwards(pack, enquiry.save_person(token(), pack, given, access.now()))


def _contact_form(draft: Any, sent: Any) -> ContactForm:
    person = draft.person
    typed = person.get("phone_typed") or person.get("phone", "")
    known = {**person, "phone": typed, "homepage": ""}
    form = ContactForm(formdata=sent, data=known)
    if person.get("for_whom") == "self":
        # The caller is the patient: the name is asked once.
        del form.caller_name
    return form


def _contact(draft: Any, pack: Pack, form: ContactForm, status: int = 200) -> Response:
    return make_response(
        render_template(
            "patient/contact_form.html",
            pack=pack,
            form=form,
            errors=[(field.id, field.errors[0]) for field in form if field.errors],
        ),
        status,
    )


@patient.get("/<condition>/enquiry/check")
def check(condition: str) -> Response:
    """Everything that will be sent, with a way to change each part."""
    pack = pack_of(condition)
    draft = draft_of(pack)
    if draft is None:
        return to(pack, "start")
    if draft.sent_at:
        return to(pack, "received")
    if not _complete(pack, draft):
        return onwards(pack, draft)
    return _check(pack, draft, ConsentForm(formdata=None))


@patient.post("/<condition>/enquiry/check")
def send(condition: str) -> Response:
    """Send: one transaction; pressing twice sends once."""
    pack = pack_of(condition)
    draft = draft_of(pack)
    if draft is None:
        return to(pack, "start")
    if draft.sent_at:
        return to(pack, "received")
    if not _complete(pack, draft):
        return onwards(pack, draft)
    form = ConsentForm()
    if not form.validate():
        return _check(pack, draft, form, 422)
    doubt = traps.tripped(draft, access.now())
    submission = submission_of(draft, CONSENT_VERSION, {"doubt": doubt})
    ready_with_advice(pack, submission.answers)
    if enquiry.judge(pack, submission.answers).level is not Level.emergency:
        limits.count("send")
    sent = intake.submit(pack, submission, access.clinic(), access.now())
    if booking.may_choose_again(sent):
        return to(pack, "time_page")
    return to(pack, "received")


def _complete(pack: Pack, draft: Any) -> bool:
    asked = rules.first_open_page(pack, draft.answers) is None
    told = advised(pack, draft) and "name" in draft.person
    return asked and told and not time_is_open(pack, draft)


def _check(pack: Pack, draft: Any, form: ConsentForm, status: int = 200) -> Response:
    items = list(wording.as_asked(pack, draft.answers, spoken()))
    return make_response(
        render_template(
            "patient/check.html",
            pack=pack,
            form=form,
            errors=[(field.id, field.errors[0]) for field in form if field.errors],
            pages=[
                (page, wording.page_in_short(pack, page, draft.answers, spoken()))
                for page in rules.pages_for(pack, draft.answers)
                if any(item["page"] == page.id for item in items)
            ],
            person=draft.person,
            wanted=dict(WANTED).get(draft.person["wanted"]),
            may_choose=enquiry.may_choose_time(pack, draft),
            held=enquiry.held(draft),
            at=access.now(),
            call_time=dict(CALL_TIMES).get(draft.person.get("call_time", "any")),
            speaks=dict(LANGUAGES).get(draft.person.get("speaks", "")),
            access_needs=[dict(ACCESS_NEEDS)[need] for need in draft.person.get("access", [])],
        ),
        status,
    )


@patient.get("/<condition>/enquiry/received")
def received(condition: str) -> Response:
    """The receipt: reference, what happens next, and when not to wait."""
    pack = pack_of(condition)
    draft = draft_of(pack)
    if draft is None or draft.reference is None:
        return to(pack, "start")
    if draft.sent_at is None:
        return to(pack, "emergency")
    sent = intake.find(draft.reference)
    return make_response(
        render_template(
            "patient/received.html",
            pack=pack,
            reference=draft.reference,
            level=sent.level,
            may_choose=booking.may_choose_again(sent),
            by_phone="time" in draft.person,
            levels=Level,
            phone=sent.person["phone"],
            email=sent.person.get("email", ""),
            late="late" in request.args,
            visit=visit_that_stands(sent),
            page=manage.address(sent, access.now()),
        )
    )
