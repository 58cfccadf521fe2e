"""The patient's page behind the pages: its secret, its end, and what is told later."""

import datetime as dt
import itertools
from collections.abc import Mapping
from typing import Final

import pytest
import sqlalchemy as sa

from app.domain import lifecycle, worse
from app.domain.enquiry import settle
from app.domain.errors import LinkEnded, NotAllowedNow
from app.domain.level import Level
from app.domain.triage import assess
from app.records import audit, db, transaction
from app.records.lookup import request_with
from app.records.outbox import Message
from app.records.service_request import ServiceRequest
from app.workflow import booking, intake, manage, queue, review
from tests.builders import (
    NOW,
    a_choice,
    a_doctor_with_hours,
    a_request,
    a_staff_member,
    a_submission,
    the_clinic,
    the_pack,
)

pytestmark = pytest.mark.usefixtures("context")

DAY: Final = dt.timedelta(days=1)
MONTH: Final = dt.timedelta(days=30)
FIRST: Final = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
SAME: Final = dict.fromkeys(("walking", "legs", "bladder-bowel", "pain"), "same")
LATER: Final = NOW + dt.timedelta(hours=1)


def secret_of(request: ServiceRequest, now: dt.datetime = NOW) -> str:
    """The secret of a request's page, which is open."""
    token = manage.address(request, now)
    assert token
    return token


def stored(request: ServiceRequest) -> ServiceRequest:
    """The request as the database holds it."""
    return request_with(request.reference, db.session)


def messages(request: ServiceRequest) -> list[str]:
    """The kinds of all messages about it, by kind and number."""
    mine = sa.select(Message.kind, Message.occurrence).where(Message.request_id == request.id)
    return sorted({f"{kind} {number}" for kind, number in db.session.execute(mine)})


def tells(request: ServiceRequest, now: dt.datetime = LATER, **told: str) -> ServiceRequest:
    """Answer the four questions; what is not named is the same."""
    answers = {**SAME, **{name.replace("_", "-"): value for name, value in told.items()}}
    manage.worse(secret_of(request, now), the_pack(), answers, the_clinic(), now)
    return stored(request)


def adds(request: ServiceRequest, text: str, now: dt.datetime = LATER) -> ServiceRequest:
    """Add words to a request."""
    manage.add(secret_of(request, now), the_pack(), text, the_clinic(), now)
    return stored(request)


def booked_at(request: ServiceRequest, start: dt.datetime = FIRST) -> None:
    """Book the first time for it."""
    doctor = a_doctor_with_hours()
    found = stored(request)
    desk = a_staff_member()
    choice = a_choice(doctor.id, start)
    booking.book(found.reference, choice, found.version, desk, NOW, the_clinic().zone)


def test_every_request_has_a_page_from_the_start() -> None:
    """Sent on the web or taken by phone; a second press makes no second address."""
    submission = a_submission()
    for _ in range(2):
        request = intake.submit(the_pack(), submission, the_clinic(), NOW)
    phoned = a_request(source="phone", by=a_staff_member(), person={"phone": "+919876543211"})
    first, second = secret_of(request), secret_of(phoned)
    assert len({first, second}) == 2
    assert manage.find(first, NOW).request.reference == request.reference


def test_a_new_address_ends_the_one_before() -> None:
    """Whoever holds the old one is shut out, however often a new one is given."""
    request, desk = a_request(person={"email": "asha@example.org"}), a_staff_member()
    known = [secret_of(request)]
    known += [manage.reissue(request.reference, desk, NOW).token for _ in range(2)]
    assert len(set(known)) == 3
    for old in known[:-1]:
        with pytest.raises(LinkEnded):
            manage.find(old, NOW)
    assert manage.find(known[-1], NOW).request_id == request.id
    assert "new-link 2" in messages(request)


def test_who_was_not_meant_is_shut_out_until_the_desk_gives_a_new_link() -> None:
    """The page is shut, the desk is told, and a new address opens it again."""
    request = a_request()
    token = secret_of(request)
    manage.not_me(token, the_clinic(), NOW)
    for act in (lambda: manage.find(token, NOW), lambda: manage.not_me(token, the_clinic(), NOW)):
        with pytest.raises(LinkEnded):
            act()
    assert "patient-news 1" in messages(request)
    manage.reissue(request.reference, a_staff_member(), NOW)
    assert secret_of(request) != token


@pytest.mark.parametrize("token", ["", "x", "\x00", "é", "A" * 22, "A" * 10_000, "' OR 1=1 --"])
def test_invented_secrets_open_nothing(token: str) -> None:
    """Whatever they are made of."""
    a_request()
    with pytest.raises(LinkEnded):
        manage.find(token, NOW)


def test_an_open_request_keeps_its_page() -> None:
    """As long as it is somebody's turn, the page does not end."""
    request = a_request()
    assert manage.address(request, NOW + 12 * MONTH)


def test_the_page_ends_thirty_days_after_the_visit() -> None:
    """Counted from its end, whether anybody has written its outcome down or not."""
    request = a_request()
    booked_at(request)
    over = FIRST + dt.timedelta(minutes=30) + MONTH
    assert manage.address(stored(request), over - dt.timedelta(seconds=1))
    assert manage.address(stored(request), over) is None
    visit = stored(request).appointments[0]
    booking.fulfil(visit.id, visit.version, a_staff_member(), FIRST, the_clinic())
    assert manage.address(stored(request), over - dt.timedelta(seconds=1))
    assert manage.address(stored(request), over) is None


def test_without_a_visit_the_page_ends_thirty_days_after_closing() -> None:
    """And a request that is opened again has its page again."""
    request, desk = a_request(), a_staff_member()
    clinic = the_clinic()
    queue.event(request.reference, "close", 1, desk, NOW, clinic, reason="advice-given")
    assert manage.address(stored(request), NOW + MONTH - DAY)
    assert manage.address(stored(request), NOW + MONTH) is None
    queue.event(request.reference, "reopen", 2, desk, NOW + 2 * MONTH, clinic)
    assert manage.address(stored(request), NOW + 3 * MONTH)


def test_worse_raises_the_level_and_starts_the_clock_again() -> None:
    """A weak leg that got weaker: a doctor is told, with a new clock; both answer sets stay."""
    request = a_request(person={"email": "asha@example.org"})
    a_staff_member("doctor")
    found = tells(request, legs="worse")
    assert (found.level, found.status) == (Level.emergency, lifecycle.WITH_DOCTOR)
    assert (found.waiting_since, found.due_at) == (LATER, LATER + dt.timedelta(minutes=15))
    assert [response.number for response in found.responses] == [1, 2]
    assert [triage.level for triage in found.triages] == [Level.routine, Level.emergency]
    assert {"E06"} <= {finding["rule"] for finding in found.triage.findings}
    assert found.response.items[1]["answer"] == "Worse"
    expected = {"doctor-alert 1", "emergency-sent 1", "patient-news 1"}
    assert expected <= set(messages(request))
    assert audit.first_broken(db.session) is None


def test_worse_takes_the_case_from_whoever_had_it() -> None:
    """A doctor who took it before has not seen this; every doctor is alerted again."""
    request, doctor = a_request(Level.emergency), a_staff_member("doctor")
    review.acknowledge(request.reference, doctor, NOW)
    found = tells(request, walking="worse")
    assert found.acknowledged_at is None
    assert found.waiting_since == LATER
    assert "doctor-alert 1" in messages(request)


def test_the_same_words_a_moment_later_are_a_second_press() -> None:
    """Pressed twice it is told once; an hour later it is news."""
    request = a_request()
    a_staff_member("doctor")
    for minutes in (0, 1, 9):
        found = tells(request, LATER + dt.timedelta(minutes=minutes), legs="worse")
    assert len(found.responses) == 2
    found = tells(request, LATER + DAY, legs="worse")
    assert len(found.responses) == 3
    assert "doctor-alert 2" in messages(request)


def test_nothing_worse_changes_no_level_and_alarms_nobody() -> None:
    """The answers are kept, and that is all: the clock runs on, and closed stays closed."""
    request, desk = a_request(Level.soon), a_staff_member()
    found = tells(request)
    assert (found.level, found.status, found.waiting_since) == (Level.soon, "with-desk", NOW)
    assert found.history[-1].event == "not-worse"
    assert "patient-news 1" not in messages(request)
    clinic = the_clinic()
    version = found.version
    queue.event(request.reference, "close", version, desk, LATER, clinic, reason="advice-given")
    assert tells(request, LATER + DAY).status == lifecycle.CLOSED
    assert tells(request, LATER + 2 * DAY, pain="not_sure").status != lifecycle.CLOSED


def test_worse_beside_a_visit_keeps_the_visit() -> None:
    """A doctor looks first; the time stays taken until somebody decides."""
    request = a_request()
    booked_at(request)
    found = tells(request, walking="worse")
    assert (found.level, found.status) == (Level.urgent, lifecycle.WITH_DOCTOR)
    assert found.appointment
    assert found.appointment.status == "booked"


@pytest.mark.databases("sqlite")
def test_no_answer_to_the_four_questions_ever_lowers_a_level(database: str) -> None:
    """For every worked example and all 81 answers, the rules say at least what they said."""
    pack = the_pack()
    for case in pack.cases:
        level = assess(pack, settle(pack, case.answers)).level
        for told in _all_answers():
            merged = worse.merged(pack, case.answers, told)
            assert assess(pack, settle(pack, merged)).level >= level, f"{case.id} {told}"


def _all_answers() -> list[Mapping[str, str]]:
    names = list(SAME)
    combined = itertools.product(worse.ANSWERS, repeat=len(names))
    return [dict(zip(names, each, strict=True)) for each in combined]


def test_a_level_that_a_doctor_lowered_is_raised_by_what_is_new() -> None:
    """A doctor has judged the old answers; the new ones are judged by the rules again."""
    request, doctor = a_request(Level.urgent), a_staff_member("doctor")
    clinic = the_clinic()
    review.decide(
        request.reference,
        "decide",
        "Book",
        1,
        doctor,
        NOW,
        clinic,
        level=Level.soon,
        reason="Examined",
    )
    assert tells(request, bladder_bowel="worse").level is Level.emergency


def test_added_words_are_kept_and_read_by_the_rules() -> None:
    """Plain words change nothing; words on the list raise the level and alert the doctors."""
    request = a_request()
    a_staff_member("doctor")
    found = adds(request, "My sister comes along.")
    assert (found.level, found.history[-1].event) == (Level.routine, "add")
    assert found.response.items[0]["answer"] == "My sister comes along."
    found = adds(request, "Since today I cannot feel my feet.", LATER + DAY)
    assert (found.level, found.status) == (Level.urgent, lifecycle.WITH_DOCTOR)
    assert "cannot feel" in (found.triage.reason or "")
    assert "sister" in found.response.answers["story"]
    assert {"doctor-alert 1", "patient-news 2"} <= set(messages(request))


def test_words_that_we_waited_for_bring_the_request_back_to_the_desk() -> None:
    """The patient has answered, so it is the clinic's turn."""
    request = a_request()
    clinic = the_clinic()
    queue.event(request.reference, "ask", 1, a_staff_member(), NOW, clinic, note="The MRI report")
    found = adds(request, "The report says: no change.")
    assert found.status == lifecycle.WITH_DESK
    assert len(adds(request, "The report says: no change.").responses) == 2


def test_another_number_is_found_and_the_old_one_is_told() -> None:
    """The search finds the new number alone; the history keeps both, sealed."""
    request = a_request()
    for _ in range(2):
        manage.change_number(secret_of(request), "+919876543288", the_clinic(), LATER)
    found = stored(request)
    assert found.person["phone"] == "+919876543288"
    (change,) = [change for change in found.history if change.event == "change-number"]
    assert change.note == "+919876543210 → +919876543288"
    assert [each.request.reference for each in queue.find("98765 43288")] == [request.reference]
    assert queue.find("98765 43210") == []
    assert b"43288" not in found.person_sealed


def test_only_what_no_doctor_must_hear_of_can_be_withdrawn() -> None:
    """Routine and soon requests close; urgent ones and visits do not."""
    manage.withdraw(secret_of(calm := a_request()), "Better", LATER)
    assert stored(calm).closed_reason == "not-wanted"
    urgent = a_request(Level.urgent, person={"phone": "+919876543211"})
    with pytest.raises(NotAllowedNow):
        manage.withdraw(secret_of(urgent), None, LATER)
    with_visit = a_request(person={"phone": "+919876543212"})
    booked_at(with_visit)
    with pytest.raises(NotAllowedNow):
        manage.withdraw(secret_of(with_visit), None, LATER)


def test_a_request_from_before_there_were_pages_gets_one_from_the_desk() -> None:
    """It has none by itself, and whoever asks is told nothing."""
    request = a_request()
    with transaction() as session:
        session.execute(sa.text("DELETE FROM request_link"))
    assert manage.address(stored(request), NOW) is None
    token = manage.reissue(request.reference, a_staff_member(), NOW).token
    assert manage.find(token, NOW).request.id == request.id
