"""The diary: the day's visits, and what became of them."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from app.records import db
from app.workflow import booking, staff
from tests.builders import NOW, a_choice, a_doctor_with_hours, a_request
from tests.people import WELL, Element, Page, Receptionist

FIELDS = ("cancer_status", "pain_site", "pain_onset", "pain_course", "first_episode", "age")
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
AT_NOON = NOW + 30 * MINUTE
"""Today at 12 in Mumbai: when the first visit of these tests begins."""


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """The clock stands still until a test moves it; a Tuesday at 11:50 am in Mumbai."""
    with time_machine.travel(NOW + 20 * MINUTE, tick=False) as found:
        yield found


@pytest.fixture
def meera(app: Flask) -> Receptionist:
    """A receptionist at work."""
    return Receptionist.at_work(app)


@pytest.fixture
def rao(app: Flask) -> uuid.UUID:
    """A doctor who can be visited."""
    with app.app_context():
        return a_doctor_with_hours(closes=dt.time(17), email="rao@example.org").id


@pytest.fixture
def visit(app: Flask, meera: Receptionist, rao: uuid.UUID) -> str:
    """The id of a visit of today at noon."""
    return a_visit(app, meera, rao)


def a_visit(
    app: Flask,
    meera: Receptionist,
    doctor: uuid.UUID,
    starts_at: dt.datetime = AT_NOON,
    **person: Any,
) -> str:
    """The id of a booked visit."""
    with app.app_context():
        by, zone = staff.by_email(meera.email), app.extensions["settings"].clinic_zone
        assert by
        request = a_request(at=NOW - HOUR, person=person)
        return str(
            booking.book(
                request.reference,
                a_choice(doctor, starts_at),
                1,
                by,
                NOW - 30 * MINUTE,
                zone,
            ).id
        )


def lines(page: Page) -> list[Element]:
    """The visits of the page."""
    return [each for each in page.top.all("li") if each.attributes.get("id", "").startswith("v-")]


def buttons(page: Page) -> list[str]:
    """What can be pressed on the first visit."""
    return [button.text.partition(":")[0].strip() for button in lines(page)[0].all("button")]


def press(meera: Receptionist, visit: str, act: str, status: int = 200) -> Page:
    """Press a button of a visit on the page that is open."""
    return meera.send(f"/desk/diary/{visit}/{act}", status)


def test_a_day_lists_the_visits_of_each_doctor_in_order(
    app: Flask, meera: Receptionist, rao: uuid.UUID
) -> None:
    """Time, name, phone and help needed; no word of the illness."""
    with app.app_context():
        khan = a_doctor_with_hours(
            closes=dt.time(17), name="Dr Farida Khan", email="khan@example.org"
        ).id
    a_visit(app, meera, rao, AT_NOON + HOUR, name="Vikram Rao")
    a_visit(app, meera, khan, name="Kamala Iyer", access=["wheelchair"])
    a_visit(app, meera, rao, name="Asha Patil", phone="+919876543211")
    a_visit(app, meera, rao, AT_NOON + 24 * HOUR, name="Imran Shaikh")
    page = meera.get("/desk/diary")
    assert page.h1 == "Today, Tuesday 24 November"
    assert [head.text for head in page.top.all("h2")] == ["Dr Arun Rao (2)", "Dr Farida Khan (1)"]
    words = [line.text for line in lines(page)]
    assert words[0].startswith("12:00 pm Booked Asha Patil")
    assert words[1].startswith("1:00 pm Booked Vikram Rao")
    assert "uses a wheelchair" in words[2]
    assert page.links()["98765 43211"] == "tel:+919876543211"
    assert "pain" not in page.text
    assert "Asha" not in page.title
    page = meera.get(f"/desk/diary?practitioner={khan}")
    assert [head.text for head in page.top.all("h2")] == ["Dr Farida Khan (1)"]


def test_days_lead_to_each_other(app: Flask, meera: Receptionist, visit: str) -> None:
    """The day before and after, and back to today."""
    page = meera.get("/desk/diary")
    page = meera.get(page.links()["Day after"])
    assert page.h1 == "Tomorrow, Wednesday 25 November"
    assert "No visits on this day." in page.text
    page = meera.get(page.links()["Day before"])
    assert len(lines(page)) == 1
    page = meera.get("/desk/diary?date=2026-12-31")
    assert meera.get(page.links()["Today"]).h1 == "Today, Tuesday 24 November"


def test_a_visit_goes_from_booked_to_seen(
    meera: Receptionist, visit: str, clock: time_machine.Traveller
) -> None:
    """One press each; what makes no sense yet cannot be pressed."""
    page = meera.get("/desk/diary")
    assert buttons(page) == ["Arrived", "Seen", "Cancel"]
    page = press(meera, visit, "arrive")
    assert "12:00 pm Arrived" in lines(page)[0].text
    assert buttons(page) == ["Seen", "Cancel", "Undo"]
    clock.shift(15 * MINUTE)
    page = meera.get("/desk/diary")
    assert buttons(page) == ["Seen", "Cancel"]
    page = press(meera, visit, "fulfil")
    assert "12:00 pm Seen" in lines(page)[0].text
    assert page.response.request.path == "/desk/diary"
    assert page.response.request.args["date"] == "2026-11-24"


@pytest.mark.parametrize(
    ("act", "state"),
    [
        ("arrive", "Arrived"),
        ("fulfil", "Seen"),
        ("miss", "Did not come"),
        ("cancel", "Cancelled"),
    ],
)
def test_every_press_can_be_taken_back_for_ten_minutes(
    meera: Receptionist, visit: str, clock: time_machine.Traveller, act: str, state: str
) -> None:
    """Then the button is gone, and pressing it on an old page changes nothing."""
    clock.shift(15 * MINUTE)
    meera.get("/desk/diary")
    page = press(meera, visit, act)
    assert f"12:00 pm {state}" in lines(page)[0].text
    page = press(meera, visit, "undo")
    assert "12:00 pm Booked" in lines(page)[0].text
    page = press(meera, visit, act)
    assert "Undo" in buttons(page)
    clock.shift(11 * MINUTE)
    page = press(meera, visit, "undo", 409)
    assert "Nothing of yours was saved" in page.text
    assert "Undo" not in buttons(meera.get("/desk/diary"))


def test_the_slower_of_two_colleagues_is_told_who_was_faster(
    app: Flask, meera: Receptionist, visit: str, clock: time_machine.Traveller
) -> None:
    """The button of an old page does nothing."""
    clock.shift(15 * MINUTE)
    meera.get("/desk/diary")
    other = Receptionist.at_work(app)
    other.get("/desk/diary")
    press(other, visit, "arrive")
    page = press(meera, visit, "miss", 409)
    assert "noted that the patient has arrived" in page.text
    assert "See how it stands now" in page.links()


def test_a_cancelled_time_that_is_gone_cannot_be_taken_back(
    app: Flask, meera: Receptionist, rao: uuid.UUID, visit: str
) -> None:
    """The page says so, and the other visit stands."""
    meera.get("/desk/diary")
    press(meera, visit, "cancel")
    a_visit(app, meera, rao, name="Vikram Rao")
    page = press(meera, visit, "undo", 409)
    assert page.h1 == "This time has just been taken"


def test_past_visits_without_an_outcome_are_a_list(
    app: Flask, meera: Receptionist, visit: str, clock: time_machine.Traveller
) -> None:
    """The diary tells how many there are; each press leads back to the list."""
    clock.shift(24 * HOUR)
    meera.sign_in()
    page = meera.get("/desk/diary")
    link = page.links()["To record 1 past visits without an outcome"]
    page = meera.get(link)
    assert page.h1 == "Past, without an outcome"
    assert "Tuesday 24 November (1)" in page.text
    page = press(meera, visit, "miss")
    assert page.h1 == "Past, without an outcome"
    assert "Every past visit has its outcome." in page.text


def test_the_request_shows_its_visit_and_what_can_be_pressed(
    app: Flask, meera: Receptionist, visit: str
) -> None:
    """Pressing there leads back there."""
    page = meera.get("/desk/diary")
    page = meera.get(next(link for words, link in page.links().items() if words == "Asha Patil"))
    page = press(meera, visit, "arrive")
    assert "noted that the patient has arrived" in page.text
    page = press(meera, visit, "undo")
    assert "took back that the patient has arrived" in page.text


def test_acts_that_do_not_exist_and_unknown_visits_are_not_found(
    meera: Receptionist, visit: str
) -> None:
    """Only the five acts, and only visits that there are."""
    page = meera.get("/desk/diary")
    token = next(
        each.attributes["value"]
        for each in page.top.all("input")
        if each.attributes.get("name") == "csrf_token"
    )
    for path in (f"{visit}/book", f"{visit}/undo-cancel", f"{uuid.uuid4()}/cancel"):
        meera.post(f"/desk/diary/{path}", {"csrf_token": token, "version": "1"}, 404)
    for version in ("", "x", "9" * 400, "-1"):
        fields = {"csrf_token": token, "version": version}
        meera.post(f"/desk/diary/{visit}/cancel", fields, 409)


@pytest.mark.parametrize(
    "date", ["nonsense", "0000-01-01", "9999-12-31", "2026-02-30", "1999-12-31", "%00", "9" * 400]
)
def test_a_day_that_cannot_be_is_told_at_the_field(meera: Receptionist, date: str) -> None:
    """Today is shown instead."""
    page = meera.get(f"/desk/diary?date={date}", 422)
    assert page.title.startswith("Error: ")
    assert "Enter a day such as" in page.text
    assert page.h1 == "Today, Tuesday 24 November"


@pytest.mark.parametrize(
    "query", ["date=2000-01-01", "date=2199-12-31", "practitioner=x", "view=x", "date=20261124"]
)
def test_odd_addresses_open(meera: Receptionist, visit: str, query: str) -> None:
    """The first and the last day have neighbours, too; what nobody knows is left out."""
    page = meera.get(f"/desk/diary?{query}")
    meera.get(page.links()["Day before"])
    meera.get(page.links()["Day after"])


def test_the_diary_costs_the_same_queries_however_full_it_is(
    app: Flask, meera: Receptionist, rao: uuid.UUID, visit: str
) -> None:
    """No query per visit, patient or doctor."""
    seen: list[str] = []
    with app.app_context():
        sa.event.listen(
            db.engine,
            "before_cursor_execute",
            lambda *given: None if given[2].startswith("BEGIN") else seen.append(given[2]),
        )
    numbers = []
    for number in range(2):
        seen.clear()
        meera.get("/desk/diary")
        numbers.append(len(seen))
        for hour in range(1, 4) if not number else ():
            a_visit(app, meera, rao, AT_NOON + hour * HOUR)
    assert numbers[0] == numbers[1]
    assert numbers[0] <= 10


def test_free_times_stand_between_the_visits(app: Flask, meera: Receptionist, visit: str) -> None:
    """Those that follow each other are one gap, from which a phone request is booked."""
    page = meera.get("/desk/diary?date=2026-11-24")
    gaps = [each.text for each in page.top.all("li") if each.attributes.get("class") == "gap"]
    assert [words.partition(" Book")[0] for words in gaps] == [
        "12:30 pm Free until 5:00 pm, 9 visits"
    ]
    link = next(link for words, link in page.links().items() if words.startswith("Book"))
    page = meera.get(link)
    assert "To be booked: Tuesday 24 November 2026, 12:30 pm" in page.text
    assert "Free until" not in meera.get("/desk/diary?date=2026-11-23").text


def test_a_time_of_the_diary_is_chosen_when_the_request_is_saved(
    app: Flask, meera: Receptionist, visit: str
) -> None:
    """The request leads to that time, which is chosen already."""
    page = meera.get("/desk/diary?date=2026-11-25")
    meera.get(next(link for words, link in page.links().items() if words.startswith("Book")))
    reference = saves_a_routine_request(meera)
    page = meera.get(meera.page.links()["Offer a time"])
    chosen = [each for each in page.top.all("input") if "checked" in each.attributes]
    assert [each.attributes["value"][-17:] for each in chosen] == ["2026-11-25T03:30Z"]
    page = meera.send(f"/desk/requests/{reference}/booking")
    assert "Wednesday 25 November 2026, 9:00 am" in page.text


def saves_a_routine_request(meera: Receptionist) -> str:
    """Fill in the form that is open for somebody who is well; gives the reference."""
    path = "/desk/requests/new?condition=spinal-metastasis"
    told = {name.replace(".", "__"): value for name, value in WELL.items() if name in FIELDS}
    signs = {
        each.attributes["name"]: "none"
        for each in meera.page.top.all("input")
        if each.attributes.get("type") == "checkbox" and each.attributes.get("value") == "none"
    }
    page = meera.send(path, **{**told, **signs, "phone": "98765 43210"})
    return page.path.rpartition("/")[2]


def test_a_week_shows_seven_days_of_one_doctor(
    app: Flask, meera: Receptionist, rao: uuid.UUID, visit: str
) -> None:
    """From Monday; each day leads to itself, and the weeks to each other."""
    with app.app_context():
        khan = a_doctor_with_hours(name="Dr Farida Khan", email="khan@example.org").id
    page = meera.get(f"/desk/diary?view=week&date=2026-11-26&practitioner={rao}")
    assert page.h1 == "23 November 2026 to 29 November 2026"
    days = [head.text for head in page.top.all("h2")]
    assert len(days) == 7
    assert days[1] == "Today, Tuesday 24 November (1)"
    assert "Asha Patil" in page.text
    page = meera.get(page.links()["Today, Tuesday 24 November"])
    assert page.h1 == "Today, Tuesday 24 November"
    page = meera.get(f"/desk/diary?view=week&practitioner={khan}")
    assert "Asha Patil" not in page.text
    page = meera.get(page.links()["Week after"])
    assert page.h1 == "30 November 2026 to 6 December 2026"
    assert "Sunday 6 December" in page.text


@pytest.mark.parametrize("date", ["x", "0000-01-01", "%00"])
def test_a_week_that_cannot_be_is_told_at_the_field(meera: Receptionist, date: str) -> None:
    """This week is shown instead; without doctors the page says so."""
    page = meera.get(f"/desk/diary?view=week&date={date}", 422)
    assert page.title.startswith("Error: ")
    assert "No doctor can be booked." in page.text


def test_the_printed_day_has_one_line_a_visit(
    app: Flask, meera: Receptionist, rao: uuid.UUID, visit: str
) -> None:
    """Time, reference, name, age, needs, phone and a box; who printed it when; no symptom."""
    a_visit(app, meera, rao, AT_NOON + HOUR, name="Kamala Iyer", age="70", access=["wheelchair"])
    page = meera.get("/desk/diary")
    sheet = next(each for each in page.top.all("div") if each.attributes.get("class") == "daysheet")
    heads, *rows = [[cell.text for cell in row.all("th", "td")] for row in sheet.all("tr")]
    assert heads == ["Time", "Reference", "Name", "Age", "Needs", "Phone", "Here"]
    assert [row[0] for row in rows] == ["12:00 pm", "1:00 pm"]
    assert rows[1][2:5] == ["Kamala Iyer", "70", "speaks Marathi, uses a wheelchair"]
    assert rows[0][6] == "☐"
    assert "Printed by Meera Kulkarni, Tuesday 24 November 2026, 11:50 am" in sheet.text
    assert "pain" not in sheet.text


def test_place_and_kind_are_told_where_there_are_several(
    app: Flask, meera: Receptionist, rao: uuid.UUID, visit: str
) -> None:
    """With one of each nobody need read them."""
    assert "Visit of 30 minutes" not in meera.get("/desk/diary").text
    with app.app_context():
        a_doctor_with_hours(minutes=15, closes=dt.time(17), name="Dr Khan", email="k@example.org")
    page = meera.get("/desk/diary")
    assert "Visit of 30 minutes" in lines(page)[0].text
    assert "Visit of 15 minutes" in page.text
