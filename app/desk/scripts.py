"""A call in place of a mail that did not arrive: whom to phone, and what to say."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from app import case
from app.access import current_staff, settings
from app.domain import lifecycle
from app.domain.escalation import FIRST, SECOND
from app.domain.level import Level
from app.formats import clock_time, long_day, moment
from app.mail import alarm
from app.words import LEVELS, NO_NAME
from app.workflow import problems, queue

NEAR: Final = dt.timedelta(hours=48)
"""A visit so near is told by phone when the mail about it does not arrive."""

ABOUT_A_VISIT: Final = ("booked", "changed", "reminder")
FOR_STAFF: Final = ("new-request", "doctor-alert", "late", "patient-news")


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to phone, if a number is known."""

    who: str
    number: str | None


@dataclass(frozen=True, slots=True)
class Script:
    """Whom to phone, the first one first, and what to say."""

    calls: list[Call]
    lines: list[str]


def instead_of_mail(problem: problems.Problem, at: dt.datetime) -> Script | None:
    """The call that replaces a mail which cannot wait; None for one that can."""
    message, found = problem.message, problem.request
    if message is None or found is None or problem.ending:
        return None
    if message.kind in FOR_STAFF:
        pressing = found.level >= Level.urgent and found.status != lifecycle.CLOSED
        return Script(_staff(message, at), list(_to_staff(found, at))) if pressing else None
    if message.kind == "emergency-sent":
        return Script(_patient(found), list(_emergency(found)))
    if message.kind in ABOUT_A_VISIT and _near(visit := found.appointment, at):
        return Script(_patient(found), list(_visit(found, visit)))
    cancelled = [visit for visit in found.visits if visit.status == "cancelled"]
    if message.kind == "cancelled" and cancelled and _near(cancelled[-1], at):
        return Script(_patient(found), list(_cancelled(found, cancelled[-1])))
    return None


def _near(visit: Any, at: dt.datetime) -> bool:
    return visit is not None and at < visit.starts_at <= at + NEAR


def _staff(message: Any, at: dt.datetime) -> list[Call]:
    """Those who should have got the mail, and then the other doctor on call."""
    asked = [FIRST if message.to.startswith("desk:") else message.to, FIRST, SECOND]
    people = [person for to in asked for person in alarm.receivers(to, at)]
    return [Call(person.name, person.phone) for person in dict.fromkeys(people)]


def _patient(found: Any) -> list[Call]:
    person = found.person
    return [Call(person.get("name") or NO_NAME, person.get("phone"))]


def _to_staff(found: Any, at: dt.datetime) -> Iterator[str]:
    since = moment(found.waiting_since, settings().clinic_zone, at)
    yield f"“This is {current_staff().name}, from the desk of {settings().clinic_name}.”"
    yield (
        f"“{found.reference} waits since {since}. Its level is {LEVELS[found.level].lower()}. "
        "The mail about it did not reach you.”"
    )
    yield "“Please open it now, and take it. Can you?”"
    yield "Nobody answers, or the answer is no: call the next one at once."


def _greeting(found: Any) -> Iterator[str]:
    """Who answers is not always the patient: nothing is told before that is known."""
    person = found.person
    # Whoever filled it in knows of the request already.
    known = [person.get("name") or "the patient", person.get("caller_name", "")]
    yield f"“Am I speaking with {' or '.join(filter(None, known))}?”"
    others = queue.speak_to(person)
    yield (
        f"Somebody else answers: speak only with {others}."
        if others
        else "Somebody else answers: ask for them, and say nothing about the request."
    )
    yield f"“This is {current_staff().name}, from {settings().clinic_name}.”"


def _visit(found: Any, visit: Any) -> Iterator[str]:
    yield from _greeting(found)
    place = visit.place.address or settings().clinic_address
    yield f"“Your visit is on {_when(visit)}, {place}. Our mail about it did not reach you.”"
    yield "“Please bring scans, reports and a list of your medicines. Can you come?”"
    yield "Ask for the e-mail address, and correct it."


def _cancelled(found: Any, visit: Any) -> Iterator[str]:
    yield from _greeting(found)
    yield f"“Your visit on {_when(visit)} is cancelled. Our mail about it did not reach you.”"
    yield "“May I offer you another time?”"
    yield "Ask for the e-mail address, and correct it."


def _emergency(found: Any) -> Iterator[str]:
    yield from _greeting(found)
    yield (
        f"“Please do not wait for our mail. Call {settings().ambulance_number} now, or go to a "
        "hospital emergency department.”"
    )
    yield from case.script(case.findings(found))


def _when(visit: Any) -> str:
    zone = settings().clinic_zone
    return f"{long_day(visit.starts_at, zone)}, {clock_time(visit.starts_at, zone)}"
