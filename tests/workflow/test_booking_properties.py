"""Whatever people do, in whatever order: no two visits overlap, and none is lost."""

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.domain.errors import AlreadySent, NotAllowedNow, NotFound, NotOffered, SlotTaken
from app.domain.slots import Span, cells
from app.records import db, transaction
from app.records.enquiry import Draft
from app.records.schedule import Appointment, Closure, Hold, Schedule, Slot
from app.records.service_request import ServiceRequest
from app.workflow import booking, enquiry, intake, queue, review
from tests import builders
from tests.builders import NOW, a_doctor_with_hours, a_request, a_staff_member, a_submission

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
TOMORROW: Final = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
"""Nine o'clock at the clinic."""
LONG, SHORT = "Long visit", "Short visit"
# Long visits begin every half hour; short ones have buffers, and so a beat of their own.
STARTS: Final = {
    LONG: [TOMORROW + n * 30 * MINUTE for n in range(4)],
    SHORT: [TOMORROW + n * 25 * MINUTE for n in range(5)],
}
# A cancelled visit has no cells; those of one that was missed or is done stay.
FEW: Final = 3
"""So many patients, that most acts meet what others did before."""
WITH_CELLS: Final = ("booked", "arrived", "fulfilled", "noshow")
TIMES: Final = st.one_of(
    *(st.tuples(st.just(kind), st.sampled_from(starts)) for kind, starts in STARTS.items())
)


class Days(RuleBasedStateMachine):
    """A doctor, a desk, patients with a browser, and a clock; `known` is what must be true."""

    zone: ClassVar[ZoneInfo]
    # Over all runs, since visits of those before count for the limit of one number.
    phones: ClassVar = itertools.count(10_000)

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.known: dict[Any, tuple[str, dt.datetime]] = {}
        self.requests: list[str] = []
        self.drafts: list[str] = []

    @initialize()
    def opens(self) -> None:
        """A new doctor each time: the visits of those before are still there."""
        db.session.rollback()
        db.session.expunge_all()
        kind = {"name": LONG, "lead_minutes": 0}
        self.doctor = a_doctor_with_hours(dt.time(9), dt.time(11), kind=kind)
        details = {"name": SHORT, "lead_minutes": 0, "buffer_before": 5, "buffer_after": 5}
        short = builders.a_kind(15, **details)
        with transaction() as session:
            session.add(
                Schedule(
                    practitioner_id=self.doctor.id,
                    place_id=builders.a_place().id,
                    kind_id=short.id,
                    weekday=TOMORROW.weekday(),
                    opens=dt.time(9),
                    closes=dt.time(11),
                    zone="Asia/Kolkata",
                    valid_from=dt.date(2026, 1, 1),
                )
            )
        self.meera = a_staff_member()
        self.a_patient_phones()
        self.a_patient_fills_in_the_enquiry()

    # What is done, and by whom.

    @rule()
    @precondition(lambda self: len(self.requests) < FEW)
    def a_patient_phones(self) -> None:
        """The desk has a request to book for."""
        self.requests.append(a_request(at=self.now, source="phone").reference)

    @rule()
    @precondition(lambda self: len(self.drafts) < FEW)
    def a_patient_fills_in_the_enquiry(self) -> None:
        """A draft that may keep a time."""
        pack = builders.the_pack()
        token = enquiry.start(pack, "en", "self", self.now)
        given = {"wanted": "visit", "name": "Asha Patil"}
        enquiry.save_person(token, pack, given, self.now)
        self.drafts.append(token)

    @rule(time=TIMES, data=st.data())
    @precondition(lambda self: self.requests)
    def the_desk_books(self, time: tuple[str, dt.datetime], data: st.DataObject) -> None:
        """A free time is booked, a taken one is refused, and nothing else."""
        request = self._request(data)
        choice = self._choice(time)
        taken = self._is_taken(choice)

        def book() -> Appointment:
            return booking.book(
                request.reference, choice, request.version, self.meera, self.now, self.zone
            )

        visit = self._tries(book, taken=taken)
        if visit:
            self.known[visit.id] = ("booked", choice.starts_at)

    @rule(time=TIMES, data=st.data())
    @precondition(lambda self: self.drafts)
    def a_patient_keeps_a_time(self, time: tuple[str, dt.datetime], data: st.DataObject) -> None:
        """In place of the one before."""
        token = data.draw(st.sampled_from(self.drafts))
        draft = self._draft(token)
        choice = self._choice(time)
        taken = self._is_taken(choice, draft)

        def keep() -> object:
            return enquiry.keep_time(token, builders.the_pack(), choice, self.now)

        self._tries(keep, taken=taken)

    @rule(data=st.data())
    @precondition(lambda self: self.drafts)
    def a_patient_sends(self, data: st.DataObject) -> None:
        """The request is stored whatever became of the time; a live hold is never lost."""
        token = data.draw(st.sampled_from(self.drafts))
        draft = self._draft(token)
        if draft is None:
            return
        sent_before, held = draft.sent_at, enquiry.held(draft)
        live = held is not None and held.expires_at > self.now
        offered = held is not None and self._is_offered(booking.choice_of(held))
        phone = f"+9198765{next(self.phones)}"
        person = {"name": "Asha Patil", "phone": phone, "speaks": "mr"}
        submission = a_submission(id=draft.id, person=person, wanted="visit")
        request = intake.submit(builders.the_pack(), submission, builders.the_clinic(), self.now)
        if sent_before:
            return
        self.requests.append(request.reference)
        visit = request.appointment
        assert visit is not None or not (live and offered)
        if visit:
            assert held is not None
            self.known[visit.id] = ("booked", held.starts_at)

    @rule(minutes=st.sampled_from([1, 5, 11]))
    def time_passes(self, minutes: int) -> None:
        """Holds run out."""
        self.now += minutes * MINUTE

    @rule()
    @precondition(lambda self: len(self.known) >= FEW)
    def the_day_comes(self) -> None:
        """From now on there are visits to record."""
        self.now = max(self.now, TOMORROW + 50 * MINUTE)

    @rule()
    def the_worker_sweeps(self) -> None:
        """Nobody notices."""
        enquiry.forget_expired({}, self.zone, self.now)

    @rule(time=TIMES, data=st.data())
    @precondition(lambda self: self.known)
    def a_visit_is_moved(self, time: tuple[str, dt.datetime], data: st.DataObject) -> None:
        """It has the new time or the old one, never none."""
        visit = self._visit(data)
        choice = self._choice(time)
        taken = self._is_taken(choice, visit)

        def move() -> Appointment:
            return booking.move(visit.id, choice, visit.version, self.meera, self.now, self.zone)

        if self._tries(move, taken=taken):
            self.known[visit.id] = ("booked", choice.starts_at)

    @rule(act=st.sampled_from(booking.ACTS), data=st.data())
    @precondition(lambda self: self.known)
    def something_becomes_of_a_visit(self, act: str, data: st.DataObject) -> None:
        """Arrived, done, missed, cancelled, or one of them taken back."""
        self._becomes(act, self._visit(data))

    @rule(data=st.data())
    @precondition(lambda self: self._cancelled())
    def a_cancellation_is_taken_back(self, data: st.DataObject) -> None:
        """The time is taken again, or it is gone."""
        found = data.draw(st.sampled_from(self._cancelled()))
        self._becomes("undo", self._read(found))

    def _becomes(self, act: str, visit: Appointment) -> None:
        taken = visit.status == "cancelled" and self._is_taken(visit, visit)

        def do() -> Appointment:
            done = getattr(booking, act)
            return done(visit.id, visit.version, self.meera, self.now, builders.the_clinic())  # type: ignore[no-any-return]

        after = self._tries(do, taken=taken and act == "undo")
        if after:
            self.known[visit.id] = (after.status, after.starts_at)

    @rule(event=st.sampled_from(["escalate", "close", "reopen", "ask", "reply"]), data=st.data())
    @precondition(lambda self: self.requests)
    def the_desk_moves_a_request_on(self, event: str, data: st.DataObject) -> None:
        """Closing frees the visit that stands."""
        request = self._request(data)
        standing = request.appointment

        def do() -> ServiceRequest:
            reference, version = request.reference, request.version
            told = {"note": "Why not", "reason": "other"}
            clinic = builders.the_clinic()
            return queue.event(reference, event, version, self.meera, self.now, clinic, **told)

        if self._tries(do) and event == "close" and standing:
            self.known[standing.id] = ("cancelled", standing.starts_at)

    @rule(event=st.sampled_from(review.DECISIONS), data=st.data())
    @precondition(lambda self: self._waits_for_a_doctor())
    def the_doctor_decides(self, event: str, data: st.DataObject) -> None:
        """Sent to hospital, nobody waits for a visit."""
        request = self._request(data)
        standing = request.appointment

        def do() -> ServiceRequest:
            reference, version = request.reference, request.version
            return review.decide(
                reference, event, "Words", version, self.doctor, self.now, builders.the_clinic()
            )

        if self._tries(do) and event == "send-to-hospital" and standing:
            self.known[standing.id] = ("cancelled", standing.starts_at)

    @rule(hour=st.integers(0, 2))
    def the_doctor_is_away(self, hour: int) -> None:
        """A closure cancels nothing by itself."""
        starts_at = TOMORROW + hour * HOUR
        with transaction() as session:
            session.add(
                Closure(
                    practitioner_id=self.doctor.id,
                    starts_at=starts_at,
                    ends_at=starts_at + 20 * MINUTE,
                    reason="Away",
                )
            )

    # What must be true after everything.

    @invariant()
    def visits_are_as_they_were_told(self) -> None:
        """None is lost, moved or changed behind anybody's back."""
        db.session.rollback()
        found = {visit.id: (visit.status, visit.starts_at) for visit in self._visits()}
        assert found == self.known

    @invariant()
    def no_two_visits_overlap(self) -> None:
        """Buffers included."""
        standing = (visit for visit in self._visits() if visit.status in WITH_CELLS)
        spans = sorted((self._busy(visit) for visit in standing), key=lambda span: span.start)
        assert all(one.end <= other.start for one, other in itertools.pairwise(spans))

    @invariant()
    def cells_are_those_of_visits_and_live_holds(self) -> None:
        """Neither a cell too many nor one too few."""
        mine = sa.select(Slot).where(Slot.practitioner_id == self.doctor.id)
        slots = list(db.session.scalars(mine.execution_options(populate_existing=True)))
        assert all((slot.expires_at is None) == (slot.hold_id is None) for slot in slots)
        of_visits = {(slot.appointment_id, slot.cell_at) for slot in slots if slot.appointment_id}
        assert of_visits == {
            (visit.id, cell)
            for visit in self._visits()
            if visit.status in WITH_CELLS
            for cell in cells(self._busy(visit))
        }
        of_holds = {(slot.hold_id, slot.cell_at) for slot in slots if slot.hold_id}
        holds = sa.select(Hold).where(Hold.practitioner_id == self.doctor.id)
        possible, needed = set(), set()
        for held in db.session.scalars(holds):
            sent = db.session.get_one(Draft, held.draft_id).reference
            kept = {(held.id, cell) for cell in cells(self._busy(booking.choice_of(held)))}
            possible |= kept
            needed |= kept if held.expires_at > self.now and not sent else set()
        assert needed <= of_holds <= possible

    # How the test looks at it.

    def _waits_for_a_doctor(self) -> bool:
        return any(intake.find(each).status == "with-doctor" for each in self.requests)

    def _tries(self, act: Callable[[], Any], *, taken: bool = False) -> Any:
        """Do it; a refusal must have a cause, and a success must have been possible."""
        try:
            done = act()
        except SlotTaken:
            assert taken
            return None
        except (NotAllowedNow, NotOffered, AlreadySent, NotFound):
            return None
        assert not taken
        return done

    def _visits(self) -> list[Appointment]:
        mine = sa.select(Appointment).where(Appointment.practitioner_id == self.doctor.id)
        return list(db.session.scalars(mine.execution_options(populate_existing=True)))

    def _visit(self, data: st.DataObject) -> Appointment:
        return self._read(data.draw(st.sampled_from(list(self.known))))

    def _cancelled(self) -> list[Any]:
        return [each for each, (status, _) in self.known.items() if status == "cancelled"]

    def _read(self, visit_id: Any) -> Appointment:
        found = db.session.get_one(Appointment, visit_id, populate_existing=True)
        db.session.expunge(found)
        return found

    def _request(self, data: st.DataObject) -> ServiceRequest:
        return intake.find(data.draw(st.sampled_from(self.requests)))

    def _draft(self, token: str) -> Draft | None:
        return enquiry.find(token, builders.the_pack().id, self.now)

    def _choice(self, time: tuple[str, dt.datetime]) -> booking.Choice:
        return booking.Choice(self.doctor.id, builders.an_id(time[0]), time[1])

    def _busy(self, choice: Any) -> Span:
        """What a visit or a choice must take, by its kind."""
        if choice.kind_id == builders.an_id(LONG):
            return Span(choice.starts_at, choice.starts_at + 30 * MINUTE)
        return Span(choice.starts_at - 5 * MINUTE, choice.starts_at + 20 * MINUTE)

    def _is_taken(self, choice: Any, by: Any = None) -> bool:
        """Whether somebody else has part of that time; `by` is the visit or draft that wants it."""
        wanted = cells(self._busy(choice))
        own = db.session.scalar(sa.select(Hold.id).where(Hold.draft_id == by.id)) if by else None
        found = db.session.scalars(
            sa.select(Slot).where(
                Slot.practitioner_id == self.doctor.id,
                Slot.cell_at.in_(wanted),
                sa.or_(Slot.expires_at.is_(None), Slot.expires_at > self.now),
            )
        )
        mine = {own, by.id} - {None} if by else set()
        return any((slot.hold_id or slot.appointment_id) not in mine for slot in found)

    def _is_offered(self, choice: booking.Choice) -> bool:
        """Whether the hours still have it, after all that closed meanwhile."""
        busy = self._busy(choice)
        closures = sa.select(Closure).where(Closure.practitioner_id == self.doctor.id)
        visit = Span(choice.starts_at, busy.end)
        closed = any(
            visit.meets(Span(each.starts_at, each.ends_at)) for each in db.session.scalars(closures)
        )
        return not closed and choice.starts_at >= self.now


@pytest.mark.databases("sqlite")
def test_no_sequence_of_acts_overlaps_two_visits_or_loses_one(context: Flask) -> None:
    """Booked, kept, sent, run out, moved, cancelled, taken back, recorded, closed, reviewed."""
    Days.zone = context.extensions["settings"].clinic_zone
    run_state_machine_as_test(
        Days,
        settings=settings(
            deadline=None,
            max_examples=15,
            stateful_step_count=50,
            suppress_health_check=list(HealthCheck),
        ),
    )
