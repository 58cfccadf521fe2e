"""Free text that no reviewed list of words can judge is left to a person, and changes no level."""

from dataclasses import replace

import pytest

from app.domain.level import Level
from app.domain.triage import assess, unread
from tests.domain.real_packs import real_packs

PACK = real_packs()["spinal-metastasis"]
ROUTINE = next(case.answers for case in PACK.cases if case.level is Level.routine)


@pytest.mark.parametrize(
    ("language", "story", "left"),
    [
        ("en", "It hurts when I bend.", False),
        ("en", "Émile’s back hurts – 5 years", False),
        ("en", "", False),
        ("en", "मेरे पैर नहीं चल रहे", True),
        ("en", "my leg पाय", True),
        ("hi", "मेरे पैर नहीं चल रहे", True),
        ("hi", "pair nahi chalte", True),
        ("mr", "I cannot walk", True),
        ("mr", "  \n", False),
    ],
)
def test_words_in_another_language_are_left_to_a_person(
    language: str, story: str, left: bool
) -> None:
    """Of a form in another language all words; of an English one those in other letters."""
    assert unread(PACK, {**ROUTINE, "story": story}, language) is left


def test_a_list_in_the_language_reads_its_words() -> None:
    """Once clinicians have signed a list, its language needs no person for this."""
    listed = replace(PACK, watchwords={**PACK.watchwords, "hi": ("पैर नहीं",)})
    answers = {**ROUTINE, "story": "मेरे पैर नहीं चल रहे"}
    assert not unread(listed, answers, "hi")
    assert assess(listed, answers).level is Level.urgent


def test_english_words_are_judged_in_a_form_of_any_language() -> None:
    """Somebody who writes English in a Hindi form is read by the English list as well."""
    assert assess(PACK, {**ROUTINE, "story": "I cannot walk"}).level is Level.urgent
