"""The translations of every pack say as much as the English: same parts, sources and figures."""

import re
import unicodedata
from collections import Counter

import pytest

from app.domain.condition import Pack
from app.domain.pack_languages import texts_of, untranslated
from app.domain.pack_page import SOURCE_MARK
from tests.domain.real_packs import real_packs

TRANSLATIONS = [
    pytest.param(pack, language, id=f"{pack.id}-{language}")
    for pack in real_packs().values()
    for language in pack.translations
]
START = re.compile(r"#+ |- |")
NAME = re.compile(r"\{#([\w-]+)\}")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FIGURE = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
OTHER_DIGIT = re.compile(r"(?![0-9])\d")

in_every_language = pytest.mark.parametrize(("pack", "language"), TRANSLATIONS)


def figures(text: str) -> Counter[str]:
    """The numbers that a reader sees, whatever their order in the sentence."""
    return Counter(FIGURE.findall(NAME.sub("", SOURCE_MARK.sub("", text))))


def shape(line: str) -> tuple[str, list[str], list[str], list[str], int]:
    """What a line of a page is, apart from its words: kind, name, sources, links, bold."""
    return (
        START.findall(line)[0],
        NAME.findall(line),
        SOURCE_MARK.findall(line),
        LINK.findall(line),
        line.count("**"),
    )


def test_spinal_metastasis_speaks_hindi_and_marathi() -> None:
    """The pack that patients get has both languages, and no text is missing in either."""
    pack = real_packs()["spinal-metastasis"]
    assert list(pack.translations) == ["hi", "mr"]
    assert not [text["en"] for language in ("hi", "mr") for text in untranslated(pack, language)]


@in_every_language
def test_a_page_is_built_like_the_english_one(pack: Pack, language: str) -> None:
    """Line by line it has the same headings, names, lists, sources in order, and links."""
    english = pack.page_texts["en"].splitlines()
    translated = pack.page_texts[language].splitlines()
    assert [shape(line) for line in translated] == [shape(line) for line in english]
    assert [bool(line) for line in translated] == [bool(line) for line in english]


@in_every_language
def test_every_figure_of_a_page_is_in_its_translation(pack: Pack, language: str) -> None:
    """Each line holds the same numbers as the English line, none more and none less."""
    english = pack.page_texts["en"].splitlines()
    translated = pack.page_texts[language].splitlines()
    assert [figures(line) for line in translated] == [figures(line) for line in english]
    assert sum((figures(line) for line in english), Counter()).total() > 0


@in_every_language
def test_every_figure_of_a_text_is_in_its_translation(pack: Pack, language: str) -> None:
    """Phone numbers, ages, times and temperatures are the same in each language."""
    for text in texts_of(pack):
        if language in text:
            assert figures(text[language]) == figures(text["en"]), text["en"]


@in_every_language
def test_digits_are_those_on_a_phone(pack: Pack, language: str) -> None:
    """Numbers stand in Latin digits, as they are dialled."""
    found = [text[language] for text in texts_of(pack) if language in text]
    assert not [words for words in found if OTHER_DIGIT.search(words)]


@in_every_language
def test_letters_are_written_in_one_way(pack: Pack, language: str) -> None:
    """Letters with a dot below are composed alike, so that a search finds them."""
    found = [text[language] for text in texts_of(pack) if language in text]
    assert not [words for words in found if not unicodedata.is_normalized("NFC", words)]


@in_every_language
def test_a_text_ends_as_the_english_one(pack: Pack, language: str) -> None:
    """A question stays a question, a beginning with a colon stays one, a sentence ends."""
    ends = {"?": "?", ":": ":", ".": ".।"}
    for text in texts_of(pack):
        last = text["en"][-1]
        if language in text and last in ends:
            assert text[language][-1] in ends[last], text["en"]
