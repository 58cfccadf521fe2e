"""The languages of a pack: what may be missing, what may not, and who has checked it."""

import datetime as dt
from pathlib import Path

import pytest

from app.domain.condition import SignOff
from app.domain.pack_languages import texts_of, untranslated
from app.domain.pack_reader import read_pack
from tests.domain.small_pack import faults, write_pack

C, Q = "condition.toml", "questions.toml"
Spoilt = tuple[str, str, str]


def awaiting(*languages: str) -> Spoilt:
    """These languages are declared; nobody has checked them yet."""
    return declared(", ".join(f'{language} = "awaits"' for language in languages))


def declared(translations: str) -> Spoilt:
    """The pack says this about its translations."""
    return (C, "review_due", f"translations = {{ {translations} }}\nreview_due")


def also_hindi(english: str, hindi: str) -> Spoilt:
    """A text of `condition.toml` is there in Hindi, too."""
    return (C, f'{{ en = "{english}" }}', f'{{ en = "{english}", hi = "{hindi}" }}')


EMERGENCY = {
    "card_intro emergency": also_hindi("You have one of these:", "आपको इनमें से कुछ है:"),
    "card “a blue thumb”": also_hindi("a blue thumb", "नीला अँगूठा"),
    "emergency words “The blood does not come through.”": also_hindi(
        "The blood does not come through.", "ख़ून नहीं पहुँच रहा।"
    ),
    "emergency words “My thumb is blue.”": also_hindi("My thumb is blue.", "मेरा अँगूठा नीला है।"),
}


def test_a_pack_may_speak_english_only(tmp_path: Path) -> None:
    """A pack that names no other language needs none."""
    pack = read_pack(write_pack(tmp_path))
    assert pack.translations == {}
    assert len(untranslated(pack, "hi")) == len(texts_of(pack))


def test_what_is_no_emergency_may_be_missing(tmp_path: Path) -> None:
    """With its emergency texts a language is in order; every other text counts as missing."""
    pack = read_pack(write_pack(tmp_path, awaiting("hi"), *EMERGENCY.values()))
    assert pack.translations == {"hi": None}
    missing = untranslated(pack, "hi")
    assert len(missing) == len(texts_of(pack)) - len(EMERGENCY)
    assert {"en": "Is the thumb sore?"} in missing
    assert pack.cards[0].text not in missing


def test_the_page_counts_as_one_text(tmp_path: Path) -> None:
    """A translated page is one text less that is missing."""
    folder = write_pack(tmp_path, awaiting("hi"), *EMERGENCY.values())
    without = len(untranslated(read_pack(folder), "hi"))
    (folder / "page.hi.md").write_text("# अँगूठे में दर्द\n", encoding="utf-8")
    assert len(untranslated(read_pack(folder), "hi")) == without - 1


@pytest.mark.parametrize("where", EMERGENCY)
def test_a_missing_emergency_text_is_a_fault(tmp_path: Path, where: str) -> None:
    """A language that lacks one emergency text is refused; the fault names text and language."""
    there = [spoilt for name, spoilt in EMERGENCY.items() if name != where]
    assert faults(tmp_path, awaiting("hi"), *there) == (
        f"{where}: an emergency text, and it is missing in hi",
    )


def test_each_language_needs_its_emergency_texts(tmp_path: Path) -> None:
    """What is there in one language does not stand in for another."""
    found = faults(tmp_path, awaiting("hi", "mr"), *EMERGENCY.values())
    assert found == tuple(
        f"{where}: an emergency text, and it is missing in mr" for where in EMERGENCY
    )


def test_a_language_that_nobody_declared_is_a_fault(tmp_path: Path) -> None:
    """A slip in the name of a language is found, since no patient would ever see the text."""
    slip = (Q, 'en = "About you" }', 'en = "About you", ih = "आपके बारे में" }')
    assert faults(tmp_path, slip) == (
        "“About you” is also in ih, which condition.toml does not name under `translations`",
    )


def test_a_checked_translation_says_by_whom(tmp_path: Path) -> None:
    """A native clinician signs a language as the pack is signed."""
    signed = declared('hi = { name = "Dr Rao", registration = "MMC 00000", on = 2026-12-01 }')
    pack = read_pack(write_pack(tmp_path, signed, *EMERGENCY.values()))
    assert pack.translations == {"hi": SignOff("Dr Rao", "MMC 00000", dt.date(2026, 12, 1))}


@pytest.mark.parametrize(
    ("translations", "fault"),
    [
        ('hi = "done"', "`hi` must be “awaits”, or a table that says who has checked it"),
        ("hi = true", "`hi` must be “awaits”, or a table that says who has checked it"),
        ('hi = "awaits", en = "awaits"', "`en` is no translation"),
    ],
)
def test_a_state_that_says_nothing_is_a_fault(
    tmp_path: Path, translations: str, fault: str
) -> None:
    """A language is checked by somebody with a name, or awaits it; English is neither."""
    found = faults(tmp_path, declared(translations), *EMERGENCY.values())
    assert found == (f"condition.toml, translations: {fault}",)


def test_half_a_signature_is_a_fault(tmp_path: Path) -> None:
    """Name, registration and day are all needed."""
    found = faults(tmp_path, declared('hi = { name = "Dr Rao" }'), *EMERGENCY.values())
    assert found == (
        "condition.toml, translations, hi: `registration` is missing",
        "condition.toml, translations, hi: `on` is missing",
    )
