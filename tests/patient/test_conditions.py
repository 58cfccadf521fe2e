"""A condition is a folder: what the public door does for one, it does for each."""

import pytest
from flask import Flask

from app.domain.condition import Pack
from app.domain.level import Level
from tests.domain.real_packs import real_packs
from tests.patient.sent import the_one_sent
from tests.people import Patient

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture(params=real_packs())
def pack(request: pytest.FixtureRequest) -> Pack:
    """Each condition that patients can read about."""
    return real_packs()[request.param]


@pytest.fixture
def asha(app: Flask, pack: Pack) -> Patient:
    """A patient who asks about the condition."""
    return about(app, pack)


def about(app: Flask, pack: Pack) -> Patient:
    """A patient with a browser of her own, who asks about a condition."""
    patient = Patient(app.test_client())
    patient.place = f"/{pack.id}/enquiry"  # type: ignore[misc]  # of this one only
    return patient


def test_the_home_page_leads_to_it(asha: Patient, pack: Pack) -> None:
    """It can be read about, and asked about."""
    links = asha.get("/").links()
    assert links[pack.name["en"]] == f"/{pack.id}"
    assert f"/{pack.id}/enquiry" in links.values()


def test_its_page_shows_its_cards_and_sources(asha: Patient, pack: Pack) -> None:
    """Every sign of the cards is there, and every source that the text cites."""
    text = asha.get(f"/{pack.id}").text
    for card in pack.cards:
        assert " ".join(card.text["en"].split()) in text
    for name in ("r1", "r3", "r8"):
        if f"[^{name}]" in pack.page_texts["en"]:
            assert pack.references[name].title in text


def test_its_page_shows_no_drawing_of_another_condition(asha: Patient, pack: Pack) -> None:
    """The growth is drawn where the page is about a growth."""
    drawn = 'class="growth"' in asha.get(f"/{pack.id}").html
    assert drawn == (pack.id == "spinal-metastasis")


def test_somebody_without_danger_signs_gets_a_receipt(
    app: Flask, asha: Patient, pack: Pack
) -> None:
    """In at most 15 pages; the reference says what it is about to who knows the letters."""
    asha.begins()
    assert len(asha.answers("received")) <= 15
    sent = the_one_sent(app)
    assert sent.level is Level.routine
    assert sent.reference.startswith(f"{pack.reference_prefix}-")
    assert sent.pack_version == pack.version
    assert sent.reference in asha.page.text


def test_a_danger_sign_is_an_emergency_before_any_name(asha: Patient) -> None:
    """Numb between the legs since today: the advice comes at once, with words to say."""
    asha.begins()
    asha.continues(**{"danger-signs": "saddle_numbness"})
    asha.continues(saddle_numbness__onset="today", saddle_numbness__course="worse_days")
    assert asha.at == "emergency"
    assert "numb between the legs" in asha.page.text
    assert "I need a spine MRI today" in asha.page.text


def test_an_enquiry_about_something_else_is_not_called_erased(app: Flask) -> None:
    """Who has begun to answer about another condition is told where, and can go on there."""
    first, second = list(real_packs().values())[:2]
    asha = about(app, first)
    asha.begins()
    asha.continues(**{"danger-signs": "none"})
    links = asha.get(f"/{second.id}/enquiry").links()
    assert "erased" not in asha.page.text
    assert links[first.name["en"]] == asha.place
    asha.opens()
    asha.continues(for_whom="self")
    assert asha.at == "very-unwell"


def test_a_request_that_was_sent_is_nothing_to_go_on_with(app: Flask) -> None:
    """After the receipt, another condition begins without a word about earlier answers."""
    first, second = list(real_packs().values())[:2]
    asha = about(app, first)
    asha.begins()
    asha.answers("received")
    asha.get(f"/{second.id}/enquiry")
    assert "erased" not in asha.page.text
    assert "from earlier" not in asha.page.text
