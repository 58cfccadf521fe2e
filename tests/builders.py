"""Things to test with, made by the real workflow. Most need an app context."""

import base64
import datetime as dt
import secrets
import uuid
from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from flask import Flask, current_app
from jinja2.bccache import Bucket, BytecodeCache

from app import access, create_app
from app.domain.clinic import Clinic
from app.domain.condition import Answers, Pack
from app.domain.level import Level
from app.records import db, transaction
from app.records.schedule import Place, Schedule, VisitKind
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import booking, intake, staff
from config import Settings

NOW: Final = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
"""A Tuesday, 11:30 am in Mumbai: the instant of tests that pass the time themselves."""

PASSWORD: Final = "correct horse battery"
NAMES: Final = {"receptionist": "Meera Kulkarni", "doctor": "Dr Arun Rao", "manager": "Leela Shah"}

ENVIRONMENT: Final = {
    "SECRET_KEY": "abcdefghijklmnopqrstuvwxyz012345",
    "FIELD_KEYS": "k1:" + base64.b64encode(bytes(range(32))).decode(),
    "INDEX_KEY": base64.b64encode(bytes(range(32, 64))).decode(),
    "PUBLIC_BASE_URL": "http://localhost",
    "MAIL_SERVER": "127.0.0.1",
    "MAIL_PORT": "9",
    "MAIL_SECURITY": "none",
    "MAIL_TIMEOUT": "10",
    "MAIL_FROM": "clinic@example.org",
    "DESK_ADDRESSES": "desk@example.org",
    "CLINIC_NAME": "Example Spine Clinic",
    "CLINIC_CITY": "Mumbai",
    "CLINIC_ADDRESS": "1 Example Road, Mumbai",
    "CLINIC_PHONE": "022 0000 1234",
    "CLINIC_HOURS": "Monday to Saturday, 9 am to 7 pm",
    # So that no test depends on the hour at which it runs.
    "DESK_HOURS": "mon-sun 00:00-23:59",
}


def settings(**changes: Any) -> Settings:
    """Settings of an invented clinic, with some values changed."""
    return Settings.from_env(ENVIRONMENT).replace(**changes)


class CompiledTemplates(BytecodeCache):
    """Templates that one app of this process has compiled are compiled for the next."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what is known of a template; the key tells its text, too."""
        if known := self._known.get(f"{bucket.key} {bucket.checksum}"):
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Remember it."""
        self._known[f"{bucket.key} {bucket.checksum}"] = bucket.bytecode_to_string()


TEMPLATES: Final = CompiledTemplates()


def an_app(known: Settings) -> Flask:
    """The app, whose password hashes take no time, and whose templates are compiled once."""
    app = create_app(known)
    app.jinja_env.bytecode_cache = TEMPLATES
    app.extensions["security"].pwd_context.update(
        argon2__time_cost=1, argon2__memory_cost=64, argon2__parallelism=1
    )
    return app


def the_pack() -> Pack:
    """The condition pack of spinal metastases, as patients get it."""
    packs: Mapping[str, Pack] = current_app.extensions["packs"]
    return packs["spinal-metastasis"]


def the_clinic() -> Clinic:
    """What the stages need to know of a clinic that has no closures."""
    return access.clinic_closed_on(())


def answers_of(level: Level) -> Answers:
    """The answers of the first worked example of that level."""
    return next(case.answers for case in the_pack().cases if case.level is level)


def a_staff_member(role: str = "receptionist", **details: Any) -> Practitioner:
    """Somebody who works at the clinic and signs in with PASSWORD."""
    known = {"name": NAMES[role], "email": f"{role}-{secrets.token_hex(4)}@example.org"}
    return staff.add(role, **{"password": PASSWORD, "now": NOW, **known, **details})


def a_submission(
    level: Level = Level.routine, *, person: Mapping[str, Any] | None = None, **changes: Any
) -> intake.Submission:
    """What a patient sends whose answers mean that level."""
    told = {"name": "Asha Patil", "phone": "+919876543210", "speaks": "mr", **(person or {})}
    usual: dict[str, Any] = {
        "id": uuid.uuid4(),
        "source": "web",
        "language": "en",
        "answering_for": "self",
        "wanted": "call",
        "answers": answers_of(level),
        "person": told,
        "consent_version": "2026-11-24",
    }
    return intake.Submission(**{**usual, **changes})


def a_request(
    level: Level = Level.routine,
    *,
    at: dt.datetime = NOW,
    by: Practitioner | None = None,
    **changes: Any,
) -> ServiceRequest:
    """A stored request of that level, with its messages; `changes` are those of a submission."""
    return intake.submit(the_pack(), a_submission(level, **changes), the_clinic(), at, by)


def a_doctor_with_hours(
    opens: dt.time = dt.time(9),
    closes: dt.time = dt.time(13),
    *,
    zone: str = "Asia/Kolkata",
    minutes: int = 30,
    hours: Mapping[str, Any] | None = None,
    kind: Mapping[str, Any] | None = None,
    **details: Any,
) -> Practitioner:
    """A doctor who can be visited from Monday to Saturday; 9 to 13, every half hour.

    `hours` and `kind` are more of the weekly hours and of the kind of visit.
    """
    doctor = a_staff_member("doctor", **details)
    place, visit = a_place(), a_kind(minutes, **(kind or {}))
    with transaction() as session:
        session.add_all(
            Schedule(
                practitioner_id=doctor.id,
                place_id=place.id,
                kind_id=visit.id,
                weekday=weekday,
                opens=opens,
                closes=closes,
                zone=zone,
                valid_from=dt.date(2026, 1, 1),
                **(hours or {}),
            )
            for weekday in range(6)
        )
    return doctor


def a_place(name: str = "Example Road", **details: Any) -> Place:
    """The place of that name; it is made once."""
    with transaction() as session:
        place = session.scalar(sa.select(Place).where(Place.name == name))
        if place is None:
            place = Place(name=name, address="1 Example Road, Mumbai", step_free=True, **details)
            session.add(place)
    return place


def a_kind(minutes: int = 30, **details: Any) -> VisitKind:
    """The kind of visit of that length; it is made once."""
    name = details.pop("name", f"Visit of {minutes} minutes")
    with transaction() as session:
        kind = session.scalar(sa.select(VisitKind).where(VisitKind.name == name))
        if kind is None:
            kind = VisitKind(id=an_id(name), name=name, minutes=minutes, **details)
            session.add(kind)
    return kind


def an_id(name: str) -> uuid.UUID:
    """The id of the kind of visit with that name, known without asking for it."""
    return uuid.uuid5(uuid.NAMESPACE_OID, name)


KIND_ID: Final = an_id("Visit of 30 minutes")
"""Of the kind of visit that doctors have here unless a test says otherwise."""


def a_choice(practitioner_id: uuid.UUID, starts_at: dt.datetime) -> booking.Choice:
    """That time with that person, of the kind of visit that the person's hours are for."""
    hours = sa.select(Schedule.kind_id).where(Schedule.practitioner_id == practitioner_id)
    kind = db.session.scalar(hours.limit(1))
    return booking.Choice(practitioner_id, kind or uuid.uuid4(), starts_at)


def visit_details(starts_at: dt.datetime, minutes: int = 30, **details: Any) -> dict[str, Any]:
    """Everything that a stored visit needs but the request and who is visited."""
    ends_at = starts_at + dt.timedelta(minutes=minutes)
    usual = {
        "place_id": a_place().id,
        "kind_id": a_kind(minutes).id,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "busy_from": starts_at,
        "busy_until": ends_at,
        "status": "booked",
        "created_at": NOW,
        "changed_at": NOW,
    }
    return {**usual, **details}
