"""Who may come in: every route, every role, and the sessions that let people in."""

import datetime as dt
import time
import uuid
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from werkzeug.routing import Rule

from app import access
from app.access import now
from app.domain.level import Level
from app.records import db
from app.workflow import staff
from tests.builders import NOW, PASSWORD, a_request
from tests.people import (
    Doctor,
    Manager,
    Patient,
    Receptionist,
    Staff,
    filled_in,
)

# The feed is read by calendar programs, which cannot sign in: its secret lets them in.
OPEN = {"static", "access.ask", "access.answer", "access.calendar_feed"}
ROLES = ("receptionist", "doctor", "manager")
KINDS: dict[str, type[Staff]] = {
    "receptionist": Receptionist,
    "doctor": Doctor,
    "manager": Manager,
}
UNKNOWN = "We do not know this e-mail and password together"


@pytest.fixture
def reference(app: Flask) -> str:
    """A request that exists."""
    with app.app_context():
        return a_request(Level.routine, at=now()).reference


def signed_in(app: Flask, role: str) -> Staff:
    """Somebody with that role, signed in at the real page."""
    return KINDS[role].at_work(app)


def staff_rules(app: Flask) -> Iterator[Rule]:
    """Every route that is not open to strangers."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in OPEN and not rule.endpoint.startswith("patient."):
            yield rule


def address(app: Flask, rule: Rule, reference: str) -> str:
    """An address that leads to the route."""
    known = {"reference": reference, "act": "note", "event": "note"}
    values = {name: known.get(name, uuid.uuid4()) for name in rule.arguments}
    with app.test_request_context():
        return app.url_map.bind("").build(rule.endpoint, values)


def roles_of(app: Flask, rule: Rule) -> tuple[str, ...]:
    """The roles that a route lets in."""
    door = app.blueprints[rule.endpoint.partition(".")[0]]
    return ROLES if door.name == "access" else getattr(door, "roles", ())


def test_every_route_is_public_or_behind_a_door(app: Flask) -> None:
    """A route that nobody has thought about fails here."""
    for rule in staff_rules(app):
        assert "." in rule.endpoint, f"{rule} belongs to no blueprint"
        assert roles_of(app, rule), f"{rule} is neither public nor behind a staff door"
    for rule in app.url_map.iter_rules():
        assert rule.methods
        assert rule.methods <= {"GET", "HEAD", "OPTIONS", "POST"}, f"{rule} takes other methods"


@pytest.mark.own_app
def test_a_route_without_a_door_is_shut(app: Flask) -> None:
    """What somebody forgets to guard answers nobody."""
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    response = app.test_client().get("/forgotten")
    assert response.status_code == 403
    assert "secret" not in response.text


def test_strangers_are_asked_to_sign_in_everywhere(app: Flask, reference: str) -> None:
    """No staff page answers without a sign-in, whatever the method."""
    stranger = Patient(app.test_client())
    token = filled_in(stranger.get("/sign-in").form("/sign-in"))["csrf_token"]
    for rule in staff_rules(app):
        path = address(app, rule, reference)
        assert rule.methods
        if "GET" in rule.methods:
            response = stranger.client.get(path)
            assert response.status_code == 303, path
            assert response.location.startswith("/sign-in"), path
        if "POST" in rule.methods:
            response = stranger.client.post(path, data={"csrf_token": token})
            assert response.status_code == 401 or response.location == "/sign-in", path


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_its_own_doors_and_no_others(app: Flask, reference: str, role: str) -> None:
    """The whole table of roles and routes."""
    person = signed_in(app, role)
    token = filled_in(person.page.form("/sign-out"))["csrf_token"]
    for rule in staff_rules(app):
        if rule.endpoint == "access.sign_out":
            continue
        path = address(app, rule, reference)
        assert rule.methods
        if "GET" in rule.methods:
            response = person.client.get(path)
        else:
            response = person.client.post(path, data={"csrf_token": token})
        allowed = role in roles_of(app, rule)
        assert (response.status_code == 403) != allowed, f"{role} at {path}"
        assert response.status_code < 500, f"{role} at {path}"
        assert not (response.location or "").startswith("/sign-in"), f"{role} at {path}"


def test_the_doctors_acts_are_for_doctors_alone(app: Flask) -> None:
    """Neither the desk nor the manager reviews."""
    assert app.blueprints["doctor"].roles == ("doctor",)  # type: ignore[attr-defined]
    assert app.blueprints["manager"].roles == ("manager",)  # type: ignore[attr-defined]


def test_no_form_is_taken_without_its_token(app: Flask, reference: str) -> None:
    """Every POST route refuses what another site could have sent."""
    person = signed_in(app, "manager")
    for rule in app.url_map.iter_rules():
        if rule.methods and "POST" in rule.methods:
            values = dict.fromkeys(rule.arguments, reference)
            values |= {name: str(uuid.uuid4()) for name in rule.arguments if name.endswith("_id")}
            if "language" in values:
                values["language"] = "hi"
            path = app.url_map.bind("").build(rule.endpoint, values)
            assert person.client.post(path, data={"note": "x"}).status_code == 400, path


def test_an_open_page_that_lost_its_token_gives_the_text_back(app: Flask, reference: str) -> None:
    """The typed note stands on the page that says it was open for too long."""
    person = signed_in(app, "receptionist")
    page = person.post(f"/desk/requests/{reference}/note", {"note": "Daughter called"}, 400)
    assert page.h1 == "This page was open for too long"
    assert "Daughter called" in page.text


@pytest.mark.parametrize(
    ("role", "start"), [("receptionist", "Requests"), ("manager", "Requests"), ("doctor", "Review")]
)
def test_everybody_begins_at_their_own_place(app: Flask, role: str, start: str) -> None:
    """Doctors see what waits for them, the others the requests."""
    assert start in signed_in(app, role).page.h1


def test_a_copied_cookie_is_worth_nothing_after_the_sign_out(app: Flask) -> None:
    """The session ends on the server, not only in the browser."""
    person = signed_in(app, "receptionist")
    cookie = person.client.get_cookie("session")
    assert cookie
    thief = app.test_client()
    thief.set_cookie("session", cookie.value)
    assert thief.get("/desk/requests").status_code == 200
    assert person.sign_out().h1 == "Sign in"
    assert thief.get("/desk/requests").status_code == 303
    assert person.client.get("/desk/requests").status_code == 303


def test_signing_in_gives_a_new_session(app: Flask) -> None:
    """A cookie planted before the sign-in does not become somebody's session."""
    person = Receptionist.hired(app)
    person.get("/sign-in")
    planted = person.client.get_cookie("session")
    assert planted
    person.send("/sign-in", email=person.email, password=PASSWORD)
    thief = app.test_client()
    thief.set_cookie("session", planted.value)
    assert thief.get("/desk/requests").status_code == 303


def test_shutting_somebody_out_ends_their_session_at_once(app: Flask) -> None:
    """A person who leaves is signed out everywhere with the next click."""
    person = signed_in(app, "receptionist")
    with app.app_context():
        staff.deactivate(person.email, NOW)
    assert person.get("/desk/requests").h1 == "Sign in"
    page = person.send("/sign-in", 422, email=person.email, password=PASSWORD)
    assert UNKNOWN in page.text


def test_wrong_passwords_and_unknown_people_get_the_same_answer(app: Flask) -> None:
    """Nobody learns from the sign-in who works here: not by the words, not by the time."""
    known = Receptionist.hired(app).email
    taken = {}
    for email in (known, "nobody@example.org"):
        visitor = Patient(app.test_client())
        visitor.get("/sign-in")
        began = time.process_time()
        page = visitor.send("/sign-in", 422, email=email, password="not the password")
        taken[email] = time.process_time() - began
        assert UNKNOWN in page.text
        assert page.title.startswith("Error: ")
    fast, slow = sorted(taken.values())
    assert slow < 5 * fast + 0.05


def test_a_very_long_password_is_refused_before_it_is_hashed(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing megabytes would keep the server busy."""
    asked: list[str] = []
    monkeypatch.setattr(staff, "recognise", lambda email, password: asked.append(password))
    visitor = Patient(app.test_client())
    visitor.get("/sign-in")
    visitor.send("/sign-in", 422, email="a@example.org", password="x" * 129)
    assert asked == []


def test_guessing_one_account_does_not_lock_out_the_others(app: Flask) -> None:
    """After five tries an account waits a minute from that address; a colleague comes in."""
    victim, colleague = Receptionist.hired(app), Manager.hired(app)
    guesser = Patient(app.test_client())
    guesser.get("/sign-in")
    for _ in range(5):
        guesser.send("/sign-in", 422, email=victim.email, password="guess")
    page = guesser.send("/sign-in", 429, email=victim.email, password=PASSWORD)
    assert "Wait a minute" in page.text
    assert colleague.sign_in().h1 == "Requests"


def test_coming_in_ends_the_counting_of_tries(app: Flask) -> None:
    """A person who mistyped a few times does not carry them along."""
    person = Receptionist.hired(app)
    for _ in range(3):
        person.get("/sign-in")
        for _ in range(3):
            person.send("/sign-in", 422, email=person.email, password="mistyped")
        person.sign_in()
        person.sign_out()


@pytest.mark.parametrize(
    "hostile",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "desk/requests",
        "",
    ],
)
def test_the_sign_in_leads_to_our_own_pages_only(app: Flask, hostile: str) -> None:
    """An address in a mail cannot send people elsewhere after the sign-in."""
    person = Receptionist.hired(app)
    page = person.get("/sign-in")
    fields = dict(filled_in(page.form("/sign-in")))
    fields |= {"email": person.email, "password": PASSWORD, "next": hostile}
    response = person.client.post("/sign-in", data=fields)
    assert (response.status_code, response.location) == (303, "/staff")


def test_the_sign_in_leads_back_to_the_page_that_was_asked_for(app: Flask, reference: str) -> None:
    """A link in a mail to the desk opens its request, filters and all."""
    person = Receptionist.hired(app)
    person.get(f"/desk/requests/{reference}?view=no-answer")
    page = person.send("/sign-in", email=person.email, password=PASSWORD)
    assert reference in page.text
    assert any("view=no-answer" in link for link in page.links().values())


def test_what_was_typed_before_the_session_ended_is_not_lost(app: Flask, reference: str) -> None:
    """Sign in again, see the note, press once more: it is stored. It never is in an address."""
    with time_machine.travel(NOW, tick=False) as clock:
        person = signed_in(app, "receptionist")
        person.get(f"/desk/requests/{reference}")
        clock.shift(dt.timedelta(minutes=31))
        action = f"/desk/requests/{reference}/note"
        page = person.send(action, 401, note="Daughter called")
        assert "what you typed is kept" in page.text
        page = person.send("/sign-in", email=person.email, password=PASSWORD)
        assert page.h1 == "You are signed in again"
        assert "Daughter called" in page.text
        cookie = person.client.get_cookie("session")
        assert cookie
        assert "Daughter" not in cookie.decoded_value
        page = person.send(action)
        assert "The note is kept" in page.text
        assert "Daughter called" in page.text


def test_a_doctor_stays_signed_in_through_the_night(app: Flask) -> None:
    """Eleven idle hours are fine for a doctor, and too long for the desk."""
    with time_machine.travel(NOW, tick=False) as clock:
        doctor, desk = signed_in(app, "doctor"), signed_in(app, "receptionist")
        clock.shift(dt.timedelta(hours=11))
        assert doctor.client.get("/desk/requests").status_code == 200
        assert desk.client.get("/desk/requests").status_code == 303


def test_public_pages_know_nothing_of_staff_sessions(app: Flask) -> None:
    """They set no cookie, vary with none, and look nobody up."""
    response = app.test_client().get("/privacy")
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert "Cookie" not in response.headers.get("Vary", "")


def test_staff_pages_are_kept_by_no_browser(app: Flask, reference: str) -> None:
    """Nothing is left on a shared computer."""
    person = signed_in(app, "receptionist")
    page = person.get(f"/desk/requests/{reference}")
    assert page.response.headers["Cache-Control"] == "no-store"


def test_a_wrong_door_is_explained_in_words(app: Flask) -> None:
    """The frame stays, so that the way back is one click."""
    person = signed_in(app, "receptionist")
    page = person.get("/settings/staff", 403)
    assert "for managers" in page.text
    assert "Requests" in " ".join(page.links())


def test_the_page_for_our_own_faults_needs_no_database(app: Flask, database: str) -> None:
    """When the database is gone, the emergency numbers still come, and the clinic's phone."""
    person = signed_in(app, "receptionist")
    with app.app_context():
        db.drop_all()
    # SQLite tells a lost table as it tells a lost file: come again later.
    page = person.get("/desk/requests", {"sqlite": 503, "postgresql": 500}[database])
    settings = app.extensions["settings"]
    assert settings.ambulance_number in page.text
    assert settings.clinic_phone in page.text


def test_places_are_those_of_the_role(app: Flask) -> None:
    """Nobody sees a door that does not open."""
    assert access.PLACES
    names = {role: set(signed_in(app, role).page.links()) for role in ROLES}
    assert any(name.startswith("Review") for name in names["doctor"])
    assert not any(name.startswith("Review") for name in names["manager"])
    assert "Settings" in names["manager"]
    assert "Settings" not in names["receptionist"]
