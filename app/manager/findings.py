"""What the figures show, in one sentence each: the titles of the dashboard."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from app.domain import enquiry
from app.domain.level import Level
from app.formats import length_of_time
from app.workflow.figures import FEWEST, NONE, Figures, Times

PLURALS: Final = {
    Level.emergency: ("emergency", "emergencies"),
    Level.urgent: ("urgent case", "urgent cases"),
    Level.soon: ("soon case", "soon cases"),
    Level.routine: ("routine case", "routine cases"),
}
TOO_FEW: Final = "too few to judge"
# Enquiries that ended where they should: nobody gave up.
NO_STOP: Final = (enquiry.SENT, enquiry.NUMBER_LEFT, enquiry.EMERGENCY)


def length(seconds: int | None) -> str:
    """9 min, 1 h 50 min, 3 days; a dash when there is none."""
    if seconds is None:
        return "–"
    return "under 1 min" if seconds < 60 else length_of_time(dt.timedelta(seconds=seconds))


def median(times: Times) -> str:
    """The median, or that there are too few for one."""
    return TOO_FEW if times.number and not times.enough else length(times.median)


def in_time(times: Times) -> str:
    """9 of 10 (90%); without a share when there are few."""
    if not times.judged:
        return "–"
    words = f"{times.met} of {times.judged}"
    return f"{words} ({100 * times.met // times.judged}%)" if times.enough_judged else words


def number_of(number: int, level: Level) -> str:
    """1 emergency, 3 urgent cases."""
    return f"{number} {PLURALS[level][number != 1]}"


def acknowledged(times: Times, level: Level = Level.emergency) -> str:
    """Whether doctors took them in time."""
    if not times.number + times.without:
        return f"No {PLURALS[level][0]} waited for a doctor"
    if not times.enough_judged:
        came = number_of(times.number + times.without, level)
        return f"{came} waited for a doctor: {TOO_FEW} how fast we are"
    return (
        f"{times.met} of {number_of(times.judged, level)} "
        f"{'was' if times.judged == 1 else 'were'} acknowledged in time"
    )


def open_now(figures: Figures) -> str:
    """How much is open, and how much of that is late."""
    number = sum(each.number for each in figures.open_now.values())
    late = sum(each.late for each in figures.open_now.values())
    if not number:
        return "No urgent or emergency case is open"
    words = f"{number} urgent or emergency {'case is' if number == 1 else 'cases are'} open"
    return f"{words}, {late} past the target" if late else f"{words}, none past its target"


def levels(figures: Figures) -> str:
    """What share of what came in was pressing."""
    pressing = figures.arrived(Level.emergency) + figures.arrived(Level.urgent)
    number = figures.arrived()
    if not number:
        return "No request came in"
    came = f"{number} request came in" if number == 1 else f"{number} requests came in"
    return f"{came}, {pressing or 'none'} of them urgent or an emergency"


def busiest(by_hour: Sequence[int]) -> str:
    """When most requests come in, if one hour stands out from enough of them."""
    most = max(by_hour)
    if sum(by_hour) < FEWEST:
        return f"Requests by hour of the day: {TOO_FEW}"
    if by_hour.count(most) > 1:
        return "No hour of the day stands out"
    hour = by_hour.index(most)
    return f"Most requests came in between {hour}:00 and {hour + 1}:00 ({most} of {sum(by_hour)})"


def stops(ended: Mapping[str, int], names: Mapping[str, str]) -> str:
    """How many gave up before sending, and where most of them did."""
    begun = sum(ended.values())
    gave_up = {reached: number for reached, number in ended.items() if reached not in NO_STOP}
    number = sum(gave_up.values())
    if begun < FEWEST:
        return f"Where people stop in the form: {TOO_FEW}"
    words = f"{number} of {begun} stopped before they sent"
    if number < FEWEST:
        return words
    most = max(gave_up, key=lambda reached: gave_up[reached])
    return f"{words}, most at “{names.get(most, most)}”"


def outcomes(closed: Mapping[str, int], names: Mapping[str, str]) -> str:
    """How most requests ended."""
    number = sum(closed.values())
    if number < FEWEST:
        return f"How requests ended: {number} closed so far, {TOO_FEW}"
    most = max(closed, key=lambda reason: closed[reason])
    return f"{closed[most]} of {number} closed requests: {names[most].lower()}"


def undelivered(figures: Figures) -> str:
    """Whether messages arrive."""
    number = sum(figures.undelivered.values())
    if not number:
        return "Every message has been delivered"
    return f"{number} {'message has' if number == 1 else 'messages have'} not been delivered"


def of_level(found: Mapping[Level, Times], level: Level) -> Times:
    """The times of a level; all of them empty when it had no case."""
    return found.get(level, NONE)
