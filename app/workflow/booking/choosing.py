"""The patient chooses another time after the first was lost when sending."""

import datetime as dt
from zoneinfo import ZoneInfo

from app.domain import lifecycle
from app.domain.errors import NotAllowedNow
from app.records import transaction
from app.records.chosen import book_chosen, may_choose_again
from app.records.lookup import locked_request
from app.records.openings import Choice
from app.records.schedule import Appointment
from app.records.turns import while_hours_stand
from app.workflow import escalation, outbox, reminders


def choose(reference: str, choice: Choice, now: dt.datetime, zone: ZoneInfo) -> Appointment:
    """Book the visit that the patient chose for a request that is stored without one.

    Raises NotFound, NotAllowedNow, NotOffered and SlotTaken.
    """
    with transaction() as session:
        while_hours_stand(session)
        request = locked_request(reference, session)
        if not may_choose_again(request):
            raise NotAllowedNow("request", request.status, "book")
        visit = book_chosen(session, request, choice, zone, now)
        if request.status == lifecycle.BOOKED:
            escalation.stop(session, request, now)
        outbox.tell_patient(session, request, "booked", now)
        reminders.remind(session, visit, now, zone)
    return visit
