"""A finished enquiry becomes a stored, triaged request with its messages: one transaction."""

import datetime as dt
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session

from app.domain import enquiry, lifecycle, search
from app.domain.clinic import Clinic
from app.domain.condition import Answers, Pack
from app.domain.level import Level
from app.domain.triage import Assessment, assess
from app.records import audit, chosen, db, task, transaction
from app.records.alike import note_alike
from app.records.answering import judge, respond
from app.records.crypto import keyring
from app.records.enquiry import Draft
from app.records.link import new_link
from app.records.lookup import index, request_with
from app.records.search_term import SearchTerm
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.records.task import open_task
from app.workflow import escalation, outbox, reminders

RESUBMISSION = dt.timedelta(days=7)
TRIES = 5
OTHER_REQUEST = "An earlier request from the same phone was more pressing."


@dataclass(frozen=True, slots=True)
class Submission:
    """Everything that one press of Send hands over.

    `id` is the draft's, or the phone form's; the same id never becomes a second request.
    `person` may hold name, age, phone (E.164), email, caller_name, speaks, call_time, access.
    `begun_at` and `warned_at` are when the first page was opened, and the emergency page shown.
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
    begun_at: dt.datetime | None = None
    warned_at: dt.datetime | None = None


def submit(
    pack: Pack,
    submission: Submission,
    clinic: Clinic,
    now: dt.datetime,
    by: Practitioner | None = None,
) -> ServiceRequest:
    """Store a submission, or find the request that it already became.

    A second press changes nothing. Going on after the emergency page adds the new answers to the
    same request; the level never falls. The time that was chosen with the draft becomes a visit if
    it can be had; the request is stored either way.
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
        due_at=clinic.clock.due_at(level, now),
        begun_at=submission.begun_at,
        warned_at=submission.warned_at,
    )
    request.person = dict(submission.person)
    session.add(request)
    _consent(request, submission, now)
    _respond(request, pack, submission, now)
    judge(request, pack, assessment, now, OTHER_REQUEST)
    request.remember("submit", None, now, by)
    session.add(new_link(request, now))
    session.flush()  # before the rows that refer to it by its id alone
    index(session, request)
    note_alike(session, request, now)
    chosen.book_held(session, request, clinic.visits_per_contact, clinic.zone, now)
    _announce(session, request, clinic, now)
    if submission.source == "web" and not submission.consent_version:
        open_task(session, task.NUMBER_LEFT, request.id, request, now)
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
    request.warned_at = request.warned_at or submission.warned_at
    request.level = max(request.level, assessment.level)
    _consent(request, submission, now)
    _respond(request, pack, submission, now)
    judge(request, pack, assessment, now, OTHER_REQUEST)
    request.remember("add", status, now, by)
    was_closed = request.status == lifecycle.CLOSED
    if was_closed:
        request.move("reopen", now, note="more answers came after it was closed")
    index(session, request)
    note_alike(session, request, now)
    if was_closed or request.level > before:
        escalation.start_again(session, request, now, clinic)
    if not had_email or before < Level.emergency <= request.level:
        _acknowledge(session, request, now)
    reminders.ask_if_worse(session, request, now, clinic.zone)
    audit.remember(session, "add", now, by.id if by else None, request.id)


def _consent(request: ServiceRequest, submission: Submission, now: dt.datetime) -> None:
    if submission.consent_version and not request.consent_version:
        request.consent_version, request.consent_at = submission.consent_version, now


def _respond(request: ServiceRequest, pack: Pack, submission: Submission, now: dt.datetime) -> None:
    respond(request, pack, submission.answers, submission.language, now, submission.changes)


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


def _announce(
    session: scoped_session[Session], request: ServiceRequest, clinic: Clinic, now: dt.datetime
) -> None:
    desk = [f"desk:{number}" for number in range(clinic.desk_mailboxes)]
    outbox.enqueue(session, request, "new-request", desk, now)
    escalation.run(session, request, now, clinic)
    _acknowledge(session, request, now)
    if request.appointment:
        reminders.remind(session, request.appointment, now, clinic.zone)
    reminders.ask_if_worse(session, request, now, clinic.zone)


def _acknowledge(
    session: scoped_session[Session], request: ServiceRequest, now: dt.datetime
) -> None:
    # The mail about a visit has the reference, too: one is enough.
    kind = "booked" if request.appointment else "acknowledgement"
    kind = "emergency-sent" if request.level is Level.emergency else kind
    outbox.tell_patient(session, request, kind, now)
