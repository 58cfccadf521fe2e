"""Who is told next when nobody takes a request."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from app.domain.clock import Clock, DeskHours
from app.domain.escalation import (
    DESK,
    FIRST,
    MANAGERS,
    SECOND,
    Step,
    again_at,
    everybody,
    to_desk,
    to_desk_for_doctor,
    to_doctors,
)
from app.domain.level import Level

KOLKATA = ZoneInfo("Asia/Kolkata")
HOURS = DeskHours(KOLKATA, tuple((weekday, dt.time(9), dt.time(19)) for weekday in range(6)))
CLOCK = Clock(HOURS)


def at(text: str) -> dt.datetime:
    """An instant by the clock on the clinic's wall."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=KOLKATA).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("level", "since", "second", "due"),
    [
        (Level.emergency, "2026-11-24 11:30", "2026-11-24 11:37:30", "2026-11-24 11:45"),
        (Level.emergency, "2026-11-24 02:00", "2026-11-24 02:15", "2026-11-24 02:30"),
        (Level.urgent, "2026-11-24 11:30", "2026-11-24 13:30", "2026-11-24 15:30"),
        # Half-way to one o'clock would be in the night; nobody is woken for it.
        (Level.urgent, "2026-11-23 20:00", "2026-11-24 08:00", "2026-11-24 13:00"),
        # On Sunday night the target ends before the morning: then it is told in time.
        (Level.urgent, "2026-11-28 23:30", "2026-11-29 11:30", "2026-11-29 23:30"),
        (Level.urgent, "2028-02-28 18:00", "2028-02-29 08:00", "2028-02-29 12:00"),
    ],
)
def test_first_the_first_doctor_then_the_second_then_everybody(
    level: Level, since: str, second: str, due: str
) -> None:
    """At once, half-way, and when the target is missed."""
    assert CLOCK.due_at(level, at(since)) == at(due)
    assert to_doctors(level, at(since), at(due), HOURS) == (
        Step(at(since), (FIRST,)),
        Step(at(second), (SECOND,)),
        Step(at(due), (FIRST, SECOND, MANAGERS, DESK)),
    )


def test_a_doctors_question_is_told_to_the_desk_and_back_to_the_doctors() -> None:
    """The desk at once; the doctor on call half-way, everybody when the answer is late."""
    since, half_way, due = at("2026-11-24 11:30"), at("2026-11-24 11:37:30"), at("2026-11-24 11:45")
    assert to_desk_for_doctor(Level.emergency, since, due, HOURS) == (
        Step(since, (DESK,)),
        Step(half_way, (DESK, FIRST)),
        Step(due, (FIRST, SECOND, MANAGERS, DESK)),
    )
    evening, eight, noon = at("2026-11-23 20:00"), at("2026-11-24 08:00"), at("2026-11-24 13:00")
    assert to_desk_for_doctor(Level.urgent, evening, noon, HOURS)[1] == Step(eight, (DESK, FIRST))
    soon = to_desk_for_doctor(Level.soon, since, due, HOURS)
    assert soon == (Step(since, (DESK,)), *to_desk(due, HOURS))


def test_who_hears_again_and_again() -> None:
    """Doctors hear of what waits for a doctor, and of urgent questions that nobody answers."""
    doctors = (FIRST, SECOND, MANAGERS, DESK)
    assert everybody(Level.soon, with_doctor=True, asked=False) == doctors
    assert everybody(Level.urgent, with_doctor=False, asked=True) == doctors
    assert everybody(Level.soon, with_doctor=False, asked=True) == (DESK, MANAGERS)
    assert everybody(Level.emergency, with_doctor=False, asked=False) == (DESK, MANAGERS)


def test_the_desk_hears_of_its_own_delays() -> None:
    """When the call is late the desk, and on the next working day the manager, too."""
    saturday = at("2026-11-28 18:00")
    assert to_desk(saturday, HOURS) == (
        Step(saturday, (DESK,)),
        Step(at("2026-11-30 09:00"), (DESK, MANAGERS)),
    )


@pytest.mark.parametrize(
    ("level", "last", "again"),
    [
        (Level.emergency, "2026-11-24 23:55", "2026-11-25 00:05"),
        (Level.urgent, "2026-11-24 12:00", "2026-11-24 13:00"),
        (Level.urgent, "2026-11-24 19:30", "2026-11-25 08:00"),
        (Level.urgent, "2026-11-24 01:30", "2026-11-24 08:00"),
        (Level.soon, "2026-11-24 12:00", "2026-11-25 09:00"),
        (Level.routine, "2026-11-28 12:00", "2026-11-30 09:00"),
    ],
)
def test_all_are_told_again_until_somebody_takes_it(level: Level, last: str, again: str) -> None:
    """Every ten minutes, every waking hour, every working day."""
    assert again_at(level, at(last), HOURS) == at(again)
