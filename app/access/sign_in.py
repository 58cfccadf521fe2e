"""The sign-in page; what was typed before a session ended comes back after it."""

import hashlib
from typing import Final

from flask import make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import login_user, logout_user
from flask_wtf import FlaskForm
from limits import parse
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField
from wtforms.validators import DataRequired

from app.access import access, limiter, now, signed_in
from app.records.staff import Practitioner
from app.workflow import staff

TRIES: Final = parse("5 per minute")
HELD: Final = "held."
UNKNOWN: Final = "We do not know this e-mail and password together"
TOO_MANY: Final = "Too many tries. Wait a minute, then try again"


class SignInForm(FlaskForm):
    """E-mail and password."""

    email = EmailField("E-mail", [DataRequired("Enter your e-mail address")])
    password = PasswordField("Password", [DataRequired("Enter your password")])


@access.get("/sign-in")
def ask() -> ResponseReturnValue:
    """The sign-in page."""
    if signed_in():
        return redirect(_path(request.args.get("next")), 303)
    return _sign_in_page(SignInForm(formdata=None), 200, _path(request.args.get("next")), [])


@access.post("/sign-in")
def answer() -> ResponseReturnValue:
    """Let the person in, and bring back what was typed before the session ended."""
    form = SignInForm()
    to = _path(request.form.get("next"))
    held = [
        (name.removeprefix(HELD), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(HELD)
    ]
    if not form.validate():
        return _sign_in_page(form, 422, to, held)
    if not limiter.limiter.hit(TRIES, "sign-in", _who_tries(form)):
        form.form_errors.append(TOO_MANY)
        return _sign_in_page(form, 429, to, held)
    practitioner = _recognised(form)
    if practitioner is None:
        form.form_errors.append(UNKNOWN)
        return _sign_in_page(form, 422, to, held)
    limiter.limiter.clear(TRIES, "sign-in", _who_tries(form))
    _begin(practitioner)
    if held:
        return render_template("access/again.html", to=to, held=held)
    return redirect(to, 303)


def hold_what_was_typed() -> ResponseReturnValue:
    """Answer a form whose session has ended with a sign-in page that keeps what it brought."""
    sent = request.form.items(multi=True)
    held = [(name, value) for name, value in sent if name != "csrf_token"]
    return _sign_in_page(SignInForm(formdata=None), 401, request.path, held)


def _recognised(form: SignInForm) -> Practitioner | None:
    """Nobody has a longer password, and hashing one would keep the server busy."""
    if len(form.password.data) > staff.LONGEST_PASSWORD:
        return None
    return staff.recognise(form.email.data, form.password.data)


def _who_tries(form: SignInForm) -> str:
    """One account from one address: whoever guesses does not lock the others out."""
    both = f"{form.email.data.strip().casefold()} {request.remote_addr}"
    return hashlib.sha256(both.encode()).hexdigest()


def _begin(practitioner: Practitioner) -> None:
    _forget()
    session["staff"] = staff.begin_session(practitioner, now())
    login_user(practitioner, remember=False, authn_via=["password"])


def _forget() -> None:
    """End the session of this browser, with its form tokens."""
    if token := session.get("staff"):
        staff.end_session(token, now())
    logout_user()
    session.clear()


@access.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session, here and wherever its cookie was copied to."""
    _forget()
    return redirect(url_for("access.ask"), 303)


def _sign_in_page(form: SignInForm, status: int, to: str, held: list[tuple[str, str]]) -> Response:
    errors = [(field.id, field.errors[0]) for field in form if field.errors]
    errors += [("email", words) for words in form.form_errors]
    page = render_template(
        "access/sign_in.html", form=form, to=to, held=held, errors=errors, prefix=HELD
    )
    return make_response(page, status)


def _path(address: str | None) -> str:
    """A path of our own to go to after the sign-in; everything else leads to the front."""
    front_page = url_for("access.front")
    if not address or not address.startswith("/") or address.startswith("//"):
        return front_page
    strange = "\\" in address or any(c.isspace() or not c.isprintable() for c in address)
    return front_page if strange else address
