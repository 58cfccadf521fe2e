"""What weekly hours hold, whom they cover, and where they contradict each other."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import Final

from app.domain.slots import Hours, Span

WEEKDAYS: Final = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)

Open = tuple[int, dt.time, dt.time]
"""A weekday (Monday is 0), and from when until when."""


def covered(visit: Span, place: uuid.UUID, hours: Iterable[Hours]) -> bool:
    """Whether a visit at that place lies within hours that are in force on its day.

    Its kind does not matter: whoever is there can see it.
    """
    return any(each.place == place and _lies_within(visit, each) for each in hours)


def _lies_within(visit: Span, hours: Hours) -> bool:
    day = visit.start.astimezone(hours.zone).date()
    opens = dt.datetime.combine(day, hours.opens, hours.zone)
    closes = dt.datetime.combine(day, hours.closes, hours.zone)
    # As instants: two local times of one zone would be compared by their clocks alone.
    within = visit.start.timestamp() >= opens.timestamp()
    return hours.holds_on(day) and within and visit.end.timestamp() <= closes.timestamp()


def minutes_between(opens: dt.time, closes: dt.time) -> int:
    """How many whole minutes lie between two wall times of a day; negative when they are turned."""
    return (closes.hour - opens.hour) * 60 + closes.minute - opens.minute


def visits_within(length: int, visit: int, before: int = 0, after: int = 0) -> int:
    """How many visits hours of that length hold, all in minutes; a buffer may run over at the end.

    It is what `slots.free_starts` offers on a day without a clock change.
    """
    return max(0, (length - visit) // (before + visit + after) + 1)


def overlapping(week: Sequence[Open]) -> list[int]:
    """Which of these hours begin before others of the same weekday have ended, by their number."""
    found = []
    for number, (weekday, opens, closes) in enumerate(week):
        others = [*week[:number]]
        if any(day == weekday and opens < end and start < closes for day, start, end in others):
            found.append(number)
    return found
