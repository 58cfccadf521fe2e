"""One table: which error of the clinic becomes which page and status code."""

import datetime as dt
from typing import Final

import sqlalchemy as sa
from flask import Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from app.domain import errors
from app.workflow import queue

PAGES: dict[type[errors.ClinicError], tuple[int, str]] = {
    errors.NotFound: (404, "errors/not_found.html"),
    errors.LinkEnded: (404, "errors/link_ended.html"),
    errors.AlreadyChanged: (409, "errors/already_changed.html"),
    errors.NotAllowedNow: (409, "errors/already_changed.html"),
    errors.SlotTaken: (409, "errors/already_changed.html"),
    errors.NotOffered: (409, "errors/already_changed.html"),
    errors.ReasonMissing: (422, "errors/bad_request.html"),
}

# What went wrong, in the words of the person who sent it.
WORDS: Final = {
    400: "We could not understand what was sent.",
    405: "This page cannot be used in this way.",
    413: "This is too long to be sent. Make the text shorter, and send it again.",
    414: "This address is too long.",
}
DATABASE_IS_AWAY: Final = (sa.exc.OperationalError, sa.exc.TimeoutError)
TRY_AGAIN_IN: Final = "30"

# The fields of forms that hold free text.
TYPED: Final = ("note", "reason", "story", "more", "question")


def init(app: Flask) -> None:
    """Answer every error with a page in plain words; typed text is never lost silently."""
    for kind in PAGES:
        app.register_error_handler(kind, _clinic_error)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(404, _not_found)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(429, _too_many)
    app.register_error_handler(SecurityError, _wrong_host)
    for away in DATABASE_IS_AWAY:
        app.register_error_handler(away, _not_now)
    app.register_error_handler(500, _our_fault)


def _page(template: str, status: int, **values: object) -> Response:
    response = make_response(render_template(template, **values), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _clinic_error(error: errors.ClinicError) -> Response:
    status, template = PAGES[type(error)]
    return _page(template, status, error=error, typed=_typed())


def _stale_form(error: CSRFError) -> Response:
    return _page("errors/stale_form.html", 400, typed=_typed())


def _not_found(error: HTTPException) -> Response:
    return _page("errors/not_found.html", 404)


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    words = WORDS.get(error.code)
    response = _page("errors/bad_request.html", error.code, error=error, words=words)
    return _with_headers(response, error)


def _with_headers(response: Response, error: HTTPException) -> Response:
    response.headers.extend(
        (name, value) for name, value in error.get_headers() if name != "Content-Type"
    )
    return response


def _too_many(error: HTTPException) -> Response:
    page = _page("errors/too_many.html", 429, typed=_typed(), again=_patients_form())
    return _with_headers(page, error)


def _wrong_host(error: SecurityError) -> Response:
    """A page without links: they cannot be made for a host that is not ours."""
    return _page("errors/bad_request.html", 400, words=WORDS[400], frame="errors/frame.html")


def _not_now(error: Exception) -> Response:
    """The database is away, locked or full: nothing is confirmed, and what was sent is kept."""
    current_app.logger.error("the database failed", exc_info=error)
    response = _our_page(503)
    response.headers["Retry-After"] = TRY_AGAIN_IN
    return response


def _our_fault(error: Exception) -> Response:
    return _our_page(500)


def _our_page(status: int) -> Response:
    """Advice first, if the answers of this very request tell how pressing it is."""
    advice = g.get("advice")
    return _page(
        "errors/our_fault.html",
        status,
        level=advice() if advice else None,
        typed=_typed(),
        again=_patients_form(),
    )


def _patients_form() -> list[tuple[str, str]]:
    """What a patient has just sent and could not be kept, so that one press sends it again."""
    if request.method != "POST" or request.blueprint != "patient":
        return []
    return list(request.form.items(multi=True))


def colleague_was_faster(error: Exception, endpoint: str, at: dt.datetime) -> Response:
    """Say who did what with a request, and lead back to its page at `endpoint`."""
    # An act on a visit names the visit in its address, and the request in its form.
    reference = (request.view_args or {}).get("reference") or request.form.get("reference", "")
    return _page(
        "errors/already_changed.html",
        409,
        error=error,
        typed=_typed(),
        change=queue.newest_change(reference),
        here=url_for(endpoint, reference=reference) if reference else None,
        at=at,
    )


def _typed() -> list[str]:
    """The free text of a form that could not be saved, to be shown so that it can be copied."""
    if request.method != "POST":
        return []
    return [value for name, value in request.form.items() if name in TYPED and value]
