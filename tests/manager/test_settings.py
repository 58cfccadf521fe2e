"""The manager's pages."""

import pytest
from flask import Flask

from app.workflow import staff
from tests.builders import NOW, a_staff_member
from tests.people import Manager


@pytest.fixture
def leela(app: Flask) -> Manager:
    """The manager at work."""
    return Manager.at_work(app)


def test_everybody_is_listed_with_their_role(app: Flask, leela: Manager) -> None:
    """People who were shut out stay on the list."""
    with app.app_context():
        doctor = a_staff_member("doctor").email
        staff.deactivate(doctor, NOW)
    rows = [row.text for row in leela.get("/settings/staff").top.all("tr")]
    assert rows[1:] == [
        f"Leela Shah Manager {leela.email} Open",
        f"Dr Arun Rao Doctor {doctor} Shut",
    ]
