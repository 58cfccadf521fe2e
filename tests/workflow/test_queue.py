"""The queue: its views and counts, and finding a person."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.level import Level
from app.records import db
from app.records.schedule import Appointment
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import queue
from app.workflow.queue import Choice
from tests.builders import NOW, a_request, a_staff_member, visit_details
from tests.crowd import many, statements

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
NAMES = ("Asha Patil", "Joseph D’Souza", "आशा पाटील", "Zoë Ferreira", "Imran Shaikh")


pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def zone(app: Flask) -> ZoneInfo:
    """The clinic's time zone."""
    found: ZoneInfo = app.extensions["settings"].clinic_zone
    return found


@pytest.fixture
def meera() -> Practitioner:
    """Somebody at the desk."""
    return a_staff_member("receptionist", email="receptionist@example.org")


def references(view: str, zone: ZoneInfo, now: dt.datetime = NOW, **filters: Any) -> list[str]:
    """The references on the first page of a view."""
    return [row.request.reference for row in queue.page(Choice(view, **filters), now, zone).rows]


def visit(request: ServiceRequest, starts_at: dt.datetime) -> None:
    """A booked visit, and the request with it."""
    doctor = db.session.scalar(sa.select(Practitioner).where(Practitioner.role == "doctor"))
    doctor = doctor or a_staff_member("doctor", email="doctor@example.org")
    db.session.add(
        Appointment(
            request_id=request.id,
            practitioner_id=doctor.id,
            **visit_details(starts_at),
        )
    )
    stored = db.session.get(ServiceRequest, request.id)
    assert stored
    stored.status = "booked"
    db.session.commit()


def test_the_most_pressing_come_first_and_then_the_longest_waiting(
    app: Flask, zone: ZoneInfo
) -> None:
    """Needs action is ordered by level, and within a level by waiting time."""
    routine = a_request(Level.routine, at=NOW - 9 * HOUR)
    young = a_request(Level.emergency, at=NOW - MINUTE)
    soon = a_request(Level.soon, at=NOW - HOUR, person={"phone": "+919876543299"})
    old = a_request(Level.emergency, at=NOW - HOUR, person={"phone": "+919876543298"})
    expected = [old, young, soon, routine]
    assert references("needs-action", zone) == [request.reference for request in expected]


def test_a_request_that_a_doctor_took_needs_nothing_of_the_desk(app: Flask, zone: ZoneInfo) -> None:
    """Acknowledged requests stand under "with doctor" alone."""
    taken = a_request(Level.urgent)
    stored = db.session.get(ServiceRequest, taken.id)
    assert stored
    stored.acknowledged_at = NOW
    db.session.commit()
    assert references("needs-action", zone) == []
    assert references("with-doctor", zone) == [taken.reference]
    assert queue.count(NOW, zone).unacknowledged == 0


def test_a_call_that_is_put_off_comes_back_when_it_falls_due(
    app: Flask, zone: ZoneInfo, meera: Practitioner
) -> None:
    """After "no answer" a routine request leaves the list until the next call is due."""
    request = a_request(Level.routine)
    queue.log_call(request.reference, "no-answer", meera, NOW)
    assert references("needs-action", zone) == []
    assert references("no-answer", zone) == [request.reference]
    assert references("call-back-today", zone) == []
    tomorrow = NOW + 24 * HOUR + MINUTE
    assert references("call-back-today", zone, tomorrow) == [request.reference]
    assert references("needs-action", zone, tomorrow) == [request.reference]


def test_an_urgent_request_is_never_put_off(
    app: Flask, zone: ZoneInfo, meera: Practitioner
) -> None:
    """An emergency stays on the list while the next try is waited for, and can be called today."""
    request = a_request(Level.emergency)
    queue.log_call(request.reference, "no-answer", meera, NOW)
    assert references("needs-action", zone) == [request.reference]
    assert references("call-back-today", zone) == [request.reference]
    (row,) = queue.page(Choice(), NOW, zone).rows
    assert (row.unanswered, row.call_back_at) == (1, NOW + 5 * MINUTE)


def test_an_answered_call_ends_the_trying(app: Flask, zone: ZoneInfo, meera: Practitioner) -> None:
    """Only the newest call says whether one is due."""
    request = a_request(Level.soon)
    queue.log_call(request.reference, "no-answer", meera, NOW - HOUR)
    queue.log_call(request.reference, "answered", meera, NOW)
    assert references("no-answer", zone) == []
    (row,) = queue.page(Choice("all"), NOW, zone).rows
    assert (row.unanswered, row.last_outcome, row.call_back_at) == (0, "answered", None)


def test_visits_of_today_are_those_of_the_clinics_day(app: Flask, zone: ZoneInfo) -> None:
    """Today begins and ends at midnight in the clinic's zone, not in UTC."""
    late, early, tomorrow = (
        a_request(Level.routine, person={"phone": f"+91987654320{number}"}) for number in range(3)
    )
    visit(late, dt.datetime(2026, 11, 24, 18, 0, tzinfo=dt.UTC))  # 11:30 pm in Mumbai
    visit(early, dt.datetime(2026, 11, 23, 19, 0, tzinfo=dt.UTC))  # half past midnight
    visit(tomorrow, dt.datetime(2026, 11, 24, 18, 31, tzinfo=dt.UTC))  # one minute past
    assert references("visits-today", zone) == [early.reference, late.reference]
    assert queue.count(NOW, zone).visits_today == 2


def test_counts_agree_with_the_views(app: Flask, zone: ZoneInfo, meera: Practitioner) -> None:
    """One query counts what the views list."""
    for number, level in enumerate(Level):
        a_request(level, person={"phone": f"+91987654320{number}"})
    missed = a_request(Level.emergency, person={"phone": "+919876543209"})
    queue.log_call(missed.reference, "left-message", meera, NOW)
    with statements() as seen:
        found = queue.count(NOW, zone)
    assert len(seen) == 1
    assert found.needs_action == len(references("needs-action", zone)) == 5
    assert found.emergencies == 2
    assert found.with_doctor == found.unacknowledged == len(references("with-doctor", zone)) == 3
    assert found.no_answer == found.call_back_today == 1
    assert found.visits_today == 0
    assert found.undelivered == 0


def test_filters_keep_one_level_or_one_language(app: Flask, zone: ZoneInfo) -> None:
    """A level can be picked, and the language that the person speaks."""
    a_request(Level.routine)
    soon = a_request(Level.soon)
    assert references("needs-action", zone, level=Level.soon) == [soon.reference]
    assert references("all", zone, speaks="hi") == []
    assert len(references("all", zone, speaks="mr")) == 2


def test_a_long_list_comes_in_pages(app: Flask, zone: ZoneInfo) -> None:
    """Fifty a page; the pages together hold each request once."""
    many(120, status="with-desk")
    pages = [queue.page(Choice(), NOW, zone, number=number) for number in (1, 2, 3)]
    assert [len(page.rows) for page in pages] == [50, 50, 20]
    assert [page.more for page in pages] == [True, True, False]
    everyone = {row.request.reference for page in pages for row in page.rows}
    assert len(everyone) == 120


@pytest.mark.parametrize("view", queue.VIEWS)
def test_a_page_costs_the_same_queries_however_full_it_is(
    app: Flask, zone: ZoneInfo, view: str
) -> None:
    """Requests, decisions, calls and visits: four queries for one row or fifty."""
    many(60, status="with-desk")
    db.session.rollback()
    db.session.expunge_all()
    with statements() as seen:
        queue.page(Choice(view), NOW, zone)
    assert len(seen) <= 4


def test_counting_stops_at_a_hundred(app: Flask, zone: ZoneInfo) -> None:
    """Beyond that the pill says 99+, and the database need not look further."""
    many(110, status="with-desk")
    found = queue.count(NOW, zone).needs_action
    assert found == 100
    assert queue.capped(found) == "99+"


@pytest.mark.parametrize(
    "query",
    ["asha", "ASHA PATIL", "patil asha", "pati", "3210", "98765 43210", "+91 98765-43210"],
)
def test_a_person_is_found_by_parts_of_the_name_or_the_end_of_the_number(
    app: Flask, query: str
) -> None:
    """Case, order of names, blanks and hyphens do not matter."""
    asha = a_request(Level.routine, person={"name": "Asha Patil", "phone": "+919876543210"})
    a_request(Level.routine, person={"name": "Imran Shaikh", "phone": "+919876543219"})
    assert [row.request.reference for row in queue.find(query)] == [asha.reference]


def test_names_are_found_without_accents_and_in_devanagari(app: Flask) -> None:
    """Accents are ignored; other scripts are searched like Latin."""
    for number, name in enumerate(NAMES):
        a_request(Level.routine, person={"name": name, "phone": f"+91987654321{number}"})
    assert [row.person["name"] for row in queue.find("zoe")] == ["Zoë Ferreira"]
    assert [row.person["name"] for row in queue.find("पाटील")] == ["आशा पाटील"]
    assert [row.person["name"] for row in queue.find("dsouza")] == []
    assert [row.person["name"] for row in queue.find("souza")] == ["Joseph D’Souza"]


def test_a_reference_is_found_in_any_form(app: Flask) -> None:
    """Lower case, without hyphens or with blanks."""
    request = a_request(Level.routine)
    for form in (str.lower, lambda r: r.replace("-", ""), lambda r: r.replace("-", " ")):
        (row,) = queue.find(form(request.reference))
        assert row.request.id == request.id


@pytest.mark.parametrize("query", ["", " ", "a", "321", "nobody here", "SPN-222-222", "%", "'"])
def test_what_names_nobody_finds_nobody(app: Flask, query: str) -> None:
    """Too little to go by, and strangers, give an empty list."""
    a_request(Level.routine)
    assert queue.find(query) == []


def test_the_newest_are_found_first(app: Flask) -> None:
    """Of several requests of one person the newest comes first."""
    first = a_request(Level.routine, at=NOW - HOUR)
    second = a_request(Level.routine, at=NOW)
    found = [row.request.reference for row in queue.find("asha")]
    assert found == [second.reference, first.reference]


def test_no_list_and_no_search_walks_through_all_requests(app: Flask, zone: ZoneInfo) -> None:
    """The plans use an index wherever they touch the table of requests."""
    many(300)
    a_request(Level.routine)
    with statements() as seen:
        for view in queue.VIEWS:
            queue.page(Choice(view), NOW, zone)
            queue.page(Choice(view, Level.urgent, "with-desk", "hi", "call"), NOW, zone)
            queue.page(Choice(view, sort="newest"), NOW, zone)
        queue.count(NOW, zone)
        queue.next_call()
        for query in ("asha patil", "3210", "SPN-222-222"):
            queue.find(query)
    for statement, values in list(seen):
        for line in plan(statement, values):
            assert "Seq Scan on service_request" not in line, statement
            assert "Seq Scan on search_term" not in line, statement
            bare = line.startswith(("SCAN service_request", "SCAN search_term"))
            assert not bare or "USING" in line, statement


def plan(statement: str, values: Any) -> list[str]:
    """How the database would go about it; PostgreSQL is kept from scanning what is still small."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            asked = f"EXPLAIN {statement}"
        else:
            asked = f"EXPLAIN QUERY PLAN {statement}"
        return [str(row[-1]) for row in connection.exec_driver_sql(asked, values)]
