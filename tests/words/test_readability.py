"""Patients' texts are plain: measured by grade, as a school would.

The grade is that of Flesch and Kincaid, by textstat. Hindi and Marathi are left to readers: no
formula fits them.
"""

import re
from typing import Final

import pytest
import textstat

from app.domain.pack_languages import texts_of
from tests.domain.real_packs import real_packs
from tests.words.english import groups

MOST: Final = 8.0
MOST_IN_DANGER: Final = 5.0
GROUPS: Final = dict(groups())


def grade(words: str) -> float:
    """The years of school that a text asks for."""
    return round(float(textstat.flesch_kincaid_grade(words)), 1)


def test_every_text_of_patients_can_be_read_after_eight_years_of_school() -> None:
    """Pages, questions, answers, cards, advice, mails, and the words around them."""
    assert {name: grade(words) for name, words in GROUPS.items() if grade(words) > MOST} == {}


def test_words_of_danger_are_plainer_still() -> None:
    """Red cards, the emergency page and the questions about danger signs: five years."""
    danger = {name: grade(words) for name, words in GROUPS.items() if name.startswith("danger")}
    assert len(danger) >= 5 * len(real_packs())
    assert {name: found for name, found in danger.items() if found > MOST_IN_DANGER} == {}


def test_no_text_of_a_pack_escapes() -> None:
    """Each text that patients see is part of a group, so that none is left unmeasured."""
    measured = " ".join(GROUPS.values())
    for pack in real_packs().values():
        pages = set(pack.page_texts.values())
        for text in texts_of(pack):
            words = " ".join(text["en"].split())
            assert text["en"] in pages or words in measured, words


@pytest.mark.parametrize("name", ["patient/check.html", "patient/time.html", "reminder"])
def test_templates_and_mails_are_measured(name: str) -> None:
    """The words around the pack's are there, too."""
    assert any(name in group for group in GROUPS)


def test_a_hard_text_is_found() -> None:
    """What doctors write to each other is no text for patients."""
    hard = (
        "In case of neurological deterioration, immediate evaluation at an emergency department "
        "with magnetic resonance imaging capability is recommended."
    )
    assert grade(hard) > 2 * MOST
    assert not re.search(r"neurological|deterioration|evaluation", " ".join(GROUPS.values()))
