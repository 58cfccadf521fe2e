"""Fills an empty database with the demo's people, through the workflow that real ones use."""

import os
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Final

import click
import sqlalchemy as sa
from flask import Flask

from app import access
from app.demo import past
from app.demo.people import ENQUIRERS, STAFF, Enquirer
from app.domain.clinic import Clinic
from app.domain.condition import Case, Pack
from app.domain.level import Level
from app.domain.roster import FIRST, SECOND, WEEK, monday_of, shifts
from app.domain.triage import assess
from app.records import db, migrate, transaction
from app.records.outbox import Message
from app.records.schedule import Place, Schedule, VisitKind
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import (
    booking,
    intake,
    outbox,
    queue,
    retriage,
    review,
    roster,
    staff,
    writing,
)
from config import Settings

STEP: Final = timedelta(minutes=7)
OPENS, CLOSES, VISIT_MINUTES = time(9), time(13), 30
WORKING_DAYS: Final = range(6)


def prepare(app: Flask, password: str, now: datetime) -> None:
    """Migrate the database, and fill it when nobody works there yet."""
    settings: Settings = app.extensions["settings"]
    packs: Mapping[str, Pack] = app.extensions["packs"]
    with app.app_context():
        if migrate.revision_of(db.engine) != migrate.NEWEST:
            db.engine.dispose()
            migrate.upgrade(settings.database_url)
        if db.session.scalar(sa.select(Practitioner.id).limit(1)) is None:
            _fill(packs, settings, password, now)


def _fill(packs: Mapping[str, Pack], settings: Settings, password: str, now: datetime) -> None:
    click.echo(f"Filling it with {len(ENQUIRERS)} invented requests …")
    people = _let_staff_in(password, settings, now)
    clinic = access.clinic()
    story = _Story(people, clinic, now)
    past.live_through(packs["spinal-metastasis"], clinic, story.desk, story.doctor, now)
    for enquirer in ENQUIRERS:
        story.tell(packs[enquirer.condition], enquirer)
    manager = next(person for person in people if person.role == "manager")
    visits = queue.Choice(wants="visit")
    queue.saved.save("Wants a visit", visits, manager, shared=True)
    queue.saved.save("Marathi", queue.Choice(speaks="mr"), story.desk)


def _let_staff_in(password: str, settings: Settings, now: datetime) -> list[Practitioner]:
    since = now - timedelta(days=30)
    people = [
        staff.add(role, name, email, password, since, phone=phone, registration=registration)
        for role, name, email, phone, registration in STAFF
    ]
    with transaction() as session:
        place = Place(
            name=settings.clinic_name,
            address=settings.clinic_address,
            directions="The lift to the second floor is on the left.",
            step_free=True,
        )
        kind = VisitKind(name="First visit", minutes=VISIT_MINUTES, fee=1500)
        session.add_all([place, kind])
        session.flush()
        session.add_all(
            Schedule(
                practitioner_id=doctor.id,
                place_id=place.id,
                kind_id=kind.id,
                weekday=weekday,
                opens=OPENS,
                closes=CLOSES,
                zone=settings.clinic_zone.key,
                kept_for_urgent=1,
                valid_from=since.date(),
            )
            for doctor in people
            if doctor.role == "doctor"
            for weekday in WORKING_DAYS
        )
    _enter_roster(people, settings, now)
    return people


def _enter_roster(people: list[Practitioner], settings: Settings, now: datetime) -> None:
    """The two doctors are on call by turns, this week and the next two."""
    first, second = (person.id for person in people if person.role == "doctor")
    manager = next(person for person in people if person.role == "manager")
    monday = monday_of(now.astimezone(settings.clinic_zone).date())
    entries = []
    for week in range(3):
        spans = shifts(monday + week * WEEK, settings.hand_over, settings.clinic_zone)
        for number, span in enumerate(spans):
            pair = (first, second) if number // 2 % 2 == 0 else (second, first)
            entries += [
                roster.Entry(span, rank, None, who)
                for rank, who in zip((FIRST, SECOND), pair, strict=True)
            ]
    roster.enter(entries, manager, now - timedelta(days=30))


class _Story:
    """What happens to one request after the other."""

    def __init__(self, people: list[Practitioner], clinic: Clinic, now: datetime) -> None:
        self.desk = next(person for person in people if person.role == "receptionist")
        self.colleague = next(p for p in people if p.role == "receptionist" and p != self.desk)
        self.doctor = next(person for person in people if person.role == "doctor")
        self.clinic = clinic
        self.now = now

    def tell(self, pack: Pack, enquirer: Enquirer) -> None:
        """Let somebody ask for help, and the clinic do what it did since."""
        at = self.now - enquirer.ago
        case = next(case for case in pack.cases if case.id == enquirer.case)
        told = {"story": enquirer.story, "age": enquirer.person.get("age")}
        answers = {**case.answers, **{name: words for name, words in told.items() if words}}
        warned = enquirer.source == "web" and case.level is Level.emergency
        submission = intake.Submission(
            id=uuid.uuid4(),
            source=enquirer.source,
            language="en",
            answering_for=enquirer.answering_for,
            wanted=enquirer.wanted,
            answers=answers,
            person={"age": answers.get("age", ""), **enquirer.person},
            consent_version="demo" if enquirer.consents else None,
            begun_at=at - 2 * STEP if enquirer.source == "web" else None,
            warned_at=at - STEP if warned else None,
        )
        by = self.desk if enquirer.source == "phone" else None
        judged_by = _that_knew_less(pack, case) if enquirer.older_rules else pack
        request = intake.submit(judged_by, submission, self.clinic, at, by)
        acts: dict[str, Callable[[ServiceRequest, datetime], object]] = {
            "close": self.close,
            "not_reached": self.not_reached,
            "ask_for_reports": self.ask_for_reports,
            "book": self.book,
            "wait": self.wait,
            "take": self.take,
            "find_out": self.find_out,
            "send_to_hospital": self.send_to_hospital,
            "see_within_a_week": self.see_within_a_week,
            "judge_again": lambda _, at: retriage.run({pack.id: pack}, self.clinic, at),
            "let_speak": self.let_speak,
            "refuse_mail": self.refuse_mail,
            "write": self.write,
            "assign": self.assign,
            "hand_over": self.hand_over,
        }
        for name in enquirer.then:
            at += STEP
            acts[name](request, at)

    def close(self, request: ServiceRequest, at: datetime) -> None:
        """The desk gives advice, and that is all."""
        note = "Has had this for years and has a physiotherapist. Will call if it changes."
        self._event(request, "close", at, note, "advice-given")

    def not_reached(self, request: ServiceRequest, at: datetime) -> None:
        """The desk calls, and nobody answers."""
        queue.log_call(
            request.reference, "no-answer", self.desk, at, "Asked to call in the evening."
        )

    def ask_for_reports(self, request: ServiceRequest, at: datetime) -> None:
        """The desk asks for the reports, so it is the patient's turn."""
        self._event(request, "ask", at, "Will send the MRI report by Thursday.")

    def book(self, request: ServiceRequest, at: datetime) -> None:
        """The desk books the first free time that is at least a day ahead."""
        tomorrow = self.now + timedelta(days=1)
        day = tomorrow.astimezone(self.clinic.zone).date()
        _, offers = booking.free(booking.practitioners(), day, 14, tomorrow)[0]
        booking.book(
            request.reference,
            offers[0].choice,
            request.version,
            self.desk,
            at,
            self.clinic.zone,
        )

    def wait(self, request: ServiceRequest, at: datetime) -> None:
        """The patient would come at once if an earlier time became free."""
        booking.waitlist.put_on(request.reference, None, None, self.desk, at)

    def let_speak(self, request: ServiceRequest, at: datetime) -> None:
        """The patient says on the phone with whom the clinic may speak."""
        who = {"speak_to": "Nilesh Deshmukh, son"}
        queue.correct(request.reference, request.version, who, self.desk, at)

    def refuse_mail(self, request: ServiceRequest, at: datetime) -> None:
        """The patient's mail server does not know the address: a task, and a call."""
        message = db.session.scalars(
            sa.select(Message).where(
                Message.request_id == request.id, Message.kind == "emergency-sent"
            )
        ).one()
        leased = outbox.Leased(
            message.id,
            message.kind,
            message.to,
            request.id,
            request.reference,
            message.occurrence,
            message.created_at,
            message.attempts,
        )
        outbox.settle_refused(leased, at, "SMTP 550")

    def write(self, request: ServiceRequest, at: datetime) -> None:
        """The desk writes to the patient."""
        subject = f"Please send your report ({request.reference})"
        words = "Please send us the report of your MRI. You can answer by phone, too."
        writing.write(request.reference, uuid.uuid4(), subject, words, self.desk, at)

    def take(self, request: ServiceRequest, at: datetime) -> None:
        """A doctor takes the case."""
        review.acknowledge(request.reference, self.doctor, at)

    def find_out(self, request: ServiceRequest, at: datetime) -> None:
        """The doctor cannot decide yet, and lets the desk ask."""
        words = "Is there an X-ray since the fall? Which bone did it name?"
        review.inquire(request.reference, words, request.version, self.doctor, at, self.clinic)

    def send_to_hospital(self, request: ServiceRequest, at: datetime) -> None:
        """The doctor has reached the patient, who goes to hospital."""
        words = "On the way to the emergency department with his brother."
        self._decide(request, "send-to-hospital", words, at)

    def see_within_a_week(self, request: ServiceRequest, at: datetime) -> None:
        """The doctor asks the desk for an early visit."""
        words = "See within a week. Please bring the MRI of the neck."
        self._decide(request, "decide", words, at)

    def assign(self, request: ServiceRequest, at: datetime) -> None:
        """Somebody at the desk takes it on."""
        queue.assign(request.reference, self.desk.id, None, self.desk, at)

    def hand_over(self, request: ServiceRequest, at: datetime) -> None:
        """A colleague shall see to it."""
        queue.assign(request.reference, self.colleague.id, None, self.desk, at)

    def _decide(self, request: ServiceRequest, event: str, words: str, at: datetime) -> None:
        review.decide(
            request.reference, event, words, request.version, self.doctor, at, self.clinic
        )

    def _event(
        self,
        request: ServiceRequest,
        event: str,
        at: datetime,
        note: str,
        reason: str | None = None,
    ) -> None:
        queue.event(
            request.reference,
            event,
            request.version,
            self.desk,
            at,
            self.clinic,
            note=note,
            reason=reason,
        )


def _that_knew_less(pack: Pack, case: Case) -> Pack:
    """The version before, as if it had lacked the rules that decide this case."""
    decisive = {found.rule.id for found in assess(pack, case.answers).at_its_level()}
    rules = tuple(rule for rule in pack.rules if rule.id not in decisive)
    return replace(pack, version=f"{pack.version}-before", rules=rules)


if __name__ == "__main__":
    from app import create_app

    # Not the app of `wsgi`, which refuses a database that is not migrated yet.
    clinic_app = create_app(Settings.from_env(os.environ))
    prepare(clinic_app, os.environ["DEMO_PASSWORD"], datetime.now(UTC))
