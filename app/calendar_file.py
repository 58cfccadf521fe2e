"""Visits as calendar files: for the patient, and as the feed of somebody who works here.

Times are written in UTC, which every calendar shows in its own zone: a visit is one instant, and
no rule of a zone can move it. Nothing tells of an illness: the file lies in calendars that others
see.
"""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from app.languages import words
from config import Settings

if TYPE_CHECKING:
    from icalendar import Calendar, Event

PUBLISH, REQUEST, CANCEL = "PUBLISH", "REQUEST", "CANCEL"
TITLE: Final = "Clinic visit"
ALARMS: Final = (dt.timedelta(days=1), dt.timedelta(hours=2))
# Not even the name of the program tells what the clinic treats.
PRODUCT: Final = "-//Clinic desk//Visits//EN"
STATUSES: Final = {"cancelled": "CANCELLED", "noshow": "CANCELLED"}
FRESH_FOR: Final = dt.timedelta(minutes=15)


def for_patient(
    visit: Any, method: str, settings: Settings, page: str | None, to: str | None = None
) -> bytes:
    """A visit as a file with that METHOD: PUBLISH to download, REQUEST or CANCEL in a mail.

    A mail names its receiver as the attendee who has accepted: only so do calendars move or remove
    the entry that they have when another mail comes, and nobody is asked for an answer.
    """
    from icalendar import Alarm, vCalAddress  # noqa: PLC0415 - most pages need no calendar

    event = _event(visit, words(TITLE), settings)
    event.add("location", _place(visit, settings))
    event.add("description", _words(page, settings))
    if page:
        event.add("url", page)
    if method == CANCEL:
        event["status"] = "CANCELLED"
    organizer = vCalAddress(f"mailto:{settings.mail_from}")
    organizer.params["CN"] = settings.clinic_name
    event["organizer"] = organizer
    if to:
        attendee = vCalAddress(f"mailto:{to}")
        attendee.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})
        event.add("attendee", attendee, encode=False)
    for before in ALARMS if method != CANCEL else ():
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", words(TITLE))
        alarm.add("trigger", -before)
        event.add_component(alarm)
    return bytes(_calendar([event], method).to_ical())


def feed(visits: Iterable[Any], settings: Settings, named: bool) -> bytes:
    """Visits for a member of staff: reference, place and state; no patient and no illness.

    With `named`, each says whom the patient visits.
    """
    events = []
    for visit in visits:
        with_whom = f" with {visit.practitioner.name}" if named else ""
        event = _event(visit, f"Visit {visit.request.reference}{with_whom}", settings)
        event.add("location", visit.place.name)
        event.add("description", f"Status: {visit.status}")
        events.append(event)
    calendar = _calendar(events, PUBLISH)
    calendar.add("x-wr-calname", f"{settings.clinic_name}: visits")
    calendar.add("refresh-interval", FRESH_FOR, parameters={"VALUE": "DURATION"})
    return bytes(calendar.to_ical())


def _calendar(events: Iterable["Event"], method: str) -> "Calendar":
    from icalendar import Calendar  # noqa: PLC0415 - most pages need no calendar

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    for event in events:
        calendar.add_component(event)
    return calendar


def _event(visit: Any, title: str, settings: Settings) -> "Event":
    """What every entry has: the same UID for ever, and a SEQUENCE that grows with each change."""
    from icalendar import Event  # noqa: PLC0415 - most pages need no calendar

    event = Event()
    event.add("uid", f"{visit.id}@{urlsplit(settings.public_base_url).hostname}")
    event.add("sequence", visit.sequence)
    event.add("dtstamp", visit.changed_at)
    event.add("last-modified", visit.changed_at)
    event.add("dtstart", visit.starts_at)
    event.add("dtend", visit.ends_at)
    event.add("summary", title)
    event.add("status", STATUSES.get(visit.status, "CONFIRMED"))
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    return event


def _place(visit: Any, settings: Settings) -> str:
    return f"{settings.clinic_name}, {visit.place.address or settings.clinic_address}"


def _words(page: str | None, settings: Settings) -> str:
    asked = words("Questions? Call {phone}.", phone=settings.clinic_phone)
    return f"{words('See, change or cancel:')} {page}\n{asked}" if page else asked
