"""The secret of a patient's own page, and the last four digits of the phone that unlock it.

What was unlocked is kept in a signed cookie, bound to the link: never in the address.
"""

import datetime as dt
import hmac
import uuid
from typing import Any, Final

from flask import g, make_response, render_template, request
from flask_wtf import FlaskForm
from itsdangerous import BadData, URLSafeSerializer
from limits import RateLimitItemPerDay, RateLimitItemPerHour
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired

from app import access
from app.domain.errors import LinkEnded
from app.domain.search import digits
from app.forms import one_line
from app.languages import Later, words
from app.patient import limits, patient
from app.workflow import manage

UNLOCKED_FOR: Final = dt.timedelta(minutes=30)
ADVISED_FOR: Final = dt.timedelta(minutes=10)
UNLOCKED, ADVISED = "unlocked", "advised"
LENGTH: Final = 4
DIGITS_WORDS: Final = Later("Enter the last 4 digits of the phone number that you gave us")
WRONG: Final = Later("These are not the last 4 digits of the phone number that you gave us")
TOO_MANY: Final = "Too many wrong tries. Wait an hour and try again, or call us: {phone}"

# Tries at the digits. Ten a day for thirty days find one of 10,000 with a chance of 3 in 100.
OF_LINK: Final = (RateLimitItemPerHour(5), RateLimitItemPerDay(10))
OF_ADDRESS: Final = (RateLimitItemPerHour(30),)


def opened(token: str) -> Any:
    """The link that is open under this secret; raises LinkEnded. It is looked up once."""
    if "own_link" not in g:
        g.own_link = manage.find(token, access.now())
    return g.own_link


@patient.errorhandler(LinkEnded)
def link_ended(error: LinkEnded) -> Response:
    """One page for old, ended and invented addresses, so that nobody learns which it was."""
    return make_response(render_template("errors/link_ended.html", frame="base.html"), 404)


@patient.after_request
def keep_out_of_searches(response: Response) -> Response:
    """No search engine lists a patient's page."""
    if "token" in (request.view_args or {}):
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def holds(link: Any, purpose: str) -> bool:
    """Whether this browser was let in for that purpose, for this very link, not long ago."""
    signed = request.cookies.get(_cookie(purpose), "")
    try:
        told = _signer(purpose).loads(signed)
    except BadData:
        return False
    found: bool = told[:-1] == _bound_to(link) and access.now().timestamp() < told[-1]
    return found


def let_in(response: Response, link: Any, purpose: str, length: dt.timedelta) -> Response:
    """Remember in a cookie that this browser may see more of this link for a while."""
    until = int((access.now() + length).timestamp())
    response.set_cookie(
        _cookie(purpose),
        _signer(purpose).dumps([*_bound_to(link), until]),
        max_age=int(length.total_seconds()),
        httponly=True,
        secure=access.settings().https,
        samesite="Lax",
    )
    return response


def _cookie(purpose: str) -> str:
    return f"__Host-{purpose}" if access.settings().https else purpose


def _signer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(access.settings().secret_key, salt=f"own-page-{purpose}")


def _bound_to(link: Any) -> list[Any]:
    return [uuid.UUID(str(link.id)).hex, link.number]


class DigitsForm(FlaskForm):
    """The last four digits of the phone; the forms of what is personal ask for them, too."""

    digits = StringField(
        Later("Last 4 digits of your phone number"),
        [DataRequired(DIGITS_WORDS)],
        filters=[one_line],
        description=Later("The number that you gave us when you wrote to us."),
    )


def checked(form: DigitsForm, link: Any) -> tuple[bool, int]:
    """Whether the form can be taken, and the status code when it cannot.

    Digits are asked for only in a browser that has not been let in. Tries are counted before they
    are looked at, so that many at once are no more than one after the other.
    """
    asked = "digits" in form
    if not form.validate():
        return False, 422
    if not asked:
        return True, 200
    given = digits(form.digits.data)
    if len(given) != LENGTH:
        form.digits.errors = [DIGITS_WORDS]
        return False, 422
    if not _may_try(link):
        form.digits.errors = [words(TOO_MANY, phone=access.settings().clinic_phone)]
        return False, 429
    known = digits(link.request.person.get("phone", ""))[-LENGTH:]
    if not hmac.compare_digest(given, known):
        form.digits.errors = [WRONG]
        return False, 422
    for limit in OF_LINK:
        access.limiter.limiter.clear(limit, "digits", link.id.hex)
    return True, 200


def _may_try(link: Any) -> bool:
    hit = access.limiter.limiter.hit
    counted = [hit(limit, "digits", link.id.hex) for limit in OF_LINK]
    counted += [hit(limit, "digits", limits.address()) for limit in OF_ADDRESS]
    return all(counted)
