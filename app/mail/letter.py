"""What a message says, read afresh when it is sent; None when it is no longer true."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from flask import current_app

from app.case import findings
from app.domain import lifecycle
from app.domain.condition import Pack, Text, in_language
from app.domain.escalation import FIRST, SECOND
from app.domain.level import Level
from app.domain.ready_text import UNSAID
from app.languages import ENGLISH, speaking, spoken
from app.mail import alarm, later
from app.mail.form import Letter, Words, in_form, link, settings
from app.mail.invite import invite
from app.records import db
from app.records.service_request import ServiceRequest
from app.words import LEVELS
from app.workflow import manage, outbox, writing

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


def write(leased: outbox.Leased, now: dt.datetime) -> Letter | None:
    """The letter that a message means now, or None when it is no longer true."""
    request = db.session.get(ServiceRequest, leased.request_id)
    if request is None:
        return None
    to = _addresses(leased.to, request, now)
    if not to:
        return None
    with speaking(request.language if leased.to == "patient" else ENGLISH):
        return _written(leased, request, to, now)


def _written(
    leased: outbox.Leased, request: ServiceRequest, to: list[str], now: dt.datetime
) -> Letter | None:
    """The letter in the language that is spoken."""
    found = _WORDS[leased.kind](leased, request, now)
    if found is None:
        return None
    template, words = found
    page = _page_links(request, now) if leased.to == "patient" else {}
    written = in_form(to, template, {"request": request, "now": now, **page, **words})
    if template not in INVITES:
        return written
    return replace(written, invite=invite(words["visit"], to[0], page.get("page"), settings()))


def preview(request: ServiceRequest, subject: str, text: str, now: dt.datetime) -> Letter:
    """What the patient would get, were these words sent now."""
    known = {"request": request, "now": now, "subject": subject, "text": text}
    with speaking(request.language):
        words = known | _box(_pack(request)) | _page_links(request, now)
        return in_form([request.person["email"]], writing.KIND, words)


def _page_links(request: ServiceRequest, now: dt.datetime) -> dict[str, str]:
    """The patient's own page, and the way to say "this was not me"; in letters to patients only."""
    token = manage.address(request, now)
    if token is None:
        return {}
    return {
        "page": link("patient.own_page", token=token),
        "not_me": link("patient.ask_not_me", token=token),
    }


def _addresses(to: str, request: ServiceRequest, now: dt.datetime) -> list[str]:
    kind, _, which = to.partition(":")
    if kind == "desk":
        return list(settings().desk_addresses[int(which) :][:1])
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
    if settings().desk_mail == "flags":
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


def _own_words(
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
        "link": link(endpoint, reference=request.reference),
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
    words = _LATER[leased.kind](request, now, settings())
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
        words = in_language(text, spoken())
        if not any(unsaid in part.lower() for unsaid in UNSAID for part in (words, text["en"])):
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
    writing.KIND: _own_words,
}
