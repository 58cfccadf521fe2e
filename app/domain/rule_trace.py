"""Why a rule fires or does not: what each answer can lead to, and what is still missing."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.condition import NOT_SURE, YES, Answers, Pack, Rule
from app.domain.level import Level
from app.domain.rule import (
    All,
    AtLeast,
    Condition,
    Is,
    Number,
    Reading,
    Story,
    Unless,
    Unsure,
)
from app.domain.triage import read_finished

NO_ANSWER: Final = ""
WATCHWORD: Final = "watchword"

Leaf = Is | Unsure | Number | Story


@dataclass(frozen=True, slots=True)
class Part:
    """A single look at one answer, and whether the rule needs it to hold or not to hold."""

    leaf: Leaf
    holds: bool


@dataclass(frozen=True, slots=True)
class Near:
    """A rule that did not fire by one answer: any of these parts would make it fire."""

    rule: Rule
    one_of: tuple[Part, ...]


def parts_of(condition: Condition, holds: bool = True) -> Iterator[Part]:
    """Every look at an answer, with what helps the condition to hold."""
    match condition:
        case All() | AtLeast():
            for each in condition.of:
                yield from parts_of(each, holds)
        case Unless():
            yield from parts_of(condition.part, not holds)
        case Is() | Unsure() | Number() | Story():
            yield Part(condition, holds)


@dataclass(frozen=True, slots=True)
class Leads:
    """The rules that an answer can help to fire, and those that it can keep from firing."""

    to: tuple[Rule, ...]
    away_from: tuple[Rule, ...]


def leads(pack: Pack) -> dict[tuple[str, str], Leads]:
    """By field and answer. A number has the answers "≥ 65" and "< 65", for each limit of a rule.

    `NO_ANSWER` is a question that was left open, `WATCHWORD` free text with a reviewed phrase.
    """
    to: dict[tuple[str, str], dict[str, Rule]] = {}
    away: dict[tuple[str, str], dict[str, Rule]] = {}
    for rule in pack.rules:
        for part in parts_of(rule.when) if rule.when else ():
            for key in _answers(part):
                (to if _helps(part) else away).setdefault(key, {})[rule.id] = rule
    return {
        key: Leads(tuple(to.get(key, {}).values()), tuple(away.get(key, {}).values()))
        for key in (*to, *away)
    }


def _helps(part: Part) -> bool:
    """A number that must not be below a limit is one that must reach it: that helps, too."""
    return part.holds or isinstance(part.leaf, Number)


def _answers(part: Part) -> Iterator[tuple[str, str]]:
    match part.leaf:
        case Is(field, values):
            yield from ((field, value) for value in values)
        case Unsure(field):
            yield from ((field, value) for value in (NOT_SURE, NO_ANSWER))
        case Number(field, limit, below):
            yield field, f"{'<' if below is part.holds else '≥'} {limit}"
        case Story():
            yield "story", WATCHWORD


def near(pack: Pack, answers: Answers, above: Level, told: Collection[str]) -> Iterator[Near]:
    """The rules above that level that lack one answer, the most pressing first.

    Only those count for which one of the fields that were `told` speaks already.
    """
    reading = read_finished(pack, answers)
    for rule in sorted(pack.rules, key=lambda rule: -rule.level):
        if rule.level > above and rule.when and not rule.when.holds(reading):
            missing = lacking(rule.when, reading)
            if len(missing) == 1 and _speaks_for(rule.when, missing[0], reading, told):
                yield Near(rule, missing[0])


def _speaks_for(
    when: Condition, missing: Iterable[Part], reading: Reading, told: Collection[str]
) -> bool:
    """Whether something told helps the rule already, or only its start, change or side is amiss."""
    signs = {f.partition(".")[0] for part in missing for f in part.leaf.fields() if "." in f}
    helps = {*when.evidence(reading), *(sign for sign in signs if reading.get(sign) == YES)}
    return any(name in told for name in helps)


def lacking(
    condition: Condition, reading: Reading, wanted: bool = True
) -> tuple[tuple[Part, ...], ...]:
    """The fewest answers that would have to be others; of each, the parts any of which would do."""
    if condition.holds(reading) is wanted:
        return ()
    match condition:
        case Unless():
            return lacking(condition.part, reading, not wanted)
        case All() if wanted:
            return tuple(lack for part in condition.of for lack in lacking(part, reading))
        case All():
            return _fewest(condition.of, reading, 1, wanted)
        case AtLeast():
            held = sum(part.holds(reading) for part in condition.of)
            number = condition.number - held if wanted else held - condition.number + 1
            return _fewest(condition.of, reading, number, wanted)
        case Is() | Unsure() | Number() | Story():
            return ((Part(condition, wanted),),)
    raise TypeError(f"{type(condition).__name__} is no condition")


def _fewest(
    of: Sequence[Condition], reading: Reading, number: int, wanted: bool
) -> tuple[tuple[Part, ...], ...]:
    """The cheapest way to change that many of the parts."""
    ways = [lacking(part, reading, wanted) for part in of if part.holds(reading) is not wanted]
    ways.sort(key=len)
    if number == 1 and len(ways[0]) == 1:
        # Every part that one answer would change is as good as any other.
        return (tuple(dict.fromkeys(p for way in ways if len(way) == 1 for p in way[0])),)
    return tuple(lack for way in ways[:number] for lack in way)
