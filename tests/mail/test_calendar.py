"""Calendar files: what two readers make of them, new, moved and cancelled, in mails and alone."""

import datetime as dt
from collections.abc import Callable
from typing import Any, Final
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from flask import current_app

from app import calendar_file
from app.domain.level import Level
from app.records import db
from app.records.lookup import request_with
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest
from app.workflow import booking, manage
from config import Settings
from tests.builders import NOW, a_choice, a_doctor_with_hours, a_request, a_staff_member, the_clinic
from tests.mail.arrived import ADDRESS, ASHA, DAY, deliver, text_of, to_patient
from tests.servers import Mail, MailServer

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.databases("sqlite")]

FIRST: Final = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
HEALTH: Final = ("spine", "cancer", "tumour", "pain", "urgent", "asha", "patil", "98765", "metasta")


def read_by_icalendar(file: bytes) -> dict[str, Any]:
    """What the library that wrote it reads."""
    calendar: Any = icalendar.Calendar.from_ical(file)
    (event,) = calendar.events
    return {
        "method": str(calendar["METHOD"]),
        "uid": str(event["UID"]),
        "sequence": int(event["SEQUENCE"]),
        "start": event.start,
        "end": event.end,
        "summary": str(event["SUMMARY"]),
        "status": str(event["STATUS"]),
        "location": str(event["LOCATION"]),
        "attendee": str(event.get("ATTENDEE", "")),
        "organizer": str(event.get("ORGANIZER", "")),
        "alarms": sorted(alarm["TRIGGER"].dt for alarm in event.walk("VALARM")),
    }


def read_by_vobject(file: bytes) -> dict[str, Any]:
    """What another library reads."""
    calendar = vobject.readOne(file.decode())
    event = calendar.vevent
    return {
        "method": calendar.method.value,
        "uid": event.uid.value,
        "sequence": int(event.sequence.value),
        "start": event.dtstart.value,
        "end": event.dtend.value,
        "summary": event.summary.value,
        "status": event.status.value,
        "location": event.location.value,
        "attendee": event.attendee.value if hasattr(event, "attendee") else "",
        "organizer": event.organizer.value if hasattr(event, "organizer") else "",
        "alarms": sorted(alarm.trigger.value for alarm in event.contents.get("valarm", ())),
    }


def read(file: bytes) -> dict[str, Any]:
    """What both read, which is the same."""
    found = read_by_icalendar(file)
    assert found == read_by_vobject(file)
    assert file.count(b"\n") == file.count(b"\r\n"), "a line does not end as it should"
    assert max(map(len, file.split(b"\r\n"))) <= 75, "a line is not folded"
    return found


def invite_of(mail: Mail) -> tuple[str, dict[str, Any]]:
    """The METHOD that a mail names for its calendar part, and what that part says."""
    (part,) = [p for p in mail.message.walk() if p.get_content_type() == "text/calendar"]
    attached = [p for p in mail.message.walk() if p.get_content_type() == "application/ics"]
    assert [p.get_filename() for p in attached] == ["clinic-visit.ics"]
    raw = part.get_payload(decode=True)
    assert isinstance(raw, bytes)
    assert attached[0].get_payload(decode=True) == raw
    return str(part.get_param("method")), read(raw)


@pytest.fixture
def zone() -> ZoneInfo:
    """The clinic's zone."""
    return the_clinic().zone


@pytest.fixture
def visit(smtp: MailServer, zone: ZoneInfo) -> Appointment:
    """A visit of somebody with an e-mail address; the first mails are gone."""
    request = a_request(Level.soon, person=ASHA)
    deliver()
    smtp.mails.clear()
    doctor = a_doctor_with_hours(name="Dr Nisha Iyer")
    choice = a_choice(doctor.id, FIRST)
    return booking.book(request.reference, choice, request.version, a_staff_member(), NOW, zone)


def page_of(request: ServiceRequest) -> str:
    """The address of the patient's page."""
    return f"http://localhost/r/{manage.address(request_with(request.reference, db.session), NOW)}"


def test_new_moved_and_cancelled_are_one_entry(
    visit: Appointment, smtp: MailServer, zone: ZoneInfo
) -> None:
    """The same UID with a growing SEQUENCE, so that the entry moves, and then goes away."""
    deliver()
    (booked,) = [invite_of(to_patient(smtp))]
    smtp.mails.clear()
    choice = a_choice(visit.practitioner_id, FIRST + DAY)
    booking.move(visit.id, choice, visit.version, None, NOW, zone, booking.Seeker(Level.soon))
    deliver()
    moved = invite_of(to_patient(smtp))
    smtp.mails.clear()
    booking.cancel(visit.id, visit.version, None, NOW, the_clinic())
    deliver()
    cancelled = invite_of(to_patient(smtp))
    stories = (booked, moved, cancelled)
    assert [method for method, _ in stories] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [story["method"] for _, story in stories] == ["REQUEST", "REQUEST", "CANCEL"]
    assert {story["uid"] for _, story in stories} == {f"{visit.id}@localhost"}
    assert [story["sequence"] for _, story in stories] == [0, 1, 2]
    assert [story["start"] for _, story in stories] == [FIRST, FIRST + DAY, FIRST + DAY]
    assert [s["status"] for _, s in stories] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert {story["attendee"] for _, story in stories} == {f"mailto:{ADDRESS}"}
    assert {story["organizer"] for _, story in stories} == {"mailto:clinic@example.org"}
    assert [len(story["alarms"]) for _, story in stories] == [2, 2, 0]


def test_an_undone_cancelling_comes_back_with_a_higher_number(
    visit: Appointment, smtp: MailServer, zone: ZoneInfo
) -> None:
    """A calendar that has taken the entry away takes it in again."""
    desk = a_staff_member()
    booking.cancel(visit.id, visit.version, desk, NOW, the_clinic())
    booking.undo(visit.id, visit.version, desk, NOW, the_clinic())
    deliver()
    told = [invite_of(mail) for mail in smtp.sent_to(ADDRESS)]
    assert {(method, story["sequence"]) for method, story in told} == {("REQUEST", 2)}


def test_a_file_says_nothing_of_the_illness(visit: Appointment) -> None:
    """Family and colleagues see calendars: a clinic visit, when and where."""
    settings: Settings = current_app.extensions["settings"]
    plain = settings.replace(clinic_name="Example Clinic")
    file = calendar_file.for_patient(visit, calendar_file.PUBLISH, plain, page_of(visit.request))
    story = read(file)
    assert (story["summary"], story["method"]) == ("Clinic visit", "PUBLISH")
    assert story["attendee"] == ""
    assert story["location"] == "Example Clinic, 1 Example Road, Mumbai"
    assert story["alarms"] == [-DAY, -dt.timedelta(hours=2)]
    for word in HEALTH:
        assert word not in file.decode().lower()


@pytest.mark.parametrize(
    ("zone_name", "day"),
    [
        ("Asia/Kolkata", "2027-01-15"),
        ("Europe/London", "2027-03-27"),
        ("Europe/London", "2027-03-29"),
        ("Europe/London", "2027-10-30"),
        ("Europe/London", "2027-11-01"),
        ("America/New_York", "2027-03-15"),
        ("America/New_York", "2027-11-08"),
    ],
)
def test_a_file_names_the_instant_whatever_the_clocks_do(
    visit: Appointment, zone_name: str, day: str
) -> None:
    """Before and after a change of the clocks, both readers come back to 11 o'clock there."""
    there = ZoneInfo(zone_name)
    eleven = dt.datetime.fromisoformat(f"{day}T11:00").replace(tzinfo=there)
    starts_at = eleven.astimezone(dt.UTC)
    visit.starts_at, visit.ends_at = starts_at, starts_at + dt.timedelta(minutes=30)
    settings: Settings = current_app.extensions["settings"]
    story = read(calendar_file.for_patient(visit, calendar_file.PUBLISH, settings, None))
    assert f"{story['start'].astimezone(there):%Y-%m-%d %H:%M}" == f"{day} 11:00"
    assert story["end"] - story["start"] == dt.timedelta(minutes=30)
    db.session.rollback()


HOSTILE: Final = (
    "Road; 1, \\ 2\r\nATTENDEE:mailto:x@example.org",
    "सड़क 1 " * 30,
    "BEGIN:VALARM\nEND:VCALENDAR",
    '"quoted": text',
)


@pytest.mark.parametrize("address", HOSTILE)
def test_a_place_cannot_break_out_of_its_line(visit: Appointment, address: str) -> None:
    """Whatever the manager types as an address, it stays an address."""
    visit.place.address = address
    settings: Settings = current_app.extensions["settings"]
    story = read(calendar_file.for_patient(visit, calendar_file.PUBLISH, settings, None))
    assert story["attendee"] == ""
    assert story["location"].endswith(address.replace("\r\n", "\n"))
    db.session.rollback()


def test_mails_about_a_visit_lead_to_the_page(visit: Appointment, smtp: MailServer) -> None:
    """See, change or cancel; and "not you?"."""
    deliver()
    text = text_of(to_patient(smtp))
    assert f"See, change or cancel: {page_of(visit.request)}\n" in text
    assert f"Not you? {page_of(visit.request)}/not-me" in text


@pytest.mark.parametrize(
    ("by", "words"),
    [(None, "You asked for it on your page."), (a_staff_member, "The clinic changed it.")],
)
def test_a_change_says_old_and_new_time_and_who_asked(
    visit: Appointment,
    smtp: MailServer,
    zone: ZoneInfo,
    by: Callable[[], Any] | None,
    words: str,
) -> None:
    """Nobody wonders whether it was a mistake."""
    deliver()
    smtp.mails.clear()
    choice = a_choice(visit.practitioner_id, FIRST + DAY)
    booking.move(visit.id, choice, visit.version, by() if by else None, NOW, zone)
    deliver()
    found = to_patient(smtp)
    assert found.subject == f"New time: Thu 26 Nov, 9:00 am ({visit.request.reference})"
    text = text_of(found)
    assert words in text
    assert "When: Thursday 26 November 2026, 9:00 am (Mumbai time)" in text
    assert "Before: Wednesday 25 November 2026, 9:00 am (Mumbai time)" in text


def test_a_cancelling_says_who_did_it(visit: Appointment, smtp: MailServer, zone: ZoneInfo) -> None:
    """By the patient here; the subject names the visit."""
    deliver()
    smtp.mails.clear()
    booking.cancel(visit.id, visit.version, None, NOW, the_clinic(), "I am away")
    deliver()
    found = to_patient(smtp)
    assert found.subject == f"Visit on Wed 25 Nov is cancelled ({visit.request.reference})"
    assert "You cancelled it on your page." in text_of(found)
    assert "I am away" not in text_of(found)


def test_the_first_mail_carries_the_link(smtp: MailServer) -> None:
    """The acknowledgement leads to the page; a newer address is used when it goes out later."""
    request = a_request(person=ASHA)
    old = page_of(request)
    manage.reissue(request.reference, a_staff_member(), NOW)
    deliver()
    told = [text_of(mail) for mail in smtp.sent_to(ADDRESS)]
    assert len(told) == 2
    for text in told:
        assert f"See your request: {page_of(request)}\n" in text
        assert old not in text


def test_no_mail_goes_to_who_was_not_meant(smtp: MailServer) -> None:
    """After "this was not me" the address gets nothing more; the desk gets a bell."""
    request = a_request(person=ASHA)
    manage.not_me(page_of(request).rpartition("/")[2], the_clinic(), NOW)
    deliver()
    assert smtp.sent_to(ADDRESS) == []
    bells = [mail.subject for mail in smtp.sent_to("desk@example.org")]
    assert f"[Routine] {request.reference}: news from the patient" in bells
