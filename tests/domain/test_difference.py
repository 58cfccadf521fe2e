"""What differs between two decisions about the level."""

import pytest

from app.domain import difference
from app.domain.difference import Answer, Fired, between
from app.domain.level import Level

E01 = {"rule": "E01", "level": "emergency", "title": "Weak legs"}
U02 = {"rule": "U02", "level": "urgent", "title": "Cancer and pain"}
S03 = {"rule": "S03", "level": "soon", "title": "Pain at night"}
LEG = {"field": "leg_weakness", "question": "Weak legs?", "answer": "No"}
AGE = {"field": "age", "question": "How old?", "answer": "61"}


def answered(item: dict[str, str], answer: str) -> dict[str, str]:
    """The same question with another answer."""
    return {**item, "answer": answer}


def test_a_higher_level_with_its_rule_and_answer() -> None:
    """Up, by a rule that fires newly, because one answer is another."""
    found = between(
        (Level.soon, Level.emergency),
        ([S03], [S03, E01]),
        ([AGE, LEG], [AGE, answered(LEG, "Yes")]),
    )
    assert found.way == "up"
    assert found.fired == (Fired("E01", "Weak legs", Level.emergency),)
    assert found.no_longer == ()
    assert found.answers == (Answer("Weak legs?", "No", "Yes"),)
    assert not found.is_nothing


def test_a_lower_level_by_a_person_changes_no_rule() -> None:
    """Down, and nothing else."""
    found = between((Level.urgent, Level.soon), ([U02], [U02]), ([AGE], [AGE]))
    assert (found.way, found.fired, found.no_longer, found.answers) == ("down", (), (), ())
    assert not found.is_nothing


def test_nothing_differs() -> None:
    """A new version that says the same."""
    found = between((Level.soon, Level.soon), ([S03, U02], [U02, S03]), ([AGE], [AGE]))
    assert (found.way, found.is_nothing) == ("same", True)


def test_a_rule_of_another_level_is_told_twice() -> None:
    """In a new version a rule may be more pressing than it was."""
    more = {**S03, "level": "urgent"}
    found = between((Level.soon, Level.urgent), ([S03], [more]), ([], []))
    assert found.fired == (Fired("S03", "Pain at night", Level.urgent),)
    assert found.no_longer == (Fired("S03", "Pain at night", Level.soon),)


def test_the_most_pressing_rule_comes_first() -> None:
    """Whatever the order in which they fired."""
    found = difference.newly_fired([], [S03, E01, U02])
    assert [each.rule for each in found] == ["E01", "U02", "S03"]


def test_answers_that_came_or_fell_away() -> None:
    """Each with what there was on the other side: nothing."""
    found = between((Level.soon, Level.soon), ([], []), ([LEG], [AGE]))
    assert found.answers == (Answer("How old?", None, "61"), Answer("Weak legs?", "No", None))


@pytest.mark.parametrize("field", ["worse.legs", "added"])
def test_what_was_said_at_one_time_is_not_missed_later(field: str) -> None:
    """It is told when it is said, and not as an answer that fell away."""
    said = {"field": field, "question": "Your legs?", "answer": "Worse"}
    levels = (Level.soon, Level.soon)
    assert between(levels, ([], []), ([], [said])).answers == (Answer("Your legs?", None, "Worse"),)
    assert between(levels, ([], []), ([said], [])).answers == ()


def test_the_level_that_rules_give() -> None:
    """The highest, and routine when none fires."""
    assert difference.level_said([S03, E01, U02]) is Level.emergency
    assert difference.level_said([]) is Level.routine
