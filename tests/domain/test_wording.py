"""Answers in words: as they were asked, in short, and as reasons."""

from pathlib import Path

import pytest

from app.domain import enquiry, wording
from app.domain.condition import Citation, Pack
from app.domain.pack_reader import read_pack
from app.domain.triage import assess
from tests.domain.small_pack import write_pack

EN = "en"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The small pack."""
    folder: Path = tmp_path_factory.mktemp("packs")
    return read_pack(write_pack(folder))


def answered(small: Pack) -> dict[str, str]:
    """Answers to every page: a mason of 61 with a blue thumb, who is not sure of the rest."""
    ticks = {"signs": {"blue", "not_sure"}}
    given = {
        "signs": enquiry.from_ticks(small, small.page("signs"), frozenset(ticks["signs"])),
        "signs-check": {"blue": "yes", "sore": "not_sure"},
        "signs-more": {"blue.onset": "today", "blue.side": "both"},
        "you": {"job": "mason", "age": "61", "story": "It hurts <b>badly</b>."},
        "work": {"hammer": "no"},
    }
    answers: dict[str, str] = {}
    for page, fields in given.items():
        answers = dict(enquiry.with_page(small, small.page(page), answers, fields))
    return answers


def test_every_answer_is_told_once_with_its_question(small: Pack) -> None:
    """Answers keep the wording of their questions, in the order of the pages, each once."""
    told = list(wording.as_asked(small, answered(small), EN))
    assert [(line["page"], line["field"]) for line in told] == [
        ("signs", "blue"),
        ("signs", "sore"),
        ("signs-more", "blue.onset"),
        ("signs-more", "blue.side"),
        ("you", "job"),
        ("you", "age"),
        ("you", "story"),
        ("work", "hammer"),
    ]
    assert told[0]["question"] == "Is the thumb blue?"
    assert [line["answer"] for line in told] == [
        "Yes",
        "Not sure",
        "Today",
        "On both sides",
        "Mason",
        "61",
        "It hurts <b>badly</b>.",
        "No",
    ]


def test_a_detail_is_asked_under_the_name_of_its_sign(small: Pack) -> None:
    """The question of a detail begins with its sign, in a capital letter."""
    field = enquiry.Field("blue.onset", small.questions["blue"], small.details["onset"])
    assert wording.question_words(field, EN) == "Blue thumb: When did it start?"


def test_an_unknown_answer_is_shown_as_it_is(small: Pack) -> None:
    """Words that no option has, such as those of an older pack, are not hidden."""
    field = enquiry.Field("job", small.questions["job"])
    assert wording.answer_words(field, "king", EN) == "king"


def test_a_page_is_told_in_short(small: Pack) -> None:
    """Yes by its name, not sure as such, no not at all; an empty page is none of these."""
    answers = answered(small)
    short = {
        page.id: wording.page_in_short(small, page, answers, EN)
        for page in enquiry.pages_for(small, answers)
    }
    assert short == {
        "signs": ("blue thumb", "sore thumb: not sure"),
        "signs-check": ("blue thumb", "sore thumb: not sure"),
        "signs-more": ("blue thumb: Today", "blue thumb: On both sides"),
        "you": ("Mason", "age: 61", "It hurts <b>badly</b>."),
        "work": ("None of these",),
    }
    assert wording.page_in_short(small, small.page("you"), {}, EN) == ("None of these",)


def test_reasons_are_short_and_each_is_told_once(small: Pack) -> None:
    """A reason is the name of a sign, or the short words of an answer."""
    answers = {"blue": "yes", "sore": "not_sure", "job": "mason", "age": "61"}
    fields = ["blue", "sore", "job", "age", "blue", "story", "hammer"]
    assert wording.reasons(small, fields, answers, EN) == (
        "blue thumb",
        "sore thumb (not sure)",
        "mason",
        "age 61",
        "your own words",
        "hammer (not sure)",
    )
    assert wording.reasons(small, ["age"], {}, EN) == ()
    assert wording.reasons(small, ["job"], {"job": "clerk"}, EN) == ("work",)


def test_every_finding_of_the_examples_has_a_reason_in_words(pack: Pack) -> None:
    """Whoever is told to hurry is told why; nothing of the code's own names shows."""
    for case in pack.cases:
        found = assess(pack, case.answers)
        told = wording.reasons(pack, found.evidence(), case.answers, EN)
        if found.level and found.evidence():
            assert told, case.id
        assert not any("_" in reason or not reason.strip() for reason in told)


def test_a_source_is_named_with_its_place(small: Pack) -> None:
    """Publisher, title and place, as far as they are known."""
    assert wording.source_words(small, Citation("book")) == "Thumb Press, The book of thumbs"
    assert wording.source_words(small, Citation("leaflet", "page 3")) == "The leaflet, page 3"
