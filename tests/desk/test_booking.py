"""The page on which the desk chooses a time with the patient on the phone."""

import datetime as dt
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from app.domain.level import Level
from app.records import db, transaction
from app.records.schedule import Appointment, Closure
from app.records.service_request import ServiceRequest
from app.workflow import booking, staff
from tests.builders import KIND_ID, NOW, a_choice, a_doctor_with_hours, a_request
from tests.people import Page, Receptionist

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
TOMORROW_AT_9 = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """The clock stands still, on a Tuesday at 11:30 am in Mumbai."""
    with time_machine.travel(NOW, tick=False) as found:
        yield found


@pytest.fixture
def meera(app: Flask) -> Receptionist:
    """A receptionist at work."""
    return Receptionist.at_work(app)


@pytest.fixture
def rao(app: Flask) -> str:
    """The id of a doctor who can be visited."""
    with app.app_context():
        return str(a_doctor_with_hours(email="rao@example.org").id)


@pytest.fixture
def reference(app: Flask, rao: str) -> str:
    """A request of somebody who may be booked."""
    return new_request(app)


def new_request(app: Flask, level: Level = Level.soon) -> str:
    """The reference of another request."""
    with app.app_context():
        return a_request(level, at=NOW - HOUR).reference


def tile(doctor: str, starts_at: dt.datetime = TOMORROW_AT_9) -> str:
    """What the radio of a time sends."""
    return f"{doctor} {KIND_ID} {starts_at:%Y-%m-%dT%H:%MZ}"


def times(page: Page) -> list[str]:
    """The times that can be chosen, as they are read out."""
    return [
        label.text for label in page.top.all("label") if label.attributes.get("class") == "slot"
    ]


def chooses(
    meera: Receptionist, reference: str, time: str | None, status: int = 200, **given: str
) -> Page:
    """Open the page, choose a time, and press the button."""
    path = f"/desk/requests/{reference}/booking"
    meera.get(path)
    return meera.send(path, status, **({"time": time} if time is not None else {}), **given)


def colleague_books(app: Flask, meera: Receptionist, doctor: str, reference: str) -> Appointment:
    """Somebody else is faster, and takes tomorrow at nine."""
    with app.app_context():
        by, zone = staff.by_email(meera.email), app.extensions["settings"].clinic_zone
        assert by
        stored = stored_request(reference)
        return booking.book(
            reference,
            a_choice(uuid.UUID(doctor), TOMORROW_AT_9),
            stored.version,
            by,
            NOW,
            zone,
        )


def stored_request(reference: str) -> ServiceRequest:
    """The request as it stands."""
    found = db.session.scalar(
        sa.select(ServiceRequest).where(ServiceRequest.reference == reference)
    )
    assert found
    return found


def test_free_times_stand_by_day_and_part_of_the_day(
    app: Flask, meera: Receptionist, reference: str
) -> None:
    """Zone and length first, then three days; every time is read out with its day."""
    page = meera.get(f"/desk/requests/{reference}/booking")
    assert "All times are Mumbai time (IST). A visit takes about 30 minutes." in page.text
    days = [legend.text for legend in page.top.all("legend")]
    assert days == [
        "Nearest times",
        "Today, Tuesday 24 November",
        "Tomorrow, Wednesday 25 November",
        "Thursday 26 November",
    ]
    assert times(page)[:3] == [
        "Today, Tuesday 24 November, 11:30 am",
        "Today, Tuesday 24 November, 12:00 pm",
        "Today, Tuesday 24 November, 12:30 pm",
    ]
    assert times(page)[3:5] == [
        "Today, Tuesday 24 November, Morning, 11:30 am",
        "Today, Tuesday 24 November, Afternoon, 12:00 pm",
    ]
    assert "Asha" not in page.title


def test_later_days_are_a_link(meera: Receptionist, reference: str) -> None:
    """From the first day that was not shown; Sunday has none and is passed over."""
    page = meera.get(f"/desk/requests/{reference}/booking")
    page = meera.get(page.links()["Show later days"])
    days = [legend.text for legend in page.top.all("legend")]
    assert days == ["Friday 27 November", "Saturday 28 November", "Monday 30 November"]
    page = meera.get(page.links()["Back to the first free times"])
    assert "Today, Tuesday 24 November" in page.text


def test_a_practitioner_can_be_chosen(
    app: Flask, meera: Receptionist, reference: str, rao: str
) -> None:
    """With several, each time says whose it is, in one list; the choice holds from page to page."""
    with app.app_context():
        khan = a_doctor_with_hours(dt.time(15), dt.time(16), name="Dr Khan", email="k@example.org")
        khan_id = str(khan.id)
    page = meera.get(f"/desk/requests/{reference}/booking")
    assert "Today, Tuesday 24 November, Afternoon, 12:00 pm Dr Arun Rao" in times(page)
    assert "Today, Tuesday 24 November, Afternoon, 3:00 pm Dr Khan" in times(page)
    headings = [each.text for each in page.top.all("p") if each.attributes.get("class") == "grp"]
    assert headings[:4] == ["Morning", "Afternoon", "Morning", "Afternoon"]
    page = meera.get(f"/desk/requests/{reference}/booking?practitioner={khan_id}")
    assert [words.rpartition(", ")[2] for words in times(page)[3:5]] == ["3:00 pm", "3:30 pm"]
    assert f"practitioner={khan_id}" in page.links()["Show later days"]


def test_a_visit_is_booked(meera: Receptionist, reference: str, rao: str) -> None:
    """The green line and the request say when and with whom."""
    page = chooses(meera, reference, tile(rao))
    assert "The visit is booked: Wed 25 Nov, 9:00 am, Dr Arun Rao." in page.text
    assert "Wednesday 25 November 2026, 9:00 am , Dr Arun Rao Booked" in page.text
    assert "Meera Kulkarni booked a visit" in page.text
    assert page.links()["Change or cancel"] == f"/desk/requests/{reference}/booking"


def test_a_visit_is_moved(meera: Receptionist, reference: str, rao: str) -> None:
    """The page shows the visit that stands, and its button says what it does."""
    chooses(meera, reference, tile(rao))
    page = meera.get(f"/desk/requests/{reference}/booking")
    assert page.h1 == "Choose another time"
    assert "Wednesday 25 November 2026, 9:00 am" in page.text
    page = chooses(meera, reference, tile(rao, TOMORROW_AT_9 + HOUR))
    assert "The visit is moved to Wed 25 Nov, 10:00 am" in page.text
    assert "changed the visit’s time" in page.text


def test_a_visit_is_cancelled_with_a_reason(
    app: Flask, meera: Receptionist, reference: str, rao: str
) -> None:
    """The request is with the desk again, and can be booked."""
    chooses(meera, reference, tile(rao))
    page = meera.get(f"/desk/requests/{reference}/booking")
    actions = [form.attributes["action"] for form in page.top.all("form")]
    cancel = next(action for action in actions if action.endswith("/cancel"))
    page = meera.send(cancel, note="Has a fever")
    assert "The visit is cancelled" in page.text
    assert "Meera Kulkarni cancelled the visit Has a fever" in page.text
    assert "Offer a time" in " ".join(page.links())


def test_no_time_chosen_is_told_at_the_list(meera: Receptionist, reference: str, rao: str) -> None:
    """The summary leads to the first time; nothing is booked."""
    page = chooses(meera, reference, None, 422)
    assert page.title.startswith("Error: ")
    assert page.links()["Select a time"] == "#time"
    assert "Select a time" in page.form(f"/desk/requests/{reference}/booking").text


@pytest.mark.parametrize(
    "time",
    [
        "",
        "nonsense",
        "x" * 5000,
        "00000000-0000-0000-0000-000000000000",
        "{} ",
        "{} {} tomorrow",
        "{} {} 2026-11-25",
        "{} {} 2026-11-25T03:30",
        "{} {} 2026-11-25T09:00+05:30",
        "{} {} 0001-01-01T00:00Z",
        "{} {} 9999-12-31T23:59Z",
        "{} {} 2026-13-45T99:99Z",
        "{} {} 2026-11-25T03:30Z; DROP TABLE slot",
        "' OR 1=1 2026-11-25T03:30Z",
        "\x00 \x00",
    ],
)
def test_what_no_radio_sends_is_no_choice(
    meera: Receptionist, reference: str, rao: str, time: str
) -> None:
    """Whatever is sent, the page comes back and asks for a time."""
    page = chooses(meera, reference, time.format(rao, KIND_ID), 422)
    assert "Select a time" in page.text


@pytest.mark.parametrize(
    "starts_at",
    [
        TOMORROW_AT_9 + MINUTE,
        TOMORROW_AT_9 - 24 * HOUR,
        dt.datetime(9998, 12, 31, 23, 59, tzinfo=dt.UTC),
        dt.datetime(1900, 1, 1, tzinfo=dt.UTC),
    ],
)
def test_a_made_up_time_is_refused(
    meera: Receptionist, reference: str, rao: str, starts_at: dt.datetime
) -> None:
    """It is well formed, but the hours do not offer it."""
    sent = f"{rao} {KIND_ID} {starts_at.isoformat()}"
    page = chooses(meera, reference, sent, 409)
    assert "That time is not offered any more" in page.text


def test_a_time_that_was_taken_meanwhile(
    app: Flask, meera: Receptionist, reference: str, rao: str
) -> None:
    """The same page says so at the list, and the next free times come first."""
    colleague_books(app, meera, rao, new_request(app))
    page = chooses(meera, reference, tile(rao), 409, practitioner=rao)
    assert "Somebody took 9:00 am on Wed 25 Nov a moment ago" in page.text
    assert times(page)[0] == "Tomorrow, Wednesday 25 November, Morning, 9:30 am"
    page = meera.send(f"/desk/requests/{reference}/booking", time=tile(rao, TOMORROW_AT_9 + HOUR))
    assert "The visit is booked: Wed 25 Nov, 10:00 am" in page.text


def test_a_colleague_who_booked_first_is_named(
    app: Flask, meera: Receptionist, reference: str, rao: str
) -> None:
    """Nobody books a second visit for the same request from an old page."""
    meera.get(f"/desk/requests/{reference}/booking")
    colleague_books(app, meera, rao, reference)
    page = meera.send(
        f"/desk/requests/{reference}/booking", 409, time=tile(rao, TOMORROW_AT_9 + HOUR)
    )
    assert "Meera Kulkarni booked a visit" in page.text
    assert page.links()["See how it stands now"] == f"/desk/requests/{reference}"


@pytest.mark.parametrize(
    "query",
    [
        "from=9999-12-31",
        "from=0000-01-01",
        "from=0001-01-01",
        "from=nonsense",
        "from=" + "9" * 500,
        "from=2027-11-25",
        "practitioner=nonsense",
        "practitioner=00000000-0000-0000-0000-000000000000",
        "practitioner=%00&from=%F0%9F%92%A9",
    ],
)
def test_bad_values_in_the_address_harm_nothing(
    meera: Receptionist, reference: str, query: str
) -> None:
    """The page opens, with the days that there are."""
    page = meera.get(f"/desk/requests/{reference}/booking?{query}")
    assert page.h1 == "Choose a time to visit"


def test_no_free_times_are_told_in_words(app: Flask, meera: Receptionist, reference: str) -> None:
    """And later days are still a link away."""
    with app.app_context(), transaction() as session:
        end = NOW + dt.timedelta(days=40)
        session.add(Closure(starts_at=NOW - HOUR, ends_at=end, reason="building work"))
    page = meera.get(f"/desk/requests/{reference}/booking")
    assert "No free times in the 14 days from 24 November 2026" in page.text
    assert "from=2026-12-08" in page.links()["Show later days"]


def test_a_clinic_without_hours_says_so(app: Flask, meera: Receptionist) -> None:
    """Somebody must enter them first."""
    page = meera.get(f"/desk/requests/{new_request(app)}/booking")
    assert "No doctor can be booked" in page.text


@pytest.mark.parametrize("level", [Level.urgent, Level.emergency])
def test_what_waits_for_a_doctor_offers_no_times(
    app: Flask, meera: Receptionist, rao: str, level: Level
) -> None:
    """And none are taken, if somebody sends one by hand."""
    reference = new_request(app, level)
    page = meera.get(f"/desk/requests/{reference}/booking")
    assert "A doctor is looking at this request" in page.text
    assert times(page) == []
    token = next(
        each.attributes["value"]
        for each in page.top.all("input")
        if each.attributes.get("name") == "csrf_token"
    )
    fields = {"csrf_token": token, "version": "1", "time": tile(rao)}
    meera.post(f"/desk/requests/{reference}/booking", fields, 409)


def test_a_visit_is_kept_after_the_doctors_decision(
    app: Flask, meera: Receptionist, reference: str, rao: str
) -> None:
    """One press; nobody needs to be called again."""
    chooses(meera, reference, tile(rao))
    with app.app_context():
        by = staff.by_email(meera.email)
        for event in ("escalate", "decide"):
            with transaction():
                stored_request(reference).move(event, NOW, by)
    page = meera.opens(reference)
    assert "Keep or change the visit" in " ".join(page.links())
    meera.get(f"/desk/requests/{reference}/booking")
    page = meera.send(f"/desk/requests/{reference}/booking/keep")
    assert "The visit stays as it is." in page.text
    assert "kept the visit as it was" in page.text


def test_an_unknown_request_has_no_times(meera: Receptionist) -> None:
    """No page invents one."""
    meera.get("/desk/requests/SPN-222-222/booking", 404)


def test_the_page_costs_the_same_queries_however_full_the_diary(
    app: Flask, meera: Receptionist, reference: str, rao: str
) -> None:
    """No query per day, doctor or visit."""
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
        meera.get(f"/desk/requests/{reference}/booking")
        numbers.append(len(seen))
        if not number:
            with app.app_context():
                a_doctor_with_hours(name="Dr Khan", email="khan@example.org")
            colleague_books(app, meera, rao, new_request(app))
    assert numbers[0] == numbers[1]
    assert numbers[0] <= 24
