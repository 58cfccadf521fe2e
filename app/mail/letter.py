"""What a message says, read afresh when it is sent; None when it is no longer true."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import current_app, url_for

from app.case import findings
from app.domain import lifecycle
from app.domain.condition import Pack, Text, in_language
from app.domain.escalation import FIRST, SECOND
from app.domain.level import Level
from app.domain.ready_text import UNSAID
from app.mail import alarm, later
from app.mail.html import as_html
from app.mail.invite import Invite, invite
from app.records import db
from app.records.service_request import ServiceRequest
from app.words import LEVELS
from app.workflow import manage, outbox, writing
from config import Settings

Words = Mapping[str, Any]

# The level in the subjects of staff. Source: UX blueprint, section 17.
BRACKETS: Final = {
    Level.emergency: "Now",
    Level.urgent: "Today",
    Level.soon: "Soon",
    Level.routine: "Routine",
}
CLINICS_TURN: Final = (lifecycle.WITH_DOCTOR, lifecycle.WITH_DESK)
# The letters that tell a calendar, too.
INVITES: Final = ("booked", "changed", "cancelled")
STANDING: Final = ("booked", "arrived")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in words; only people of the clinic get one together."""

    to: Sequence[str]
    subject: str
    text: str
    html: str
    invite: Invite | None = None


def write(leased: outbox.Leased, now: dt.datetime) -> Letter | None:
    """The letter that a message means now, or None when it is no longer true."""
    request = db.session.get(ServiceRequest, leased.request_id)
    if request is None:
        return None
    to = _addresses(leased.to, request, now)
    if not to:
        return None
    found = _WORDS[leased.kind](leased, request, now)
    if found is None:
        return None
    template, words = found
    page = _page_links(request, now) if leased.to == "patient" else {}
    written = in_form(to, template, {"request": request, "now": now, **page, **words})
    if template not in INVITES:
        return written
    return replace(written, invite=invite(words["visit"], to[0], page.get("page"), _settings()))


def preview(request: ServiceRequest, subject: str, text: str, now: dt.datetime) -> Letter:
    """What the patient would get, were these words sent now."""
    words = {"subject": subject, "text": text, **_box(_pack(request)), **_page_links(request, now)}
    return in_form(
        [request.person["email"]], writing.KIND, {"request": request, "now": now} | words
    )


def _page_links(request: ServiceRequest, now: dt.datetime) -> dict[str, str]:
    """The patient's own page, and the way to say "this was not me"; in letters to patients only."""
    token = manage.address(request, now)
    if token is None:
        return {}
    return {
        "page": _link("patient.own_page", token=token),
        "not_me": _link("patient.ask_not_me", token=token),
    }


def in_form(to: Sequence[str], template: str, words: Words) -> Letter:
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


def _addresses(to: str, request: ServiceRequest, now: dt.datetime) -> list[str]:
    kind, _, which = to.partition(":")
    if kind == "desk":
        return list(_settings().desk_addresses[int(which) :][:1])
    if kind == "patient":
        told = request.person.get("email")
        return [told] if told and not manage.is_shut(request) else []
    return [person.email for person in alarm.receivers(to, now)]


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
    told = alarm.to_doctors(leased, request, now)
    return ("doctor-alert", {**_for_staff(request, _page_for(leased)), **told}) if told else None


def _page_for(leased: outbox.Leased) -> str:
    """Only doctors may open a case; everybody else is led to the request."""
    return "doctor.show" if leased.to in (FIRST, SECOND) else "desk.show"


def _late(
    leased: outbox.Leased, request: ServiceRequest, now: dt.datetime
) -> tuple[str, Words] | None:
    told = alarm.to_desk(leased, request, now)
    return ("late", {**_for_staff(request, "desk.show"), **told}) if told else None


def _doctor_asks(
    leased: outbox.Leased, request: ServiceRequest, now: dt.datetime
) -> tuple[str, Words] | None:
    told = alarm.to_desk_for_doctor(leased, request, now)
    return ("doctor-asks", {**_for_staff(request, _page_for(leased)), **told}) if told else None


def _patient_news(
    leased: outbox.Leased, request: ServiceRequest, now: dt.datetime
) -> tuple[str, Words] | None:
    if request.status == lifecycle.CLOSED and request.closed_reason != "not-wanted":
        return None
    return "patient-news", {**_for_staff(request, "desk.show"), "came_at": leased.created_at}


def _new_link(
    leased: outbox.Leased, request: ServiceRequest, now: dt.datetime
) -> tuple[str, Words] | None:
    if manage.address(request, now) is None:
        return None
    return "new-link", _box(_pack(request))


def _written(
    leased: outbox.Leased, request: ServiceRequest, now: dt.datetime
) -> tuple[str, Words] | None:
    found = writing.words_of(leased)
    if found is None:
        return None
    return writing.KIND, {**_box(_pack(request)), "subject": found.subject, "text": found.text}


def _for_staff(request: ServiceRequest, endpoint: str) -> dict[str, Any]:
    return {
        "bracket": BRACKETS[request.level],
        "level": LEVELS[request.level],
        "link": _link(endpoint, reference=request.reference),
    }


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
    reviewed = request.status == lifecycle.WITH_DOCTOR and request.level is Level.urgent
    words = {"visit": visit, "reviewed": reviewed, "asked": _asked(request, "move-visit")}
    return leased.kind, {**_box(_pack(request)), **words}


def _asked(request: ServiceRequest, event: str) -> bool:
    """Whether the patient did this to the visit last, and not the clinic."""
    done = [change for change in request.history if change.event == event]
    return bool(done) and done[-1].by_id is None


def _cancelled(
    leased: outbox.Leased, request: ServiceRequest, now: dt.datetime
) -> tuple[str, Words] | None:
    cancelled = [a for a in request.visits if a.status == "cancelled"]
    standing = request.appointment
    # A visit that is older than the message and stands: the cancelling was taken back.
    taken_back = standing is not None and standing.created_at < leased.created_at
    if taken_back or not cancelled:
        return None
    visit = max(cancelled, key=lambda a: a.changed_at)
    if visit.starts_at <= now:
        return None
    words = {
        "visit": visit,
        "reason": later.reason_told(visit),
        "asked": _asked(request, "cancel"),
    }
    return "cancelled", {**_box(_pack(request)), **words}


def _later(
    leased: outbox.Leased, request: ServiceRequest, now: dt.datetime
) -> tuple[str, Words] | None:
    """What has waited for its time, if it is still true."""
    words = _LATER[leased.kind](request, now, _settings())
    return (leased.kind, {**_box(_pack(request)), **words}) if words is not None else None


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


_LATER: Final = {"reminder": later.reminder, "worse": later.question, "offer": later.offer}
_WORDS: Final[
    Mapping[
        str,
        Callable[[outbox.Leased, ServiceRequest, dt.datetime], tuple[str, Words] | None],
    ]
] = {
    "new-request": _new_request,
    "doctor-alert": _doctor_alert,
    "late": _late,
    "doctor-asks": _doctor_asks,
    "acknowledgement": _request_received,
    "emergency-sent": _request_received,
    "booked": _visit,
    "changed": _visit,
    "cancelled": _cancelled,
    **dict.fromkeys(_LATER, _later),
    "patient-news": _patient_news,
    "new-link": _new_link,
    writing.KIND: _written,
}
