"""The figures as the manager sees them, and as a file."""

import csv
import datetime as dt
import io

import pytest
from flask import Flask

from app.access import now
from app.domain.level import Level
from app.formats import harmless
from app.manager import charts
from app.manager.table_file import HEAD
from app.records import db, transaction
from app.records.enquiry import add_counts
from app.workflow import queue, review
from tests.builders import a_request, a_staff_member
from tests.people import Manager

MINUTE = dt.timedelta(minutes=1)
NAME, PHONE = "Zubeida Unlikely", "+919876543277"


@pytest.fixture
def leela(app: Flask) -> Manager:
    """The manager at work."""
    return Manager.at_work(app)


def emergencies(app: Flask, *minutes: int) -> None:
    """Emergencies of an hour ago that a doctor took after so many minutes."""
    with app.app_context():
        doctor, at = a_staff_member("doctor"), now() - 60 * MINUTE
        for place, after in enumerate(minutes):
            person = {"name": NAME, "phone": f"+9198765432{place:02}"}
            reference = a_request(Level.emergency, at=at, person=person).reference
            review.acknowledge(reference, doctor, at + after * MINUTE)


def rows(leela: Manager, path: str = "/dashboard.csv") -> list[list[str]]:
    """The lines of the file."""
    response = leela.client.get(path)
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig"))))


def test_a_clinic_that_has_just_begun_says_so(leela: Manager) -> None:
    """No zeros that look like success: nothing came in, so nothing is counted."""
    page = leela.get("/dashboard")
    assert page.h1 == "Figures"
    assert "Nothing came in between" in page.text
    assert "acknowledged in time" not in page.text
    assert "Figures" in page.links()


def test_the_finding_is_the_title(app: Flask, leela: Manager) -> None:
    """Four of five in time, with the median and the longest beside it."""
    emergencies(app, 3, 5, 9, 15, 22)
    page = leela.get("/dashboard?period=7")
    titles = [each.text for each in page.top.all("h2")]
    assert titles[0] == "4 of 5 emergencies were acknowledged in time"
    assert "In time: 4 of 5 (80%)" in page.text
    lines = [row.text for row in page.top.all("tr")]
    assert "Emergency 5 9 min 22 min 4 of 5 (80%) 0" in lines


def test_few_cases_are_not_judged(app: Flask, leela: Manager) -> None:
    """Of four cases the longest is told, and no median and no share."""
    emergencies(app, 1, 2, 3, 40)
    page = leela.get("/dashboard")
    titles = [each.text for each in page.top.all("h2")]
    assert titles[0] == "4 emergencies waited for a doctor: too few to judge how fast we are"
    lines = [row.text for row in page.top.all("tr")]
    assert "Emergency 4 too few to judge 40 min 3 of 4 0" in lines
    assert "%" not in page.text.replace("100%", "")


def test_each_drawing_has_its_numbers_in_a_table(app: Flask, leela: Manager) -> None:
    """A chart is named by its finding, and nobody needs it to read the numbers."""
    emergencies(app, 3, 5, 9, 15, 22)
    page = leela.get("/dashboard")
    drawn = [each for each in page.top.all("svg") if each.attributes.get("role") == "img"]
    assert next(each.attributes["aria-label"] for each in drawn).startswith("4 of 5")
    for each in drawn:
        assert each.parent
        section = each.parent.parent
        assert section
        assert list(section.all("table"))
    hidden = [each for each in page.top.all("svg") if each not in drawn]
    assert all(each.attributes.get("aria-hidden") == "true" for each in hidden)


def test_where_people_stop_is_told_in_the_words_of_the_form(app: Flask, leela: Manager) -> None:
    """Being told to call an ambulance is no failure of the form."""
    today = now().astimezone(app.extensions["settings"].clinic_zone).date()
    ended = {"cancer": 6, "emergency": 3, "sent": 11, "a-page-of-old": 1}
    with app.app_context(), transaction() as session:
        add_counts(session, {(today, "spinal-metastasis", at): n for at, n in ended.items()})
    page = leela.get("/dashboard")
    assert "7 of 21 stopped before they sent, most at “Have you ever had cancer?”" in page.text
    lines = [row.text for row in page.top.all("tr")]
    assert "Told to call an ambulance (right to stop here) 3" in lines
    assert "a-page-of-old 1" in lines


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("query", ["?period=7", "?period=90", "?period=2026-02", "?period=2031-12"])
def test_periods_that_exist(leela: Manager, query: str) -> None:
    """The list shows what is chosen, also a month that it does not offer."""
    page = leela.get(f"/dashboard{query}")
    chosen = [each for each in page.top.all("option") if "selected" in each.attributes]
    assert [each.attributes["value"] for each in chosen] == [query.removeprefix("?period=")]


@pytest.mark.databases("sqlite")
def test_any_two_days(leela: Manager) -> None:
    """Both are part of the period, and stay in their fields."""
    page = leela.get("/dashboard?from=2024-02-29&to=2024-02-29")
    assert "29 February 2024 to 29 February 2024" in page.text
    fields = {
        each.attributes["name"]: each.attributes["value"]
        for each in page.top.all("input")
        if each.attributes.get("type") == "date"
    }
    assert fields == {"from": "2024-02-29", "to": "2024-02-29"}
    assert "from=2024-02-29" in page.links()["Download as CSV"]


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("period=nonsense", "period", "Choose one of the periods"),
        ("period=2026-13", "period", "Choose one of the periods"),
        ("period=0000-01", "period", "Choose one of the periods"),
        ("period=%00", "period", "Choose one of the periods"),
        ("from=2026-11-25&to=2026-11-24", "to", "must not be before the first"),
        ("from=0001-01-01&to=2026-11-24", "from", "Enter the first day as in"),
        ("from=2026-11-24&to=9999-12-31", "to", "Enter the last day as in"),
        ("from=2026-02-30&to=2026-03-01", "from", "Enter the first day as in"),
        ("from=2026-11-24", "to", "Enter the last day, too"),
        ("to=2026-11-24", "from", "Enter the first day, too"),
        ("from=2001-01-01&to=2026-11-24", "to", "three years at most"),
        ("from=%F0%9F%A6%B4&to=%00", "from", "Enter the first day as in"),
    ],
)
def test_a_period_that_is_none_is_told_at_its_field(
    leela: Manager, query: str, field: str, words: str
) -> None:
    """What was typed is kept; the file answers with the same page."""
    for path in ("/dashboard", "/dashboard.csv"):
        page = leela.get(f"{path}?{query}", 422)
        assert page.title.startswith("Error: ")
        marked = [
            each for each in page.top.all("input", "select") if "aria-invalid" in each.attributes
        ]
        assert field in [each.attributes["id"] for each in marked]
        told = [
            each.text for each in page.top.all("p") if each.attributes.get("id") == f"{field}-error"
        ]
        assert words in told[0]
        assert "Download" not in page.text
    if "from=2026-02-30" in query:
        assert 'value="2026-02-30"' in page.html


def test_the_file_holds_the_numbers_of_the_page(app: Flask, leela: Manager) -> None:
    """One number a line, with its unit; a median only of enough cases."""
    emergencies(app, 3, 5, 9, 15, 22)
    lines = rows(leela, "/dashboard.csv?period=30")
    assert tuple(lines[0]) == HEAD
    took = {(row[1], row[2]): row[3] for row in lines if row[0] == "Until a doctor took the case"}
    assert took == {
        ("Emergency", "number"): "5",
        ("Emergency", "without it so far"): "0",
        ("Emergency", "median"): str(9 * 60),
        ("Emergency", "longest"): str(22 * 60),
        ("Emergency", "target known"): "5",
        ("Emergency", "target met"): "4",
    }
    measures = {(row[0], row[2]) for row in lines}
    assert ("Until the first call", "median") not in measures


@pytest.mark.databases("sqlite")
def test_the_file_is_a_download_that_excel_can_read(leela: Manager) -> None:
    """Its byte order mark says UTF-8, and its name says the period."""
    response = leela.client.get("/dashboard.csv?from=2026-11-01&to=2026-11-30")
    assert response.get_data().startswith(b"\xef\xbb\xbffigure,group,")
    assert response.get_data().count(b"\n") == response.get_data().count(b"\r\n")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    name = 'attachment; filename="figures-2026-11-01-to-2026-11-30.csv"'
    assert response.headers["Content-Disposition"] == name
    assert response.headers["Cache-Control"] == "no-store"


def test_neither_page_nor_file_holds_a_person(app: Flask, leela: Manager) -> None:
    """No name, phone, reference or word that somebody wrote; nor does the address."""
    with app.app_context():
        desk = a_staff_member()
        request = a_request(Level.emergency, at=now(), person={"name": NAME, "phone": PHONE})
        queue.add_note(request.reference, "=HYPERLINK(1)", desk, now())
        reference = request.reference
        db.session.remove()
    page = leela.get("/dashboard")
    file = leela.client.get("/dashboard.csv").get_data(as_text=True)
    for text in (page.html, file):
        for secret in (NAME, PHONE, "98765 43277", reference, "HYPERLINK"):
            assert secret not in text


@pytest.mark.databases("sqlite")
def test_no_cell_is_taken_for_a_formula(app: Flask, leela: Manager) -> None:
    """Whatever a page of an old pack was called, the spreadsheet shows it as text."""
    today = now().astimezone(app.extensions["settings"].clinic_zone).date()
    with app.app_context(), transaction() as session:
        add_counts(session, {(today, "spinal-metastasis", "=1+1"): 2, (today, "@SUM", "\t-2"): 1})
    cells = {cell for row in rows(leela) for cell in row}
    assert "'=1+1" in cells
    assert "'\t-2" in cells
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert [harmless(cell) for cell in ("+1", "\N{FULLWIDTH EQUALS SIGN}1", "1+1", "", 7, "-")] == [
        "'+1",
        "'\N{FULLWIDTH EQUALS SIGN}1",
        "1+1",
        "",
        7,
        "'-",
    ]


@pytest.mark.parametrize(
    ("most", "end"),
    [(0, 4), (4, 4), (5, 8), (9, 12), (13, 20), (21, 40), (41, 80), (81, 120), (10_001, 12_000)],
)
def test_scales_end_at_a_round_number(most: float, end: float) -> None:
    """They hold everything, and their four steps are whole."""
    assert charts.nice(most) == end >= most
    assert float(charts.nice(most) / 4).is_integer()


def test_bars_start_at_zero_and_never_leave_their_box() -> None:
    """Half is half, none is nothing, and nothing divides by nothing."""
    assert 'width="50.0%"' in charts.bar(3, 6)
    assert 'width="0.0%"' in charts.bar(0, 6)
    assert 'width="0%"' in charts.bar(0, 0)
    assert "url(#hatch)" in charts.bar(1, 1, pressing=True)


def test_labels_are_escaped() -> None:
    """A chart shows text, never markup."""
    drawn = charts.columns([charts.Column("<b>", 1, 0)], 'a "title" <i>')
    assert "<b>" not in drawn
    assert "<i>" not in drawn
