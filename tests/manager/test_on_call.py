"""The manager enters who is on call; a gap stands on every page of staff."""

import datetime as dt

import pytest
import time_machine
from flask import Flask

from app.domain.roster import FIRST, SECOND
from app.workflow import roster, staff
from tests.builders import NOW, a_staff_member
from tests.people import Doctor, Manager, Page, Receptionist, Staff, filled_in

WEEK = "/settings/on-call?week=2026-11-23"
ALL = 14


@pytest.fixture
def leela(app: Flask) -> Manager:
    """The manager at work."""
    return Manager.at_work(app)


@pytest.fixture
def rao(app: Flask) -> str:
    """The id of a doctor."""
    with app.app_context():
        return str(a_staff_member("doctor", email="rao@example.org").id)


@pytest.fixture
def khan(app: Flask) -> str:
    """The id of another one."""
    with app.app_context():
        return str(a_staff_member("doctor", name="Dr Farida Khan", email="khan@example.org").id)


def enters(leela: Manager, status: int = 200, **places: str) -> Page:
    """Choose doctors on the page of this week, and save; `first_2` is Tuesday's day shift."""
    leela.get(WEEK)
    fields = filled_in(leela.page.form(WEEK))
    for name, who in places.items():
        fields[name.replace("_", "-")] = who
    return leela._look(leela.client.post(WEEK, data=fields, follow_redirects=True), WEEK, status)


def chosen(page: Page) -> list[str]:
    """Who is chosen in each place that is not empty."""
    options = [each for each in page.top.all("option") if "selected" in each.attributes]
    return [each.text for each in options]


def on_call(app: Flask) -> dict[int, str]:
    """Who is on call now."""
    with app.app_context():
        return {rank: person.name for rank, person in roster.on_call(NOW).items()}


def test_the_manager_enters_a_week(app: Flask, leela: Manager, rao: str, khan: str) -> None:
    """Each shift has a first and a second doctor; the page shows them again."""
    page = enters(leela, first_2=rao, second_2=khan)
    assert "The roster is saved" in page.text
    assert chosen(page) == ["Dr Arun Rao", "Dr Farida Khan"]
    assert on_call(app) == {FIRST: "Dr Arun Rao", SECOND: "Dr Farida Khan"}
    assert "Nothing was changed" in enters(leela).text


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ({"first_2": "nobody-we-know"}, "Select a doctor of the list"),
        ({"second_2": "{rao}"}, "Select a first doctor before a second"),
        (
            {"first_2": "{rao}", "second_2": "{rao}"},
            "Select somebody else than the first doctor",
        ),
        ({"first_2": "\x00"}, "Select a doctor of the list"),
        ({"first_2": "x" * 100_000}, "Select a doctor of the list"),
    ],
)
def test_what_cannot_be_is_said_at_its_place(
    app: Flask, leela: Manager, rao: str, khan: str, places: dict[str, str], words: str
) -> None:
    """What was chosen elsewhere stays chosen, and nothing is saved."""
    typed = {name: who.replace("{rao}", rao) for name, who in places.items()}
    page = enters(leela, 422, first_5=khan, **typed)
    assert words in page.text
    assert "Dr Farida Khan" in chosen(page)
    assert on_call(app) == {}


def test_a_colleagues_change_is_shown_before_anything_is_saved(
    app: Flask, leela: Manager, rao: str, khan: str
) -> None:
    """The place is marked; a second press, with open eyes, replaces it."""
    leela.get(WEEK)
    fields = filled_in(leela.page.form(WEEK))
    other = Manager.at_work(app)
    enters(other, first_2=rao)
    fields["first-2"] = khan
    page = leela._look(leela.client.post(WEEK, data=fields), WEEK, 409)
    assert "a colleague has changed this. Look again" in page.text
    assert chosen(page) == ["Dr Farida Khan"]
    assert on_call(app) == {FIRST: "Dr Arun Rao"}
    leela.send(WEEK)
    assert on_call(app) == {FIRST: "Dr Farida Khan"}


def test_who_has_left_cannot_be_entered(app: Flask, leela: Manager, rao: str) -> None:
    """The list is asked again when the roster is saved."""
    leela.get(WEEK)
    fields = filled_in(leela.page.form(WEEK))
    fields["first-2"] = rao
    with app.app_context():
        staff.deactivate("rao@example.org", NOW)
    page = leela._look(leela.client.post(WEEK, data=fields), WEEK, 422)
    assert "Select a doctor of the list" in page.text


@pytest.mark.parametrize("week", ["", "nonsense", "0001-01-01", "9999-12-31", "2026-11-26", "\x00"])
def test_any_week_can_be_asked_for(leela: Manager, week: str) -> None:
    """What is no day is this week, and what is far away is the last one that there is."""
    page = leela.get(f"/settings/on-call?week={week}")
    assert page.h1 == "Who is on call"
    assert len(list(page.top.all("tr"))) == ALL + 1


def test_a_gap_stands_on_every_page_of_staff(
    app: Flask, rao: str, time_machine: time_machine.TimeMachineFixture
) -> None:
    """Whoever is at work sees it, until somebody is on call."""
    time_machine.move_to(NOW, tick=False)
    leela = Manager.at_work(app)
    people: list[tuple[Staff, str]] = [
        (leela, "/settings/staff"),
        (Receptionist.at_work(app), "/desk/requests"),
        (Doctor.at_work(app), "/doctor/reviews"),
    ]
    for person, path in people:
        assert "No doctor is on call until" in person.get(path).text
    enters(leela, first_2=rao)
    assert "No doctor is on call from 8:00 pm to" in leela.get("/settings/staff").text
    enters(leela, first_3=rao, first_4=rao)
    for person, path in people:
        assert "No doctor is on call" not in person.get(path).text


def test_the_day_begins_with_the_hand_over_of_the_clinic(leela: Manager) -> None:
    """Shifts are those that the settings say."""
    leela.get(WEEK)
    rows = [row.text for row in leela.page.top.all("th") if "pm" in row.text]
    assert len(rows) == ALL
    assert rows[0].endswith("Monday 23 November, 8:00 am to 8:00 pm")
    assert dt.date(2026, 11, 23).weekday() == 0
