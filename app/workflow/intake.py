"""A finished enquiry becomes a stored, triaged request with its messages: one transaction."""

import datetime as dt
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session

from app.domain import clock, enquiry, lifecycle, search, wording
from app.domain.condition import Answers, Pack
from app.domain.level import Level
from app.domain.triage import Assessment, Finding, assess
from app.records import audit, db, transaction
from app.records.crypto import keyring
from app.records.enquiry import Draft
from app.records.lookup import request_with
from app.records.service_request import (
    QuestionnaireResponse,
    SearchTerm,
    ServiceRequest,
    Triage,
)
from app.records.staff import Practitioner
from app.workflow import outbox

RESUBMISSION = dt.timedelta(days=7)
TRIES = 5


@dataclass(frozen=True, slots=True)
class Clinic:
    """What intake needs to know of the clinic."""

    zone: ZoneInfo
    desk_mailboxes: int


@dataclass(frozen=True, slots=True)
class Submission:
    """Everything that one press of Send hands over.

    `id` is the draft's, or the phone form's; the same id never becomes a second request.
    `person` may hold name, age, phone (E.164), email, caller_name, speaks, call_time, access.
    """

    id: uuid.UUID
    source: str
    language: str
    answering_for: str
    wanted: str
    answers: Answers
    person: Mapping[str, Any]
    changes: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    consent_version: str | None = None


def submit(
    pack: Pack,
    submission: Submission,
    clinic: Clinic,
    now: dt.datetime,
    by: Practitioner | None = None,
) -> ServiceRequest:
    """Store a submission, or find the request that it already became.

    A second press changes nothing. Going on after the emergency page adds the new answers to the
    same request; the level never falls.
    """
    answers = enquiry.settle(pack, submission.answers)
    assessment = assess(pack, answers)
    for attempt in range(TRIES):
        try:
            return _store(pack, submission, assessment, clinic, now, by)
        except IntegrityError:
            # The same id was stored a moment ago by another tab, or the reference is in use.
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def find(reference: str) -> ServiceRequest:
    """The request with that reference; raises NotFound."""
    return request_with(reference, db.session)


def _store(
    pack: Pack,
    submission: Submission,
    assessment: Assessment,
    clinic: Clinic,
    now: dt.datetime,
    by: Practitioner | None,
) -> ServiceRequest:
    with transaction() as session:
        # Held to the end: a second press waits, and then finds that nothing is left to add.
        known = sa.select(ServiceRequest).where(ServiceRequest.submission_id == submission.id)
        request = session.scalar(known.with_for_update())
        if request is None:
            request = _create(session, pack, submission, assessment, clinic, now, by)
        elif _says_more(request, submission):
            _add(session, pack, request, submission, assessment, clinic, now, by)
        sent = {"sent_at": now} if submission.consent_version else {}
        session.execute(
            sa.update(Draft)
            .where(Draft.id == submission.id)
            .values(reference=request.reference, **sent)
        )
    return request


def _create(
    session: scoped_session[Session],
    pack: Pack,
    submission: Submission,
    assessment: Assessment,
    clinic: Clinic,
    now: dt.datetime,
    by: Practitioner | None,
) -> ServiceRequest:
    earlier = _earlier_level(session, submission, now)
    level = max(assessment.level, earlier)
    request = ServiceRequest(
        reference=_new_reference(pack.reference_prefix),
        submission_id=submission.id,
        condition=pack.id,
        language=submission.language,
        source=submission.source,
        answering_for=submission.answering_for,
        wanted=submission.wanted,
        status=lifecycle.first_status(level),
        level=level,
        created_at=now,
        waiting_since=now,
        due_at=clock.due_at(level, now, clinic.zone),
    )
    request.person = dict(submission.person)
    session.add(request)
    _consent(request, submission, now)
    _respond(request, pack, submission, now)
    _triage(request, pack, assessment, level, now)
    request.remember("submit", None, now, by)
    session.flush()  # before the rows that refer to it by its id alone
    _index(session, request)
    _announce(session, request, clinic, now)
    audit.remember(session, "submit", now, by.id if by else None, request.id)
    return request


def _says_more(request: ServiceRequest, submission: Submission) -> bool:
    """Whether a second sending holds anything that the first did not."""
    known = request.response
    return (
        dict(submission.answers) != known.answers
        or any(request.person.get(name) != value for name, value in submission.person.items())
        or (submission.consent_version is not None and request.consent_version is None)
    )


def _add(
    session: scoped_session[Session],
    pack: Pack,
    request: ServiceRequest,
    submission: Submission,
    assessment: Assessment,
    clinic: Clinic,
    now: dt.datetime,
    by: Practitioner | None,
) -> None:
    """New answers to a stored request: a new response and triage; the level may only rise.

    A request that was closed meanwhile is opened again, so that somebody reads them.
    """
    had_email = bool(request.person.get("email"))
    before, status = request.level, request.status
    request.person = {**request.person, **submission.person}
    request.wanted, request.answering_for = submission.wanted, submission.answering_for
    request.language = submission.language
    request.level = max(request.level, assessment.level)
    _consent(request, submission, now)
    _respond(request, pack, submission, now)
    _triage(request, pack, assessment, request.level, now)
    request.remember("add", status, now, by)
    was_closed = request.status == lifecycle.CLOSED
    if was_closed:
        request.move("reopen", now, note="more answers came after it was closed")
    session.execute(sa.delete(SearchTerm).where(SearchTerm.request_id == request.id))
    _index(session, request)
    if was_closed or request.level > before:
        _start_again(request, clinic, now)
        _alert(session, request, now)
    if not had_email or before < Level.emergency <= request.level:
        _acknowledge(session, request, now)
    audit.remember(session, "add", now, by.id if by else None, request.id)


def _start_again(request: ServiceRequest, clinic: Clinic, now: dt.datetime) -> None:
    """Whoever took or closed the case has not seen these answers: the clock starts anew."""
    request.waiting_since = now
    request.due_at = clock.due_at(request.level, now, clinic.zone)
    request.acknowledged_at = request.acknowledged_by_id = None
    if "escalate" in request.events() and request.level >= Level.urgent:
        request.move("escalate", now, note="a doctor must see the new answers")


def _consent(request: ServiceRequest, submission: Submission, now: dt.datetime) -> None:
    if submission.consent_version and not request.consent_version:
        request.consent_version, request.consent_at = submission.consent_version, now


def _respond(request: ServiceRequest, pack: Pack, submission: Submission, now: dt.datetime) -> None:
    response = QuestionnaireResponse(
        number=len(request.responses) + 1,
        at=now,
        pack=pack.id,
        pack_version=pack.version,
        language=submission.language,
    )
    response.answers = dict(submission.answers)
    response.items = list(wording.as_asked(pack, submission.answers, submission.language))
    response.changes = [dict(change) for change in submission.changes]
    request.responses.append(response)


def _triage(
    request: ServiceRequest, pack: Pack, assessment: Assessment, level: Level, now: dt.datetime
) -> None:
    triage = Triage(number=len(request.triages) + 1, at=now, level=level, pack_version=pack.version)
    answers = request.response.answers
    triage.findings = [_in_words(pack, finding, answers) for finding in assessment.findings]
    triage.reason = None
    if assessment.watchwords:
        triage.reason = "In their own words: " + ", ".join(assessment.watchwords)
    if level > assessment.level:
        triage.reason = "An earlier request from the same phone was more pressing."
    request.triages.append(triage)


def _in_words(pack: Pack, finding: Finding, answers: Answers) -> dict[str, Any]:
    """A finding with the words of this version of the pack, so that it stays explained."""
    rule = finding.rule
    return {
        "rule": rule.id,
        "level": rule.level.name,
        "title": rule.title,
        "reasons": list(wording.reasons(pack, finding.evidence, answers, "en")),
        "evidence": list(finding.evidence),
        "source": [wording.source_words(pack, citation) for citation in rule.source],
        "desk": rule.desk,
    }


def _earlier_level(
    session: scoped_session[Session], submission: Submission, now: dt.datetime
) -> Level:
    """The highest level of open requests from the same phone in the last 7 days.

    Source: triage rule base, section 6, property 5.
    """
    number = search.digits(submission.person.get("phone", ""))
    if len(number) < search.LONGEST_PHONE:
        return Level.routine
    term = keyring().blind("phone", number[-search.LONGEST_PHONE :])
    levels = session.scalars(
        sa.select(ServiceRequest.level)
        .join(SearchTerm, SearchTerm.request_id == ServiceRequest.id)
        .where(
            SearchTerm.term == term,
            ServiceRequest.status != lifecycle.CLOSED,
            ServiceRequest.created_at > now - RESUBMISSION,
        )
    )
    return max(levels, default=Level.routine)


def _new_reference(prefix: str) -> str:
    letters = "".join(secrets.choice(search.ALPHABET) for _ in range(6))
    return f"{prefix}-{letters[:3]}-{letters[3:]}"


def _index(session: scoped_session[Session], request: ServiceRequest) -> None:
    session.add_all(SearchTerm(request_id=request.id, term=term) for term in request.found_by())


def _announce(
    session: scoped_session[Session], request: ServiceRequest, clinic: Clinic, now: dt.datetime
) -> None:
    desk = [f"desk:{number}" for number in range(clinic.desk_mailboxes)]
    outbox.enqueue(session, request, "new-request", desk, now)
    _alert(session, request, now)
    _acknowledge(session, request, now)


def _alert(session: scoped_session[Session], request: ServiceRequest, now: dt.datetime) -> None:
    """Tell every doctor about an emergency or urgent request."""
    if request.level >= Level.urgent:
        outbox.alert_doctors(session, request, now)


def _acknowledge(
    session: scoped_session[Session], request: ServiceRequest, now: dt.datetime
) -> None:
    if request.person.get("email"):
        kind = "emergency-sent" if request.level is Level.emergency else "acknowledgement"
        outbox.enqueue(session, request, kind, ["patient"], now)
