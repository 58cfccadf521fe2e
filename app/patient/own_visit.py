"""The patient's visit on the own page: another time, cancelling, a file for the calendar.

Moving and cancelling ask for the digits, too: a link that was passed on, or that reached somebody
else, must not cost anybody their visit.
"""

import datetime as dt
from typing import Any, Final

from flask import make_response, request, url_for
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from app import access, calendar_file, free_times
from app.domain import lifecycle
from app.domain.errors import AlreadyChanged, LinkEnded, NotAllowedNow, NotOffered, SlotTaken
from app.forms import at_most, many_lines
from app.languages import Later
from app.patient import patient
from app.patient.manage import finished, form_of, shown, to_own_page
from app.patient.own_link import DigitsForm, checked, opened
from app.patient.progress import visit_that_stands
from app.workflow import booking, manage

DAYS_SEARCHED: Final = 28
DAYS_SHOWN: Final = 3
LONGEST_REASON: Final = 500
MEANWHILE: Final = Later(
    "This has changed a moment ago. Look at how it stands now; nothing was saved."
)
TAKEN: Final = Later("Somebody took this time a moment ago. Choose another one")
NONE_CHOSEN: Final = Later("Select a time")


class CancelForm(DigitsForm):
    """Why the visit, or the whole request, is no longer wanted."""

    reason = TextAreaField(
        Later("Why? (optional)"),
        [at_most(LONGEST_REASON)],
        filters=[many_lines],
    )


@patient.get("/r/<token>/cancel")
def ask_cancel(token: str) -> Response:
    """Say what cancelling means, before it is done."""
    link = opened(token)
    return _cancel_page(token, link, form_of(CancelForm, link))


@patient.post("/r/<token>/cancel")
def cancel(token: str) -> Response:
    """Cancel the visit; or close the request, when there is none and nobody must look at it."""
    link = opened(token)
    form = form_of(CancelForm, link, request.form)
    valid, status = checked(form, link)
    if not valid:
        return _cancel_page(token, link, form, status)
    visit, at, reason = visit_that_stands(link.request), access.now(), form.reason.data or None
    sent = request.form.get("visit", "")
    if visit is None and sent:
        return finished(token, link, "cancelled")  # pressed twice, or cancelled by the desk
    try:
        if visit is None:
            manage.withdraw(token, reason, at)
            return finished(token, link, "withdrawn")
        if sent != str(visit.id):
            return _cancel_page(token, link, form, 409, MEANWHILE)
        version = request.form.get("version", 0, type=int)
        booking.cancel(visit.id, version, None, at, access.clinic(), reason)
    except (AlreadyChanged, NotAllowedNow):
        return _cancel_page(token, link, form, 409, MEANWHILE)
    return finished(token, link, "cancelled")


def _cancel_page(
    token: str, link: Any, form: Any, status: int = 200, problem: str | Later = ""
) -> Response:
    visit = visit_that_stands(link.request)
    at = access.now()
    allowed = booking.patient_may_change(visit, at) if visit else manage.may_withdraw(link.request)
    return shown("patient/cancel.html", token, form, status, allowed=allowed, problem=problem)


@patient.get("/r/<token>/change")
def ask_change(token: str) -> Response:
    """The free times that this patient may have instead."""
    link = opened(token)
    return _change_page(token, link, form_of(DigitsForm, link))


@patient.post("/r/<token>/change")
def change(token: str) -> Response:
    """Move the visit: the new time is taken before the old one is given up."""
    link = opened(token)
    form = form_of(DigitsForm, link, request.form)
    choice = free_times.read(request.form.get("time", ""))
    valid, status = checked(form, link)
    if not valid or choice is None:
        problem = "" if choice else NONE_CHOSEN
        return _change_page(token, link, form, 422 if valid else status, problem)
    visit, at, zone = visit_that_stands(link.request), access.now(), access.settings().clinic_zone
    if visit is None:
        return to_own_page(token)
    if (visit.practitioner_id, visit.starts_at) == (choice.practitioner_id, choice.starts_at):
        return finished(token, link, "changed")  # pressed twice
    version = request.form.get("version", 0, type=int)
    seeker = booking.Seeker(link.request.level)
    try:
        if link.request.status != lifecycle.BOOKED:
            raise NotAllowedNow("request", link.request.status, "move")
        booking.move(visit.id, choice, version, None, at, zone, seeker)
    except (SlotTaken, NotOffered):
        return _change_page(token, link, form, 409, TAKEN, choice)
    except (AlreadyChanged, NotAllowedNow):
        return _change_page(token, link, form, 409, MEANWHILE)
    return finished(token, link, "changed")


def _change_page(
    token: str,
    link: Any,
    form: DigitsForm,
    status: int = 200,
    problem: str | Later = "",
    choice: booking.Choice | None = None,
) -> Response:
    at, zone = access.now(), access.settings().clinic_zone
    today = at.astimezone(zone).date()
    visit = visit_that_stands(link.request)
    allowed = (
        visit is not None
        and link.request.status == lifecycle.BOOKED
        and booking.patient_may_change(visit, at)
    )
    first = _first_day(today, choice)
    found = (
        booking.free(
            booking.practitioners(), first, DAYS_SEARCHED, at, booking.Seeker(link.request.level)
        )
        if allowed
        else []
    )
    sent = request.form.get("time", "")
    more = found[DAYS_SHOWN:]
    return shown(
        "patient/change.html",
        token,
        form,
        status,
        allowed=allowed,
        days=free_times.by_day(found[:DAYS_SHOWN], sent, today, zone),
        later=more[0][0] if more else None,
        first=first if first > today else None,
        problem=problem,
        problems=[("time", problem)] if problem and found else [],
        zone_name=f"{at.astimezone(zone):%Z}",
    )


def _first_day(today: dt.date, choice: booking.Choice | None) -> dt.date:
    """The day from which times are shown; after a time was lost, the day of that time."""
    if choice:
        return max(choice.starts_at.astimezone(access.settings().clinic_zone).date(), today)
    try:
        asked = dt.date.fromisoformat(request.values.get("from", ""))
    except ValueError:
        return today
    return min(max(asked, today), today + booking.FURTHEST)


@patient.get("/r/<token>/calendar.ics")
def calendar(token: str) -> Response:
    """The visit as a file for the patient's calendar: time and place, nothing of the illness."""
    visit = visit_that_stands(opened(token).request)
    if visit is None:
        raise LinkEnded
    settings = access.settings()
    page = settings.public_base_url + url_for("patient.own_page", token=token)
    response = make_response(
        calendar_file.for_patient(visit, calendar_file.PUBLISH, settings, page)
    )
    response.content_type = "text/calendar; charset=utf-8; method=PUBLISH"
    response.headers["Content-Disposition"] = 'attachment; filename="clinic-visit.ics"'
    return response
