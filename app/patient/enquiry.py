"""The enquiry, page by page. What was answered lies in a draft on the server."""

import uuid
from typing import Any

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import access
from app.domain import enquiry as rules
from app.domain.condition import Pack, Page
from app.domain.errors import NotFound
from app.forms import PageForm, by_sign
from app.patient import patient
from app.patient.forms import FOR_WHOM, StartForm
from app.patient.pages import pack_of
from app.workflow import enquiry, intake

COOKIE = "enquiry"
LANGUAGE = "en"
# Pages after those of the pack: advice with the wish, contact, check.
LAST_PAGES = 3


def cookie_name() -> str:
    """Over HTTPS the name itself promises that no other host has set it."""
    return f"__Host-{COOKIE}" if access.settings().https else COOKIE


def token() -> str:
    """The secret of the draft, from the cookie."""
    return request.cookies.get(cookie_name(), "")


def draft_of(pack: Pack) -> Any:
    """The draft of this browser, or None."""
    if "draft" not in g:
        g.draft = enquiry.find(token(), pack.id, access.now())
    return g.draft


def remember(response: AnyResponse, secret: str) -> AnyResponse:
    """Set the cookie of a draft, for as long as the draft lives."""
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=int(enquiry.LIFETIME.total_seconds()),
        httponly=True,
        secure=access.settings().https,
        samesite="Lax",
    )
    return response


def to(pack: Pack, endpoint: str, **values: str) -> AnyResponse:
    """See Other: another page of this enquiry."""
    return redirect(url_for(f"patient.{endpoint}", condition=pack.id, **values), 303)


def onwards(pack: Pack, draft: Any) -> AnyResponse:
    """The page that comes next for this draft."""
    page = rules.first_open_page(pack, draft.answers)
    if page:
        return to(pack, "question_page", page_id=page.id)
    if "wanted" not in draft.person:
        return to(pack, "advice")
    if "name" not in draft.person:
        return to(pack, "contact_page")
    return to(pack, "check")


@patient.get("/<condition>/enquiry")
def start(condition: str) -> str:
    """What happens, how long it takes, other ways; and who needs help."""
    pack = pack_of(condition)
    return _start_page(pack, StartForm(formdata=None))


def _start_page(pack: Pack, form: StartForm, status: int = 200) -> Any:
    draft = draft_of(pack)
    unfinished = draft is not None and draft.sent_at is None and bool(draft.answers)
    return make_response(
        render_template(
            "patient/start.html",
            pack=pack,
            form=form,
            errors=[(field.id, field.errors[0]) for field in form if field.errors],
            unfinished=unfinished,
            erased=bool(token()) and draft is None,
            kept=unfinished and not draft.person.get("for_whom"),
        ),
        status,
    )


@patient.post("/<condition>/enquiry")
def begin(condition: str) -> AnyResponse:
    """Open a draft, or go on with the one that this browser has."""
    pack = pack_of(condition)
    form = StartForm()
    if not form.validate():
        return _start_page(pack, form, 422)
    draft = draft_of(pack)
    fresh = draft is None or draft.sent_at is not None or "fresh" in request.form
    if not fresh:
        given = {"for_whom": form.for_whom.data}
        return onwards(pack, enquiry.save_person(token(), pack, given, access.now()))
    secret = enquiry.start(pack, LANGUAGE, form.for_whom.data, access.now())
    return remember(to(pack, "question_page", page_id=pack.pages[0].id), secret)


@patient.get("/<condition>/enquiry/<page_id>")
def question_page(condition: str, page_id: str) -> AnyResponse:
    """One page of questions."""
    pack, page = _page(condition, page_id)
    draft = draft_of(pack)
    if draft is None:
        return to(pack, "start")
    if draft.sent_at:
        return to(pack, "received")
    if page not in rules.pages_for(pack, draft.answers):
        return onwards(pack, draft)
    return _question(pack, page, draft, PageForm(pack, page, draft.answers, LANGUAGE))


@patient.post("/<condition>/enquiry/<page_id>")
def answer(condition: str, page_id: str) -> AnyResponse:
    """Keep the answers of a page and go where they lead."""
    pack, page = _page(condition, page_id)
    draft = draft_of(pack)
    if draft is None:
        return _answer_without_draft(pack, page)
    if draft.sent_at:
        return to(pack, "received")
    form = PageForm(pack, page, draft.answers, LANGUAGE, request.form)
    if not form.validate():
        return _question(pack, page, draft, form, 422)
    try:
        saved = enquiry.save_page(token(), pack, page, form.given(), access.now())
    except NotFound:
        return _answer_without_draft(pack, page)
    if saved.alarm:
        return to(pack, "emergency")
    return onwards(pack, saved.draft)


def _answer_without_draft(pack: Pack, page: Page) -> AnyResponse:
    """The draft is gone: keep what was just sent in a new one, and say so on the start page."""
    form = PageForm(pack, page, {}, LANGUAGE, request.form)
    secret = enquiry.start(pack, LANGUAGE, "", access.now())
    if form.asked and form.validate():
        enquiry.save_page(secret, pack, page, form.given(), access.now())
    return remember(to(pack, "start"), secret)


def _page(condition: str, page_id: str) -> tuple[Pack, Page]:
    pack = pack_of(condition)
    try:
        return pack, pack.page(page_id)
    except KeyError:
        abort(404)


def _question(
    pack: Pack, page: Page, draft: Any, form: PageForm, status: int = 200
) -> Response:
    pages = rules.pages_for(pack, draft.answers)
    before = rules.page_before(pack, page, draft.answers)
    return make_response(
        render_template(
            "patient/question.html",
            pack=pack,
            page=page,
            form=form,
            errors=form.errors(),
            signs=by_sign(form) if page.details_of else (),
            number=pages.index(page) + 2,
            about=len(pages) + 1 + LAST_PAGES,
            before=before,
            for_others=draft.person.get("for_whom") not in ("self", ""),
        ),
        status,
    )


def submission_of(
    draft: Any, pack: Pack, person: dict[str, Any], consent: str | None
) -> intake.Submission:
    """What a draft hands over when it is sent."""
    answers = dict(draft.answers)
    known = dict(FOR_WHOM)
    for_whom = draft.person.get("for_whom")
    if "age" in answers:
        person = {**person, "age": answers["age"]}
    return intake.Submission(
        id=uuid.UUID(str(draft.id)),
        source="web",
        language=draft.language,
        answering_for=for_whom if for_whom in known else "self",
        wanted=draft.person.get("wanted", "call"),
        answers=answers,
        person=person,
        changes=draft.changes,
        consent_version=consent,
    )


def clinic() -> intake.Clinic:
    """What intake needs to know of this clinic."""
    found = access.settings()
    return intake.Clinic(found.clinic_zone, len(found.desk_addresses))
