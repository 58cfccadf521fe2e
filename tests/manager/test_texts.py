"""Settings, Messages: the texts that the desk can begin with."""

import pytest
import sqlalchemy as sa
from flask import Flask

from app.records import db
from app.records.written import ReadyText
from tests.people import Manager

GOOD = {
    "name": "Reports",
    "language": "en",
    "subject": "Your reports ({reference})",
    "text": "Please send us your reports: {clinic_phone}",
    "active": "y",
}
NEW = "/settings/messages/new"

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def leela(app: Flask) -> Manager:
    """A manager at work."""
    return Manager.at_work(app)


def test_a_text_is_added_and_changed(app: Flask, leela: Manager) -> None:
    """The list has it, its page shows it with the fields filled in."""
    leela.get(NEW)
    assert "Reports is saved." in leela.send(NEW, 200, **GOOD).text
    with app.app_context():
        text_id = db.session.scalar(sa.select(ReadyText.id).where(ReadyText.name == "Reports"))
    place = f"/settings/messages/{text_id}"
    page = leela.get(place)
    assert "Please send us your reports: 022 0000 1234" in page.text
    seen = leela.page
    leela.send(place, subject="All reports")
    assert "All reports" in leela.page.text
    leela.page = seen
    page = leela.send(place, 409, subject="Some reports")
    assert "A colleague changed this" in page.text
    assert "Some reports" in page.html


@pytest.mark.parametrize(
    ("field", "typed", "fault"),
    [
        ("name", "", "Enter a name for the text"),
        ("name", "we could NOT reach you", "There is a text with this name"),
        ("language", "tlh", "Not a valid choice"),
        ("subject", "Your {symptom}", "There is no field {symptom}"),
        ("subject", 51 * "x", "Use 50 letters or fewer"),
        ("text", "Bring {scans}", "There is no field {scans}"),
        ("text", "Bring {reference", "with both braces"),
        ("text", "Your tumour", "Leave out “tumour”"),
    ],
)
def test_what_cannot_be_taken_is_told_at_its_field(
    leela: Manager, field: str, typed: str, fault: str
) -> None:
    """An unknown field above all; what was typed stays."""
    leela.get(NEW)
    page = leela.send(NEW, 422, **{**GOOD, field: typed})
    assert fault in page.text
    assert field == "language" or typed in page.text or typed in page.html


def test_an_unknown_text_is_not_found(leela: Manager) -> None:
    """An old address breaks nothing."""
    leela.get("/settings/messages/00000000-0000-7000-8000-000000000000", 404)
