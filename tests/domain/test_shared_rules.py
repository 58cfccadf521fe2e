"""Two conditions that ask the same question judge its answer alike."""

from itertools import permutations

import pytest

from app.domain.condition import NO, Answers, Pack
from app.domain.triage import assess
from tests.domain.random_answers import RandomAnswers
from tests.domain.real_packs import real_packs

NESTED = [
    pytest.param(small, large, id=f"{small.id} in {large.id}")
    for small, large in permutations(real_packs().values(), 2)
    if set(small.questions) < set(large.questions)
]


def fired(pack: Pack, answers: Answers) -> set[str]:
    """The ids of the rules that fire."""
    return {finding.rule.id for finding in assess(pack, answers).findings}


def with_no_to_the_rest(large: Pack, small: Pack, answers: Answers) -> Answers:
    """The form of one condition on that of another, which says no to what it asks beside it."""
    rest = set(large.questions) - set(small.questions)
    return {name: NO for name in rest if large.questions[name].kind == "sign"} | dict(answers)


@pytest.mark.parametrize(("small", "large"), NESTED)
def test_the_same_answers_fire_the_same_rules_on_both_forms(small: Pack, large: Pack) -> None:
    """A rule that both have fires on both or on neither; rules and questions keep one meaning."""
    forms = RandomAnswers(small, 31)
    shared = {rule.id for rule in small.rules} & {rule.id for rule in large.rules}
    for _ in range(3000):
        answers = forms.draw()
        wide = with_no_to_the_rest(large, small, answers)
        assert fired(small, answers) == fired(large, wide) & shared, answers


@pytest.mark.parametrize(("small", "large"), NESTED)
def test_the_same_answers_get_the_same_level_on_both_forms(small: Pack, large: Pack) -> None:
    """Nobody waits longer because of the form that they came in by."""
    forms = RandomAnswers(small, 32)
    for _ in range(3000):
        answers = forms.draw()
        wide = with_no_to_the_rest(large, small, answers)
        assert assess(small, answers).level is assess(large, wide).level, answers


def test_there_are_conditions_to_compare() -> None:
    """The tests above do not pass because they compare nothing."""
    assert NESTED
