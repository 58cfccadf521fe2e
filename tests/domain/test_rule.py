"""The little language of conditions: what it can say, and how it refuses what it cannot."""

from typing import Any

import pytest

from app.domain.rule import Condition, RuleFault, Vocabulary, read

SIGN = frozenset({"yes", "no", "not_sure"})
NAMES = Vocabulary(
    values={
        "leg": SIGN,
        "leg.onset": frozenset({"today", "old"}),
        "arm": SIGN,
        "arm.onset": frozenset({"today", "old"}),
        "fever": SIGN,
        "site": frozenset({"neck", "back", "none"}),
    },
    numbers=frozenset({"age"}),
    words={
        "active": {"all": ["it"], "unless": "it.onset is old"},
        "sudden": {"all": ["active it", "it.onset is today"]},
    },
    groups={
        "LIMBS": ["leg", "arm"],
        "ALL": ["LIMBS", "fever", "leg"],
        "MIXED": ["leg", "age >= 65", "site is neck or back"],
    },
    facts={"old_person": "age >= 65", "ill": {"any": ["fever", "old_person"]}},
)


def condition(source: object) -> Condition:
    """The condition that these words mean."""
    return read(source, NAMES)


def holds(source: object, **answers: str) -> bool:
    """Whether it holds for answers; `leg__onset` is `leg.onset`."""
    return condition(source).holds(_reading(answers))


def evidence(source: object, **answers: str) -> list[str]:
    """The fields that it names."""
    return list(condition(source).evidence(_reading(answers)))


def _reading(answers: dict[str, str]) -> dict[str, str]:
    return {name.replace("__", "."): value for name, value in answers.items()}


@pytest.mark.parametrize(
    ("answer", "expected"), [("yes", True), ("no", False), ("not_sure", False)]
)
def test_a_sign_alone_means_yes(answer: str, expected: bool) -> None:
    """The bare name of a sign holds when it was answered yes."""
    assert holds("leg", leg=answer) is expected
    assert holds("leg") is False


@pytest.mark.parametrize(("answer", "expected"), [("neck", True), ("back", True), ("none", False)])
def test_an_answer_is_one_of_several(answer: str, expected: bool) -> None:
    """`is A or B` holds for each of the answers named, and for no other."""
    assert holds("site is neck or back", site=answer) is expected


def test_unsure_is_not_sure_or_not_answered() -> None:
    """`unsure` holds for "not sure" and for silence."""
    assert holds("unsure leg", leg="not_sure")
    assert holds("unsure leg")
    assert not holds("unsure leg", leg="no")
    assert not holds("unsure leg", leg="yes")
    assert evidence("unsure leg") == ["leg"]
    assert evidence("unsure leg", leg="no") == []


def test_numbers_compare_and_a_missing_one_is_below_nothing() -> None:
    """`>=` and `<` compare; a missing number counts as high, the safe reading."""
    assert holds("age >= 65", age="65")
    assert not holds("age >= 65", age="64")
    assert holds("age < 18", age="17")
    assert not holds("age < 18", age="18")
    assert holds("age >= 65")
    assert not holds("age < 18")
    assert evidence("age >= 65") == []
    assert evidence("age >= 65", age="70") == ["age"]


def test_all_needs_every_part() -> None:
    """`all` holds when each part does, and names them all."""
    source = {"all": ["leg", "fever"]}
    assert holds(source, leg="yes", fever="yes")
    assert not holds(source, leg="yes", fever="no")
    assert evidence(source, leg="yes", fever="yes") == ["leg", "fever"]


def test_any_needs_one_part() -> None:
    """`any` holds when one part does, and names only those that do."""
    source = {"any": ["leg", "fever"]}
    assert holds(source, fever="yes")
    assert not holds(source, leg="no")
    assert evidence(source, leg="no", fever="yes") == ["fever"]


def test_at_least_counts_parts() -> None:
    """`at_least` of `of` counts the parts that hold."""
    source = {"at_least": 2, "of": ["leg", "arm", "fever"]}
    assert holds(source, leg="yes", fever="yes")
    assert not holds(source, arm="yes")


def test_unless_excludes_and_is_never_evidence() -> None:
    """`unless` holds when its part does not; nobody is flagged for what they lack."""
    source = {"all": ["leg"], "unless": "fever"}
    assert holds(source, leg="yes", fever="no")
    assert not holds(source, leg="yes", fever="yes")
    assert evidence(source, leg="yes", fever="no") == ["leg"]
    assert set(condition(source).fields()) == {"leg", "fever"}


def test_the_parts_of_one_table_must_all_hold() -> None:
    """`all`, `any`, `at_least` and `unless` in one table are joined by "and"."""
    source = {
        "all": ["leg"],
        "any": ["arm", "fever"],
        "at_least": 1,
        "of": ["arm"],
        "unless": "ill",
    }
    assert holds(source, leg="yes", arm="yes", age="30")
    assert not holds(source, leg="yes", age="30")
    assert not holds(source, arm="yes", age="30")
    assert not holds(source, leg="yes", arm="yes", age="70")


def test_a_word_is_applied_to_a_sign() -> None:
    """A word is a condition over `it`; words may use words."""
    assert holds("active leg", leg="yes", leg__onset="today")
    assert not holds("active leg", leg="yes", leg__onset="old")
    assert not holds("active leg", leg="no", leg__onset="today")
    assert holds("sudden arm", arm="yes", arm__onset="today")
    assert not holds("sudden arm", arm="yes", leg__onset="today")


def test_a_word_stands_before_an_answer_of_a_detail() -> None:
    """`active leg.onset is today` means an active leg whose onset is today."""
    assert holds("active leg.onset is today", leg="yes", leg__onset="today")
    assert not holds("active leg.onset is today", leg="no", leg__onset="today")


def test_a_group_is_any_of_its_members_and_can_be_counted() -> None:
    """A group stands for its members, nested groups opened, each counted once."""
    assert holds("LIMBS", arm="yes")
    assert holds("active LIMBS", arm="yes", arm__onset="today")
    assert not holds("active LIMBS", arm="yes", arm__onset="old")
    assert holds("2 ALL", leg="yes", fever="yes")
    assert not holds("2 ALL", leg="yes"), "a member named twice counts once"
    assert holds("unsure LIMBS", leg="no")
    assert holds("MIXED", site="back", age="30")


def test_a_fact_is_a_named_condition() -> None:
    """A fact may stand on other facts."""
    assert holds("ill", age="70")
    assert not holds("ill", age="20", fever="no")


def test_the_story_holds_when_a_phrase_was_found() -> None:
    """`story` looks at the phrases found in free words, and names the free words."""
    assert condition("story").holds({"story.watchwords": "cannot walk"})
    assert not condition("story").holds({"story": "fine"})
    assert list(condition("story").evidence({"story.watchwords": "cannot walk"})) == ["story"]


def test_evidence_names_nothing_when_nothing_holds() -> None:
    """A condition that does not hold has no evidence."""
    for source in ("leg", "age < 18", "story", {"any": ["leg", "fever"]}, {"unless": "leg"}):
        assert evidence(source) == []


def test_fields_name_everything_that_is_looked_at() -> None:
    """The fields of a condition are those of all its parts."""
    source = {"all": ["sudden leg", "age >= 65"], "any": ["unsure fever", "story"]}
    assert set(condition(source).fields()) == {"leg", "leg.onset", "age", "fever", "story"}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nose", "unknown name nose"),
        ("", "an empty condition"),
        ("2", "an empty condition"),
        (3, "neither a condition"),
        ({}, "neither a condition"),
        ([], "neither a condition"),
        ({"all": ["leg"], "some": ["arm"]}, "unknown key some"),
        ({"all": []}, "at least one condition"),
        ({"any": "leg"}, "need a list"),
        ({"at_least": 2}, "a list `of`"),
        ({"of": ["leg"]}, "a whole number from 1"),
        ({"at_least": 0, "of": ["leg"]}, "a whole number from 1"),
        ({"at_least": "2", "of": ["leg"]}, "a whole number from 1"),
        ({"at_least": 2, "of": []}, "at least one condition"),
        ("site is chest", "site has no answer chest"),
        ("site is neck or chest", "site has no answer chest"),
        ("site", "say which answer"),
        ("site neck", "expected “is A or B”"),
        ("site is", "expected “is A or B”"),
        ("site is neck and back", "expected “is A or B”"),
        ("site is neck or", "expected “is A or B”"),
        ("LIMBS is yes", "has no single answer"),
        ("2 leg", "is not a group"),
        ("active ill", "a fact: it takes no word"),
        ("ill is yes", "a fact: it takes no word"),
        ("active site", "say which answer"),
        ("active site is neck", "site is not a yes-or-no sign, so it cannot be active"),
        ("age >= old", "as a number to compare"),
        ("leg >= 3", "as a number to compare"),
        ("age", "unknown name age"),
        ("it", "unknown name it"),
        ({"unless": {"all": ["nose"]}}, "unknown name nose"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(source: object, words: str) -> None:
    """Each fault of a condition is told in words."""
    with pytest.raises(RuleFault, match=words):
        condition(source)


@pytest.mark.parametrize(
    ("names", "source", "words"),
    [
        ({"facts": {"a": "b", "b": "a"}}, "a", "a circle"),
        ({"words": {"active": "active it"}}, "active leg", "a circle"),
        ({"groups": {"A": [f"x{number}" for number in range(1001)]}}, "A", "unknown name x0"),
    ],
)
def test_circles_of_names_are_refused(names: dict[str, Any], source: str, words: str) -> None:
    """Facts or words that refer to each other in a circle end in a fault, not in a hang."""
    known: dict[str, Any] = {"words": {}, "groups": {}, "facts": {}, **names}
    with pytest.raises(RuleFault, match=words):
        read(source, Vocabulary(NAMES.values, NAMES.numbers, **known))


def test_groups_that_contain_each_other_are_their_members() -> None:
    """A circle of groups adds nothing: each member counts once."""
    circle = {"A": ["B", "leg"], "B": ["A", "arm"]}
    known = read("2 A", Vocabulary(NAMES.values, NAMES.numbers, {}, circle, {}))
    assert known.holds({"leg": "yes", "arm": "yes"})
    assert not known.holds({"leg": "yes"})


def test_a_very_large_group_is_refused() -> None:
    """A group of more than 1,000 members is taken for a fault."""
    values = {f"x{number}": SIGN for number in range(1001)}
    with pytest.raises(RuleFault, match="contains itself"):
        read("A", Vocabulary(values, frozenset(), {}, {"A": list(values)}, {}))
