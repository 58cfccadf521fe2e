"""The phone request: one page, the same rules."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, g
from werkzeug.datastructures import MultiDict

from app.desk.forms import PhoneForm
from app.domain import enquiry
from app.domain.condition import Pack
from app.domain.level import Level
from app.domain.triage import assess
from app.records import db
from app.records.service_request import ServiceRequest
from tests.people import Page, Receptionist

NEW = "/desk/requests/new"


@pytest.fixture
def meera(app: Flask) -> Receptionist:
    """A receptionist at work."""
    return Receptionist.at_work(app)


@pytest.fixture
def pack(app: Flask) -> Pack:
    """The condition that callers are asked about."""
    found: Pack = app.extensions["packs"]["spinal-metastasis"]
    return found


@pytest.fixture
def save(pack: Pack) -> str:
    """Where the form goes."""
    return f"{NEW}?condition={pack.id}"


def stored() -> list[ServiceRequest]:
    """Every request."""
    return list(db.session.scalars(sa.select(ServiceRequest)))


def nothing_wrong(pack: Pack) -> dict[str, Any]:
    """Tick “None of these” on every page of ticks."""
    return {page.id.replace(".", "__"): ["none"] for page in pack.pages if page.signs}


def test_every_question_of_the_pack_is_asked_once(pack: Pack, meera: Receptionist) -> None:
    """The desk asks what the patient would be asked, details included."""
    page = meera.get(NEW)
    names = {each.attributes.get("name") for each in page.top.all("input", "select", "textarea")}
    for each in pack.pages:
        if each.signs:
            assert each.id in names
        assert set(each.questions) <= names
        if each.details_of:
            for sign in pack.page(each.details_of).signs:
                for detail in pack.questions[sign].details:
                    assert f"{sign}.{detail}" in names


def test_danger_signs_on_the_phone_make_an_emergency(
    app: Flask, pack: Pack, meera: Receptionist, save: str
) -> None:
    """After saving, the level and the script are there at once."""
    meera.get(NEW)
    given = nothing_wrong(pack) | {"danger-signs": ["saddle_numbness", "bladder_retention"]}
    page = meera.send(save, phone="98765 43210", name="Asha Patil", **given)
    assert "Level: Emergency" in page.text
    assert "What to do now" in page.text
    with app.app_context():
        (request,) = stored()
        assert request.source == "phone"
        assert request.level is Level.emergency
        assert request.person["phone"] == "+919876543210"
        assert request.history[0].by
        assert request.history[0].by.name == "Meera Kulkarni"
        assert request.response.answers["saddle_numbness"] == "yes"
        assert request.response.answers["leg_weakness"] == "no"


def test_pressing_twice_stores_one_request(
    app: Flask, pack: Pack, meera: Receptionist, save: str
) -> None:
    """The page carries its own id; the second press finds the first request."""
    form = meera.get(NEW)
    first = meera.send(save, phone="98765 43210", **nothing_wrong(pack))
    meera.page = form
    second = meera.send(save, phone="98765 43210", **nothing_wrong(pack))
    assert first.response.request.path == second.response.request.path
    with app.app_context():
        assert len(stored()) == 1


def test_what_was_left_open_counts_as_not_sure(app: Flask, meera: Receptionist, save: str) -> None:
    """An empty form is not a healthy person."""
    meera.get(NEW)
    meera.send(save, phone="98765 43210")
    with app.app_context():
        (request,) = stored()
        assert request.level >= Level.urgent


def test_an_error_keeps_everything_that_was_typed(
    app: Flask, pack: Pack, meera: Receptionist, save: str
) -> None:
    """The summary leads to the field; ticks, choices and text stay."""
    meera.get(NEW)
    given = nothing_wrong(pack) | {"danger-signs": ["leg_weakness"]}
    fields = {"leg_weakness__onset": "today", "age": "abc", "story": "Fell on Monday"}
    page = meera.send(save, 422, phone="123", name="Asha Patil", **given, **fields)
    assert page.title.startswith("Error: ")
    assert "Enter a phone number" in page.text
    assert "Enter the age in years" in page.text
    kept = page.form(save)
    values = {each.attributes.get("name"): each.attributes for each in kept.all("input")}
    assert values["name"]["value"] == "Asha Patil"
    assert values["phone"]["value"] == "123"
    assert values["age"]["value"] == "abc"
    assert "Fell on Monday" in kept.text
    assert ticked(page) >= {"leg_weakness"}
    chosen = {
        each.attributes["value"] for each in kept.all("option") if "selected" in each.attributes
    }
    assert "today" in chosen
    with app.app_context():
        assert stored() == []


def ticked(page: Page) -> set[str]:
    """The boxes that are ticked."""
    return {
        each.attributes["value"] for each in page.top.all("input") if "checked" in each.attributes
    }


def test_a_contradiction_is_told(pack: Pack, meera: Receptionist, save: str) -> None:
    """“None of these” goes with nothing else."""
    meera.get(NEW)
    given = nothing_wrong(pack) | {"danger-signs": ["leg_weakness", "none"]}
    assert "not both" in meera.send(save, 422, phone="98765 43210", **given).text


def test_a_damaged_form_and_an_unknown_condition_are_refused(
    app: Flask, meera: Receptionist, save: str
) -> None:
    """Nothing is stored without its id."""
    meera.get(NEW)
    meera.send(save, 400, phone="98765 43210", submission_id="nonsense")
    meera.get(f"{NEW}?condition=nonsense", 404)


def test_the_level_is_the_one_of_the_patients_own_form(app: Flask, pack: Pack) -> None:
    """Each worked example, typed in on the phone form, gives the level that it must."""
    with app.test_request_context():
        g.csrf_valid = True  # as after the guard of the app
        signs = [sign for page in pack.pages for sign in page.signs]
        for case in pack.cases:
            if not all(case.answers.get(sign) in ("yes", "no") for sign in signs):
                continue  # only the web goes through single signs that are not sure or open
            sent: MultiDict[str, str] = MultiDict()
            for page in pack.pages:
                if page.signs:
                    told = [sign for sign in page.signs if case.answers[sign] == "yes"]
                    sent.setlist(page.id, told or ["none"])
                for name in page.questions:
                    if name in case.answers:
                        sent[name] = case.answers[name]
            for name, value in case.answers.items():
                if "." in name:
                    sent[name] = value
            form = PhoneForm(pack, sent)
            assert form.validate(), (case.id, form.errors())
            assessment = assess(pack, enquiry.settle(pack, form.answers()))
            assert assessment.level is case.level, case.id


def test_who_has_not_chosen_a_condition_asks_the_most(app: Flask, meera: Receptionist) -> None:
    """The fullest form comes first, whatever the alphabet says, and leads to each of the others."""
    found: dict[str, Pack] = app.extensions["packs"]
    page = meera.get(NEW)
    (here,) = [
        each
        for each in page.top.all("a")
        if "condition=" in each.attributes["href"] and each.attributes.get("aria-current")
    ]
    fullest = max(found.values(), key=lambda pack: len(pack.questions))
    assert here.text == fullest.name["en"]
    for pack in found.values():
        assert meera.get(f"{NEW}?condition={pack.id}").text.count(pack.name["en"]) >= 1
