"""The rules of the pack against a second, independent reading of the same rule base."""

import pytest

from app.domain.condition import Pack
from app.domain.triage import assess
from tests.domain.random_answers import RandomAnswers
from tests.domain.reference_reading import fired

FREE_TEXT = "W01"


def fired_by_the_pack(pack: Pack, answers: dict[str, str]) -> set[str]:
    """The ids of the rules that fire."""
    return {finding.rule.id for finding in assess(pack, answers).findings}


@pytest.mark.parametrize("seed", range(4))
def test_both_readings_fire_the_same_rules(pack: Pack, seed: int) -> None:
    """On thousands of random forms, pack and reference fire the very same rules."""
    forms = RandomAnswers(pack, seed)
    for _ in range(1500):
        answers = forms.draw()
        assert fired_by_the_pack(pack, answers) == fired(answers), answers


def test_both_readings_agree_on_the_worked_examples(pack: Pack) -> None:
    """The reference reading fires the same rules on every example, free text aside."""
    for case in pack.cases:
        answers = {name: value for name, value in case.answers.items() if name != "story"}
        assert fired_by_the_pack(pack, answers) == fired(answers), case.id


def test_the_random_forms_reach_every_rule(pack: Pack) -> None:
    """No rule agrees only because it never fires; free text has tests of its own."""
    forms = RandomAnswers(pack, 0)
    reached = {name for _ in range(1500) for name in fired(forms.draw())}
    assert reached == {rule.id for rule in pack.rules} - {FREE_TEXT}
