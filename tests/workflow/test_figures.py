"""The figures of a period, worked out by hand on small stories."""

import datetime as dt
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.level import Level
from app.domain.period import Period
from app.records import db, transaction
from app.records.enquiry import add_counts
from app.records.outbox import Message
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import figures, outbox, queue, review
from app.workflow.figures import NONE, Figures, Times
from tests.builders import NOW, a_request, a_staff_member, the_clinic, visit_details

MINUTE, HOUR, DAY = (dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1))
TODAY = dt.date(2026, 11, 24)
PHONES = itertools.count(9876543200)

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def doctor(context: Flask) -> Practitioner:
    """A doctor."""
    return a_staff_member("doctor")


@pytest.fixture
def desk(context: Flask) -> Practitioner:
    """A receptionist."""
    return a_staff_member()


def asked(level: Level, at: dt.datetime = NOW) -> ServiceRequest:
    """A request of somebody else each time."""
    return a_request(level, at=at, person={"phone": f"+91{next(PHONES)}"})


def today(now: dt.datetime = NOW + 12 * HOUR) -> Figures:
    """The figures of the one day, at its end."""
    return figures.gather(Period(TODAY, TODAY, the_clinic().zone), now)


def taken(doctor: Practitioner, after: int, level: Level = Level.emergency) -> ServiceRequest:
    """A request that a doctor took so many minutes after it came."""
    request = asked(level)
    return review.acknowledge(request.reference, doctor, NOW + after * MINUTE)


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    seen: list[str] = []

    def note(*event: Any) -> None:
        seen.append(event[2])

    sa.event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(db.engine, "before_cursor_execute", note)


def test_nothing_gives_nothing() -> None:
    """A clinic that has just begun has figures, and they are empty."""
    found = today()
    for each in (found.acknowledged, found.called, found.visited, found.emergencies):
        assert each == {}
    for counts in (found.open_now, found.arrivals, found.ends, found.outcomes, found.undelivered):
        assert not counts
    assert found.arrived() == 0
    assert not NONE.enough


def test_one_case_is_its_own_median(doctor: Practitioner) -> None:
    """It is told, and too few to judge."""
    taken(doctor, 10)
    [(level, times)] = today().acknowledged.items()
    assert (level, times) == (Level.emergency, Times(1, 0, 600, 600, 1, 1))
    assert not times.enough
    assert not times.enough_judged


def test_median_longest_and_target_of_each_level(doctor: Practitioner) -> None:
    """Odd: the middle one. Even: the mean of the two there. The minute of the target is in time."""
    for minutes in (2, 40, 8, 15, 16):
        taken(doctor, minutes)
    for minutes in (60, 120, 200, 300):
        taken(doctor, minutes, Level.urgent)
    found = today().acknowledged
    assert found[Level.emergency] == Times(5, 0, 15 * 60, 40 * 60, 5, 3)
    assert found[Level.emergency].enough
    assert found[Level.urgent] == Times(4, 0, 160 * 60, 300 * 60, 4, 3)
    assert not found[Level.urgent].enough


def test_who_still_waits_counts_as_late_after_the_target(doctor: Practitioner) -> None:
    """Otherwise the worst cases would make the figures better."""
    taken(doctor, 5)
    asked(Level.emergency)
    soon = today(NOW + 15 * MINUTE).acknowledged[Level.emergency]
    assert soon == Times(1, 1, 300, 300, 1, 1)
    late = today(NOW + 16 * MINUTE).acknowledged[Level.emergency]
    assert late == Times(1, 1, 300, 300, 2, 1)


def test_what_was_taken_back_was_not_taken(doctor: Practitioner) -> None:
    """Only the acknowledgement that stands counts."""
    slip = taken(doctor, 1)
    review.take_back(slip.reference, doctor, NOW + 2 * MINUTE, the_clinic())
    assert today(NOW + 3 * MINUTE).acknowledged[Level.emergency] == Times(0, 1, None, None, 0, 0)
    review.acknowledge(slip.reference, doctor, NOW + 9 * MINUTE)
    assert today().acknowledged[Level.emergency] == Times(1, 0, 540, 540, 1, 1)


def test_level_and_target_are_those_of_the_moment(doctor: Practitioner, desk: Practitioner) -> None:
    """Neither a lower level nor the clock that starts again at the desk changes them."""
    case = taken(doctor, 20)
    review.decide(
        case.reference,
        "decide",
        "Book a visit",
        case.version,
        doctor,
        NOW + 30 * MINUTE,
        the_clinic(),
        level=Level.routine,
        reason="An old weakness",
    )
    found = today()
    assert found.acknowledged == {Level.emergency: Times(1, 0, 1200, 1200, 1, 0)}
    assert found.arrivals == {(11, Level.emergency): 1}
    assert found.outcomes == {(Level.routine, None): 1}


def test_a_case_that_comes_back_to_the_doctor_has_a_clock_of_its_own(
    doctor: Practitioner, desk: Practitioner
) -> None:
    """The days at the desk are not held against the doctor."""
    request = asked(Level.routine, NOW - 3 * DAY)
    queue.event(
        request.reference, "escalate", request.version, desk, NOW, the_clinic(), note="Weaker today"
    )
    review.acknowledge(request.reference, doctor, NOW + 30 * MINUTE)
    assert today().acknowledged == {Level.routine: Times(1, 0, 1800, 1800, 1, 1)}


def test_the_first_call_counts_from_the_arrival(desk: Practitioner) -> None:
    """Answered or not; later calls change nothing, and who was never called may be late."""
    called = asked(Level.emergency)
    queue.log_call(called.reference, "no-answer", desk, NOW + 12 * MINUTE)
    queue.log_call(called.reference, "answered", desk, NOW + 40 * MINUTE)
    late = asked(Level.emergency)
    queue.log_call(late.reference, "answered", desk, NOW + 18 * MINUTE)
    asked(Level.emergency)
    asked(Level.routine)
    found = today().called
    assert found[Level.emergency] == Times(2, 1, 900, 1080, 3, 1)
    assert found[Level.routine] == Times(0, 1, None, None, 0, 0)


def test_a_case_that_needs_no_call_is_not_late(desk: Practitioner) -> None:
    """What was closed without a call was not missed."""
    request = asked(Level.routine, NOW - 10 * DAY)
    queue.event(
        request.reference,
        "close",
        request.version,
        desk,
        NOW,
        the_clinic(),
        reason="duplicate",
    )
    period = Period(TODAY - 20 * DAY, TODAY, the_clinic().zone)
    found = figures.gather(period, NOW)
    assert found.called == {Level.routine: Times(0, 1, None, None, 0, 0)}
    assert found.outcomes == {(Level.routine, "duplicate"): 1}


def test_only_visits_to_which_somebody_came_count(doctor: Practitioner) -> None:
    """Cancelled, missed and future visits are no visits; of two the first counts."""
    seen, missed = asked(Level.soon), asked(Level.soon)
    visits = (
        (seen, "cancelled", 1),
        (seen, "fulfilled", 2),
        (seen, "arrived", 4),
        (missed, "noshow", 1),
        (missed, "booked", 9),
    )
    for request, status, days in visits:
        details = visit_details(NOW + days * DAY, status=status)
        with transaction() as session:
            session.add(
                Appointment(request_id=request.id, practitioner_id=doctor.id, version=1, **details)
            )
    two_days = 2 * 24 * 3600
    assert today().visited == {Level.soon: Times(1, 1, two_days, two_days, 0, 0)}


def test_a_period_begins_and_ends_at_the_midnights_of_the_clinic() -> None:
    """In Mumbai the day begins at 18:30 UTC of the day before."""
    midnight = dt.datetime(2026, 11, 23, 18, 30, tzinfo=dt.UTC)
    for at in (midnight - MINUTE, midnight, midnight + DAY - MINUTE, midnight + DAY):
        asked(Level.routine, at)
    assert today().arrivals == {(0, Level.routine): 1, (23, Level.routine): 1}
    berlin = Period(TODAY, TODAY, ZoneInfo("Europe/Berlin"))
    assert figures.gather(berlin, NOW).arrivals == {
        (19, Level.routine): 2,
    }


def test_hours_follow_the_clocks_when_they_change() -> None:
    """In London 25 October 2026 has 25 hours; one o'clock comes twice."""
    for hour in (0, 1, 2, 10):
        asked(Level.soon, dt.datetime(2026, 10, 25, hour, 5, tzinfo=dt.UTC))
    asked(Level.soon, dt.datetime(2026, 10, 24, 9, 5, tzinfo=dt.UTC))
    period = Period(dt.date(2026, 10, 24), dt.date(2026, 10, 25), ZoneInfo("Europe/London"))
    assert figures.gather(period, NOW).arrivals == {
        (1, Level.soon): 2,
        (2, Level.soon): 1,
        (10, Level.soon): 2,
    }


def test_emergencies_by_day_and_by_week(doctor: Practitioner) -> None:
    """Short periods have a point a day, longer ones a week; a day without cases has none."""
    for day, minutes in ((0, 5), (0, 7), (2, 20), (40, 3)):
        at = NOW - day * DAY
        review.acknowledge(asked(Level.emergency, at).reference, doctor, at + minutes * MINUTE)
    zone = the_clinic().zone
    month = figures.gather(Period(TODAY - 29 * DAY, TODAY, zone), NOW)
    assert month.step == 1
    assert month.emergencies == {
        TODAY - 2 * DAY: Times(1, 0, 1200, 1200, 1, 0),
        TODAY: Times(2, 0, 360, 420, 2, 2),
    }
    quarter = figures.gather(Period(TODAY - 89 * DAY, TODAY, zone), NOW)
    assert quarter.step == 7
    assert {day: each.number for day, each in quarter.emergencies.items()} == {
        TODAY - 89 * DAY + 49 * DAY: 1,
        TODAY - 89 * DAY + 84 * DAY: 3,
    }


def test_what_is_open_now_by_how_long_it_waits(doctor: Practitioner) -> None:
    """Late is what runs past its target; who was taken, or is less than urgent, is not."""
    for minutes in (10, 20, 90, 400):
        asked(Level.emergency, NOW - minutes * MINUTE)
    asked(Level.urgent, NOW - 30 * MINUTE)
    asked(Level.routine, NOW - 9 * DAY)
    calm = asked(Level.emergency, NOW - 500 * MINUTE)
    review.acknowledge(calm.reference, doctor, NOW)
    found = today(NOW).open_now
    assert found == {
        Level.emergency: figures.Open(5, 3, NOW - 400 * MINUTE, (1, 1, 1, 2)),
        Level.urgent: figures.Open(1, 0, None, (0, 1, 0, 0)),
    }


def test_how_far_enquiries_got_is_summed_over_the_days() -> None:
    """The days before and after the period are left out."""
    with transaction() as session:
        add_counts(
            session,
            {
                (TODAY, "spinal-metastasis", "danger-signs"): 3,
                (TODAY - DAY, "spinal-metastasis", "danger-signs"): 2,
                (TODAY - 9 * DAY, "spinal-metastasis", "danger-signs"): 7,
                (TODAY, "spinal-metastasis", "sent"): 5,
            },
        )
    found = figures.gather(Period(TODAY - DAY, TODAY, the_clinic().zone), NOW)
    assert found.ends == {
        ("spinal-metastasis", "danger-signs"): 5,
        ("spinal-metastasis", "sent"): 5,
    }


def test_undelivered_messages_are_those_of_the_desks_page(doctor: Practitioner) -> None:
    """Failed for good, or waiting longer than they should."""
    asked(Level.emergency)
    with transaction() as session:
        session.execute(
            sa.update(Message)
            .where(Message.kind == "doctor-alert", Message.due_at == NOW)
            .values(status="failed")
        )
    at = NOW + outbox.LONGEST_WAIT
    assert today(at).undelivered == {("on-call", True): 1}
    assert today(at + MINUTE).undelivered == {
        ("on-call", True): 1,
        ("desk", False): 1,
    }
    assert len(outbox.undelivered(at + MINUTE)) == 2


def test_more_requests_make_no_more_queries(doctor: Practitioner, desk: Practitioner) -> None:
    """As many for forty requests as for none, and none of them reads a sealed field."""
    with counting() as empty:
        today()
    for level in list(Level) * 10:
        request = asked(level)
        queue.log_call(request.reference, "no-answer", desk, NOW + MINUTE)
        if level >= Level.urgent:
            review.acknowledge(request.reference, doctor, NOW + MINUTE)
    db.session.rollback()
    with counting() as full:
        today()
    queries = [words for words in full if words.startswith("SELECT")]
    assert len(full) == len(empty)
    assert len(queries) == 9
    assert not any("_sealed" in words for words in queries)
