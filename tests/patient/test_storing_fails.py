"""The database fails while a patient waits: advice first, a number to call, and no confirmation."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.records import db
from tests.patient.sent import everything_sent
from tests.patient.test_emergency import PRESSED_NERVES
from tests.people import Page, Patient
from tests.servers import Postgres

pytestmark = pytest.mark.own_app


@pytest.fixture
def fill_up(app: Flask, database: str) -> Callable[[], None]:
    """Let nothing more be written; what is there can still be read."""
    with app.app_context():
        engine = db.engine

    def taken(connection: Any, *_: object) -> None:
        if database == "sqlite":
            connection.execute("pragma query_only=on")
        else:
            connection.execute("SET default_transaction_read_only = on")
            connection.commit()

    return lambda: sa.event.listen(engine, "checkout", taken)


def full(patient: Patient, status: int, /, **given: Any) -> Page:
    """Send the page of somebody who has waited long for nothing."""
    page = patient.continues(status, **given)
    assert "022 0000 1234" in page.text
    assert "got your request" not in page.html
    return page


def failed(database: str) -> int:
    """PostgreSQL has another class for this kind of failure, which no waiting mends."""
    return 503 if database == "sqlite" else 500


def test_a_request_that_cannot_be_stored_is_not_confirmed(
    app: Flask, fill_up: Callable[[], None], database: str
) -> None:
    """What the answers mean is said, and one press sends everything again once it works."""
    asha = Patient(app.test_client())
    asha.begins()
    asha.answers("check", **{"body-signs": "leg_swollen_painful"})
    fill_up()
    page = full(asha, failed(database), consent="yes")
    assert page.h1 == "We could not save this"
    assert "A doctor must hear about this today" in page.text
    assert "say that you filled in the form" in page.text
    again = {e.attributes["name"]: e.attributes["value"] for e in page.form(None).all("input")}
    assert again["consent"] == "yes"
    assert everything_sent(app) == []
    asha.opens("check")
    assert "Asha Patil" in asha.page.text


def test_an_emergency_is_said_first_although_nothing_could_be_kept(
    app: Flask, fill_up: Callable[[], None], database: str
) -> None:
    """The very page of ticks that cannot be stored tells whom to call now."""
    asha = Patient(app.test_client())
    asha.begins()
    asha.continues(**{"danger-signs": PRESSED_NERVES["danger-signs"]})
    fill_up()
    told = {name: words for name, words in PRESSED_NERVES.items() if name != "danger-signs"}
    page = full(asha, failed(database), **told)
    assert page.h1 == "You need emergency care now"
    assert page.text.startswith("You need emergency care now Call 108 now")
    assert "We could not save this" in page.text


def test_a_phone_number_that_cannot_be_stored_gets_the_advice_again(
    app: Flask, fill_up: Callable[[], None], database: str
) -> None:
    """Nobody believes that the doctor was told."""
    asha = Patient(app.test_client())
    asha.begins()
    asha.answers("emergency", **PRESSED_NERVES)
    fill_up()
    page = asha.send(f"{asha.place}/emergency", failed(database), phone="98765 43210")
    assert page.h1 == "You need emergency care now"
    assert "told the doctor" not in page.html
    assert everything_sent(app) == []


@pytest.mark.databases("postgresql")
def test_a_database_that_is_gone_gets_the_general_advice(
    app: Flask, postgres: Postgres, database_url: str
) -> None:
    """Nothing is known of the answers: the card of signs, the numbers, and when to try again."""
    asha = Patient(app.test_client())
    asha.begins()
    name = sa.make_url(database_url).database
    assert name
    postgres.drop(name)
    page = full(asha, 503, **{"danger-signs": "saddle_numbness"})
    assert page.response.headers["Retry-After"] == "30"
    assert page.h1 == "We could not do this"
    assert page.links()["Call 108"] == "tel:108"
    assert ("danger-signs", "saddle_numbness") in {
        (e.attributes["name"], e.attributes["value"]) for e in page.form(None).all("input")
    }
    for path in ("/", "/spinal-metastasis", "/contact", "/privacy"):
        asha.get(path)
    postgres.make(name)


@pytest.mark.databases("sqlite")
def test_a_locked_database_is_told_after_the_busy_time(app: Flask, database_url: str) -> None:
    """Somebody else's tool holds the lock: the patient is told, and nothing waits for ever."""
    asha = Patient(app.test_client())
    asha.begins()
    with app.app_context():
        engine = db.engine

    @sa.event.listens_for(engine, "checkout")
    def impatient(connection: Any, *_: object) -> None:
        connection.execute("pragma busy_timeout=50")

    with sa.create_engine(database_url).connect() as tool:
        tool.exec_driver_sql("BEGIN IMMEDIATE")
        full(asha, 503, **{"danger-signs": "none"})
        tool.rollback()
    asha.opens("danger-signs")
    asha.continues(**{"danger-signs": "none"})
    assert asha.at == "very-unwell"


@pytest.mark.databases("postgresql")
def test_what_a_failing_statement_carried_is_in_no_log(
    app: Flask, fill_up: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    """The log names the error and where it happened; sealed or not, no value of a row is in it."""
    asha = Patient(app.test_client())
    asha.begins()
    asha.answers("check")
    fill_up()
    asha.continues(500, consent="yes")
    assert "ReadOnlySqlTransaction" in caplog.text
    assert "hide_parameters" in caplog.text
    for words in ("Asha", "98765", "[parameters:", "SPN-"):
        assert words not in caplog.text
