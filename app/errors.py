"""One table: which error of the clinic becomes which page and status code."""

from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.domain import errors

PAGES: dict[type[errors.ClinicError], tuple[int, str]] = {
    errors.NotFound: (404, "errors/not_found.html"),
    errors.AlreadyChanged: (409, "errors/already_changed.html"),
    errors.NotAllowedNow: (409, "errors/already_changed.html"),
    errors.SlotTaken: (409, "errors/already_changed.html"),
    errors.ReasonMissing: (422, "errors/bad_request.html"),
}


def init(app: Flask) -> None:
    """Answer every error with a page in plain words; a person's typed text is never lost silently."""
    for kind in PAGES:
        app.register_error_handler(kind, _clinic_error)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(404, _not_found)
    app.register_error_handler(HTTPException, _http_error)
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
    response = _page("errors/bad_request.html", error.code, error=error)
    response.headers.extend(
        (name, value) for name, value in error.get_headers() if name not in ("Content-Type",)
    )
    return response


def _our_fault(error: Exception) -> Response:
    return _page("errors/our_fault.html", 500)


def _typed() -> list[str]:
    """The free text of a form that could not be saved, to be shown so that it can be copied."""
    if request.method != "POST":
        return []
    return [value for name, value in request.form.items() if name in ("note", "story") and value]
