"""The case brief: one page with the same order always, as a page to print and as a PDF."""

import contextlib
import datetime as dt
import re

import pytest
import sqlalchemy as sa
from flask import Flask

from app.access import now
from app.doctor.brief import FIRST_LINES, MOST_LINES
from app.doctor.brief_pdf import Paper
from app.domain.level import Level
from app.domain.scores import SCORES
from app.records import db
from app.records.audit import AuditEvent
from app.workflow import queue, scoring
from tests.builders import a_request, a_staff_member
from tests.doctor.test_case import an_emergency
from tests.people import Doctor, Receptionist

pytestmark = pytest.mark.databases("sqlite")

ORDER = [
    "Why flagged",
    "What they told us",
    "Nerve functions, as told",
    "Pain, scans and medicines",
    "Scores",
    "Timeline",
    "Contact",
]


@pytest.fixture
def arun(app: Flask) -> Doctor:
    """A doctor at work."""
    return Doctor.at_work(app)


@pytest.fixture
def reference(app: Flask) -> str:
    """An emergency with a name of another script."""
    with app.app_context():
        person = {"name": "Smt. लक्ष्मी", "age": "61", "caller_name": "Rupali"}
        return an_emergency(now(), person=person, answering_for="relative").reference


def pdf(arun: Doctor, reference: str) -> bytes:
    """The file."""
    file: bytes = arun.client.get(f"/doctor/reviews/{reference}/brief.pdf").data
    return file


def pages(file: bytes) -> int:
    """How many pages a PDF has."""
    return len(re.findall(rb"/Type /Page\b", file))


def test_the_page_has_everything_in_its_order(app: Flask, arun: Doctor, reference: str) -> None:
    """Level, flags with rules and paragraphs, answers, nerves, scans, scores, contact, who."""
    with app.app_context():
        doctor, ecog = a_staff_member("doctor"), SCORES["ecog"]
        scoring.keep(reference, ecog, {"grade": ecog.items[0].options[3].value}, doctor, now())
    page = arun.get(f"/doctor/reviews/{reference}/brief")
    assert page.h1 == "Emergency. Smt. लक्ष्मी, 61"
    assert [h2.text for h2 in page.top.all("h2")] == ORDER
    for words in (
        f"Case brief {reference}",
        "With the doctor. Waiting 0 min",
        "Weak leg, today, worse over hours or days, both sides",
        "NICE",
        "Danger signs: no weak arm or hand",
        "Legs Weak leg, both sides, today, worse over hours or days",
        "Worst pain Upper or middle back",
        "Medicines Nothing told. No: blood thinners",
        "ECOG: 3",
        "The patient sent the request",
        "Patient’s phone 98765 43210",
        "A relative answered: Rupali",
        "Phone 022 0000 1234",
        "Printed by Dr Arun Rao",
    ):
        assert words in page.text


def test_the_file_has_a_title_and_a_language_and_is_kept_nowhere(
    arun: Doctor, reference: str
) -> None:
    """Its name is the reference alone; no name stands in the clear."""
    answer = arun.client.get(f"/doctor/reviews/{reference}/brief.pdf")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{reference}.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert f"(Case brief {reference})".encode() in answer.data
    assert b"/Lang (en)" in answer.data
    assert pages(answer.data) == 1


def test_opening_the_brief_is_remembered_each_time(
    app: Flask, arun: Doctor, reference: str
) -> None:
    """Paper leaves the house: the log says who took it."""
    arun.get(f"/doctor/reviews/{reference}/brief")
    pdf(arun, reference)
    with app.app_context():
        acts = db.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.number)).all()
    assert acts[-2:] == ["brief page", "brief pdf"]


def test_only_doctors_get_it_and_only_of_cases_that_exist(
    app: Flask, arun: Doctor, reference: str
) -> None:
    """The desk gets no page, and neither form invents one."""
    meera = Receptionist.at_work(app)
    for path in ("brief", "brief.pdf"):
        assert meera.client.get(f"/doctor/reviews/{reference}/{path}").status_code == 403
        assert arun.client.get(f"/doctor/reviews/SPN-AAA-AAA/{path}").status_code == 404


def test_a_long_case_still_fits_one_page(app: Flask, arun: Doctor) -> None:
    """The middle of its timeline and the end of its story are said to be in the record."""
    with app.app_context():
        at = now()
        story = "It began on the stairs and went on. " * 40
        found = an_emergency(at - dt.timedelta(hours=2))
        answers = {**found.response.answers, "story": story}
        long = a_request(
            Level.emergency,
            at=at - dt.timedelta(hours=1),
            answers=answers,
            person={"name": "लक्ष्मी " * 14, "phone": "+919876543211"},
        )
        doctor = a_staff_member("doctor")
        for number in range(20):
            note = "Nobody came to the phone, and the line was cut. " * 4
            queue.log_call(
                long.reference, "no-answer", doctor, at - dt.timedelta(minutes=number), note
            )
    assert pages(pdf(arun, long.reference)) == 1
    page = arun.get(f"/doctor/reviews/{long.reference}/brief")
    assert "lines are in the record only" in page.text
    assert "… (more in the record)" in page.text
    assert page.text.count("called: no answer") == MOST_LINES - FIRST_LINES


def test_devanagari_is_shaped_and_what_no_font_has_is_seen(
    app: Flask, arun: Doctor, reference: str
) -> None:
    """Conjuncts are single letters, also behind Latin ones; a strange letter becomes a mark."""
    with contextlib.closing(Paper(9)) as paper:
        paper.set_font("latin", "", 9)
        joined = paper.get_string_width("Smt. क्ष")
        apart = sum(paper.get_string_width(part) for part in ("Smt. ", "क\u094d", "ष"))
    assert joined < 0.9 * apart
    with app.app_context():
        strange = a_request(
            Level.emergency, at=now(), person={"name": "નામ", "phone": "+919876543211"}
        )
    file = pdf(arun, strange.reference)
    assert pages(file) == 1
    assert len(file) < 60_000
