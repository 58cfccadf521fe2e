"""The worked examples of every pack: what a clinician decided is what the rules say."""

import pytest

from app.domain.condition import Case, Pack
from app.domain.triage import assess
from tests.domain.real_packs import real_packs

CASES = [
    pytest.param(pack, case, id=f"{pack.id}-{case.id}")
    for pack in real_packs().values()
    for case in pack.cases
]


@pytest.mark.parametrize(("pack", "case"), CASES)
def test_a_worked_example_is_judged_as_decided(pack: Pack, case: Case) -> None:
    """The example gets its level; its rules fire, and those that must not fire do not."""
    found = assess(pack, case.answers)
    fired = {finding.rule.id for finding in found.findings}
    assert found.level is case.level, f"{sorted(fired)} fired"
    assert set(case.fires) <= fired
    assert fired.isdisjoint(case.not_fires)


def test_there_are_many_worked_examples(pack: Pack) -> None:
    """At least 120 examples, some for every level, each with a story of its own."""
    assert len(pack.cases) >= 120
    assert {case.level for case in pack.cases} == {rule.level for rule in pack.rules}
    assert len({case.story for case in pack.cases}) == len(pack.cases)


def test_every_decided_level_has_a_rule_that_explains_it(pack: Pack) -> None:
    """An example names a rule of its own level among those that fire."""
    for case in pack.cases:
        assert case.level in {pack.rule(name).level for name in case.fires}, case.id
