"""The rules in words, what each answer can lead to, and trying them out."""

import dataclasses
import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.condition import Lowered, Pack, SignOff
from app.records import db
from app.records.audit import AuditEvent
from app.records.service_request import ServiceRequest
from tests.builders import the_pack
from tests.manager.settings_page import errors_of
from tests.people import Doctor, Manager, Page, Patient, filled_in

RULES, TRY = "/settings/rules", "/settings/rules/try"
EXPLAIN = f"{TRY}?condition=spinal-metastasis"
RAO = SignOff("Dr Arun Rao", "MMC 00000", dt.date(2026, 11, 1))


@pytest.fixture
def leela(app: Flask) -> Manager:
    """The manager at work."""
    return Manager.at_work(app)


def tried(person: Manager, status: int = 200, **chosen: str) -> Page:
    """What the rules say of these answers."""
    person.get(TRY)
    return person.send(EXPLAIN, status, **chosen)


@pytest.mark.usefixtures("context")
def test_every_rule_is_shown_with_its_condition_and_sources(leela: Manager) -> None:
    """The rule base can be read without a programmer, and says that nobody signed it."""
    page = leela.get(RULES)
    pack = the_pack()
    for rule in pack.rules:
        assert f"{rule.id}. {rule.title}" in page.text
        assert (rule.desk or "") in page.text
    words = page.text.replace(" ,", ",").replace(" ;", ";")
    assert "Fires when: CA_known, and (any of: active MOTOR; active SPHINCTER;" in words
    assert "Not yet signed off by a doctor." in page.text
    links = [link.attributes["href"] for link in page.top.all("a")]
    assert pack.references["r6"].link in links
    assert page.text.count("It names a reason") == sum(rule.explains for rule in pack.rules)


def test_doctors_read_the_rules_too(app: Flask) -> None:
    """They answer for them; the other settings stay the manager's."""
    page = Doctor.at_work(app).get(RULES)
    assert "E01. " in page.text
    assert "/settings/hours" not in [link.attributes.get("href") for link in page.top.all("a")]


def test_rules_and_questions_are_found_by_words_and_level(leela: Manager) -> None:
    """Without script; a search that finds nothing says so."""
    found = leela.get(f"{RULES}?q=dexameth+lumbar").text
    assert "No rule holds these words." in found
    assert "No question holds these words." in found
    soon = leela.get(f"{RULES}?level=soon&q=fever").text
    assert "S14. " in soon
    assert "E08. " not in soon
    assert leela.client.get(f"{RULES}?condition=other").status_code == 404
    assert "No rule holds" in leela.get(f"{RULES}?level=none-of-these").text


def test_each_answer_tells_what_it_can_lead_to(leela: Manager) -> None:
    """And from what it can keep: an old, unchanged sign is no emergency."""
    page = leela.get(RULES)
    parts = {
        part.attributes["id"]: part for part in page.top.all("details") if "id" in part.attributes
    }
    rows = [row.text for row in parts["question-leg_weakness"].all("div")]
    assert any(row.startswith("Yes Emergency E01 ") for row in rows)
    assert "No No rule looks for it" in rows
    assert any(row.startswith("No answer Emergency D01") for row in rows)
    old = next(row for row in rows if row.startswith("More than 3 months ago "))
    assert old.startswith("More than 3 months ago Soon ")
    assert " can keep from: E01 " in old
    both = next(row for row in rows if row.startswith("On both sides "))
    left_open = next(row for row in rows if row.startswith("No answer: counts as “On both sides” "))
    assert left_open.endswith(both.removeprefix("On both sides "))
    ages = [row.text for row in parts["question-age"].all("div")]
    assert any(row.startswith("≥ 65 ") for row in ages)
    assert any(row.startswith("< 18 ") for row in ages)


def test_a_tried_form_is_explained_rule_by_rule(leela: Manager) -> None:
    """Which answers fired which rule, and which rules are one answer away."""
    page = tried(
        leela,
        rest="calm",
        leg_weakness="yes",
        leg_weakness__onset="2w_to_3m",
        leg_weakness__course="same",
        leg_weakness__side="one",
    )
    assert "Level: Urgent" in page.text
    assert "U04. Weak leg or arm Urgent Because of: weak leg, " in page.text
    assert "One answer away from a higher level" in page.text
    assert "E06. " in page.text
    assert "It would fire if this were so: weak leg (change) is “worse" in page.text
    assert "cancer" in page.text


def test_what_an_open_answer_counts_as_is_told(leela: Manager) -> None:
    """A side that nobody told is both sides, and so an emergency."""
    page = tried(leela, rest="calm", leg_weakness="yes", leg_weakness__onset="2w_to_3m")
    assert "Level: Emergency" in page.text
    assert "so these counted: " in page.text
    assert "weak leg (where) as “both sides”" in page.text


def test_what_is_left_open_counts_as_asked_or_as_calm(leela: Manager) -> None:
    """An empty form is urgent, because a person must ask; a calm one is routine."""
    assert "Level: Urgent" in tried(leela).text
    calm = tried(leela, rest="calm").text
    assert "Level: Routine" in calm
    assert "No other rule fires" in calm
    assert "No rule of a higher level is one answer away." in calm


def test_free_text_and_answers_that_are_not_asked_are_explained(leela: Manager) -> None:
    """A phrase that counted is shown; what the form would not ask is said to be left out."""
    page = tried(leela, rest="calm", story="I would be better off dead", trauma_when="le_2w")
    assert "Reviewed phrases in the free text: " in page.text
    assert "because the form does not ask it after these answers" in page.text


def test_wrong_answers_are_told_at_their_field(leela: Manager) -> None:
    """Nothing that was chosen is lost."""
    page = tried(leela, 422, age="old", leg_weakness="perhaps", arm_weakness="yes")
    assert errors_of(page) == {
        "age": "Enter the age in years, such as 61",
        "leg_weakness": "Select one of the answers",
    }
    typed = filled_in(page.form(EXPLAIN))
    assert (typed["age"], typed["arm_weakness"]) == ("old", "yes")


def test_trying_stores_nothing(app: Flask, leela: Manager) -> None:
    """No request, and no line in the log; the answers are in no address."""
    with app.app_context():
        before = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEvent))
    assert "Level: Emergency" in tried(leela, leg_weakness="yes", rest="calm").text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEvent)) == before
        assert db.session.scalar(sa.select(sa.func.count()).select_from(ServiceRequest)) == 0


@pytest.fixture
def packs(app: Flask) -> Iterator[dict[str, Pack]]:
    """The packs of the app, to be exchanged for a while."""
    found: dict[str, Pack] = app.extensions["packs"]
    kept = dict(found)
    yield found
    found.update(kept)
    app.extensions.pop("condition-pages", None)


@pytest.mark.own_app
def test_every_page_says_who_answers_for_the_rules(app: Flask, packs: dict[str, Pack]) -> None:
    """Signed, changed since, or never signed: patients and staff read the same."""
    patient, doctor = Patient(app.test_client()), Doctor.at_work(app)
    name = "spinal-metastasis"
    never = packs[name]
    footer = "Rules that no doctor has signed off as they stand: "
    assert footer in doctor.get("/doctor/reviews").text
    packs[name] = dataclasses.replace(never, changed_since=RAO)
    since = "Dr Arun Rao signed it on 1 November 2026; it was changed since then."
    assert f"Do not rely on it alone. {since}" in patient.get(f"/{name}").text
    assert f"Not yet signed off by a doctor. {since}" in patient.get("/how-we-write").text
    changed = "Not signed off as it stands: changed since Dr Arun Rao signed it on 1 November 2026."
    assert changed in doctor.get(f"{RULES}?condition={name}").text
    app.extensions.pop("condition-pages")
    lowered = Lowered("E03", never.version, RAO, "Old cancers.")
    for each, pack in packs.items():
        packs[each] = dataclasses.replace(pack, changed_since=None, signed_off=RAO)
    packs[name] = dataclasses.replace(packs[name], lowered=(lowered,))
    assert "Dr Arun Rao, MMC 00000" in patient.get(f"/{name}").text
    assert "Not yet signed off" not in patient.get(f"/{name}").text
    signed = doctor.get(f"{RULES}?condition={name}").text
    assert "Signed off by Dr Arun Rao (MMC 00000) on 1 November 2026." in signed
    assert "rule E03 leads to a lower level. Dr Arun Rao (MMC 00000) answers for it" in signed
    assert footer not in signed
