"""The waiting list: a freed time is offered to one person, then to the next, and never twice."""

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.errors import AlreadyChanged, NotAllowedNow, NotFound, NotOffered, SlotTaken
from app.domain.level import Level
from app.records import db, transaction
from app.records.outbox import Message
from app.records.schedule import Appointment, Closure, Slot, Waitlist
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import booking, manage, queue
from app.workflow.booking import waitlist
from tests.builders import NOW, a_choice, a_doctor_with_hours, a_request, a_staff_member, the_clinic

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
NINE = dt.datetime(2026, 11, 27, 3, 30, tzinfo=dt.UTC)
"""Friday at 9 am in Mumbai, three days from NOW, a Tuesday at 11:30 am."""
ANSWER_BY = NOW + 10 * MINUTE + 2 * HOUR

pytestmark = pytest.mark.usefixtures("context")
PHONES = iter(f"+9198765{number:05}" for number in range(99_999))


class Desk:
    """Somebody at the desk, and the doctor who can be visited."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.by = a_staff_member()
        self.doctor = a_doctor_with_hours(closes=dt.time(17))

    def books(
        self,
        starts_at: dt.datetime = NINE,
        request: ServiceRequest | None = None,
        now: dt.datetime = NOW,
        doctor: Practitioner | None = None,
    ) -> Appointment:
        """A visit, of somebody new if nobody is named."""
        stored = again(request or somebody())
        choice = a_choice((doctor or self.doctor).id, starts_at)
        return booking.book(stored.reference, choice, stored.version, self.by, now, self.zone)

    def cancels(self, visit: Appointment, now: dt.datetime = NOW) -> Appointment:
        """The visit is cancelled."""
        return booking.cancel(visit.id, of_visit(visit).version, self.by, now, the_clinic())

    def lets_wait(
        self,
        request: ServiceRequest,
        now: dt.datetime = NOW,
        until: dt.datetime | None = None,
        doctor: Practitioner | None = None,
    ) -> ServiceRequest:
        """The request is put on the waiting list."""
        waitlist.put_on(request.reference, doctor.id if doctor else None, until, self.by, now)
        return request

    def accepts(self, request: ServiceRequest, now: dt.datetime = NOW + HOUR) -> Appointment:
        """The patient takes what is offered, on the phone."""
        held = offer_to(request)
        assert held
        return waitlist.accept(held.id, held.version, self.by, now, self.zone)

    def declines(self, request: ServiceRequest, now: dt.datetime = NOW + HOUR) -> Appointment:
        """The patient does not want it."""
        held = offer_to(request)
        assert held
        return waitlist.decline(held.id, held.version, self.by, now, self.zone)


@pytest.fixture
def desk(app: Flask, context: Flask) -> Desk:
    """The desk."""
    return Desk(app.extensions["settings"].clinic_zone)


def somebody(level: Level = Level.soon, **person: str) -> ServiceRequest:
    """A request of somebody new, with the desk."""
    return a_request(level, person={"phone": next(PHONES), **person})


def again(request: ServiceRequest) -> ServiceRequest:
    """The request, read again."""
    db.session.rollback()
    db.session.expire_all()
    found = db.session.get(ServiceRequest, request.id)
    assert found
    return found


def of_visit(visit: Appointment) -> Appointment:
    """The visit, read again."""
    db.session.rollback()
    db.session.expire_all()
    found = db.session.get(Appointment, visit.id)
    assert found
    return found


def offer_to(request: ServiceRequest) -> Appointment | None:
    """What is kept for that person."""
    return again(request).offer


def number(of: type[Appointment | Slot | Waitlist], *where: sa.ColumnElement[bool]) -> int:
    """How many rows there are."""
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(of).where(*where)) or 0


def messages(request: ServiceRequest, kind: str) -> list[tuple[str, dt.datetime]]:
    """The messages of a kind about a request: how each stands, and when it is due."""
    db.session.rollback()
    found = db.session.execute(
        sa.select(Message.status, Message.due_at)
        .where(Message.request_id == request.id, Message.kind == kind)
        .order_by(Message.occurrence)
    )
    return [(row.status, row.due_at) for row in found]


def history(request: ServiceRequest) -> list[str]:
    """What happened to a request after it came."""
    return [change.event for change in again(request).history][1:]


def test_a_cancelled_time_is_offered_to_who_waits(desk: Desk) -> None:
    """The time is held until the deadline; the mail waits as long as the desk may take it back."""
    visit = desk.books()
    waits = desk.lets_wait(somebody(email="asha@example.org"))
    desk.cancels(visit)
    held = offer_to(waits)
    assert held
    assert (held.status, held.starts_at, held.held_until) == ("held", NINE, ANSWER_BY)
    assert {slot.expires_at for slot in held.slots} == {ANSWER_BY}
    assert messages(waits, "offer") == [("waiting", NOW + 10 * MINUTE)]
    assert history(waits) == ["wait", "offer"]
    assert [each.id for each in waitlist.live(NOW)] == [held.id]
    assert again(waits).appointment is None
    with pytest.raises(SlotTaken):
        desk.books()


def test_level_comes_before_time_waited(desk: Desk) -> None:
    """The most pressing is asked first, then who has waited longest; each may decline."""
    visit = desk.books()
    people = [
        desk.lets_wait(somebody(level), NOW + order * MINUTE)
        for level, order in ((Level.routine, 0), (Level.soon, 2), (Level.soon, 1))
    ]
    assert [each.request.id for each in waitlist.waiting()] == [
        people[number].id for number in (2, 1, 0)
    ]
    desk.cancels(visit)
    for asked in (people[2], people[1], people[0]):
        assert [each.request_id for each in waitlist.live(NOW)] == [asked.id]
        desk.declines(asked)
    assert waitlist.live(NOW) == []
    assert number(Waitlist) == 3
    desk.books(NINE, now=NOW + 2 * HOUR)


def test_only_a_fitting_time_is_offered(desk: Desk) -> None:
    """Another doctor, a day too late, an emergency, or a doctor's turn: not asked."""
    khan = a_doctor_with_hours(name="Dr Khan", email="khan@example.org")
    visit = desk.books()
    desk.lets_wait(somebody(), doctor=khan)
    desk.lets_wait(somebody(), until=NINE)
    raised = desk.lets_wait(somebody())
    queue.raise_level(
        raised.reference, Level.emergency, raised.version, desk.by, NOW, the_clinic(), "Worse."
    )
    desk.cancels(visit)
    assert waitlist.live(NOW) == []
    with pytest.raises(NotAllowedNow):
        desk.lets_wait(somebody(Level.emergency))


@pytest.mark.parametrize(
    ("level", "asked"), [(Level.routine, False), (Level.soon, False), (Level.urgent, True)]
)
def test_what_is_kept_for_urgent_requests_stays_so(desk: Desk, level: Level, asked: bool) -> None:
    """The last times of a day go to nobody else before they are released."""
    kept = a_doctor_with_hours(
        dt.time(9), dt.time(10), name="Dr Khan", email="k@example.org", hours={"kept_for_urgent": 2}
    )
    visit = desk.books(doctor=kept)
    waits = somebody(level)
    if level is Level.urgent:
        with transaction():
            db.session.merge(waits).status = "with-desk"
    desk.lets_wait(waits)
    desk.cancels(visit)
    assert (offer_to(waits) is not None) is asked


@pytest.mark.parametrize(
    ("starts_at", "now", "asked"),
    [
        (NINE - 3 * DAY + 7 * HOUR, NOW, True),  # today at 4 pm
        (NINE - 3 * DAY + 6 * HOUR, NOW, False),  # today at 3 pm: no time to answer and to come
        (NINE, NINE - 14 * HOUR, False),  # at 7 pm for 9 am: the answer would come at 10 am
        (NINE + 3 * HOUR, NINE - 14 * HOUR, True),
    ],
)
def test_only_times_with_some_lead_are_offered(
    desk: Desk, starts_at: dt.datetime, now: dt.datetime, asked: bool
) -> None:
    """Two hours by day to answer, and two more to come; never a deadline in the night."""
    visit = desk.books(starts_at)
    desk.lets_wait(somebody())
    desk.cancels(visit, now)
    assert bool(waitlist.live(now)) is asked


def test_a_time_freed_at_night_is_told_in_the_morning(desk: Desk) -> None:
    """And kept until two hours later."""
    evening = NOW + 10 * HOUR  # 9:30 pm
    visit = desk.books()
    waits = desk.lets_wait(somebody(email="asha@example.org"))
    desk.cancels(visit, evening)
    morning = dt.datetime(2026, 11, 25, 2, 30, tzinfo=dt.UTC)
    held = offer_to(waits)
    assert held
    assert held.held_until == morning + 2 * HOUR
    assert messages(waits, "offer") == [("waiting", morning)]


def test_who_accepts_is_booked_and_waits_no_more(desk: Desk) -> None:
    """The visit stands, its cells expire no more, the patient is told, and the reminder lies."""
    visit = desk.books()
    waits = desk.lets_wait(somebody(email="asha@example.org"))
    desk.cancels(visit)
    taken = desk.accepts(waits)
    after = again(waits)
    assert after.appointment
    assert (after.status, after.appointment.id, after.offer) == ("booked", taken.id, None)
    assert {slot.expires_at for slot in after.appointment.slots} == {None}
    assert messages(waits, "offer")[0][0] == "dropped"
    assert len(messages(waits, "booked")) == len(messages(waits, "reminder")) == 1
    assert number(Waitlist) == 0
    assert history(waits) == ["wait", "offer", "take-offer"]
    assert waitlist.pass_on(ANSWER_BY, desk.zone) == 0


def test_who_has_a_visit_is_offered_an_earlier_one_and_moves(desk: Desk) -> None:
    """The same visit at the new time; its old time goes to the next who waits."""
    first, later = desk.books(), desk.books(NINE + DAY)
    patient = desk.lets_wait(later.request)
    next_one = desk.lets_wait(somebody())
    third = desk.lets_wait(somebody(), NOW + MINUTE)
    with transaction():
        db.session.merge(patient).level = Level.urgent
    desk.cancels(first)
    held = offer_to(patient)
    assert held
    visit = desk.accepts(patient)
    assert (visit.id, visit.starts_at, visit.moved_from) == (later.id, NINE, NINE + DAY)
    assert visit.sequence == 1
    assert of_visit(held).status == "cancelled"
    assert again(patient).status == "booked"
    passed_on = offer_to(next_one)
    assert passed_on
    assert passed_on.starts_at == NINE + DAY
    assert offer_to(third) is None
    desk.books(NINE + 2 * HOUR)  # the calendar is whole


def test_who_has_a_visit_is_not_offered_a_later_one(desk: Desk) -> None:
    """Nor one of another kind, nor the time that the person gave up."""
    early, late = desk.books(), desk.books(NINE + DAY)
    desk.lets_wait(early.request)
    desk.cancels(late)
    assert waitlist.live(NOW) == []
    short = a_doctor_with_hours(minutes=15, name="Dr Khan", email="k@example.org")
    desk.cancels(desk.books(NINE - DAY, doctor=short))
    assert waitlist.live(NOW) == []
    desk.cancels(early)
    assert waitlist.live(NOW) == []


def test_a_moved_visit_frees_its_time_for_the_next(desk: Desk) -> None:
    """Whoever moves is not offered the own time again."""
    visit = desk.books()
    desk.lets_wait(visit.request)
    waits = desk.lets_wait(somebody(), NOW + MINUTE)
    booking.move(
        visit.id, a_choice(desk.doctor.id, NINE + HOUR), visit.version, desk.by, NOW, desk.zone
    )
    held = offer_to(waits)
    assert held
    assert held.starts_at == NINE


def test_an_offer_that_nobody_answers_goes_to_the_next(desk: Desk) -> None:
    """At its deadline, not before; who let it pass waits for another time, and is not asked again.

    The worker does it once a minute; the deadline of the next begins anew.
    """
    visit = desk.books()
    first, second = (desk.lets_wait(somebody(), NOW + n * MINUTE) for n in range(2))
    desk.cancels(visit)
    assert waitlist.pass_on(ANSWER_BY - MINUTE, desk.zone) == 0
    assert waitlist.pass_on(ANSWER_BY, desk.zone) == 1
    assert offer_to(first) is None
    held = offer_to(second)
    assert held
    assert held.held_until == ANSWER_BY + 10 * MINUTE + 2 * HOUR
    assert history(first) == ["wait", "offer", "lapse-offer"]
    assert number(Waitlist) == 2
    assert waitlist.pass_on(held.held_until, desk.zone) == 1
    assert waitlist.live(held.held_until) == []
    assert number(Slot) == 0


def test_whoever_takes_the_time_ends_an_offer_that_is_over(desk: Desk) -> None:
    """In the same transaction: the visit of the taker stands, and the worker finds nothing."""
    visit = desk.books()
    waits = desk.lets_wait(somebody())
    desk.cancels(visit)
    desk.books(NINE, now=ANSWER_BY)
    assert history(waits) == ["wait", "offer", "lapse-offer"]
    assert offer_to(waits) is None
    assert waitlist.pass_on(ANSWER_BY, desk.zone) == 0


def test_an_answer_that_comes_too_late_is_refused(desk: Desk) -> None:
    """So is one of an old page, and one about nothing."""
    visit = desk.books()
    waits = desk.lets_wait(somebody())
    desk.cancels(visit)
    held = offer_to(waits)
    assert held
    for answer in (waitlist.accept, waitlist.decline):
        with pytest.raises(NotAllowedNow):
            answer(held.id, held.version, None, ANSWER_BY, desk.zone)
        with pytest.raises(AlreadyChanged):
            answer(held.id, held.version + 1, None, NOW, desk.zone)
        with pytest.raises(NotFound):
            answer(waits.id, 1, None, NOW, desk.zone)
    assert offer_to(waits)


def test_an_offer_whose_time_was_closed_cannot_be_accepted(desk: Desk) -> None:
    """The closure counts, though the cells are kept."""
    visit = desk.books()
    waits = desk.lets_wait(somebody())
    desk.cancels(visit)
    with transaction() as session:
        session.add(Closure(starts_at=NINE, ends_at=NINE + DAY, reason="Holiday"))
    with pytest.raises(NotOffered):
        desk.accepts(waits)
    assert again(waits).status == "with-desk"


def test_undoing_a_cancelling_withdraws_the_offer_that_nobody_has_read(desk: Desk) -> None:
    """The visit stands again, and no mail goes out about its time."""
    visit = desk.books()
    waits = desk.lets_wait(somebody(email="asha@example.org"))
    cancelled = desk.cancels(visit)
    booking.undo(cancelled.id, cancelled.version, desk.by, NOW + 9 * MINUTE, the_clinic())
    assert of_visit(visit).status == "booked"
    assert offer_to(waits) is None
    assert [status for status, _ in messages(waits, "offer")] == ["dropped"]


def test_who_withdraws_gives_the_offer_back(desk: Desk) -> None:
    """The time is free at once, the page of the offer is shut, and nobody is alarmed any more."""
    visit = desk.books()
    waits = desk.lets_wait(somebody())
    desk.cancels(visit)
    assert offer_to(waits)
    token = manage.address(waits, NOW)
    assert token
    manage.withdraw(token, "Better", NOW + MINUTE)
    assert (offer_to(waits), number(Slot)) == (None, 0)
    assert history(waits)[-2:] == ["close", "withdraw-offer"]
    assert {status for status, _ in messages(waits, "late")} == {"dropped"}


def test_who_is_booked_otherwise_leaves_the_offer_to_the_next(desk: Desk) -> None:
    """So does who is taken off the list."""
    visit = desk.books()
    first, second, third = (desk.lets_wait(somebody(), NOW + n * MINUTE) for n in range(3))
    desk.cancels(visit)
    desk.books(NINE + HOUR, first)
    assert offer_to(first) is None
    assert offer_to(second)
    waitlist.take_off(second.reference, desk.by, NOW, desk.zone)
    assert offer_to(second) is None
    assert offer_to(third)
    assert [each.request.id for each in waitlist.waiting()] == [first.id, third.id]


def test_the_time_that_is_kept_for_somebody_can_be_booked_for_them(desk: Desk) -> None:
    """If the desk chooses just that time, nobody else is asked."""
    visit = desk.books()
    waits = desk.lets_wait(somebody())
    desk.lets_wait(somebody(), NOW + MINUTE)
    desk.cancels(visit)
    desk.books(NINE, waits)
    assert again(waits).status == "booked"
    assert waitlist.live(NOW) == []


def test_a_request_that_the_doctor_must_see_loses_its_offer(desk: Desk) -> None:
    """The next tick gives the time to somebody who can come."""
    visit = desk.books()
    first, second = (desk.lets_wait(somebody(), NOW + n * MINUTE) for n in range(2))
    desk.cancels(visit)
    stored = again(first)
    queue.event(
        first.reference,
        "escalate",
        stored.version,
        desk.by,
        NOW,
        the_clinic(),
        note="Look, please.",
    )
    with pytest.raises(NotAllowedNow):
        desk.accepts(first)
    assert waitlist.pass_on(NOW + MINUTE, desk.zone) == 1
    assert offer_to(first) is None
    assert offer_to(second)


def test_waiting_twice_keeps_the_place(desk: Desk) -> None:
    """The wish is the newest, the time waited the oldest."""
    waits = somebody()
    desk.lets_wait(waits)
    desk.lets_wait(waits, NOW + HOUR, until=NINE)
    (row,) = waitlist.waiting()
    assert (row.row.since, row.row.until) == (NOW, NINE)
    for later in (2, 3):
        waitlist.take_off(waits.reference, desk.by, NOW + later * HOUR, desk.zone)
    assert waitlist.waiting() == []
    assert history(waits) == ["wait", "wait", "stop-waiting"]


def test_an_offer_is_no_visit(desk: Desk) -> None:
    """The diary, the queue and the request show none, whatever becomes of it."""
    visit = desk.books()
    waits = desk.lets_wait(somebody())
    desk.cancels(visit)
    held = offer_to(waits)
    assert held
    assert booking.acts_now(held, NOW, desk.zone) == ()
    with pytest.raises(NotAllowedNow):
        desk.cancels(held)
    desk.declines(waits)
    day = booking.day(NINE.date(), desk.zone)
    assert [each.id for each in day] == [visit.id]
    assert again(waits).visits == []


def colleague(id_: uuid.UUID) -> Practitioner:
    """The person, read in this thread."""
    found = db.session.get(Practitioner, id_)
    assert found
    return found


def at_once(app: Flask, acts: list[Callable[[], object]]) -> list[str]:
    """Do things at the same moment; gives how each ended."""
    start = threading.Barrier(len(acts))
    ends: list[str] = []

    def do(act: Callable[[], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                act()
                ends.append("done")
            except Exception as error:  # noqa: BLE001 - every end is looked at
                ends.append(type(error).__name__)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_times_freed_at_once_go_to_different_people(app: Flask, desk: Desk) -> None:
    """Nobody is offered two, and no time is offered twice, however many free one at once."""
    visits = [desk.books(NINE + n * HOUR) for n in range(6)]
    people = {desk.lets_wait(somebody(), NOW + n * MINUTE).id for n in range(4)}
    ids, by_id = [visit.id for visit in visits], desk.by.id
    db.session.remove()

    def cancel(visit_id: uuid.UUID) -> Callable[[], object]:
        return lambda: booking.cancel(visit_id, 1, colleague(by_id), NOW, the_clinic())

    assert at_once(app, [cancel(visit_id) for visit_id in ids]) == ["done"] * 6
    live = waitlist.live(NOW)
    assert len(live) == len({held.starts_at for held in live}) == 4
    assert {held.request_id for held in live} == people


def test_two_workers_and_a_taker_never_give_one_time_to_two(app: Flask, desk: Desk) -> None:
    """When offers end, each time has one owner afterwards: the next person, or who was faster."""
    visits = [desk.books(NINE + n * HOUR) for n in range(4)]
    for n in range(8):
        desk.lets_wait(somebody(), NOW + n * MINUTE)
    for visit in visits:
        desk.cancels(visit)
    reference, zone, by_id = somebody().reference, desk.zone, desk.by.id
    choice = a_choice(desk.doctor.id, NINE)
    db.session.remove()

    def take() -> object:
        return booking.book(reference, choice, 1, colleague(by_id), ANSWER_BY, zone)

    def tick() -> object:
        return waitlist.pass_on(ANSWER_BY, zone)

    ends = at_once(app, [tick, take, tick])
    assert set(ends) <= {"done", "SlotTaken"}
    waitlist.pass_on(ANSWER_BY, zone)
    owners = db.session.scalars(
        sa.select(Appointment).where(Appointment.status.in_(("held", "booked")))
    ).all()
    assert len(owners) == len({each.starts_at for each in owners}) == 4
    assert len({each.request_id for each in owners}) == 4
    assert number(Slot) == 4 * 6
    ended = number(
        Appointment, Appointment.status == "cancelled", Appointment.held_until.is_not(None)
    )
    assert ended == 4


def test_an_offer_is_answered_once(app: Flask, desk: Desk) -> None:
    """The patient says yes and the desk no at the same moment: one of them counts."""
    visit = desk.books()
    waits, second = (desk.lets_wait(somebody(), NOW + n * MINUTE) for n in range(2))
    desk.cancels(visit)
    held = offer_to(waits)
    assert held
    id_, version, by_id, zone = held.id, held.version, desk.by.id, desk.zone
    people = {waits.id, second.id}
    db.session.remove()
    ends = at_once(
        app,
        [
            lambda: waitlist.accept(id_, version, None, NOW + HOUR, zone),
            lambda: waitlist.decline(id_, version, colleague(by_id), NOW + HOUR, zone),
        ],
    )
    assert sorted(ends) == ["AlreadyChanged", "done"]
    owners = db.session.scalars(
        sa.select(Appointment.request_id).where(Appointment.status.in_(("held", "booked")))
    ).all()
    assert len(owners) == 1
    assert owners[0] in people
