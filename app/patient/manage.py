"""The patient's own page: where the request is, and what can be done there.

Nothing here changes anything but a press. What is personal opens with the last four digits of the
phone; whether to go to hospital never waits for them.
"""

import contextlib
from collections.abc import Iterator
from typing import Any, Final

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import access
from app.domain import lifecycle
from app.domain.condition import Text
from app.domain.errors import LinkEnded
from app.languages import ENGLISH, Later
from app.patient import own_link, patient
from app.patient.own_link import UNLOCKED, UNLOCKED_FOR, DigitsForm, checked, holds, opened
from app.patient.progress import steps, visit_that_stands, who_opened
from app.workflow import booking, manage

DONE: Final = {
    "unlocked": Later("You can see your answers now. They close by themselves in 30 minutes."),
    "changed": Later("Your visit has a new time."),
    "cancelled": Later("Your visit is cancelled. We will call you. You can also call us."),
    "taken": Later("The time is yours. Your visit is booked."),
    "declined": Later("Thank you. Somebody else gets this time; you stay on our list."),
    "withdrawn": Later("Your request is closed."),
    "added": Later("We got it. Thank you."),
    "number": Later("We have your new number."),
}


def form_of(kind: Any, link: Any, sent: Any = None, **known: Any) -> Any:
    """A form of this page; without the digits in a browser that has been let in already."""
    form = kind(formdata=sent, data=known)
    if holds(link, UNLOCKED):
        del form.digits
    return form


def to_own_page(token: str, done: str | None = None) -> Response:
    """See Other: the page itself, which says what was done."""
    return redirect(url_for("patient.own_page", token=token, done=done), 303)


def finished(token: str, link: Any, done: str) -> Response:
    """The same, letting the browser in: whoever knew the digits needs them no second time."""
    if holds(link, UNLOCKED):
        return to_own_page(token, done)
    return own_link.let_in(to_own_page(token, done), link, UNLOCKED, UNLOCKED_FOR)


def shown(template: str, token: str, form: Any, status: int = 200, **values: Any) -> Response:
    """One of the pages of the link."""
    link = opened(token)
    errors = [(field.id, field.errors[0]) for field in form if field.errors] if form else []
    page = render_template(
        template,
        token=token,
        found=link.request,
        visit=visit_that_stands(link.request),
        form=form,
        errors=[*values.pop("problems", ()), *errors],
        pack=access.packs().get(link.request.condition),
        **values,
    )
    return make_response(page, status)


@patient.get("/r/<token>")
def own_page(token: str) -> Response:
    """Where the request is now, and what the patient can do."""
    link = opened(token)
    return _own_page(token, link, form_of(DigitsForm, link))


@patient.post("/r/<token>")
def unlock(token: str) -> Response:
    """Let this browser see what is personal, for half an hour."""
    link = opened(token)
    form = form_of(DigitsForm, link, request.form)
    valid, status = checked(form, link)
    if not valid:
        return _own_page(token, link, form, status)
    return finished(token, link, "unlocked")


def _own_page(token: str, link: Any, form: DigitsForm, status: int = 200) -> Response:
    found, at, zone = link.request, access.now(), access.settings().clinic_zone
    seen = manage.openings(found)
    visit = visit_that_stands(found)
    return shown(
        "patient/manage.html",
        token,
        form,
        status,
        unlocked=holds(link, UNLOCKED),
        steps=list(steps(found, visit, seen, zone, at)),
        answers=lambda: list(_answers(found)),
        opened_by=who_opened(seen, zone, at),
        may_change=visit is not None and booking.patient_may_change(visit, at),
        may_withdraw=visit is None and manage.may_withdraw(found),
        offer=found.offer if found.offer and found.offer.held_until > at else None,
        closed=found.status == lifecycle.CLOSED,
        done=DONE.get(request.args.get("done", "")),
    )


def _answers(found: Any) -> Iterator[tuple[Text, Text]]:
    """Each question with its answer, in English and as the patient saw them."""
    for item in found.response.items:
        question, answer = {ENGLISH: item["question"]}, {ENGLISH: item["answer"]}
        if seen := item.get("seen"):
            question[found.response.language], answer[found.response.language] = seen
        yield question, answer


@patient.get("/r/<token>/not-me")
def ask_not_me(token: str) -> Response:
    """Ask somebody whom a mail has reached by mistake to press once."""
    return shown("patient/not_me.html", token, None)


@patient.post("/r/<token>/not-me")
def not_me(token: str) -> Response:
    """Shut the page for good; pressed twice, or for a page that is shut, it says the same."""
    with contextlib.suppress(LinkEnded):
        manage.not_me(token, access.clinic(), access.now())
    return redirect(url_for("patient.shut"), 303)


@patient.get("/r/shut")
def shut() -> str:
    """Thank whoever told us that a link was not theirs."""
    return render_template("patient/shut.html")
