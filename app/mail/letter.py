"""What a message says, read afresh when it is sent; None when it is no longer true."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from flask import current_app, url_for

from app.case import findings
from app.domain import lifecycle
from app.domain.condition import Pack, Text, in_language
from app.domain.level import Level
from app.mail.html import as_html
from app.records import db
from app.records.outbox import Message
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.words import LEVELS, TARGETS
from app.workflow import outbox
from config import Settings

Words = Mapping[str, Any]

# The level in the subjects of staff. Source: UX blueprint, section 17.
BRACKETS: Final = {
    Level.emergency: "Now",
    Level.urgent: "Today",
    Level.soon: "Soon",
    Level.routine: "Routine",
}
# What a mail to a patient must not say to whoever looks over their shoulder.
UNSAID: Final = ("cancer", "tumour")
CLINICS_TURN: Final = (lifecycle.WITH_DOCTOR, lifecycle.WITH_DESK)
STANDING: Final = ("booked", "arrived")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one receiver, in words."""

    to: str
    subject: str
    text: str
    html: str


def write(leased: outbox.Leased, now: dt.datetime) -> Letter | None:
    """The letter that a message means now, or None when it is no longer true."""
    request = db.session.get(ServiceRequest, leased.request_id)
    if request is None:
        return None
    to = _address(leased.to, request)
    if to is None:
        return None
    found = _WORDS[leased.kind](leased, request, now)
    if found is None:
        return None
    template, words = found
    return in_form(to, template, {"request": request, "now": now, **words})


def in_form(to: str, template: str, words: Words) -> Letter:
    """A letter from a template, whose first line is the subject."""
    # Not `render_template`: what it adds for pages needs somebody who looks at one.
    rendered = current_app.jinja_env.get_template(f"email/{template}.txt").render(
        **_everywhere(), **words
    )
    subject, _, text = rendered.partition("\n")
    text = text.strip() + "\n"
    return Letter(to, subject, text, as_html(subject, text, _numbers()))


def _everywhere() -> dict[str, Any]:
    settings = _settings()
    return {
        "site": settings.public_base_url,
        "contact": _link("patient.contact"),
        "place_time": f"({settings.clinic_city} time)",
    }


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def _numbers() -> list[str]:
    known = _settings()
    return [
        known.clinic_phone,
        known.ambulance_number,
        known.emergency_number,
        known.helpline_number,
    ]


def _link(endpoint: str, **values: Any) -> str:
    """A link that begins with the public address, whatever host anybody asked for."""
    with current_app.test_request_context():
        return _settings().public_base_url + url_for(endpoint, **values)


def _address(to: str, request: ServiceRequest) -> str | None:
    kind, _, which = to.partition(":")
    if kind == "desk":
        mailboxes = _settings().desk_addresses
        return mailboxes[int(which)] if int(which) < len(mailboxes) else None
    if kind == "staff":
        person = db.session.get(Practitioner, uuid.UUID(which))
        return person.email if person and person.active else None
    return request.person.get("email") or None


def _new_request(
    leased: outbox.Leased, request: ServiceRequest, now: dt.datetime
) -> tuple[str, Words] | None:
    if request.status == lifecycle.CLOSED:
        return None
    told: Words = {}
    if _settings().desk_mail == "flags":
        told = {
            "flags": [finding["title"] for finding in findings(request)],
            "person": request.person,
        }
    return "new-request", {**_for_staff(request, "desk.show"), **told}


def _doctor_alert(
    leased: outbox.Leased, request: ServiceRequest, now: dt.datetime
) -> tuple[str, Words] | None:
    if request.status != lifecycle.WITH_DOCTOR or request.acknowledged_at:
        return None
    words = _for_staff(request, "doctor.show")
    return "doctor-alert", {**words, "others": list(_others_told(leased))}


def _for_staff(request: ServiceRequest, endpoint: str) -> dict[str, Any]:
    return {
        "bracket": BRACKETS[request.level],
        "level": LEVELS[request.level],
        "target": TARGETS[request.level],
        "link": _link(endpoint, reference=request.reference),
    }


def _others_told(leased: outbox.Leased) -> Iterator[str]:
    """The names of the doctors who get the same alarm."""
    receivers = db.session.scalars(
        sa.select(Message.to).where(
            Message.request_id == leased.request_id,
            Message.kind == leased.kind,
            Message.occurrence == leased.occurrence,
            Message.to != leased.to,
        )
    )
    ids = [uuid.UUID(to.partition(":")[2]) for to in receivers]
    return iter(
        db.session.scalars(
            sa.select(Practitioner.name)
            .where(Practitioner.id.in_(ids), Practitioner.active)
            .order_by(Practitioner.name)
        )
    )


def _request_received(
    leased: outbox.Leased, request: ServiceRequest, now: dt.datetime
) -> tuple[str, Words] | None:
    """By the level that holds now: an enquiry may have become an emergency meanwhile."""
    if request.status == lifecycle.CLOSED:
        return None
    pack = _pack(request)
    if request.level is Level.emergency:
        return "emergency-sent", {**_box(pack), "say": list(_words_to_say(pack, request))}
    waits = request.status in CLINICS_TURN
    return "acknowledgement", {**_box(pack), "waits": waits, "levels": Level}


def _visit(
    leased: outbox.Leased, request: ServiceRequest, now: dt.datetime
) -> tuple[str, Words] | None:
    visit = request.appointment
    if visit is None or visit.status not in STANDING or visit.starts_at <= now:
        return None
    return leased.kind, {**_box(_pack(request)), "visit": visit}


def _cancelled(
    leased: outbox.Leased, request: ServiceRequest, now: dt.datetime
) -> tuple[str, Words] | None:
    cancelled = [a for a in request.appointments if a.status == "cancelled"]
    standing = request.appointment
    # A visit that is older than the message and stands: the cancelling was taken back.
    taken_back = standing is not None and standing.created_at < leased.created_at
    if taken_back or not cancelled:
        return None
    visit = max(cancelled, key=lambda a: a.changed_at)
    if visit.starts_at <= now:
        return None
    return "cancelled", {**_box(_pack(request)), "visit": visit}


def _pack(request: ServiceRequest) -> Pack | None:
    packs: Mapping[str, Pack] = current_app.extensions["packs"]
    return packs.get(request.condition)


def _box(pack: Pack | None) -> dict[str, Any]:
    """The get-help-now box, from the same cards as the pages."""
    cards = pack.cards if pack else ()
    return {
        "signs": list(_sayable(card.text for card in cards if card.level is Level.emergency)),
        "signed_off": bool(pack and pack.signed_off),
    }


def _words_to_say(pack: Pack | None, request: ServiceRequest) -> Iterator[str]:
    fired = {finding["rule"] for finding in request.triage.findings}
    parts = pack.emergency_words if pack else ()
    said = (part.say for part in parts if fired & set(part.rules))
    return _sayable(say for say in said if say)


def _sayable(texts: Iterator[Text]) -> Iterator[str]:
    for text in texts:
        words = in_language(text, "en")
        if not any(unsaid in words.lower() for unsaid in UNSAID):
            yield words


_WORDS: Final[
    Mapping[
        str,
        Callable[[outbox.Leased, ServiceRequest, dt.datetime], tuple[str, Words] | None],
    ]
] = {
    "new-request": _new_request,
    "doctor-alert": _doctor_alert,
    "acknowledgement": _request_received,
    "emergency-sent": _request_received,
    "booked": _visit,
    "changed": _visit,
    "cancelled": _cancelled,
}
