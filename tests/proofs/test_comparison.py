"""Two versions of a pack: whatever lowers a level is found, however it was changed."""

from pathlib import Path

import pytest

from app.domain.pack_reader import read_pack
from app.domain.triage import assess
from tests.domain.small_pack import write_pack
from tests.proofs.comparison import lowered

Change = tuple[str, str, str]
SORE = '"worker", "SIGNS"'


def falls(folder: Path, before: Change, after: Change) -> dict[str, str]:
    """The rules that no longer lead to their level, with the words; each is shown by its answers.

    Every change is made to the same pack.
    """
    packs = []
    for name, change in (("old", before), ("new", after)):
        (folder / name).mkdir()
        packs.append(read_pack(write_pack(folder / name, change)))
    old, new = packs
    found = list(lowered(old, new))
    for fall in found:
        assert assess(new, fall.answers).level < assess(old, fall.answers).level
    return {fall.rule: fall.in_words(old, new) for fall in found}


def rule(condition: str) -> Change:
    """Rule S1 with another condition."""
    return ("triage.toml", SORE, condition)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('"age >= 60"', '"age >= 65"', "How old are you? – 60"),
        ('"story"', '"blue is not_sure"', "Anything else? – fell off"),
        ('"hammer"', '"hammer", "gloves"', "Do you use a hammer? – Yes"),
    ],
)
def test_a_rule_that_asks_for_more_is_found(
    tmp_path: Path, before: str, after: str, told: str
) -> None:
    """A limit that moved, words that no longer count, one sign more."""
    found = falls(tmp_path, rule(before), rule(after))
    assert told in found["S1"]
    assert "is soon (S1) by the old rules" in found["S1"]


def test_a_phrase_that_no_longer_counts_is_found(tmp_path: Path) -> None:
    """The formulas know one phrase only; each lost one is looked at by itself."""
    texts = []
    for name, phrases in (("old", '"fell off", "fell down"'), ("new", '"fell off"')):
        (tmp_path / name).mkdir()
        pack = write_pack(
            tmp_path / name,
            rule('"story"'),
            ("triage.toml", 'phrases = ["fell off"]', f"phrases = [{phrases}]"),
        )
        texts.append(read_pack(pack))
    lost = list(lowered(*texts))
    assert [(fall.rule, fall.answers["story"]) for fall in lost] == [("S1", "fell down")]
    assert list(lowered(texts[1], texts[0])) == []


def test_a_question_that_is_gone_is_found(tmp_path: Path) -> None:
    """Who said yes to it before is not asked any more."""
    found = falls(tmp_path, rule('{ any = ["hammer", "sore"] }'), rule('{ any = ["sore"] }'))
    assert list(found) == ["S1"]


def test_rules_that_ask_for_less_lower_nothing(tmp_path: Path) -> None:
    """Rising is no fall."""
    assert falls(tmp_path, rule('"age >= 65"'), rule('"age >= 60"')) == {}
