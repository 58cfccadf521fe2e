"""What becomes of the page and its request: given anew, shut, another number, withdrawn."""

import datetime as dt

from app.domain.clinic import Clinic
from app.domain.errors import NotAllowedNow
from app.domain.level import Level
from app.records import audit, transaction
from app.records.alike import note_alike
from app.records.calendar import end_visit
from app.records.link import RequestLink, link_of, new_link
from app.records.lookup import index, locked_request
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import escalation, outbox
from app.workflow.manage.finding import held
from app.workflow.manage.telling import tell_desk


def reissue(reference: str, by: Practitioner, now: dt.datetime) -> RequestLink:
    """Give a request's page a new address, and send it; the one before opens nothing any more.

    Raises NotFound.
    """
    with transaction() as session:
        request = locked_request(reference, session)
        link = link_of(request, session)
        if link is None:
            link = new_link(request, now)
            session.add(link)
        else:
            link.issue(now)
        request.remember("new-link", request.status, now, by)
        if request.person.get("email"):
            outbox.enqueue_next(session, request, "new-link", ["patient"], now)
        audit.remember(session, "new-link", now, by.id, request.id)
    return link


def not_me(token: str, clinic: Clinic, now: dt.datetime) -> None:
    """Whoever got the address is not the patient: shut the page, and tell the desk.

    Nothing is erased, and no mail goes to the patient's address until the desk gives a new link.
    Raises LinkEnded.
    """
    with transaction() as session:
        link, request = held(session, token, now)
        link.ended_at = now
        request.remember("not-me", request.status, now)
        tell_desk(session, request, clinic, now)
        audit.remember(session, "not-me", now, None, request.id)


def change_number(token: str, phone: str, clinic: Clinic, now: dt.datetime) -> ServiceRequest:
    """Keep another phone number (E.164); the history keeps the one before. Raises LinkEnded."""
    with transaction() as session:
        _, request = held(session, token, now)
        before = request.person.get("phone")
        if before != phone:
            request.person = {**request.person, "phone": phone}
            note = f"{before or 'none'} → {phone}"
            request.remember("change-number", request.status, now, note=note)
            index(session, request)
            note_alike(session, request, now)
            tell_desk(session, request, clinic, now)
            audit.remember(session, "change-number", now, None, request.id)
    return request


def may_withdraw(request: ServiceRequest) -> bool:
    """Whether a patient may close the request by oneself: never what a doctor must hear of."""
    return "close" in request.events() and request.level < Level.urgent


def withdraw(token: str, reason: str | None, now: dt.datetime) -> ServiceRequest:
    """Close a request that has no visit, because the patient wants it no longer.

    Raises LinkEnded and NotAllowedNow.
    """
    with transaction() as session:
        _, request = held(session, token, now)
        if not may_withdraw(request):
            raise NotAllowedNow("request", request.status, "close")
        request.move("close", now, note=reason, closed_reason="not-wanted")
        request.call_no_more()
        end_visit(request, None, now)
        escalation.stop(session, request, now)
        audit.remember(session, "close", now, None, request.id)
    return request
