"""A practitioner's week, and the ways between the views of the diary."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from flask import make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from app.access import Count, now, settings
from app.desk.lines import (
    DAY,
    FIRST_DAY,
    LAST_DAY,
    Group,
    differing,
    entries_of,
    gaps_of,
    line_of,
    read_day,
)
from app.formats import named_day, plain_date
from app.workflow import booking, queue


@dataclass(frozen=True, slots=True)
class Tab:
    """A view of the diary, and how much waits there."""

    name: str
    words: str
    url: str
    counts: tuple[Count, ...] = ()


def tabs(day: dt.date, only: uuid.UUID | None) -> list[Tab]:
    """The views of the diary, from the day and the practitioner that are shown."""
    past = booking.number_unrecorded(now())
    waiting = booking.waitlist.number_waiting()
    shown: dict[str, Any] = {"date": day.isoformat(), "practitioner": only}
    return [
        Tab("day", "Day", url_for("desk.diary", **shown)),
        Tab("week", "Week", url_for("desk.diary", view="week", **shown)),
        Tab(
            "no-outcome",
            "To record",
            url_for("desk.diary", view="no-outcome"),
            (Count(queue.capped(past), "past visits without an outcome", "n--a"),) if past else (),
        ),
        Tab(
            "waiting-list",
            "Waiting list",
            url_for("desk.waiting_list"),
            (Count(queue.capped(waiting), "waiting"),) if waiting else (),
        ),
    ]


def page() -> Response:
    """Seven days from Monday, of one practitioner."""
    at, zone = now(), settings().clinic_zone
    today = at.astimezone(zone).date()
    asked = request.args.get("date", "")
    day = read_day(asked) if asked else today
    problem = "" if day else "Enter a day such as 2026-11-25"
    day = day or today
    monday = max(day - day.weekday() * DAY, FIRST_DAY)
    people = booking.practitioners()
    wanted = request.args.get("practitioner", type=uuid.UUID)
    person = next((each for each in people if each.id == wanted), people[0] if people else None)
    groups = _days(person, monday, at) if person else []
    body = render_template(
        "desk/week.html",
        groups=groups,
        differing=differing(groups),
        person=person,
        people=people,
        only=person.id if person else None,
        title=f"{plain_date(monday)} to {plain_date(monday + 6 * DAY)}",
        day=day,
        today=today,
        before=max(monday - 7 * DAY, FIRST_DAY),
        after=min(monday + 7 * DAY, LAST_DAY),
        tabs=tabs(day, person.id if person else None),
        errors=[("date", problem)] if problem else [],
        asked=asked,
        view="week",
    )
    return make_response(body, 422 if problem else 200)


def _days(person: Any, monday: dt.date, at: dt.datetime) -> list[Group]:
    zone = settings().clinic_zone
    today = at.astimezone(zone).date()
    visits = [line_of(visit) for visit in booking.day(monday, zone, person.id, days=7)]
    free = dict(booking.free([person], monday, 7, at))
    groups = []
    for day in (monday + n * DAY for n in range(7)):
        lines = [line for line in visits if line.visit.starts_at.astimezone(zone).date() == day]
        entries = entries_of(lines, gaps_of(free.get(day, [])))
        groups.append(Group(named_day(day, today), entries, len(lines), person, day))
    return groups
