"""Cancel the day, or close some days or hours: what it would do first, then all of it at once."""

import datetime as dt
import uuid
from typing import Any, Final

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.access import clinic, current_staff, now, settings
from app.desk import desk
from app.desk.lines import DAY, line_of, read_day
from app.domain.errors import AlreadyChanged, NotFound
from app.domain.slots import Span
from app.formats import long_day, moment
from app.words import OUTCOMES, name_of
from app.workflow import booking, queue

LONGEST_REASON: Final = 200
CHANGED: Final = (
    "A visit was booked or changed meanwhile. Nothing was done. Look again, then confirm"
)
Errors = list[tuple[str, str]]


@desk.get("/diary/cancel-day")
def day_off() -> ResponseReturnValue:
    """What closing a time would meet."""
    return _page(request.args)


@desk.post("/diary/cancel-day")
def take_day_off() -> ResponseReturnValue:
    """Close the time and cancel what was chosen, if it is still what was seen."""
    sent = request.form
    person_id, span, errors = _asked(sent)
    reason = sent.get("reason", "").strip()
    if not reason:
        errors.append(("reason", "Enter why, such as “Dr Rao is ill”"))
    elif len(reason) > LONGEST_REASON:
        errors.append(("reason", f"Use {LONGEST_REASON} letters or fewer"))
    if errors or person_id is None or span is None:
        return _page(sent, errors, 422)
    chosen = set(sent.getlist("visit", type=uuid.UUID))
    by, at = current_staff(), now()
    told = sent.get("told") == "yes"
    try:
        booking.day_off.close(
            person_id, span, chosen, sent.get("digest", ""), reason, told, by, at, clinic()
        )
    except AlreadyChanged:
        return _page(sent, [("numbers", CHANGED)], 409)
    flash(f"The time is closed. Visits cancelled: {len(chosen)}.", "ok")
    return redirect(url_for("desk.phone_list", **_time_of(sent)), 303)


@desk.get("/diary/phone-list")
def phone_list() -> ResponseReturnValue:
    """Whom no mail reaches, to be called and ticked."""
    person_id, span, errors = _asked(request.args)
    if errors or person_id is None or span is None:
        raise NotFound
    person = booking.day_off.preview(person_id, span, now()).practitioner
    return render_template(
        "desk/phone_list.html",
        person=person,
        span=span,
        until=span.end - dt.timedelta(minutes=1),
        time=_time_of(request.args),
        lines=[_to_call(each) for each in booking.day_off.to_call(person_id, span)],
        at=now(),
    )


@desk.post("/diary/phone-list/<reference>/<outcome>")
def note_call(reference: str, outcome: str) -> ResponseReturnValue:
    """Log a call of the phone list, and come back to it."""
    if outcome not in OUTCOMES:
        raise NotFound
    queue.log_call(reference, outcome, current_staff(), now(), "About the cancelled visit.")
    flash("The call is logged.", "ok")
    return redirect(url_for("desk.phone_list", **_time_of(request.form)), 303)


def _page(sent: MultiDict[str, str], errors: Errors | None = None, status: int = 200) -> Response:
    """The form, and what it would do; everything that was typed is kept."""
    at, zone = now(), settings().clinic_zone
    person_id, span, faults = _asked(sent)
    errors = errors if errors is not None else faults
    seen = None
    if person_id and span and not faults:
        seen = booking.day_off.preview(person_id, span, at)
    lines = [line_of(visit) for visit in seen.visits] if seen else []
    asked = "digest" in sent
    chosen = set(sent.getlist("visit", type=uuid.UUID))
    mailed = [line for line in lines if line.visit.request.person.get("email")]
    page = render_template(
        "desk/day_off.html",
        people=booking.practitioners(),
        practitioner=person_id,
        sent=_time_of(sent) if sent else {},
        seen=seen,
        span_words=_in_words(span, zone) if span else "",
        lines=lines,
        mailed=len(mailed),
        called=sum(1 for line in lines if line not in mailed and line.phone),
        unknown=sum(1 for line in lines if line not in mailed and not line.phone),
        chosen=chosen if asked and status != 409 else {line.visit.id for line in lines},
        reason=sent.get("reason", ""),
        told=sent.get("told") == "yes",
        errors=errors if sent else [],
        problems=dict(errors) if sent else {},
        at=at,
    )
    return make_response(page, status if status != 200 or not (errors and sent) else 422)


def _asked(sent: MultiDict[str, str]) -> tuple[uuid.UUID | None, Span | None, Errors]:
    """Whose time, which time, and what is wrong with what was typed."""
    zone = settings().clinic_zone
    errors: Errors = []
    person_id = sent.get("practitioner", type=uuid.UUID)
    if person_id not in {person.id for person in booking.practitioners()}:
        person_id = None
        errors.append(("practitioner", "Select a doctor"))
    first = read_day(sent.get("date", ""))
    if first is None:
        errors.append(("date", "Enter the first day, such as 2026-11-25"))
    until = sent.get("until", "").strip()
    last = read_day(until) if until else first
    if last is None and until:
        errors.append(("until", "Enter the last day, such as 2026-11-25, or leave it empty"))
    opens, closes = (_time(sent.get(name, "")) for name in ("opens", "closes"))
    for name, time in (("opens", opens), ("closes", closes)):
        if time is None:
            errors.append((name, "Enter a time such as 14:30, or leave it empty"))
    if errors or first is None or last is None:
        return person_id, None, errors
    start = dt.datetime.combine(first, opens or dt.time(), zone)
    end = dt.datetime.combine(last, closes or dt.time(), zone)
    if not sent.get("closes", "").strip():
        end = dt.datetime.combine(last + DAY, dt.time(), zone)
    span = Span(start.astimezone(dt.UTC), end.astimezone(dt.UTC))
    errors += _sensible(span)
    return person_id, None if errors else span, errors


def _sensible(span: Span) -> Errors:
    if span.end <= span.start:
        return [("until", "The end must come after the beginning")]
    if span.end <= now():
        return [("date", "This time is over")]
    if span.end - span.start > booking.day_off.LONGEST:
        days = booking.day_off.LONGEST.days
        return [("until", f"Close at most {days} days at once")]
    return []


def _time(text: str) -> dt.time | None:
    """A time of day; midnight for nothing, None for what is none."""
    if not text.strip():
        return dt.time()
    try:
        return dt.datetime.strptime(text.strip(), "%H:%M").time()  # noqa: DTZ007 - a wall time
    except ValueError:
        return None


def _time_of(sent: MultiDict[str, str]) -> dict[str, Any]:
    """What names the time in addresses and forms."""
    names = ("practitioner", "date", "until", "opens", "closes")
    return {name: sent[name] for name in names if sent.get(name)}


def _in_words(span: Span, zone: Any) -> str:
    last = span.end - dt.timedelta(minutes=1)
    first_day, last_day = long_day(span.start, zone), long_day(last, zone)
    return first_day if first_day == last_day else f"{first_day} to {last_day}"


def _to_call(each: booking.day_off.ToCall) -> dict[str, Any]:
    """A line of the phone list, with the calls since the visit was cancelled."""
    person, at, zone = each.request.person, now(), settings().clinic_zone
    calls = [call for call in each.request.attempts if call.at >= each.visit.changed_at]
    last = calls[-1] if calls else None
    return {
        "visit": each.visit,
        "reference": each.request.reference,
        "name": name_of(person),
        "phone": person.get("phone"),
        "answered": any(call.outcome == "answered" for call in calls),
        "last": f"{OUTCOMES[last.outcome]}, {moment(last.at, zone, at)}" if last else "",
        "again": each.request.appointment,
    }
