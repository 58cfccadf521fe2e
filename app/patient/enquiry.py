"""The enquiry, page by page. What was answered lies in a draft on the server."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from flask import abort, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import access
from app.domain import enquiry as rules
from app.domain.condition import Answers, Pack, Page
from app.domain.errors import AlreadySent, NotFound
from app.domain.level import Level
from app.forms import PageForm, by_sign
from app.patient import limits, patient
from app.patient.forms import FOR_WHOM, StartForm
from app.patient.pages import pack_of
from app.workflow import enquiry, intake

COOKIE = "enquiry"
LANGUAGE = "en"
# Pages after those of the pack: advice with the wish, contact, check.
LAST_PAGES = 3
# What a request keeps of the person of a draft.
SENT_WITH = (
    "name",
    "caller_name",
    "phone",
    "email",
    "speaks",
    "access",
    "call_time",
    "already_checked",
    "doubt",
)


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


def remember(response: Response, secret: str) -> Response:
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


def to(pack: Pack, endpoint: str, **values: Any) -> Response:
    """See Other: another page of this enquiry."""
    return redirect(url_for(f"patient.{endpoint}", condition=pack.id, **values), 303)


def onwards(pack: Pack, draft: Any) -> Response:
    """The page that comes next for this draft."""
    page = rules.first_open_page(pack, draft.answers)
    if page:
        return to(pack, "question_page", page_id=page.id)
    if not advised(pack, draft):
        return to(pack, "advice")
    if "name" not in draft.person:
        return to(pack, "contact_page")
    if time_is_open(pack, draft):
        return to(pack, "time_page")
    return to(pack, "check")


def time_is_open(pack: Pack, draft: Any) -> bool:
    """Whether the person may choose a time, and has not said yet which, or that none suits."""
    return "time" not in draft.person and enquiry.may_choose_time(pack, draft)


def advised(pack: Pack, draft: Any) -> bool:
    """Whether the person has seen advice as pressing as these answers need, and said a wish."""
    if "wanted" not in draft.person:
        return False
    seen = draft.person.get("advised", Level.routine.name)
    return enquiry.judge(pack, draft.answers).level <= Level[seen]


def ready_with_advice(pack: Pack, answers: Answers) -> None:
    """Advice does not wait for the database: the page for our own faults can ask for the level."""
    g.advice = lambda: enquiry.judge(pack, answers).level


@patient.errorhandler(AlreadySent)
def sent_before(error: AlreadySent) -> Response:
    """Say on the receipt that what has just come is not part of the request."""
    condition = (request.view_args or {})["condition"]
    return redirect(url_for("patient.received", condition=condition, late="yes"), 303)


@patient.get("/<condition>/enquiry")
def start(condition: str) -> Response:
    """What happens, how long it takes, other ways; and who needs help."""
    pack = pack_of(condition)
    return _start_page(pack, StartForm(formdata=None))


def _start_page(pack: Pack, form: StartForm, status: int = 200) -> Response:
    draft = draft_of(pack)
    other = None if draft else enquiry.find_any(token(), access.now())
    unfinished = _unfinished(draft)
    return make_response(
        render_template(
            "patient/start.html",
            pack=pack,
            form=form,
            errors=[(field.id, field.errors[0]) for field in form if field.errors],
            unfinished=unfinished,
            elsewhere=access.packs().get(other.condition) if other and _unfinished(other) else None,
            erased=bool(token()) and draft is None and other is None,
            kept=unfinished and not draft.person.get("for_whom"),
        ),
        status,
    )


def _unfinished(draft: Any) -> bool:
    return draft is not None and draft.sent_at is None and bool(draft.answers)


@patient.post("/<condition>/enquiry")
def begin(condition: str) -> Response:
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
    limits.count("start")
    secret = enquiry.start(pack, LANGUAGE, form.for_whom.data, access.now())
    return remember(to(pack, "question_page", page_id=pack.pages[0].id), secret)


@patient.get("/<condition>/enquiry/<page_id>")
def question_page(condition: str, page_id: str) -> Response:
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
def answer(condition: str, page_id: str) -> Response:
    """Keep the answers of a page and go where they lead."""
    pack, page = _page(condition, page_id)
    draft = draft_of(pack)
    if draft is None:
        return _answer_without_draft(pack, page)
    if draft.sent_at:
        raise AlreadySent
    form = PageForm(pack, page, draft.answers, LANGUAGE, request.form)
    if not form.validate():
        return _question(pack, page, draft, form, 422)
    given = form.given()
    ready_with_advice(pack, rules.with_page(pack, page, draft.answers, given))
    try:
        saved = enquiry.save_page(token(), pack, page, given, access.now())
    except NotFound:
        return _answer_without_draft(pack, page)
    if saved.alarm:
        return to(pack, "emergency")
    return onwards(pack, saved.draft)


def _answer_without_draft(pack: Pack, page: Page) -> Response:
    """The draft is gone: keep what was just sent in a new one, and say so on the start page."""
    form = PageForm(pack, page, {}, LANGUAGE, request.form)
    if not form.asked or not form.validate():
        return to(pack, "start")
    limits.count("start")
    secret = enquiry.start(pack, LANGUAGE, "", access.now())
    enquiry.save_page(secret, pack, page, form.given(), access.now())
    return remember(to(pack, "start"), secret)


def _page(condition: str, page_id: str) -> tuple[Pack, Page]:
    pack = pack_of(condition)
    try:
        return pack, pack.page(page_id)
    except KeyError:
        abort(404)


def _question(pack: Pack, page: Page, draft: Any, form: PageForm, status: int = 200) -> Response:
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
    draft: Any, consent: str | None = None, newer: Mapping[str, Any] | None = None
) -> intake.Submission:
    """What a draft hands over when it is sent; `newer` is known of the person beside it."""
    answers, told = dict(draft.answers), {**draft.person, **(newer or {})}
    person = {name: told[name] for name in SENT_WITH if told.get(name)}
    if "age" in answers:
        person["age"] = answers["age"]
    for_whom = told.get("for_whom")
    warned_at = told.get("warned_at")
    return intake.Submission(
        id=uuid.UUID(str(draft.id)),
        source="web",
        language=draft.language,
        answering_for=for_whom if for_whom in dict(FOR_WHOM) else "self",
        wanted=told.get("wanted", "call"),
        answers=answers,
        person=person,
        changes=draft.changes,
        consent_version=consent,
        begun_at=draft.created_at,
        warned_at=dt.datetime.fromisoformat(warned_at) if warned_at else None,
    )
