"""Fills an empty database with the demo's people, through the workflow that real ones use."""

import os
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Final

import click
import sqlalchemy as sa
from flask import Flask

from app.demo.people import ENQUIRERS, STAFF, Enquirer
from app.domain.condition import Pack
from app.records import db, migrate, transaction
from app.records.schedule import Place, Schedule, VisitKind
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import booking, intake, queue, review, staff
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
            _fill(packs["spinal-metastasis"], settings, password, now)


def _fill(pack: Pack, settings: Settings, password: str, now: datetime) -> None:
    click.echo(f"Filling it with {len(ENQUIRERS)} invented requests …")
    people = _let_staff_in(password, settings, now)
    clinic = intake.Clinic(settings.clinic_zone, len(settings.desk_addresses))
    story = _Story(people, clinic, now)
    for enquirer in ENQUIRERS:
        story.tell(pack, enquirer)


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
    return people


class _Story:
    """What happens to one request after the other."""

    def __init__(self, people: list[Practitioner], clinic: intake.Clinic, now: datetime) -> None:
        self.desk = next(person for person in people if person.role == "receptionist")
        self.doctor = next(person for person in people if person.role == "doctor")
        self.clinic = clinic
        self.now = now

    def tell(self, pack: Pack, enquirer: Enquirer) -> None:
        """Let somebody ask for help, and the clinic do what it did since."""
        at = self.now - enquirer.ago
        case = next(case for case in pack.cases if case.id == enquirer.case)
        answers = {**case.answers} | ({"story": enquirer.story} if enquirer.story else {})
        submission = intake.Submission(
            id=uuid.uuid4(),
            source=enquirer.source,
            language="en",
            answering_for=enquirer.answering_for,
            wanted=enquirer.wanted,
            answers=answers,
            person={"age": answers.get("age", ""), **enquirer.person},
            consent_version="demo",
        )
        by = self.desk if enquirer.source == "phone" else None
        request = intake.submit(pack, submission, self.clinic, at, by)
        acts: dict[str, Callable[[ServiceRequest, datetime], object]] = {
            "close": self.close,
            "not_reached": self.not_reached,
            "ask_for_reports": self.ask_for_reports,
            "book": self.book,
            "take": self.take,
            "send_to_hospital": self.send_to_hospital,
            "see_within_a_week": self.see_within_a_week,
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

    def take(self, request: ServiceRequest, at: datetime) -> None:
        """A doctor takes the case."""
        review.acknowledge(request.reference, self.doctor, at)

    def send_to_hospital(self, request: ServiceRequest, at: datetime) -> None:
        """The doctor has reached the patient, who goes to hospital."""
        words = "On the way to the emergency department with his brother."
        self._decide(request, "send-to-hospital", words, at)

    def see_within_a_week(self, request: ServiceRequest, at: datetime) -> None:
        """The doctor asks the desk for an early visit."""
        words = "See within a week. Please bring the MRI of the neck."
        self._decide(request, "decide", words, at)

    def _decide(self, request: ServiceRequest, event: str, words: str, at: datetime) -> None:
        review.decide(
            request.reference, event, words, request.version, self.doctor, at, self.clinic.zone
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
            self.clinic.zone,
            note=note,
            reason=reason,
        )


if __name__ == "__main__":
    from app import create_app

    # Not the app of `wsgi`, which refuses a database that is not migrated yet.
    clinic_app = create_app(Settings.from_env(os.environ))
    prepare(clinic_app, os.environ["DEMO_PASSWORD"], datetime.now(UTC))
