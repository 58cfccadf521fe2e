"""Who is on call, and where nobody is."""

import datetime as dt
import threading
import uuid
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.errors import AlreadyChanged, NotFound
from app.domain.roster import FIRST, SECOND, shifts
from app.domain.slots import Span
from app.records import db
from app.records.audit import AuditEvent
from app.records.roster import OnCall
from app.records.staff import Practitioner
from app.workflow import roster, staff
from tests.builders import NOW, a_staff_member

HOUR = dt.timedelta(hours=1)
HAND_OVER = (dt.time(8), dt.time(20))
WEEK = shifts(dt.date(2026, 11, 23), HAND_OVER, ZoneInfo("Asia/Kolkata"))
TODAY = WEEK[2]
"""Tuesday from eight to eight, which holds NOW."""

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def rao() -> Practitioner:
    """A doctor."""
    return a_staff_member("doctor", email="rao@example.org")


@pytest.fixture
def khan() -> Practitioner:
    """Another one."""
    return a_staff_member("doctor", name="Dr Farida Khan", email="khan@example.org")


@pytest.fixture
def leela() -> Practitioner:
    """The manager."""
    return a_staff_member("manager", email="manager@example.org")


def enter(
    by: Practitioner,
    span: Span,
    who: Practitioner | None,
    rank: int = FIRST,
    seen: uuid.UUID | None = None,
) -> int:
    """Enter one doctor for one shift."""
    wish = who.id if who else None
    return roster.enter([roster.Entry(span, rank, seen, wish)], by, NOW)


def names(now: dt.datetime = NOW) -> dict[int, str]:
    """Who is on call, by rank."""
    return {rank: person.name for rank, person in roster.on_call(now).items()}


def test_who_is_entered_is_on_call(
    rao: Practitioner, khan: Practitioner, leela: Practitioner
) -> None:
    """From the hand-over up to the next one."""
    enter(leela, TODAY, rao)
    enter(leela, TODAY, khan, SECOND)
    assert names() == {FIRST: "Dr Arun Rao", SECOND: "Dr Farida Khan"}
    assert names(TODAY.start) == names(TODAY.end - dt.timedelta(microseconds=1)) == names()
    assert names(TODAY.end) == names(TODAY.start - HOUR) == {}
    actions = db.session.scalars(sa.select(AuditEvent.action)).all()
    assert actions.count("on-call") == 2


def test_a_place_is_changed_or_left_empty(
    rao: Practitioner, khan: Practitioner, leela: Practitioner
) -> None:
    """Only what differs is written."""
    enter(leela, TODAY, rao)
    assert enter(leela, TODAY, rao, seen=rao.id) == 0
    enter(leela, TODAY, khan, seen=rao.id)
    assert names() == {FIRST: "Dr Farida Khan"}
    enter(leela, TODAY, None, seen=khan.id)
    assert names() == {}


def test_what_a_colleague_entered_is_not_overwritten(
    rao: Practitioner, khan: Practitioner, leela: Practitioner
) -> None:
    """Who saw an empty place does not put out who was entered meanwhile; the same wish is fine."""
    enter(leela, TODAY, rao)
    with pytest.raises(AlreadyChanged):
        enter(leela, TODAY, khan)
    enter(leela, TODAY, rao)
    assert names() == {FIRST: "Dr Arun Rao"}


@pytest.mark.parametrize("role", ["receptionist", "manager", "nobody", "left"])
def test_only_doctors_who_work_here_are_on_call(leela: Practitioner, role: str) -> None:
    """Neither the desk, nor a stranger, nor somebody who has left."""
    if role == "nobody":
        who = uuid.uuid4()
    else:
        person = a_staff_member("doctor" if role == "left" else role)
        who = person.id
        if role == "left":
            staff.deactivate(person.email, NOW)
    with pytest.raises(NotFound):
        roster.enter([roster.Entry(TODAY, FIRST, None, who)], leela, NOW)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OnCall)) == 0


def test_a_gap_is_seen_a_day_ahead(rao: Practitioner, leela: Practitioner) -> None:
    """Nobody is first: now, or after the next hand-over; a second doctor fills no gap."""
    assert roster.gap(NOW) == Span(NOW, NOW + 24 * HOUR)
    enter(leela, TODAY, rao)
    assert roster.gap(NOW) == Span(TODAY.end, NOW + 24 * HOUR)
    enter(leela, WEEK[3], rao, SECOND)
    assert roster.gap(NOW) == Span(TODAY.end, NOW + 24 * HOUR)
    enter(leela, WEEK[3], rao)
    enter(leela, WEEK[4], rao)
    assert roster.gap(NOW) is None


def test_who_leaves_leaves_a_gap(rao: Practitioner, leela: Practitioner) -> None:
    """A doctor who does not work here any more is not on call."""
    for span in WEEK:
        enter(leela, span, rao)
    assert roster.gap(NOW) is None
    staff.deactivate(rao.email, NOW)
    assert roster.gap(NOW) == Span(NOW, NOW + 24 * HOUR)


def test_a_doctor_takes_over_until_the_next_hand_over(
    rao: Practitioner, khan: Practitioner, leela: Practitioner
) -> None:
    """What the other did before stays in the roster, and nobody is on call twice."""
    enter(leela, TODAY, rao)
    until = roster.next_hand_over(NOW, HAND_OVER, ZoneInfo("Asia/Kolkata"))
    assert until == TODAY.end
    roster.take_over(khan, until, NOW)
    assert names() == {FIRST: "Dr Farida Khan"}
    assert names(NOW - HOUR) == {FIRST: "Dr Arun Rao"}
    (shift,) = roster.grid([TODAY])
    assert shift.first
    assert shift.first.name == "Dr Arun Rao"
    with pytest.raises(NotFound):
        roster.take_over(leela, until, NOW)


def test_a_shift_within_a_longer_one_takes_only_its_own_time(
    rao: Practitioner, khan: Practitioner, leela: Practitioner
) -> None:
    """When hand-overs were set to other hours, the rest of the old shift stays."""
    enter(leela, TODAY, rao)
    enter(leela, Span(NOW, NOW + HOUR), khan, seen=rao.id)
    told = [names(at)[FIRST] for at in (NOW - HOUR, NOW, NOW + HOUR)]
    assert told == ["Dr Arun Rao", "Dr Farida Khan", "Dr Arun Rao"]


def test_of_six_who_enter_at_once_one_is_entered(
    app: Flask, rao: Practitioner, khan: Practitioner, leela: Practitioner
) -> None:
    """The others are told, or wanted the same; never two rows for one time."""
    wishes = [rao.id, khan.id] * 3
    db.session.remove()
    together = threading.Barrier(len(wishes))
    told: list[str] = []

    def press(wish: uuid.UUID) -> None:
        with app.app_context():
            by = db.session.get(Practitioner, leela.id)
            assert by
            together.wait()
            try:
                roster.enter([roster.Entry(TODAY, FIRST, None, wish)], by, NOW)
                told.append("entered")
            except AlreadyChanged:
                told.append("told")

    threads = [threading.Thread(target=press, args=(wish,)) for wish in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["entered"] * 3 + ["told"] * 3
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OnCall)) == 1
