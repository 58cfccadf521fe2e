"""Where a request is now, in the patient's words: what has happened, and what comes next."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.domain import lifecycle
from app.domain.level import Level
from app.formats import clock_time, named_day

DONE, NOW, NEXT = "done", "now", ""
ROLES: Final = {"receptionist": "Reception", "doctor": "A doctor", "manager": "The manager"}
MOST_SHOWN: Final = 10
STANDING: Final = ("booked", "arrived")


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way: what, when, and whether it is done, now or still to come."""

    words: str
    when: str = ""
    state: str = DONE


def visit_that_stands(found: Any) -> Any:
    """The visit of a request that is booked, or None; one that is only offered is none yet."""
    visit = found.appointment
    return visit if visit is not None and visit.status in STANDING else None


def steps(
    found: Any, visit: Any, openings: Sequence[Any], zone: ZoneInfo, now: dt.datetime
) -> Iterator[Step]:
    """The steps of a request, oldest first; exactly one of them is now."""

    def said(at: dt.datetime) -> str:
        return when(at, zone, now)

    yield Step("We got your request", said(found.created_at))
    if openings:
        yield Step("A person at the clinic read it", said(openings[0].at))
    decided = [change.at for change in found.history if change.event == "decide"]
    if decided and found.status != lifecycle.WITH_DOCTOR and not found.asked_at:
        yield Step("A doctor decided what to do next", said(decided[-1]))
    if visit:
        booked = [c.at for c in found.history if c.event in ("book", "move-visit", "undo-cancel")]
        yield Step("Your visit was booked", said(booked[-1] if booked else visit.created_at))
    if found.status == lifecycle.CLOSED:
        yield Step("This request is closed", said(_closed_at(found)), NOW)
        return
    if found.status == lifecycle.WITH_DOCTOR or found.asked_at:
        yield Step("A doctor is deciding what to do next", _call_by(found, zone, now), NOW)
    elif found.status == lifecycle.WITH_PATIENT:
        yield Step("We wait for you", "We asked you for something. Not sure what? Call us.", NOW)
    elif found.status == lifecycle.WITH_DESK:
        yield Step("We look for a time with you", _call_by(found, zone, now), NOW)
    if visit:
        state = NOW if found.status == lifecycle.BOOKED else NEXT
        yield Step("Your visit", said(visit.starts_at), state)
    else:
        yield Step("Your visit", "", NEXT)


def _closed_at(found: Any) -> dt.datetime:
    closed = [change.at for change in found.history if change.after == lifecycle.CLOSED]
    at: dt.datetime = closed[-1]
    return at


def _call_by(found: Any, zone: ZoneInfo, now: dt.datetime) -> str:
    """Until when we call; nothing once that has passed, and nothing to wait for in an emergency."""
    if found.level is Level.emergency or found.acknowledged_at or found.due_at <= now:
        return ""
    return f"We call you by {when(found.due_at, zone, now, start=False)}"


def who_opened(openings: Sequence[Any], zone: ZoneInfo, now: dt.datetime) -> list[str]:
    """Who of the clinic has opened the request, newest first: roles and times, no names."""
    newest = reversed(openings[-MOST_SHOWN:])
    said = (f"{ROLES[each.role]}, {when(each.at, zone, now, start=False)}" for each in newest)
    return list(dict.fromkeys(said))


def when(at: dt.datetime, zone: ZoneInfo, now: dt.datetime, *, start: bool = True) -> str:
    """Today, 9:12 am; Tuesday 25 November, 9:12 am. Inside a sentence: today, 9:12 am."""
    day, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get((day - today).days)
    words = near or named_day(day, today)
    return f"{words[:1].upper() + words[1:] if start else words}, {clock_time(at, zone)}"
