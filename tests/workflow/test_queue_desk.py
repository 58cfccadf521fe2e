"""Who sees to a request, several at once, saved views, who looks, and what has come since."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.errors import AlreadyChanged, EmergencyInBulk, NotFound, TooMany
from app.domain.level import Level
from app.records import audit, db
from app.records.audit import AuditEvent
from app.records.contact import ContactAttempt
from app.records.presence import Presence
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import duplicates, queue, review, staff
from app.workflow.queue import Choice, saved
from app.workflow.queue.bulk import EXPORT, Done, assign_all, nobody_answered, take_out
from tests.builders import NOW, a_request, a_staff_member, the_clinic

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def meera() -> Practitioner:
    """Somebody at the desk."""
    return a_staff_member()


@pytest.fixture
def ravi() -> Practitioner:
    """A colleague."""
    return a_staff_member(name="Ravi Patil")


def some(number: int, level: Level = Level.routine) -> list[str]:
    """The references of so many requests, each from another phone, the longest waiting first."""
    return [
        a_request(
            level, at=NOW - (number - n) * MINUTE, person={"phone": f"+9198765431{n:02}"}
        ).reference
        for n in range(number)
    ]


def stored(reference: str) -> ServiceRequest:
    """A request, read again."""
    db.session.rollback()
    wanted = sa.select(ServiceRequest).where(ServiceRequest.reference == reference)
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()


def listed(choice: Choice, me: Practitioner | None = None) -> list[str]:
    """The references that a choice lists."""
    page = queue.page(choice, NOW, the_clinic().zone, me.id if me else None)
    return [row.request.reference for row in page.rows]


def actions() -> list[str]:
    """What the investigation log says, in order; it is unbroken."""
    assert audit.first_broken(db.session) is None
    order = AuditEvent.number
    return list(db.session.scalars(sa.select(AuditEvent.action).order_by(order)))


def test_who_takes_a_request_on_has_it_under_mine(meera: Practitioner, ravi: Practitioner) -> None:
    """Most pressing first; closed ones are gone; a colleague's are not among them."""
    routine, other = some(2)
    (soon,) = some(1, Level.soon)
    for reference, who in ((routine, meera), (soon, meera), (other, ravi)):
        queue.assign(reference, who.id, None, who, NOW)
    assert listed(Choice("mine"), meera) == [soon, routine]
    assert queue.count(NOW, the_clinic().zone, meera.id).mine == 2
    version = stored(soon).version
    queue.event(soon, "close", version, meera, NOW, the_clinic(), reason="seen")
    assert listed(Choice("mine"), meera) == [routine]
    assert listed(Choice("mine"), ravi) == [other]
    assert queue.count(NOW, the_clinic().zone).mine == 0


def test_a_colleagues_form_stays_valid_when_somebody_takes_it_on(
    meera: Practitioner, ravi: Practitioner
) -> None:
    """Assigning is told in the history and the log, and leaves the version as it is."""
    (reference,) = some(1)
    version = stored(reference).version
    queue.assign(reference, meera.id, None, meera, NOW)
    queue.assign(reference, ravi.id, meera.id, meera, NOW)
    queue.assign(reference, None, ravi.id, ravi, NOW)
    found = stored(reference)
    assert (found.version, found.assigned_to_id) == (version, None)
    told = [(change.event, change.by and change.by.name, change.note) for change in found.history]
    assert told[1:] == [
        ("claim", meera.name, None),
        ("assign", meera.name, "To Ravi Patil"),
        ("unassign", "Ravi Patil", None),
    ]
    assert actions()[-3:] == ["claim", "assign", "unassign"]


def test_of_two_who_take_the_same_request_the_slower_is_told(
    meera: Practitioner, ravi: Practitioner
) -> None:
    """What was on the page decides, and the history says who was faster; twice is once."""
    (reference,) = some(1)
    queue.assign(reference, meera.id, None, meera, NOW)
    with pytest.raises(AlreadyChanged):
        queue.assign(reference, ravi.id, None, ravi, NOW)
    queue.assign(reference, meera.id, None, meera, NOW)
    change = queue.newest_change(reference)
    assert change
    assert change.by
    assert (change.event, change.by.name) == ("claim", meera.name)
    assert actions().count("claim") == 1


def test_nobody_is_given_work_who_does_not_work_here(
    meera: Practitioner, ravi: Practitioner
) -> None:
    """Neither who has left nor who never was."""
    (reference,) = some(1)
    staff.deactivate(ravi.email, NOW)
    for stranger in (ravi.id, uuid.uuid4()):
        with pytest.raises(NotFound):
            queue.assign(reference, stranger, None, meera, NOW)
        with pytest.raises(NotFound):
            assign_all([reference], stranger, meera, NOW)
    assert stored(reference).assigned_to_id is None


def test_many_are_assigned_at_once_but_none_is_taken_from_a_colleague(
    meera: Practitioner, ravi: Practitioner
) -> None:
    """What Ravi has stays his, and is named; the manager may give it to somebody else."""
    mine, his, free = some(3)
    queue.assign(mine, meera.id, None, meera, NOW)
    queue.assign(his, ravi.id, None, ravi, NOW)
    done = assign_all([mine, his, free], meera.id, meera, NOW)
    assert (done.number, done.left) == (2, (his,))
    assert stored(his).assigned_to_id == ravi.id
    assert stored(free).assigned_to_id == meera.id
    done = assign_all([mine, his, free], None, a_staff_member("manager"), NOW)
    assert (done.number, done.left) == (3, ())
    assert {stored(each).assigned_to_id for each in (mine, his, free)} == {None}


def test_nobody_answered_notes_a_try_for_each_and_when_the_next_is_due(
    meera: Practitioner,
) -> None:
    """By the level of each; closed ones are left as they are."""
    routine, closed = some(2)
    (soon,) = some(1, Level.soon)
    queue.event(closed, "close", 1, meera, NOW, the_clinic(), reason="seen")
    done = nobody_answered([routine, soon, closed], meera, NOW)
    assert (done.number, done.left) == (2, (closed,))
    due = {each: [call.next_due_at for call in stored(each).attempts] for each in (routine, soon)}
    assert due == {routine: [NOW + 24 * HOUR], soon: [NOW + 4 * HOUR]}
    assert stored(closed).attempts == []
    assert actions()[-2:] == ["call no-answer"] * 2


def test_nobody_answered_leaves_a_case_with_an_emergency_alone(meera: Practitioner) -> None:
    """A call counts for the whole case, and an emergency is never one of many."""
    (routine,), (emergency,) = some(1), some(1, Level.emergency)
    duplicates.link(routine, emergency, stored(routine).version, meera, NOW)
    assert nobody_answered([routine], meera, NOW) == Done(0, (routine,))
    assert stored(routine).attempts == []
    doctor = a_staff_member("doctor")
    send = ("send-to-hospital", "Sent", stored(emergency).version, doctor, NOW, the_clinic())
    review.decide(emergency, *send)
    assert nobody_answered([routine], meera, NOW).number == 1


BULK: Mapping[str, Callable[[list[str], Practitioner], object]] = {
    "assign": lambda references, by: assign_all(references, by.id, by, NOW),
    "no answer": lambda references, by: nobody_answered(references, by, NOW),
    "take out": lambda references, by: take_out(references, EXPORT, by, NOW),
}


@pytest.mark.parametrize("act", BULK)
def test_an_emergency_is_never_one_of_many(meera: Practitioner, act: str) -> None:
    """Nothing is done with any of them, and the refusal names which it was."""
    (quiet,) = some(1)
    (pressing,) = some(1, Level.emergency)
    before = actions()
    with pytest.raises(EmergencyInBulk) as refused:
        BULK[act]([quiet, pressing], meera)
    assert refused.value.references == (pressing,)
    assert stored(quiet).assigned_to_id is None
    assert db.session.scalar(sa.select(ContactAttempt.id)) is None
    assert actions() == before


@pytest.mark.parametrize("wrong", [[], ["SPN-222-222"], ["\0"], [f"X{n}" for n in range(51)]])
def test_an_act_on_requests_that_are_none_does_nothing(
    meera: Practitioner, wrong: list[str]
) -> None:
    """Unknown ones, unprintable ones, and more than a page holds."""
    (known,) = some(1)
    with pytest.raises(NotFound):
        nobody_answered([*wrong, known] if wrong else [], meera, NOW)
    assert stored(known).attempts == []


def test_what_is_taken_out_is_logged_one_by_one(meera: Practitioner) -> None:
    """A line of the log for each request; they come in the order given."""
    first, second = some(2)
    rows = take_out([second, first, second], EXPORT, meera, NOW)
    assert [row.request.reference for row in rows] == [second, first]
    assert actions()[-2:] == ["export"] * 2


def test_somebody_who_opened_a_request_is_seen_by_the_others_for_a_while(
    meera: Practitioner, ravi: Practitioner
) -> None:
    """One row for each person and request, from the desk and from the doctor's page alike."""
    (reference,) = some(1)
    request, doctor = stored(reference), a_staff_member("doctor")
    queue.open_request(reference, meera, NOW - 2 * MINUTE)
    queue.open_request(reference, meera, NOW)
    review.open_case(reference, doctor, NOW + MINUTE)
    seen = {request.id: [(meera.name, NOW), (doctor.name, NOW + MINUTE)]}
    assert queue.who_looks([request.id], ravi.id, NOW + 2 * MINUTE) == seen
    alone = queue.who_looks([request.id], meera.id, NOW + 2 * MINUTE)[request.id]
    assert [name for name, _ in alone] == [doctor.name]
    assert queue.who_looks([request.id], ravi.id, NOW + 6 * MINUTE) == {}
    assert queue.who_looks([], ravi.id, NOW) == {}
    queue.open_request(reference, ravi, NOW + 2 * HOUR)
    assert list(db.session.scalars(sa.select(Presence.practitioner_id))) == [ravi.id]


def test_what_has_come_since_is_told_emergencies_first() -> None:
    """What was there before is no news; the doctors hear of what waits for them alone."""
    some(1)
    since = NOW + MINUTE
    quiet, pressing, urgent = (
        a_request(level, at=since + MINUTE, person={"phone": f"+91987654320{level:d}"}).reference
        for level in (Level.soon, Level.emergency, Level.urgent)
    )
    assert queue.arrivals(since) == [(pressing, True), (urgent, False), (quiet, False)]
    assert queue.arrivals(since, for_doctors=True) == [(pressing, True), (urgent, False)]
    assert queue.arrivals(since + 2 * MINUTE) == []
    zone = the_clinic().zone
    assert queue.emergencies(since, zone) == queue.emergencies(since, zone, for_doctors=True) == 1


def test_what_was_stored_while_a_page_was_made_is_not_missed() -> None:
    """A request that took some seconds to be stored has an earlier time than the page."""
    reference = a_request(at=NOW - dt.timedelta(seconds=5)).reference
    assert queue.arrivals(NOW) == [(reference, False)]


@pytest.mark.parametrize("view", ["needs-action", "mine", "all"])
def test_newest_first_never_turns_the_levels_round(meera: Practitioner, view: str) -> None:
    """The order inside a level changes, the order of the levels does not."""
    old, young = some(2)
    old_soon, young_soon = some(2, Level.soon)
    if view == "mine":
        assign_all([old, young, old_soon, young_soon], meera.id, meera, NOW)
    newest = [young_soon, old_soon, young, old]
    if view != "all":
        assert listed(Choice(view, sort="newest"), meera) == newest
        assert listed(Choice(view), meera) == [old_soon, young_soon, old, young]
    else:
        assert listed(Choice(view, sort="newest")) == listed(Choice(view))


def test_filters_go_together(meera: Practitioner) -> None:
    """Status, language spoken and what was asked for; each narrows what the others left."""
    people = ("hi", "mr", "hi")
    first, marathi, waits = (
        a_request(
            at=NOW - n * MINUTE,
            wanted="visit",
            person={"speaks": speaks, "phone": f"+91987654320{n}"},
        ).reference
        for n, speaks in enumerate(people)
    )
    queue.event(waits, "ask", 1, meera, NOW, the_clinic(), note="The report")
    assert listed(Choice("all", speaks="hi")) == [first, waits]
    assert listed(Choice("all", speaks="hi", status="with-patient")) == [waits]
    assert listed(Choice("needs-action", speaks="mr", wants="visit")) == [marathi]
    assert listed(Choice("needs-action", wants="advice")) == []
    unsaid = a_request(person={"speaks": "", "phone": "+919876543299"}).reference
    assert listed(Choice("all", speaks="en")) == [unsaid]


def test_a_saved_view_is_its_owners_and_a_shared_one_is_the_managers(
    meera: Practitioner, ravi: Practitioner
) -> None:
    """Others neither see nor change it; only a manager makes and changes one for all."""
    manager = a_staff_member("manager")
    choice = Choice("all", Level.soon, "booked", "hi", "visit", "newest")
    own = saved.save("Hindi", choice, meera)
    assert own.name_sealed != b"Hindi"
    assert not saved.save("Mine alone", Choice(), ravi, shared=True).shared
    shared = saved.save("For all", Choice(wants="visit"), manager, shared=True)
    assert [view.name for view in saved.views_of(meera)] == ["For all", "Hindi"]
    assert saved.choice_of(saved.views_of(meera)[1]) == choice
    for stranger, view in ((ravi, own), (manager, own), (meera, shared)):
        assert not saved.may_change(view, stranger)
        with pytest.raises(NotFound):
            saved.rename(view.id, "Taken", stranger)
        with pytest.raises(NotFound):
            saved.remove(view.id, stranger)
    saved.rename(own.id, "Hindi, booked", meera)
    saved.remove(shared.id, a_staff_member("manager"))
    assert [view.name for view in saved.views_of(meera)] == ["Hindi, booked"]
    with pytest.raises(NotFound):
        saved.remove(uuid.uuid4(), meera)


def test_there_are_only_so_many_saved_views(meera: Practitioner) -> None:
    """Each is counted with every list, so nobody keeps a hundred."""
    for number in range(saved.MOST):
        saved.save(f"View {number}", Choice(), meera)
    with pytest.raises(TooMany):
        saved.save("One more", Choice(), meera)


def test_saved_views_are_counted_in_one_query(app: Flask, meera: Practitioner) -> None:
    """As many as each of them lists, whatever the view and the filters."""
    references = some(3)
    (soon,) = some(1, Level.soon)
    queue.assign(soon, meera.id, None, meera, NOW)
    choices = [
        *(Choice(view) for view in queue.VIEWS),
        Choice("all", Level.soon, speaks="mr"),
        Choice("needs-action", speaks="hi"),
        Choice("mine", sort="newest"),
    ]
    numbers = queue.count_choices(choices, NOW, the_clinic().zone, meera.id)
    assert numbers == [len(listed(choice, meera)) for choice in choices]
    assert numbers[0] == numbers[-4] == len(references) + 1
    assert queue.count_choices([], NOW, the_clinic().zone, meera.id) == []


def test_asking_by_itself_keeps_no_session_alive(meera: Practitioner) -> None:
    """A tab that is left open ends like one that is closed."""
    token = staff.begin_session(meera, NOW)
    for passed in (10, 20, 29):
        assert staff.in_session(token, NOW + passed * MINUTE, used=False)
    assert staff.in_session(token, NOW + 30 * MINUTE, used=False) is None


def test_everybody_has_the_lists_as_they_want_them(meera: Practitioner, ravi: Practitioner) -> None:
    """Kept for the person alone; at first rows are wide, keys on and the tone off."""
    assert (ravi.compact_rows, ravi.keys_on, ravi.tone_on) == (False, True, False)
    staff.set_wishes(meera, compact_rows=True, keys_on=False, tone_on=True)
    db.session.expire_all()
    assert (meera.compact_rows, meera.keys_on, meera.tone_on) == (True, False, True)
    assert (ravi.compact_rows, ravi.keys_on, ravi.tone_on) == (False, True, False)
