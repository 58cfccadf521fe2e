"""The patient's own page: what a link shows, what the digits open, and what a press does."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, Final

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from app.domain.level import Level
from app.records import db
from app.records.audit import AuditEvent, first_broken
from app.records.link import RequestLink
from app.records.lookup import request_with
from app.workflow import booking, manage, queue
from tests.builders import NOW, a_choice, a_doctor_with_hours, a_request, a_staff_member, the_clinic
from tests.hostile import TEXTS
from tests.people import Patient, filled_in

DIGITS: Final = "3210"
DAY: Final = dt.timedelta(days=1)
# The first time of the Wednesday after NOW: 9 am in Mumbai.
FIRST: Final = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
ENDED: Final = "This link does not open anything"
PAGES: Final = ("", "change", "cancel", "add", "number", "worse", "not-me", "advice")


@dataclass
class Link:
    """A patient with a link, and the app to look behind it."""

    app: Flask
    patient: Patient
    reference: str
    token: str
    desk: Any

    @property
    def path(self) -> str:
        """The address of the page."""
        return f"/r/{self.token}"

    def gets(self, page: str = "", status: int = 200) -> Any:
        """Open one of the pages of the link."""
        return self.patient.get(f"{self.path}/{page}".rstrip("/"), status)

    def sends(self, page: str, status: int = 200, **given: Any) -> Any:
        """Open a page, fill in its form, and press."""
        self.gets(page)
        own = page in ("cancel", "add", "number", "worse", "not-me")
        action = None if own else f"{self.path}/{page}".rstrip("/")
        form = self.patient.page.form(action)
        fields = _filled(form) | given
        return self.patient.post(f"{self.path}/{page}".rstrip("/"), fields, status)

    def unlocks(self, digits: str = DIGITS, status: int = 200) -> Any:
        """Enter the digits on the page."""
        return self.sends("", status, digits=digits)

    def stored(self) -> dict[str, Any]:
        """What the database holds of the request now."""
        with self.app.app_context():
            found = request_with(self.reference, db.session)
            visits = [(v.starts_at, v.status, v.sequence) for v in found.appointments]
            return {
                "status": found.status,
                "level": found.level,
                "person": found.person,
                "events": [change.event for change in found.history],
                "notes": [change.note for change in found.history if change.note],
                "visits": visits,
                "responses": len(found.responses),
                "by": {change.event: change.by_id for change in found.history},
            }


def _filled(form: Any) -> dict[str, Any]:
    return dict(filled_in(form))


@pytest.fixture
def clock() -> Any:
    """The doors' clock stands at NOW."""
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


def a_link(app: Flask, level: Level = Level.routine, *, booked: bool = False, **more: Any) -> Link:
    """A patient who has sent a request, and perhaps has a visit."""
    with app.app_context():
        desk = a_staff_member()
        request = a_request(level, **more)
        if booked:
            doctor = a_doctor_with_hours(name="Dr Nisha Iyer")
            choice = a_choice(doctor.id, FIRST)
            booking.book(request.reference, choice, request.version, desk, NOW, the_clinic().zone)
        token = manage.address(request, NOW)
        assert token
        return Link(app, Patient(app.test_client()), request.reference, token, desk)


@pytest.fixture
def link(app: Flask, clock: Any) -> Link:
    """A patient without a visit."""
    return a_link(app)


@pytest.fixture
def booked(app: Flask, clock: Any) -> Link:
    """A patient with a visit on Wednesday at 9 am."""
    return a_link(app, booked=True)


def test_the_page_shows_progress_and_no_answer(link: Link) -> None:
    """Whoever holds the link alone sees the reference and how far it is, and nothing personal."""
    page = link.gets()
    assert page.h1 == "Your request"
    assert link.reference in page.text
    assert "We got your request Today, 11:30 am" in page.text
    for hidden in ("Asha", "98765", "43210", "lower back"):
        assert hidden not in page.html
    (step,) = [e for e in page.top.all("li") if e.attributes.get("aria-current") == "step"]
    assert "We look for a time with you" in step.text


def test_a_visit_is_shown_with_time_place_and_person(booked: Link) -> None:
    """Time and place are what a family needs on the way."""
    page = booked.gets()
    for told in ("Wednesday 25 November 2026, 9:00 am", "Dr Nisha Iyer", "1 Example Road, Mumbai"):
        assert told in page.text
    assert "Your visit was booked" in page.text


def test_the_four_digits_open_the_answers_for_half_an_hour(link: Link, clock: Any) -> None:
    """Right digits open them in this browser; thirty minutes later they are closed again."""
    page = link.unlocks()
    assert "98765 43210" in page.text
    assert DIGITS not in page.path
    assert "Asha" not in str(link.patient.client.get_cookie("unlocked"))
    assert "98765 43210" in link.gets().text
    clock.shift(dt.timedelta(minutes=31))
    assert "98765" not in link.gets().text


def test_the_cookie_opens_no_other_link(app: Flask, link: Link) -> None:
    """A browser that was let in for one request sees nothing of another, nor after a re-issue."""
    other = a_link(app, person={"phone": "+919876543211"})
    link.unlocks()
    page = link.patient.get(other.path)
    assert "43211" not in page.html
    with app.app_context():
        fresh = manage.reissue(link.reference, link.desk, NOW).token
    assert "98765" not in link.patient.get(f"/r/{fresh}").text


@pytest.mark.parametrize(
    "forged", ["", "x", "W10.abc", "null", "eyJhIjoxfQ.AAAA", "\x00", "9" * 4000]
)
def test_a_forged_cookie_opens_nothing(link: Link, forged: str) -> None:
    """Only what the clinic has signed counts."""
    link.patient.client.set_cookie("unlocked", forged)
    assert "98765" not in link.gets().text


def test_wrong_digits_are_told_and_counted(link: Link, clock: Any) -> None:
    """After five wrong tries even the right digits wait for an hour; the words say so."""
    for _ in range(5):
        page = link.unlocks("0000", 422)
        assert "not the last 4 digits" in page.text
        assert page.title.startswith("Error: ")
    page = link.unlocks(DIGITS, 429)
    assert "Too many wrong tries" in page.text
    assert "022 0000 1234" in page.text
    clock.shift(dt.timedelta(minutes=61))
    assert "98765 43210" in link.unlocks().text


def test_ten_wrong_tries_a_day_are_enough(link: Link, clock: Any) -> None:
    """Patience does not help who guesses."""
    for _ in range(2):
        for _ in range(5):
            link.unlocks("0000", 422)
        clock.shift(dt.timedelta(minutes=61))
    link.unlocks(DIGITS, 429)


def test_digits_in_other_scripts_and_with_blanks_count(link: Link) -> None:
    """People type as they write."""
    assert "98765 43210" in link.unlocks(" ३२ १० ").text


@pytest.mark.parametrize("typed", ["", "321", "43210", "abcd", "\x00", "३", "-3210-1", "9" * 5000])
def test_what_are_not_four_digits_is_no_try(link: Link, typed: str) -> None:
    """It is told at the field, however often."""
    for _ in range(6):
        page = link.unlocks(typed, 422)
    assert "Enter the last 4 digits" in page.text


def test_a_request_without_a_phone_is_opened_by_a_call_alone(app: Flask, clock: Any) -> None:
    """Nobody is asked for digits that do not exist."""
    link = a_link(app, person={"phone": ""})
    assert "Please call us to hear them" in link.gets().text
    assert "We have no phone number" in link.gets("add").text


def test_every_dead_address_gets_the_same_page(app: Flask, link: Link) -> None:
    """Invented, replaced and ended ones: the same status and words, so that nobody learns which."""
    with app.app_context():
        fresh = manage.reissue(link.reference, link.desk, NOW).token
        manage.not_me(fresh, the_clinic(), NOW)
    pages = []
    for token in (link.token, fresh, "A" * 22, "x", "%00", "é" * 22, "9" * 3000):
        for page in PAGES:
            response = link.patient.client.get(f"/r/{token}/{page}".rstrip("/"))
            assert response.status_code == 404, f"{token[:20]} {page}"
            pages.append(response.text)
    assert ENDED in pages[0]
    assert "022 0000 1234" in pages[0]
    assert len(set(pages)) == 1, "the page tells what kind of address it was"


def test_pages_of_the_link_are_kept_and_listed_by_nobody(link: Link) -> None:
    """No cache, no search engine, no address for other sites."""
    for page in ("", "worse", "add", "not-me"):
        headers = link.gets(page).response.headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in headers["X-Robots-Tag"]


def test_looking_changes_nothing(booked: Link) -> None:
    """GET and HEAD, as mail scanners and browsers send them before anybody presses."""
    with booked.app.app_context():
        before = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEvent))
    stored = booked.stored()
    for page in (
        "",
        "change",
        "cancel",
        "add",
        "number",
        "worse",
        "not-me",
        "advice",
        "calendar.ics",
    ):
        path = f"{booked.path}/{page}".rstrip("/")
        for headers in ({}, {"Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}):
            assert booked.patient.client.get(path, headers=headers).status_code in (200, 303)
            assert booked.patient.client.head(path, headers=headers).status_code in (200, 303)
    assert booked.stored() == stored
    with booked.app.app_context():
        after = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEvent))
    assert after == before


def test_cancelling_asks_first_and_wants_the_digits(booked: Link) -> None:
    """The page says what it means; the digits and the press do it; the desk reads why."""
    page = booked.gets("cancel")
    assert "Wednesday 25 November 2026, 9:00 am" in page.text
    page = booked.sends("cancel", 422, digits="0000", reason="I am in hospital")
    assert "I am in hospital" in page.html
    assert booked.stored()["visits"][0][1] == "booked"
    page = booked.sends("cancel", digits=DIGITS, reason="I am in hospital")
    assert "Your visit is cancelled" in page.text
    stored = booked.stored()
    assert (stored["status"], stored["visits"]) == ("with-desk", [(FIRST, "cancelled", 1)])
    assert "I am in hospital" in stored["notes"]
    assert stored["by"]["cancel"] is None
    assert "98765 43210" in booked.gets().text  # whoever knew the digits is in


def test_pressing_cancel_twice_cancels_once(booked: Link) -> None:
    """The second press finds that it is done, and says so."""
    booked.gets("cancel")
    fields = _filled(booked.patient.page.form(None)) | {"digits": DIGITS}
    for _ in range(2):
        page = booked.patient.post(f"{booked.path}/cancel", fields)
        assert "Your visit is cancelled" in page.text
    assert booked.stored()["events"].count("cancel") == 1


def test_a_visit_that_was_moved_meanwhile_is_not_cancelled_unseen(booked: Link) -> None:
    """Who looked at an old time sees the new one first, with the reason kept."""
    booked.gets("cancel")
    fields = _filled(booked.patient.page.form(None))
    with booked.app.app_context():
        visit = request_with(booked.reference, db.session).appointments[0]
        choice = a_choice(visit.practitioner_id, FIRST + DAY)
        booking.move(visit.id, choice, visit.version, booked.desk, NOW, the_clinic().zone)
    page = booked.patient.post(
        f"{booked.path}/cancel", fields | {"digits": DIGITS, "reason": "I am away"}, 409
    )
    assert "changed a moment ago" in page.text
    assert "Thursday 26 November 2026" in page.text
    assert "I am away" in page.html
    assert booked.stored()["visits"][0][1] == "booked"


def test_moving_takes_the_new_time_and_keeps_the_reference(booked: Link) -> None:
    """One request, one visit, another time; the history says that the patient did it."""
    page = booked.gets("change")
    tiles = [e.attributes["value"] for e in page.top.all("input") if e.attributes["name"] == "time"]
    other = next(tile for tile in tiles if "T04:30Z" in tile)
    page = booked.sends("change", digits=DIGITS, time=other)
    assert "Your visit has a new time" in page.text
    assert "10:00 am" in page.text
    stored = booked.stored()
    assert [visit[1:] for visit in stored["visits"]] == [("booked", 1)]
    assert stored["by"]["move-visit"] is None
    page = booked.patient.post(
        f"{booked.path}/change", _token(booked) | {"time": other, "version": "1"}
    )
    assert "Your visit has a new time" in page.text
    assert booked.stored()["events"].count("move-visit") == 1


def _token(link: Link) -> dict[str, str]:
    link.gets("worse")
    return {"csrf_token": _filled(link.patient.page.form(None))["csrf_token"]}


def test_a_time_that_somebody_took_shows_what_is_left(booked: Link) -> None:
    """The loser keeps the visit, and reads it at the list."""
    page = booked.gets("change")
    tiles = [e.attributes["value"] for e in page.top.all("input") if e.attributes["name"] == "time"]
    with booked.app.app_context():
        rival = a_request(person={"phone": "+919876543299"})
        practitioner = uuid.UUID(tiles[0].split()[0])
        when = dt.datetime.fromisoformat(tiles[0].split()[2])
        choice = a_choice(practitioner, when)
        booking.book(rival.reference, choice, rival.version, booked.desk, NOW, the_clinic().zone)
    fields = _token(booked) | {"digits": DIGITS, "time": tiles[0], "version": "1"}
    page = booked.patient.post(f"{booked.path}/change", fields, 409)
    assert "Somebody took this time a moment ago" in page.text
    assert booked.stored()["visits"][0][:2] == (FIRST, "booked")


def test_nobody_chooses_a_time_that_is_not_offered_to_patients(booked: Link) -> None:
    """A made-up time, one in the past, one within the lead time: the visit stays."""
    with booked.app.app_context():
        visit = request_with(booked.reference, db.session).appointments[0]
        start = f"{visit.practitioner_id} {visit.kind_id}"
    for when in (
        "2026-11-24T06:30Z",
        "2026-11-20T04:30Z",
        "2026-11-25T04:31Z",
        "2999-01-01T00:00Z",
    ):
        fields = _token(booked) | {"digits": DIGITS, "time": f"{start} {when}", "version": "1"}
        booked.patient.post(f"{booked.path}/change", fields, 409)
    for nonsense in (
        "",
        "x",
        "\x00",
        "a b c",
        f"{start} 9999-12-31T23:59Z",
        *list(TEXTS.values())[:5],
    ):
        fields = _token(booked) | {"digits": DIGITS, "time": nonsense, "version": "1"}
        booked.patient.post(f"{booked.path}/change", fields, 422)
    assert booked.stored()["visits"][0][:2] == (FIRST, "booked")


def test_an_emergency_sees_no_times(app: Flask, clock: Any) -> None:
    """Nobody with danger signs waits for another time; a doctor decides first."""
    link = a_link(app, Level.soon, booked=True)
    link.gets("worse")
    told: dict[str, Any] = dict.fromkeys(("walking", "bladder-bowel", "pain"), "same")
    told["legs"] = "worse"
    link.sends("worse", **told)
    assert link.stored()["level"] is Level.emergency
    page = link.gets("change")
    assert not [e for e in page.top.all("input") if e.attributes.get("name") == "time"]
    assert "a doctor looks at your request first" in page.text


def test_a_past_visit_cannot_be_cancelled_by_the_patient(booked: Link, clock: Any) -> None:
    """What was, was; the page says to call."""
    clock.shift(2 * DAY)
    assert "You cannot cancel it here now" in booked.gets("cancel").text
    fields = _token(booked) | {"digits": DIGITS, "visit": "", "version": "1"}
    booked.patient.post(f"{booked.path}/cancel", fields, 409)
    assert booked.stored()["visits"][0][1] == "booked"


def test_a_request_without_a_visit_can_be_withdrawn(link: Link) -> None:
    """It is closed as no longer wanted, and the page leads to a new one."""
    page = link.sends("cancel", digits=DIGITS, reason="Seen elsewhere")
    assert "Your request is closed" in page.text
    assert "start a new one" in page.text
    assert link.stored()["status"] == "closed"


def test_an_urgent_request_is_not_closed_by_a_press(app: Flask, clock: Any) -> None:
    """A doctor must hear of it, whoever has second thoughts."""
    link = a_link(app, Level.urgent)
    assert "You cannot cancel it here now" in link.gets("cancel").text
    link.patient.post(f"{link.path}/cancel", _token(link) | {"digits": DIGITS}, 409)
    assert link.stored()["status"] == "with-doctor"


def test_this_was_not_me_shuts_the_page_and_tells_the_desk(link: Link) -> None:
    """One press without digits; nothing is erased; pressed twice it says the same."""
    page = link.sends("not-me")
    assert page.h1 == "Thank you"
    link.gets(status=404)
    stored = link.stored()
    assert "not-me" in stored["events"]
    assert stored["person"]["name"] == "Asha Patil"
    link.patient.get("/contact")
    with link.app.app_context():
        assert manage.address(request_with(link.reference, db.session), NOW) is None


def test_the_page_says_who_has_opened_the_request(link: Link) -> None:
    """Roles and times, no names: "Reception, today, 11:30 am"."""
    assert "Nobody yet" in link.gets().text
    with link.app.app_context():
        queue.open_request(link.reference, link.desk, NOW)
        queue.open_request(link.reference, a_staff_member("doctor"), NOW + DAY / 24)
    page = link.gets()
    assert "Reception, today, 11:30 am" in page.text
    assert "A doctor, today, 12:30 pm" in page.text
    assert "Meera" not in page.text
    assert "A person at the clinic read it Today, 11:30 am" in page.text


def test_every_act_of_the_patient_is_in_the_log_without_an_actor(booked: Link) -> None:
    """The log is whole, and says that nobody of the clinic did it."""
    booked.sends("cancel", digits=DIGITS)
    booked.sends("add", more="I take my tablets again")
    booked.sends("number", phone="98765 43288")
    booked.sends("not-me")
    with booked.app.app_context():
        rows = db.session.execute(
            sa.select(AuditEvent.action, AuditEvent.actor_id).order_by(AuditEvent.number)
        ).all()
        assert first_broken(db.session) is None
    mine = ("cancel", "add", "change-number", "not-me")
    assert [tuple(row) for row in rows if row.action in mine] == [(act, None) for act in mine]


def test_the_link_ends_thirty_days_after_the_visit(booked: Link, clock: Any) -> None:
    """Until then it opens; afterwards it is as dead as any other."""
    clock.move_to(FIRST + dt.timedelta(days=30))
    booked.gets()
    clock.shift(dt.timedelta(minutes=30))
    assert ENDED in booked.gets(status=404).h1


def test_only_hashes_of_secrets_are_stored(link: Link) -> None:
    """A stolen database opens no page."""
    with link.app.app_context():
        stored = db.session.scalars(sa.select(RequestLink)).one()
        assert link.token.encode() not in stored.token_hash
        assert len(link.token) == 22
