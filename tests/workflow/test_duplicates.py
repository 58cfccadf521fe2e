"""Duplicates: who may be the same person, linking, and that no link silences or loses anything."""

import datetime as dt
import threading
from collections.abc import Callable
from itertools import product
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.clinic import Clinic
from app.domain.errors import AlreadyChanged, NotAllowedNow, NotFound
from app.domain.level import Level
from app.records import alike, audit, db, transaction
from app.records.linked import BEHIND
from app.records.outbox import Message
from app.records.search_term import SearchTerm
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.records.types import new_id
from app.workflow import duplicates, escalation, intake, manage, problems, queue, review
from tests.builders import (
    NOW,
    a_request,
    a_staff_member,
    a_submission,
    the_clinic,
    the_pack,
)

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
ZONE = ZoneInfo("Asia/Kolkata")

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    """What the stages need to know of the clinic."""
    return the_clinic()


@pytest.fixture
def meera() -> Practitioner:
    """Somebody at the desk."""
    return a_staff_member("receptionist")


@pytest.fixture
def rao() -> Practitioner:
    """A doctor."""
    return a_staff_member("doctor")


def from_somebody(
    name: str | None, level: Level = Level.routine, at: dt.datetime = NOW, **person: str
) -> ServiceRequest:
    """A request of somebody with that name, and a number of their own unless it is given."""
    number = f"+9198{db.session.scalar(sa.select(sa.func.count()).select_from(ServiceRequest)):08}"
    told = {"phone": number, **({"name": name} if name else {"name": ""}), **person}
    return a_request(level, at=at, person=told)


def again(request: ServiceRequest) -> ServiceRequest:
    """The request, read again."""
    db.session.rollback()
    found = db.session.get(ServiceRequest, request.id, populate_existing=True)
    assert found
    return found


def link(request: ServiceRequest, other: ServiceRequest, by: Practitioner) -> None:
    """Link two as they stand."""
    duplicates.link(request.reference, other.reference, again(request).version, by, NOW + HOUR)


def whys(request: ServiceRequest, at: dt.datetime = NOW) -> list[tuple[str, tuple[str, ...]]]:
    """Who may be the same, and why."""
    return [(each.request.reference, each.why) for each in duplicates.may_be(request, at)]


def in_view(view: str) -> list[str]:
    """The references of a view."""
    db.session.rollback()
    return [row.request.reference for row in queue.page(queue.Choice(view), NOW + HOUR, ZONE).rows]


def for_the_doctor() -> list[str]:
    """The references of the doctor's list."""
    db.session.rollback()
    return [row.request.reference for row in review.waiting(NOW + HOUR)]


def test_who_may_be_the_same_is_a_problem_until_they_are_linked(meera: Practitioner) -> None:
    """The one that came last is somebody's task; a closed request is nobody's double."""
    first, stranger = from_somebody("Rupali Patil"), from_somebody("Asha Kale")
    second = from_somebody("रूपाली पाटील")
    (problem,) = problems.open_now(NOW)
    assert problem.task.kind == "possible-duplicate"
    assert problem.request
    assert problem.request.id == second.id
    link(second, first, meera)
    assert problems.open_now(NOW) == []
    queue.event(
        stranger.reference,
        "close",
        again(stranger).version,
        meera,
        NOW,
        the_clinic(),
        reason="seen",
    )
    from_somebody("Asha Kale")
    assert problems.open_now(NOW) == []


def test_each_kind_of_likeness_is_found_and_named() -> None:
    """The same number, the same address, a name that sounds the same in either script."""
    rupali = from_somebody("Rupali Patil", age="52", email="r@example.com")
    same_phone = from_somebody("Somebody Else", phone=rupali.person["phone"])
    same_mail = from_somebody(None, email="R@example.com")
    sounds = from_somebody("रूपाली पाटील", age="52")
    no_age = from_somebody("Roopali Pateel")
    from_somebody("Rupali Patil", age="61")
    from_somebody("Rupali Patel", age="52")
    assert dict(whys(rupali)) == {
        same_phone.reference: ("same phone",),
        same_mail.reference: ("same e-mail",),
        sounds.reference: ("similar name", "same age"),
        no_age.reference: ("similar name",),
    }
    assert whys(rupali)[0][0] == same_phone.reference
    assert dict(whys(sounds))[rupali.reference] == ("similar name", "same age")


def test_what_is_closed_for_a_month_or_linked_already_is_not_shown(
    clinic: Clinic, meera: Practitioner
) -> None:
    """An open request is shown however old it is."""
    old = from_somebody("Asha Patil", at=NOW - 90 * DAY)
    done = from_somebody("Asha Patil", at=NOW - 40 * DAY)
    queue.event(done.reference, "close", 1, meera, NOW - 35 * DAY, clinic, reason="seen")
    new = from_somebody("Asha Patil")
    assert [reference for reference, _ in whys(new)] == [old.reference]
    link(new, old, meera)
    assert whys(again(new)) == []


def test_nobody_to_go_by_is_like_nobody() -> None:
    """One name alone, and no number: that says nothing."""
    from_somebody("Asha", phone="")
    assert whys(from_somebody("Asha", phone="")) == []


def test_a_second_number_counts_as_well() -> None:
    """Every number that was given leads to the others."""
    first = from_somebody("Asha Patil")
    second = from_somebody("Somebody Else", other_phone=first.person["phone"])
    assert whys(second) == [(first.reference, ("same phone",))]
    assert whys(first) == [(second.reference, ("same phone",))]


def test_finding_costs_one_query_and_looks_at_few(app: Flask) -> None:
    """However many share a number, few are read; and it works inside a transaction."""
    mine = from_somebody("Asha Patil")
    with transaction() as session:
        terms = session.scalars(
            sa.select(SearchTerm.term).where(SearchTerm.request_id == mine.id)
        ).all()
        copies = [_copy(mine, number) for number in range(300)]
        session.add_all(copies)
        session.flush()
        session.add_all(
            SearchTerm(request_id=each.id, term=term) for each in copies for term in terms
        )
    seen: list[str] = []
    loaded: list[object] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    sa.event.listen(ServiceRequest, "load", lambda row, _: loaded.append(row))
    with transaction() as session:
        request = session.get(ServiceRequest, mine.id)
        assert request
        seen.clear()
        loaded.clear()
        found = alike.alike(session, request, NOW)
    assert len(found) == alike.MOST_SHOWN
    assert len([each for each in seen if each.startswith("SELECT")]) == 1
    assert len(loaded) <= 3 * alike.MOST_PER_TERM


def _copy(request: ServiceRequest, number: int) -> ServiceRequest:
    """Another stored request of the same person, without its history."""
    names = [c.key for c in sa.inspect(ServiceRequest).column_attrs]
    values = {name: getattr(request, name) for name in names}
    values |= {"id": new_id(), "submission_id": new_id(), "reference": f"SPN-{number:06}"}
    copied = ServiceRequest(**values)
    copied.person = request.person
    return copied


def test_linking_changes_nothing_but_what_belongs_together(meera: Practitioner) -> None:
    """Level, status, clock, alarms and page of each stay; both histories name the other."""
    first = from_somebody("Asha Patil", Level.emergency)
    second = from_somebody("Asha Patil", Level.soon, NOW + HOUR)

    def state() -> list[object]:
        db.session.rollback()
        waiting = sa.select(Message.kind, Message.request_id, Message.due_at, Message.status)
        return [
            *((r.level, r.status, r.waiting_since, r.due_at) for r in map(again, (first, second))),
            *sorted(map(str, db.session.execute(waiting))),
        ]

    before = state()
    link(second, first, meera)
    assert state() == before
    one, two = again(first), again(second)
    assert one.case_id == two.case_id is not None
    assert [(c.event, c.note, c.by) for c in one.history[-1:]] == [("link", two.reference, meera)]
    assert [(c.event, c.note, c.by) for c in two.history[-1:]] == [("link", one.reference, meera)]
    assert [each.reference for each in duplicates.others(two)] == [one.reference]
    for each in (one, two):
        token = manage.address(each, NOW)
        assert token
        assert manage.find(token, NOW).request.reference == each.reference
    with transaction() as session:
        assert audit.first_broken(session) is None


def test_a_chain_of_links_is_one_case(meera: Practitioner) -> None:
    """A with B and C with D, then B with C: one case of four; the highest level leads."""
    made = [from_somebody("Asha Patil", level) for level in (Level.routine, *Level)][:4]
    a, b, c, d = made
    link(a, b, meera)
    link(c, d, meera)
    assert again(a).case_id != again(c).case_id
    link(b, c, meera)
    assert len({again(each).case_id for each in made}) == 1
    leading = duplicates.in_order([again(each) for each in made])
    assert [each.reference for each in leading] == [
        d.reference,
        c.reference,
        a.reference,
        b.reference,
    ]
    assert again(c).history[-1].note == f"{a.reference}, {b.reference}"


def test_unlinking_keeps_the_rest_and_the_history(meera: Practitioner) -> None:
    """One goes out of three; when one of two goes out, nobody is linked."""
    a, b, c = (from_somebody("Asha Patil") for _ in range(3))
    link(a, b, meera)
    link(b, c, meera)
    duplicates.unlink(b.reference, again(b).version, meera, NOW + HOUR)
    assert again(b).case_id is None
    assert again(a).case_id == again(c).case_id is not None
    duplicates.unlink(a.reference, again(a).version, meera, NOW + HOUR)
    assert [again(each).case_id for each in (a, b, c)] == [None, None, None]
    assert [change.event for change in again(a).history] == [
        "submit",
        *2 * ["link"],
        *2 * ["unlink"],
    ]
    with pytest.raises(NotAllowedNow):
        duplicates.unlink(a.reference, again(a).version, meera, NOW + HOUR)


def test_what_cannot_be_linked(meera: Practitioner) -> None:
    """Itself, what does not exist, and what a colleague changed meanwhile."""
    a, b = (from_somebody("Asha Patil") for _ in range(2))
    with pytest.raises(NotAllowedNow):
        duplicates.link(a.reference, a.reference, again(a).version, meera, NOW)
    for unknown in ("SPN-222-222", "\0"):
        with pytest.raises(NotFound):
            duplicates.link(a.reference, unknown, again(a).version, meera, NOW)
    with pytest.raises(AlreadyChanged):
        duplicates.link(a.reference, b.reference, again(a).version - 1, meera, NOW)
    link(a, b, meera)
    with pytest.raises(AlreadyChanged):
        duplicates.unlink(a.reference, again(a).version - 1, meera, NOW)
    duplicates.link(a.reference, b.reference, 1, meera, NOW)  # a second press finds it done
    assert len(again(a).history) == 2


def test_a_case_has_one_line_for_each_turn(clinic: Clinic, meera: Practitioner) -> None:
    """The leading request stands for those that wait for the same people; counts agree."""
    soon = from_somebody("Asha Patil", Level.soon)
    routine = from_somebody("Asha Patil", Level.routine, NOW - HOUR)
    urgent = from_somebody("Asha Patil", Level.urgent)
    link(soon, routine, meera)
    assert in_view("needs-action") == [urgent.reference, soon.reference]
    assert queue.count(NOW + HOUR, ZONE).needs_action == 2
    [row] = [r for r in queue.page(queue.Choice(), NOW, ZONE).rows if r.request.id == soon.id]
    assert row.requests == 2
    assert set(in_view("all")) == {soon.reference, routine.reference, urgent.reference}
    queue.event(soon.reference, "ask", again(soon).version, meera, NOW, clinic, note="films")
    assert in_view("needs-action") == [urgent.reference, routine.reference]


def test_an_alarm_stands_behind_a_louder_alarm_only(rao: Practitioner, clinic: Clinic) -> None:
    """A case that is taken hides no request that nobody has taken."""
    emergency = from_somebody("Asha Patil", Level.emergency)
    review.acknowledge(emergency.reference, rao, NOW)
    urgent = from_somebody("Asha Patil", Level.urgent)
    another = from_somebody("Asha Patil", Level.urgent, NOW + HOUR)
    link(urgent, emergency, rao)
    link(urgent, another, rao)
    assert for_the_doctor() == [emergency.reference, urgent.reference]
    assert queue.count(NOW + HOUR, ZONE).unacknowledged == 1
    assert again(urgent).acknowledged_at is None
    review.acknowledge(urgent.reference, rao, NOW + HOUR)
    assert for_the_doctor() == [emergency.reference]
    for each in (urgent, another):
        assert again(each).acknowledged_by_id == rao.id
        assert again(each).history[-1].event == "acknowledge"


STATES = [
    *product(["with-doctor"], [Level.urgent, Level.emergency], [None, NOW]),
    ("with-desk", Level.soon, None),
    ("with-desk", Level.urgent, None),
    ("booked", Level.emergency, None),
]


@pytest.mark.databases("sqlite")
def test_no_state_of_a_case_hides_an_alarm(meera: Practitioner) -> None:
    """Whatever three linked requests are in: what is untaken is in the list, or a louder one is.

    So is one line of those that wait for the desk.
    """
    made = [from_somebody("Asha Patil", at=NOW + number * HOUR) for number in range(3)]
    link(made[0], made[1], meera)
    link(made[1], made[2], meera)
    for states in product(STATES, repeat=3):
        with transaction() as session:
            for request, (status, level, taken) in zip(made, states, strict=True):
                session.execute(
                    sa.update(ServiceRequest)
                    .where(ServiceRequest.id == request.id)
                    .values(status=status, level=level, acknowledged_at=taken)
                )
        shown = db.session.scalars(sa.select(ServiceRequest.id).where(~BEHIND)).all()
        in_list = [s for r, s in zip(made, states, strict=True) if r.id in shown]
        for status, level, taken in states:
            louder = [s for s in in_list if s[0] == status and s[1] >= level]
            assert louder, states
            if status == "with-doctor" and taken is None:
                assert any(s[2] is None for s in louder), states


def test_taking_a_case_stops_the_clock_of_all_that_wait_for_a_doctor(
    rao: Practitioner, meera: Practitioner, clinic: Clinic
) -> None:
    """And taking it back lets all of them ring again; what the desk has is not touched."""
    urgent, emergency = (from_somebody("A Patil", each) for each in (Level.urgent, Level(3)))
    routine = from_somebody("Asha Patil")
    link(urgent, emergency, meera)
    link(urgent, routine, meera)
    assert rings(urgent)
    assert rings(emergency)
    review.acknowledge(emergency.reference, rao, NOW)
    assert not rings(urgent)
    assert not rings(emergency)
    assert rings(routine)
    assert again(routine).acknowledged_at is None
    review.take_back(urgent.reference, rao, NOW, clinic)
    assert rings(urgent)
    assert rings(emergency)


def rings(request: ServiceRequest) -> bool:
    """Whether a step of its clock is on its way."""
    db.session.rollback()
    waiting = sa.select(Message.id).where(
        Message.request_id == request.id,
        Message.status == "waiting",
        Message.kind.in_(escalation.KINDS),
    )
    return db.session.scalar(waiting.limit(1)) is not None


def test_an_alarm_goes_on_after_linking_until_somebody_takes_it(
    meera: Practitioner, rao: Practitioner, clinic: Clinic
) -> None:
    """Linking to a case that a doctor has taken long ago silences nobody."""
    taken = from_somebody("Asha Patil", Level.emergency, NOW - DAY)
    review.acknowledge(taken.reference, rao, NOW - DAY)
    urgent = from_somebody("Asha Patil", Level.urgent)
    link(taken, urgent, meera)
    late = NOW + 3 * DAY
    with transaction() as session:
        session.execute(sa.update(Message).values(status="sent", settled_at=NOW))
    assert escalation.go_on(late, clinic) == 1
    assert rings(urgent)


def test_a_call_counts_for_every_request_of_the_case(meera: Practitioner, clinic: Clinic) -> None:
    """Nobody is told that a person was not called who was called for another request."""
    a, b = (from_somebody("Asha Patil", Level.soon) for _ in range(2))
    link(a, b, meera)
    queue.log_call(a.reference, "answered", meera, NOW + HOUR)
    assert not rings(b)
    assert escalation.go_on(NOW + 9 * DAY, clinic) == 0
    duplicates.unlink(b.reference, again(b).version, meera, NOW + HOUR)
    assert escalation.go_on(NOW + 9 * DAY, clinic) == 1


def test_two_people_who_link_at_once_make_one_case(app: Flask, meera: Practitioner) -> None:
    """Two cases are joined with a third at the same instant: nobody is left behind."""
    made = a, b, c, d, e, f = [from_somebody("Asha Patil") for _ in range(6)]
    for one, other in ((a, b), (c, d), (e, f)):
        link(one, other, meera)
    versions = {each.id: again(each).version for each in made}
    start = threading.Barrier(2)
    failed: list[BaseException] = []

    def at_once(one: ServiceRequest, other: ServiceRequest) -> Callable[[], None]:
        def act() -> None:
            with app.app_context():
                by = db.session.get_one(Practitioner, meera.id)
                start.wait()
                try:
                    duplicates.link(one.reference, other.reference, versions[one.id], by, NOW)
                except AlreadyChanged as fault:
                    failed.append(fault)
                db.session.remove()

        return act

    threads = [threading.Thread(target=at_once(b, c)), threading.Thread(target=at_once(e, d))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len({again(each).case_id for each in made}) == 1


def test_new_answers_of_a_linked_request_ring_by_themselves(
    meera: Practitioner, rao: Practitioner, clinic: Clinic
) -> None:
    """What comes after the case was taken is told anew, and stands in the doctor's list."""
    lead = from_somebody("Asha Patil", Level.emergency)
    submission = a_submission(Level.soon, person={"name": "Asha Patil", "phone": "+919900000000"})
    other = intake.submit(the_pack(), submission, clinic, NOW)
    link(lead, other, meera)
    review.acknowledge(lead.reference, rao, NOW + HOUR)
    more = a_submission(
        Level.emergency, id=submission.id, person={"name": "Asha Patil", "phone": "+919900000000"}
    )
    intake.submit(the_pack(), more, clinic, NOW + 2 * HOUR)
    assert again(other).level is Level.emergency
    assert rings(other)
    assert for_the_doctor() == [other.reference, lead.reference]
