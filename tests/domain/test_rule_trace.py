"""What an answer can lead to, and what a rule still lacks."""

from pathlib import Path

import pytest

from app.domain.level import Level
from app.domain.pack_reader import read_pack
from app.domain.rule import All, AtLeast, Condition, Is, Number, Unless
from app.domain.rule_trace import NO_ANSWER, Part, lacking, leads, near
from tests.domain.small_pack import unread, write_pack

A, B, C = (Is(name, ("yes",)) for name in "abc")
OLD = Number("age", 60, below=False)


def rules_of(folder: Path, condition: str) -> dict[tuple[str, str], tuple[list[str], list[str]]]:
    """What the answers of the small pack lead to, and away from, when S1 has that condition."""
    rule = ("triage.toml", 'all = ["worker", "SIGNS"]', condition)
    pack = read_pack(write_pack(folder, rule, unread("gloves")))
    return {
        key: ([rule.id for rule in found.to], [rule.id for rule in found.away_from])
        for key, found in leads(pack).items()
    }


def test_each_answer_leads_to_the_rules_that_look_for_it(tmp_path: Path) -> None:
    """An exception leads away; what is not sure counts as open; a number has its limits."""
    condition = 'all = ["unsure sore", "age >= 60"]\nunless = { any = ["hammer", "age < 18"] }'
    found = rules_of(tmp_path, condition)
    assert found["blue", "yes"] == (["E1"], [])
    assert found["blue.onset", "old"] == ([], ["E1"])
    assert found["sore", "not_sure"] == found["sore", NO_ANSWER] == (["S1"], [])
    assert found["hammer", "yes"] == ([], ["S1"])
    assert found["age", "≥ 60"] == found["age", "≥ 18"] == (["S1"], [])
    assert ("sore", "no") not in found


@pytest.mark.parametrize(
    ("condition", "reading", "missing"),
    [
        (All((A, B)), {"a": "yes"}, [[Part(B, True)]]),
        (All((A, B)), {"a": "yes", "b": "yes"}, []),
        (All((A, B)), {}, [[Part(A, True)], [Part(B, True)]]),
        (AtLeast(1, (A, B)), {}, [[Part(A, True), Part(B, True)]]),
        (AtLeast(2, (A, B, C)), {"a": "yes"}, [[Part(B, True), Part(C, True)]]),
        (AtLeast(2, (A, B, C)), {}, [[Part(A, True)], [Part(B, True)]]),
        (AtLeast(1, (All((A, B)), C)), {}, [[Part(C, True)]]),
        (Unless(A), {"a": "yes"}, [[Part(A, False)]]),
        (Unless(All((A, B))), {"a": "yes", "b": "yes"}, [[Part(A, False), Part(B, False)]]),
        (
            Unless(AtLeast(1, (A, B))),
            {"a": "yes", "b": "yes"},
            [[Part(A, False)], [Part(B, False)]],
        ),
        (All((A, OLD)), {"a": "yes", "age": "59"}, [[Part(OLD, True)]]),
    ],
)
def test_a_condition_tells_the_fewest_answers_that_it_lacks(
    condition: Condition, reading: dict[str, str], missing: list[list[Part]]
) -> None:
    """Where one of several would do, all of them are named."""
    assert [list(lack) for lack in lacking(condition, reading)] == missing
    if missing and all(isinstance(part.leaf, Is) for lack in missing for part in lack):
        changed = dict(reading)
        for part, *_ in missing:
            changed[str(part.leaf.field)] = "yes" if part.holds else "no"  # type: ignore[union-attr]
        assert condition.holds(changed)


def test_only_rules_that_something_told_speaks_for_are_near(tmp_path: Path) -> None:
    """Otherwise every rule with one sign would be near to a calm form."""
    pack = read_pack(write_pack(tmp_path))
    calm = {"blue": "no", "sore": "no", "job": "clerk", "age": "45"}
    assert list(near(pack, calm, Level.routine, calm.keys())) == []
    mason = {**calm, "job": "mason"}
    found = list(near(pack, mason, Level.routine, ["job"]))
    assert [(each.rule.id, len(each.one_of)) for each in found] == [("S1", 2)]
    old = {**calm, "blue": "yes", "blue.onset": "old"}
    assert [each.rule.id for each in near(pack, old, Level.routine, ["blue"])] == ["E1", "S1"]
    assert list(near(pack, old, Level.emergency, ["blue"])) == []
