"""What a patient tells later: more words, or that it has got worse. It can only raise the level."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session, scoped_session

from app.domain import enquiry, lifecycle
from app.domain import worse as rules
from app.domain.clinic import Clinic
from app.domain.condition import Answers, Pack, Text, in_language
from app.domain.level import Level
from app.domain.triage import Assessment, assess
from app.domain.wording import in_both
from app.records import audit, transaction
from app.records.answering import judge, respond
from app.records.service_request import ServiceRequest
from app.workflow import escalation, outbox
from app.workflow.manage.finding import held

AT_ONCE: Final = dt.timedelta(minutes=10)
"""How long the same words again are a second press, and not news."""

ADDED: Final[Text] = {"en": "Added later", "hi": "बाद में जोड़ा गया", "mr": "नंतर जोडलेले"}
HIGHER: Final = "The level was higher before, and stays so until a doctor lowers it."


def add(token: str, pack: Pack, text: str, clinic: Clinic, now: dt.datetime) -> ServiceRequest:
    """Add the patient's own words to the answers; they are judged like the words of the enquiry.

    Raises LinkEnded.
    """
    with transaction() as session:
        _, request = held(session, token, now)
        language = request.language
        asked = in_language(ADDED, "en"), in_language(ADDED, language)
        item = {"page": "add", "field": "added"}
        item |= in_both(language, (asked[0], text), (asked[1], text))
        if not _said_already(request, [item], now):
            before = request.response.answers
            story = "\n\n".join(part for part in (before.get("story"), text) if part)
            answers = {**before, "story": story}
            _take(session, request, pack, answers, [item], "add", clinic, now)
            if request.status == lifecycle.WITH_PATIENT:
                request.move("reply", now, told="add")
            tell_desk(session, request, clinic, now)
            audit.remember(session, "add", now, None, request.id)
    return request


def worse(
    token: str,
    pack: Pack,
    told: Mapping[str, str],
    clinic: Clinic,
    now: dt.datetime,
) -> ServiceRequest:
    """Take the answers to "has it got worse?"; each of `told` is same, worse or not_sure.

    What is worse starts the clock again and alerts the doctors when one must hear of it today,
    even if the level was as high before. Raises LinkEnded.
    """
    with transaction() as session:
        _, request = held(session, token, now)
        items = list(rules.as_told(pack, told, request.language))
        if not _said_already(request, items, now):
            answers = rules.merged(pack, request.response.answers, told)
            got_worse = rules.WORSE in told.values()
            event = "worse" if got_worse else "not-worse"
            news = set(told.values()) != {rules.SAME}
            _take(
                session,
                request,
                pack,
                answers,
                items,
                event,
                clinic,
                now,
                pressing=got_worse,
                reopens=news,
            )
            if news:
                tell_desk(session, request, clinic, now)
            audit.remember(session, event, now, None, request.id)
    return request


def judged(pack: Pack, answers: Answers) -> Assessment:
    """What the rules say of all these answers."""
    return assess(pack, enquiry.settle(pack, answers))


def _said_already(request: ServiceRequest, items: list[dict[str, Any]], now: dt.datetime) -> bool:
    """Whether the newest answers are these very ones, sent a moment ago."""
    newest = request.response
    return now - newest.at <= AT_ONCE and newest.items[: len(items)] == items


def _take(
    session: scoped_session[Session],
    request: ServiceRequest,
    pack: Pack,
    answers: Answers,
    items: list[dict[str, Any]],
    event: str,
    clinic: Clinic,
    now: dt.datetime,
    *,
    pressing: bool = False,
    reopens: bool = True,
) -> None:
    """Keep and judge the answers; a closed request is opened again, so that somebody reads them."""
    assessment = judged(pack, answers)
    before, was_closed = request.level, reopens and request.status == lifecycle.CLOSED
    request.level = max(before, assessment.level)
    respond(request, pack, answers, request.language, now, first=items)
    judge(request, pack, assessment, now, HIGHER)
    request.remember(event, request.status, now)
    if was_closed:
        request.move("reopen", now, note="the patient wrote after it was closed")
    if was_closed or request.level > before or (pressing and request.level >= Level.urgent):
        escalation.start_again(session, request, now, clinic)
    if before < Level.emergency <= request.level and request.person.get("email"):
        outbox.enqueue_next(session, request, "emergency-sent", ["patient"], now)


def tell_desk(
    session: scoped_session[Session], request: ServiceRequest, clinic: Clinic, now: dt.datetime
) -> None:
    """Ring the desk's bell: the patient did something that somebody should see."""
    desk = [f"desk:{number}" for number in range(clinic.desk_mailboxes)]
    outbox.enqueue_next(session, request, "patient-news", desk, now)
