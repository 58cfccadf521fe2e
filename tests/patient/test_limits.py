"""How much one address may do: enough for a family, too little for a flood."""

import pytest
import sqlalchemy as sa
from flask import Flask

from app.records import db
from app.records.limits import RATE_HIT
from config import Settings
from tests import builders
from tests.patient.sent import everything_sent
from tests.patient.test_emergency import PRESSED_NERVES
from tests.people import Patient, filled_in

ENOUGH = 5


@pytest.fixture
def settings(database_url: str) -> Settings:
    """The settings of a clinic that takes few enquiries from one address."""
    return builders.settings(database_url=database_url, enquiries_per_address=ENOUGH)


def test_a_flood_of_enquiries_from_one_address_is_told_to_wait(app: Flask) -> None:
    """The page says so in words, with the numbers to call; other addresses are not held up."""
    for _ in range(ENOUGH):
        Patient(app.test_client()).begins()
    late = Patient(app.test_client())
    late.opens()
    late.continues(429, for_whom="self")
    assert late.page.h1 == "Please wait a little"
    assert 1 <= int(late.page.response.headers["Retry-After"]) <= 600
    assert late.page.links()["108"] == "tel:108"
    elsewhere = Patient(app.test_client())
    elsewhere.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    elsewhere.begins()
    assert elsewhere.at == "danger-signs"


@pytest.mark.databases("sqlite")
def test_who_has_begun_goes_on_however_many_others_begin(app: Flask) -> None:
    """Only starting and sending are counted, and what was answered stays when Send has to wait."""
    asha = Patient(app.test_client())
    for _ in range(ENOUGH):
        asha.begins()
        asha.answers("received")
    forget(app, "start")
    asha.begins()
    asha.answers("check")
    asha.continues(429, consent="yes")
    assert "Your answers so far are kept" in asha.page.text
    assert len(everything_sent(app)) == ENOUGH
    forget(app, "send")
    asha.opens("check")
    asha.answers("received")
    assert len(everything_sent(app)) == ENOUGH + 1


def forget(app: Flask, act: str) -> None:
    """Let the ten minutes of an act be over."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.delete(RATE_HIT).where(RATE_HIT.c.k.contains(act)))


@pytest.mark.databases("sqlite")
def test_an_emergency_is_never_refused(app: Flask) -> None:
    """The phone number of the emergency page is stored, whatever the address has done before."""
    for _ in range(ENOUGH):
        asha = Patient(app.test_client())
        asha.begins()
        asha.answers("emergency", **PRESSED_NERVES)
        fields = filled_in(asha.page.form(f"{asha.place}/emergency")).to_dict()
        for last in range(ENOUGH):
            asha.post(f"{asha.place}/emergency", {**fields, "phone": f"98765 4321{last}"})
        asha.send(f"{asha.place}/emergency/go-on")
        asha.answers("received")
    assert len(everything_sent(app)) == ENOUGH


@pytest.mark.databases("sqlite")
def test_addresses_are_not_kept_in_plain(app: Flask) -> None:
    """The counters do not tell who was here."""
    Patient(app.test_client()).begins()
    with app.app_context(), db.engine.connect() as connection:
        keys = list(connection.scalars(sa.select(RATE_HIT.c.k)))
    assert len(keys) == 1
    assert "127.0.0.1" not in keys[0]
