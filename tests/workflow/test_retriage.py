"""A new version of a pack, and the rule that the level never falls except by a doctor."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.domain.clinic import Clinic
from app.domain.condition import Pack
from app.domain.errors import ClinicError
from app.domain.level import Level
from app.records import audit, db, transaction
from app.records.outbox import Message
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import duplicates, intake, manage, queue, retriage, review
from tests.builders import NOW, a_request, a_staff_member, a_submission, the_clinic, the_pack

HOUR = dt.timedelta(hours=1)
LATER = NOW + 2 * HOUR

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    """What the stages need to know of the clinic."""
    return the_clinic()


@pytest.fixture
def rao() -> Practitioner:
    """A doctor."""
    return a_staff_member("doctor")


@pytest.fixture
def meera() -> Practitioner:
    """Somebody at the desk."""
    return a_staff_member("receptionist")


def a_version(version: str, levels: Mapping[Level, Level] | None = None) -> dict[str, Pack]:
    """The pack in a new version, in which every rule of a level has another one."""
    pack = the_pack()
    rules = tuple(
        dataclasses.replace(rule, level=(levels or {}).get(rule.level, rule.level))
        for rule in pack.rules
    )
    return {pack.id: dataclasses.replace(pack, version=version, rules=rules)}


def again(request: ServiceRequest) -> ServiceRequest:
    """The request, read again."""
    db.session.rollback()
    return db.session.get_one(ServiceRequest, request.id, populate_existing=True)


def alerts(request: ServiceRequest) -> int:
    """How many alerts about it wait for the doctors."""
    waiting = (Message.kind == "doctor-alert", Message.status == "waiting")
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(Message)
            .where(*waiting, Message.request_id == request.id)
        )
        or 0
    )


def test_the_version_that_judged_last_judges_nothing_again(clinic: Clinic) -> None:
    """Today's pack changes nothing."""
    request = a_request(Level.soon)
    packs = {the_pack().id: the_pack()}
    assert retriage.due(packs) == 0
    assert retriage.run(packs, clinic, LATER) == retriage.Judged(0, 0)
    assert len(again(request).triages) == 1


def test_a_version_that_says_the_same_leaves_its_mark_once(clinic: Clinic) -> None:
    """One decision of the new version is added; the clock runs on; a second run finds nothing."""
    request = a_request(Level.soon)
    packs = a_version("next")
    assert retriage.due(packs) == 1
    assert retriage.run(packs, clinic, LATER) == retriage.Judged(1, 0)
    assert retriage.run(packs, clinic, LATER) == retriage.Judged(0, 0)
    found = again(request)
    assert [each.pack_version for each in found.triages] == [the_pack().version, "next"]
    assert found.triages[0].findings == found.triages[1].findings
    assert (found.level, found.status, found.waiting_since) == (Level.soon, "with-desk", NOW)
    assert found.history[-1].event == "retriage"
    with transaction() as session:
        assert audit.first_broken(session) is None


def test_a_version_that_says_more_starts_the_clock_and_tells_the_doctors(
    clinic: Clinic, rao: Practitioner
) -> None:
    """Soon becomes an emergency: it is the doctor's turn, in the same transaction."""
    request = a_request(Level.soon)
    packs = a_version("next", {Level.soon: Level.emergency})
    assert retriage.run(packs, clinic, LATER) == retriage.Judged(1, 1)
    found = again(request)
    assert (found.level, found.status) == (Level.emergency, "with-doctor")
    assert found.waiting_since == LATER
    assert found.due_at == clinic.clock.due_at(Level.emergency, LATER)
    assert found.triage.level is Level.emergency
    assert found.triage.by is None
    assert alerts(request)


def test_a_version_that_says_less_lowers_nothing(clinic: Clinic, rao: Practitioner) -> None:
    """The level stays until a doctor lowers it, and the old decision stays as it was."""
    request = a_request(Level.urgent)
    review.acknowledge(request.reference, rao, NOW)
    packs = a_version("next", {Level.urgent: Level.routine})
    assert retriage.run(packs, clinic, LATER) == retriage.Judged(1, 0)
    found = again(request)
    assert found.level is found.triage.level is Level.urgent
    assert found.triage.reason == retriage.STAYS
    assert {each["level"] for each in found.triage.findings} <= {"routine", "soon"}
    assert found.acknowledged_by_id == rao.id
    assert found.triages[0].reason is None


def test_what_a_doctor_has_weighed_is_not_raised_again(clinic: Clinic, rao: Practitioner) -> None:
    """The same rules of a new version say nothing new; a rule that fires newly does."""
    request = a_request(Level.emergency)
    review.decide(
        request.reference,
        "decide",
        "Book a visit",
        again(request).version,
        rao,
        NOW,
        clinic,
        level=Level.routine,
        reason="An old weakness, seen last week.",
    )
    retriage.run(a_version("same"), clinic, LATER)
    assert again(request).level is Level.routine
    assert again(request).status == "with-desk"
    more = a_version("more", {Level.routine: Level.soon, Level.soon: Level.urgent})
    retriage.run(more, clinic, LATER)
    newly = [each for each in again(request).triage.findings if each["level"] == "urgent"]
    assert again(request).level is (Level.urgent if newly else Level.routine)


def test_what_is_closed_or_of_another_condition_is_left_alone(
    clinic: Clinic, meera: Practitioner
) -> None:
    """Only unfinished requests of the pack are judged."""
    request = a_request(Level.routine)
    queue.event(request.reference, "close", 1, meera, NOW, clinic, reason="seen")
    assert retriage.run(a_version("next"), clinic, LATER).requests == 0
    other = {"another": dataclasses.replace(the_pack(), id="another", version="next")}
    a_request(Level.routine)
    assert retriage.run(other, clinic, LATER).requests == 0


def test_a_run_that_was_stopped_goes_on(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was judged stays judged, and the rest follows; batches lose nobody between them."""
    monkeypatch.setattr(retriage, "BATCH", 2)
    made = [
        a_request(Level.routine, person={"phone": f"+9198765432{number:02}"}) for number in range(5)
    ]
    packs = a_version("next")
    judge = retriage._judge
    done: list[bool] = []

    def stops(*given: Any) -> bool:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(judge(*given))
        return done[-1]

    monkeypatch.setattr(retriage, "_judge", stops)
    with pytest.raises(KeyboardInterrupt):
        retriage.run(packs, clinic, LATER)
    monkeypatch.setattr(retriage, "_judge", judge)
    assert retriage.run(packs, clinic, LATER).requests == 2
    assert [len(again(each).triages) for each in made] == [2] * 5


def test_a_doctors_decision_is_a_decision_about_the_level(
    clinic: Clinic, rao: Practitioner
) -> None:
    """One that keeps the level is written down like one that changes it."""
    request = a_request(Level.urgent)
    version = again(request).version
    review.decide(
        request.reference, "decide", "Book a visit", version, rao, NOW, clinic, level=Level.urgent
    )
    found = again(request)
    assert [(each.level, each.by_id) for each in found.triages] == [
        (Level.urgent, None),
        (Level.urgent, rao.id),
    ]
    assert found.triage.reason == "Book a visit"


ANSWERS = ("send", "phone", "add", "worse", "same", "decide", "retriage")
ACTS = (*ANSWERS, "raise", "call", "close", "reopen", "link")


@pytest.mark.databases("sqlite")
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    first=st.sampled_from(Level),
    acts=st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(Level)), min_size=1, max_size=6),
)
# Each path of new answers once, after somebody has raised the level above what the rules say.
@example(
    first=Level.soon,
    acts=[
        (act, Level.emergency if act == "raise" else Level.routine)
        for act in ("raise", "add", "same", "worse", "phone", "send", "retriage")
    ],
)
def test_the_level_never_falls_except_by_a_doctor_with_a_reason(
    clinic: Clinic,
    rao: Practitioner,
    meera: Practitioner,
    first: Level,
    acts: list[tuple[str, Level]],
) -> None:
    """Whatever happens in whatever order; and every act with answers adds a decision."""
    story = Story(clinic, rao, meera, first)
    for number, (act, level) in enumerate(acts, 1):
        before, count = story.request.level, len(story.request.triages)
        done = story.act(act, level, NOW + number * HOUR)
        found = story.request
        assert found.triage.level == found.level
        added = found.triages[count:]
        if found.level < before:
            assert (act, added[-1].by_id) == ("decide", rao.id)
            assert added[-1].reason
        if done and act in ANSWERS:
            assert len(added) == 1
    numbers = [each.number for each in story.request.triages]
    assert numbers == list(range(1, len(numbers) + 1))


class Story:
    """One request, and what people do with it."""

    def __init__(
        self, clinic: Clinic, rao: Practitioner, meera: Practitioner, first: Level
    ) -> None:
        self.clinic, self.rao, self.meera = clinic, rao, meera
        self.id = uuid.uuid4()
        # A number of its own: an earlier request of the same phone would lend it its level.
        self.phone = f"+91{self.id.int % 10**10:010}"
        self.versions = 0
        self.made = self._submit(first, NOW)

    @property
    def request(self) -> ServiceRequest:
        """As it is stored now."""
        return again(self.made)

    def act(self, act: str, level: Level, at: dt.datetime) -> bool:
        """Do it; tells whether the clinic's rules allowed it."""
        try:
            getattr(self, f"_{act}")(level, at)
        except ClinicError:
            return False
        return True

    def _submit(
        self, level: Level, at: dt.datetime, by: Practitioner | None = None
    ) -> ServiceRequest:
        # Other words each time, so that it says more than what is known.
        told = {"name": "Asha Patil", "phone": self.phone, "call_time": str(at)}
        submission = a_submission(level, id=self.id, person=told)
        return intake.submit(the_pack(), submission, self.clinic, at, by)

    def _send(self, level: Level, at: dt.datetime) -> None:
        self._submit(level, at)

    def _phone(self, level: Level, at: dt.datetime) -> None:
        self._submit(level, at, self.meera)

    def _raise(self, level: Level, at: dt.datetime) -> None:
        found = self.request
        queue.raise_level(
            found.reference, level, found.version, self.meera, at, self.clinic, "Sounds worse"
        )

    def _decide(self, level: Level, at: dt.datetime) -> None:
        found = self.request
        review.decide(
            found.reference,
            "decide",
            "Book a visit",
            found.version,
            self.rao,
            at,
            self.clinic,
            level=level,
            reason="I have spoken to her",
        )

    def _retriage(self, level: Level, at: dt.datetime) -> None:
        self.versions += 1
        rules = {each: level for each in Level if each != level}
        retriage.run(a_version(f"v{self.versions}", rules), self.clinic, at)
        if self.request.status == "closed":
            raise ClinicError

    def _token(self, at: dt.datetime) -> str:
        return manage.address(self.request, at) or ""

    def _add(self, _: Level, at: dt.datetime) -> None:
        manage.add(self._token(at), the_pack(), f"More at {at}", self.clinic, at)

    def _told(self, answer: str, at: dt.datetime) -> None:
        told = {each.id: answer for each in the_pack().worse}
        manage.worse(self._token(at), the_pack(), told, self.clinic, at)

    def _worse(self, _: Level, at: dt.datetime) -> None:
        self._told("worse", at)

    def _same(self, _: Level, at: dt.datetime) -> None:
        self._told("same", at)

    def _call(self, _: Level, at: dt.datetime) -> None:
        queue.log_call(self.request.reference, "answered", self.meera, at)

    def _event(self, event: str, at: dt.datetime) -> None:
        found = self.request
        queue.event(
            found.reference, event, found.version, self.meera, at, self.clinic, reason="seen"
        )

    def _close(self, _: Level, at: dt.datetime) -> None:
        self._event("close", at)

    def _reopen(self, _: Level, at: dt.datetime) -> None:
        self._event("reopen", at)

    def _link(self, _: Level, at: dt.datetime) -> None:
        other = a_request(Level.routine, at=at, person={"phone": "+919800000000"})
        found = self.request
        duplicates.link(found.reference, other.reference, found.version, self.meera, at)
