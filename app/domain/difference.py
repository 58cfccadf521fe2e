"""What differs between a decision about the level and the one before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.domain.level import Level

Findings = Sequence[Mapping[str, Any]]
"""The rules that fired, as a decision keeps them: each with "rule", "level" and "title"."""

Items = Sequence[Mapping[str, str]]
"""Answers with their words, as they are kept: each {"field", "question", "answer"}."""

UP, DOWN, SAME = "up", "down", "same"


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule with its level at that time."""

    rule: str
    title: str
    level: Level


@dataclass(frozen=True, slots=True)
class Answer:
    """A question whose answer differs; None where it was not answered."""

    question: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the level went, and the rules and answers that differ."""

    before: Level
    after: Level
    fired: tuple[Fired, ...]
    no_longer: tuple[Fired, ...]
    answers: tuple[Answer, ...]

    @property
    def way(self) -> str:
        """Whether the level went up, down, or stayed."""
        if self.after == self.before:
            return SAME
        return UP if self.after > self.before else DOWN

    @property
    def is_nothing(self) -> bool:
        """Whether all is as it was."""
        return not (self.way != SAME or self.fired or self.no_longer or self.answers)


NOT_COUNTED: Final = ("worse.", "added")
"""What somebody said at one time only; its absence later is no change."""


def level_said(findings: Findings) -> Level:
    """The level that these rules give, whatever people have decided."""
    return max((Level[each["level"]] for each in findings), default=Level.routine)


def newly_fired(before: Findings, after: Findings) -> tuple[Fired, ...]:
    """The rules that fire now and did not before, or not at this level; the most pressing first."""
    known = {(each["rule"], each["level"]) for each in before}
    found = [
        Fired(each["rule"], each["title"], Level[each["level"]])
        for each in after
        if (each["rule"], each["level"]) not in known
    ]
    return tuple(sorted(found, key=lambda each: -each.level))


def between(
    levels: tuple[Level, Level],
    findings: tuple[Findings, Findings],
    items: tuple[Items, Items],
) -> Difference:
    """Compare two decisions, each pair the earlier first."""
    return Difference(
        *levels,
        fired=newly_fired(*findings),
        no_longer=newly_fired(*reversed(findings)),
        answers=tuple(_answers(*items)),
    )


def _answers(before: Items, after: Items) -> list[Answer]:
    """In the order of the questions as they were asked last; what fell away comes after."""
    old, new = ({each["field"]: each for each in items} for items in (before, after))
    fields = [*new, *(field for field in old if field not in new)]
    found = []
    for field in fields:
        was, now = old.get(field, {}).get("answer"), new.get(field, {}).get("answer")
        said_once = now is None and field.startswith(NOT_COUNTED)
        if was != now and not said_once:
            question = (new.get(field) or old[field])["question"]
            found.append(Answer(question, was, now))
    return found
