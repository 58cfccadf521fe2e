"""The queue page: who is next, what they told, what to press."""

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask

from app.access import now
from app.domain.level import Level
from app.records import db
from app.records.service_request import ServiceRequest
from app.words import told
from app.workflow import queue, staff
from tests.builders import a_request
from tests.people import Element, Page, Receptionist

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def meera(app: Flask) -> Receptionist:
    """A receptionist at work."""
    return Receptionist.at_work(app)


def lines(page: Page) -> list[Element]:
    """The requests of a list."""
    return [row for row in page.top.all("tr") if row.attributes.get("class") == "row"]


def test_an_emergency_that_is_late_says_so_first(app: Flask, meera: Receptionist) -> None:
    """Level, lateness, reasons, phone and the one next step stand on the line."""
    with app.app_context():
        a_request(Level.routine, at=now() - 5 * MINUTE, person={"name": "Vikram Rao"})
        urgent = a_request(
            Level.emergency, at=now() - 22 * MINUTE, person={"phone": "+919876543211"}
        )
    page = meera.get("/desk/requests")
    assert page.title.startswith("(1 emergency) Requests")
    rows = [row.text for row in lines(page)]
    assert [row.split(",")[0].split(" SPN")[0] for row in rows] == ["Asha Patil", "Vikram Rao"]
    assert "22 min, late 7" in rows[0]
    assert "98765 43211" in rows[0]
    assert "Told to go to hospital" in rows[0]
    assert "Doctor alerted" in rows[0]
    assert "Call now" in rows[0]
    assert "late" not in rows[1]
    heads = [head.text for head in page.top.all("th") if head.attributes.get("scope") == "rowgroup"]
    assert heads == [
        "Emergency – call within 15 min, out of hours 30 min (1)",
        "Routine – call within 3 working days (1)",
    ]
    assert page.links()["98765 43211"] == "tel:+919876543211"
    assert urgent.reference in page.text


def test_who_left_only_a_number_is_on_the_list(app: Flask, meera: Receptionist) -> None:
    """An emergency with a phone number alone has no name, and can be called."""
    with app.app_context():
        a_request(Level.emergency, at=now(), person={"name": "", "speaks": ""})
    page = meera.get("/desk/requests")
    assert "Name not given" in page.text
    assert "98765 43210" in page.text


@pytest.mark.parametrize("view", queue.VIEWS)
def test_an_empty_view_says_what_would_be_here(meera: Receptionist, view: str) -> None:
    """Nobody stares at an empty table."""
    page = meera.get(f"/desk/requests?view={view}")
    assert not list(page.top.all("table"))
    assert any(each.attributes.get("class") == "empty" for each in page.top.all("div"))


def test_an_empty_list_says_when_the_next_call_is_due(app: Flask, meera: Receptionist) -> None:
    """Nothing needs action now, but at some time it will."""
    with app.app_context():
        request = a_request(Level.routine, at=now())
        by = staff.by_email(meera.email)
        assert by
        queue.log_call(request.reference, "no-answer", by, now())
    assert "The next call back is at" in meera.get("/desk/requests").text


def test_an_unknown_view_is_not_found_and_odd_filters_are_left_out(
    app: Flask, meera: Receptionist
) -> None:
    """Whatever stands in the address, nothing breaks."""
    with app.app_context():
        a_request(Level.routine, at=now())
    meera.get("/desk/requests?view=nonsense", 404)
    for odd in (
        "level=nonsense",
        "speaks=xx",
        "status=odd",
        "wants=odd",
        "sort=odd",
        "page=-1",
        "page=x",
        "page=99999999999",
    ):
        meera.get(f"/desk/requests?view=all&{odd}")


def test_a_filter_narrows_the_list(app: Flask, meera: Receptionist) -> None:
    """A level can be picked; what fits none says so."""
    with app.app_context():
        soon = a_request(Level.soon, at=now())
        routine = a_request(Level.routine, at=now(), person={"phone": "+919876543211"})
    page = meera.get("/desk/requests?level=soon")
    assert soon.reference in page.text
    assert routine.reference not in page.text
    assert "No request fits" in meera.get("/desk/requests?speaks=hi").text


def test_one_hit_opens_the_request(app: Flask, meera: Receptionist) -> None:
    """A reference, or a name that only one person has, leads straight there."""
    with app.app_context():
        asha = a_request(Level.routine, at=now())
        a_request(Level.routine, at=now(), person={"name": "Vikram Rao", "phone": "+919876543211"})
    meera.get("/desk/requests")
    assert meera.send("/desk/requests/find", q="asha").h1.startswith("Asha Patil")
    meera.get("/desk/requests")
    found = meera.send("/desk/requests/find", q=asha.reference.lower().replace("-", ""))
    assert found.h1.startswith("Asha Patil")


def test_several_hits_are_listed_and_none_says_so(app: Flask, meera: Receptionist) -> None:
    """The name that was looked for stands in no address and no title."""
    with app.app_context():
        a_request(Level.routine, at=now(), person={"name": "Asha Patil"})
        a_request(Level.routine, at=now(), person={"name": "Asha Rao", "phone": "+919876543211"})
    meera.get("/desk/requests")
    page = meera.send("/desk/requests/find", q="asha")
    assert page.h1 == "2 requests found"
    assert "asha" not in page.title.lower()
    assert page.response.request.query_string == b""
    page = meera.send("/desk/requests/find", q="nobody at all")
    assert page.h1 == "0 requests found"
    assert "Nobody was found" in page.text


def test_a_long_list_has_pages_and_leaves_out_uncertain_numbers(
    app: Flask, meera: Receptionist
) -> None:
    """A group that goes on overleaf shows no number."""
    with app.app_context():
        for number in range(53):
            a_request(Level.routine, at=now(), person={"phone": f"+9198765432{number:02}"})
    page = meera.get("/desk/requests")
    assert "Page 2" in page.links()
    heads = [head.text for head in page.top.all("th") if head.attributes.get("scope") == "rowgroup"]
    assert heads == ["Routine – call within 3 working days"]
    second = meera.get(page.links()["Page 2"])
    assert len(lines(second)) == 3
    assert "Page 1" in second.links()


def test_the_page_costs_the_same_queries_for_one_request_or_fifty(
    app: Flask, meera: Receptionist
) -> None:
    """Session, counts, roster, saved views, requests, decisions, calls, visits, staff, presence."""
    seen: list[str] = []

    def sent(*given: object) -> None:
        if not str(given[2]).startswith("BEGIN"):
            seen.append(str(given[2]))

    numbers = []
    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", sent)
    for wanted in (1, 30):
        with app.app_context():
            for number in range(wanted):
                a_request(
                    Level.routine, at=now(), person={"phone": f"+91987654{wanted:02}{number:02}"}
                )
        seen.clear()
        meera.get("/desk/requests")
        numbers.append(len(seen))
    assert numbers == [10, 10]


def test_reasons_are_in_the_patients_words_with_cancer_last() -> None:
    """What decides the level is told; the rest of the rules is on the request."""
    findings = [
        {"level": "emergency", "reasons": ["cancer in the past", "weak leg"]},
        {"level": "emergency", "reasons": ["weak leg", "numb between the legs"]},
        {"level": "soon", "reasons": ["pain at night"]},
    ]
    words = "Weak leg, numb between the legs, cancer in the past"
    assert told(findings, Level.emergency) == words
    assert told([], Level.routine) == "No danger sign told"
    raised = told([{"level": "soon", "reasons": ["pain at night"]}], Level.urgent)
    assert raised == "Pain at night"
    many = [{"level": "soon", "reasons": [f"sign {number}" for number in range(9)]}]
    assert told(many, Level.soon).endswith("sign 4, 4 more")


@pytest.mark.parametrize(
    ("outcomes", "status", "step"),
    [
        ([], "New", "Call"),
        (["no-answer"], "Call at", "Call again"),
        (["wrong-number"], "Wrong number", "View"),
        (["no-answer", "answered"], "Called", "Call"),
    ],
)
def test_the_status_and_the_next_step_follow_the_calls(
    app: Flask, meera: Receptionist, outcomes: list[str], status: str, step: str
) -> None:
    """One tag, one button."""
    with app.app_context():
        request = a_request(Level.routine, at=now())
        by = staff.by_email(meera.email)
        assert by
        for outcome in outcomes:
            queue.log_call(request.reference, outcome, by, now())
    page = meera.get("/desk/requests?view=all")
    (row,) = [row for row in page.top.all("tr") if row.attributes.get("id") == request.reference]
    cells = [cell.text for cell in row.all("td")]
    assert cells[6].startswith(status)
    assert cells[7].startswith(f"{step} –")


def test_someone_who_wants_a_visit_is_offered_a_time(app: Flask, meera: Receptionist) -> None:
    """The next step of a quiet request is the booking."""
    with app.app_context():
        request = a_request(Level.routine, at=now(), wanted="visit")
    page = meera.get("/desk/requests")
    link = next(link for words, link in page.links().items() if words.startswith("Offer time"))
    assert link == f"/desk/requests/{request.reference}/booking"


def test_what_the_doctor_decided_and_what_was_closed_have_their_tags(
    app: Flask, meera: Receptionist
) -> None:
    """The tag tells whose turn it is."""
    with app.app_context():
        decided, waiting, closed = (
            a_request(Level.routine, at=now(), person={"phone": f"+91987654321{number}"}).reference
            for number in range(3)
        )
        stored = db.session.scalar(
            sa.select(ServiceRequest).where(ServiceRequest.reference == decided)
        )
        assert stored
        stored.instruction = "Book within 7 days"
        db.session.commit()
        by = staff.by_email(meera.email)
        assert by
        zone = app.extensions["settings"].clinic_zone
        queue.event(waiting, "ask", 1, by, now(), zone)
        queue.event(closed, "close", 1, by, now(), zone, reason="seen")
    rows = {
        row.attributes["id"]: row.text
        for row in meera.get("/desk/requests?view=all").top.all("tr")
        if "id" in row.attributes
    }
    assert "Doctor has decided" in rows[decided]
    assert "Waiting for patient" in rows[waiting]
    assert "Closed" in rows[closed]
