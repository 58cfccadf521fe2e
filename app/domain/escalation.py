"""Who is told next when nobody takes a request. Clinic policy, to be signed with the targets."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from app.domain.clock import DAY, DeskHours
from app.domain.daytime import by_day
from app.domain.level import Level

FIRST: Final = "on-call:first"
SECOND: Final = "on-call:second"
MANAGERS: Final = "managers"
DESK: Final = "desk"

AGAIN: Final = {Level.emergency: dt.timedelta(minutes=10), Level.urgent: dt.timedelta(hours=1)}


@dataclass(frozen=True, slots=True)
class Step:
    """At that instant, these are told."""

    at: dt.datetime
    to: tuple[str, ...]


def to_doctors(
    level: Level, since: dt.datetime, due: dt.datetime, hours: DeskHours
) -> tuple[Step, ...]:
    """The steps while a request waits for a doctor.

    The first doctor at once; the second half-way, while the target can still be met; the manager,
    the desk and both doctors when it is missed.
    """
    half_way = since + (due - since) / 2
    if level is not Level.emergency:
        half_way = min(by_day(half_way, hours.zone), due)
    return (
        Step(since, (FIRST,)),
        Step(half_way, (SECOND,)),
        Step(due, (FIRST, SECOND, MANAGERS, DESK)),
    )


def to_desk(due: dt.datetime, hours: DeskHours) -> tuple[Step, ...]:
    """The steps while a request waits for the desk's first call: the desk, then the manager."""
    return Step(due, (DESK,)), Step(next_opening(due, hours), (DESK, MANAGERS))


def to_desk_for_doctor(
    level: Level, since: dt.datetime, due: dt.datetime, hours: DeskHours
) -> tuple[Step, ...]:
    """The steps while the desk finds something out for a doctor: nobody has decided yet.

    The desk at once. Of what is urgent, the doctor on call hears half-way that the answer is still
    missing, and everybody when the target is missed; of the rest, the desk and then the manager.
    """
    if level < Level.urgent:
        return Step(since, (DESK,)), *to_desk(due, hours)
    half_way = since + (due - since) / 2
    if level is not Level.emergency:
        half_way = min(by_day(half_way, hours.zone), due)
    return (
        Step(since, (DESK,)),
        Step(half_way, (DESK, FIRST)),
        Step(due, (FIRST, SECOND, MANAGERS, DESK)),
    )


def everybody(level: Level, *, with_doctor: bool, asked: bool) -> tuple[str, ...]:
    """Who is told again and again after the last step, until somebody acts."""
    doctors = with_doctor or (asked and level >= Level.urgent)
    return (FIRST, SECOND, MANAGERS, DESK) if doctors else (DESK, MANAGERS)


def again_at(level: Level, last: dt.datetime, hours: DeskHours) -> dt.datetime:
    """When all of them are told once more, after they were told last at that instant."""
    if level is Level.emergency:
        return last + AGAIN[level]
    if level is Level.urgent:
        return by_day(last + AGAIN[level], hours.zone)
    return next_opening(last, hours)


def next_opening(after: dt.datetime, hours: DeskHours) -> dt.datetime:
    """When the desk opens on the next working day."""
    day = hours.working_day_after(after.astimezone(hours.zone).date())
    spans = hours.spans(day)
    return spans[0].start if spans else after + DAY
