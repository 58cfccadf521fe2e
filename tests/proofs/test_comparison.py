"""Two versions of a pack: whatever lowers a level is found, however it was changed."""

from pathlib import Path

import pytest

from app.domain.condition import Pack
from app.domain.pack_reader import read_pack
from app.domain.triage import assess
from tests.domain.small_pack import unread, write_pack
from tests.proofs.comparison import lowered

SORE = '"worker", "SIGNS"'


def version(folder: Path, name: str, condition: str, *spoilt: tuple[str, str, str]) -> Pack:
    """A version of the small pack: rule S1 has another condition."""
    signs = [sign for sign in ("sore", "hammer", "gloves") if f'"{sign}"' not in condition]
    (folder / name).mkdir()
    rule = ("triage.toml", SORE, condition)
    return read_pack(write_pack(folder / name, rule, unread(*signs), *spoilt))


def falls(folder: Path, before: str, after: str) -> dict[str, str]:
    """The rules that no longer lead to their level, with the words; each is shown by its answers.

    `before` and `after` are conditions of rule S1.
    """
    old, new = version(folder, "old", before), version(folder, "new", after)
    found = list(lowered(old, new))
    for fall in found:
        assert assess(new, fall.answers).level < assess(old, fall.answers).level
    return {fall.rule: fall.in_words(old, new) for fall in found}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('"age >= 60"', '"age >= 65"', "How old are you? – 6"),
        ('"story"', '"blue is not_sure"', "Anything else? – fell off"),
        ('"hammer"', '"hammer", "gloves"', "Do you use a hammer? – Yes"),
    ],
)
def test_a_rule_that_asks_for_more_is_found(
    tmp_path: Path, before: str, after: str, told: str
) -> None:
    """A limit that moved, words that no longer count, one sign more."""
    found = falls(tmp_path, before, after)
    assert told in found["S1"]
    assert "is soon (S1) by the old rules" in found["S1"]


def test_a_phrase_that_no_longer_counts_is_found(tmp_path: Path) -> None:
    """The formulas know one phrase only; each lost one is looked at by itself."""
    phrases = 'phrases = ["fell off"'
    more = ("triage.toml", phrases, f'{phrases}, "fell down"')
    old, new = version(tmp_path, "old", '"story"', more), version(tmp_path, "new", '"story"')
    lost = list(lowered(old, new))
    assert [(fall.rule, fall.answers["story"]) for fall in lost] == [("S1", "fell down")]
    assert list(lowered(new, old)) == []


def test_a_question_that_is_gone_is_found(tmp_path: Path) -> None:
    """Who said yes to it before is not asked any more."""
    found = falls(tmp_path, '{ any = ["hammer", "sore"] }', '{ any = ["sore"] }')
    assert list(found) == ["S1"]


def test_rules_that_ask_for_less_lower_nothing(tmp_path: Path) -> None:
    """Rising is no fall."""
    assert falls(tmp_path, '"age >= 65"', '"age >= 60"') == {}
