"""The little language of `triage.toml`: conditions over answers, read once, then asked many times.

Words, groups and facts are expanded while reading, so that a condition consists of eight kinds of
node and nothing else. The same tree is evaluated by `domain.triage` and can be handed to a solver.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Reading = Mapping[str, str]
"""Answers with every default filled in, by field: `leg_weakness`, `leg_weakness.onset`, `age` …"""


class Condition(Protocol):
    """Something that holds, or not, for one reading of the answers."""

    def holds(self, reading: Reading) -> bool:
        """Tell whether it holds."""
        ...

    def evidence(self, reading: Reading) -> Iterator[str]:
        """Name the answered fields because of which it holds; meaningful only when it does."""
        ...

    def fields(self) -> Iterator[str]:
        """Name every field it looks at."""
        ...


@dataclass(frozen=True, slots=True)
class Is:
    """The answer to `field` is one of `values`."""

    field: str
    values: tuple[str, ...]

    def holds(self, reading: Reading) -> bool:
        return reading.get(self.field) in self.values

    def evidence(self, reading: Reading) -> Iterator[str]:
        if self.holds(reading):
            yield self.field

    def fields(self) -> Iterator[str]:
        yield self.field


@dataclass(frozen=True, slots=True)
class Unsure:
    """The question was answered "not sure", or not at all."""

    field: str

    def holds(self, reading: Reading) -> bool:
        return reading.get(self.field, "not_sure") == "not_sure"

    def evidence(self, reading: Reading) -> Iterator[str]:
        if self.holds(reading):
            yield self.field

    def fields(self) -> Iterator[str]:
        yield self.field


@dataclass(frozen=True, slots=True)
class Number:
    """A number is below, or not below, a limit. A missing one is below none: the safe reading."""

    field: str
    limit: int
    below: bool

    def holds(self, reading: Reading) -> bool:
        value = reading.get(self.field)
        return (value is not None and int(value) < self.limit) == self.below

    def evidence(self, reading: Reading) -> Iterator[str]:
        if self.field in reading and self.holds(reading):
            yield self.field

    def fields(self) -> Iterator[str]:
        yield self.field


@dataclass(frozen=True, slots=True)
class Story:
    """What was written in free words contains a word of the reviewed list."""

    FIELD = "story.watchwords"

    def holds(self, reading: Reading) -> bool:
        return bool(reading.get(self.FIELD))

    def evidence(self, reading: Reading) -> Iterator[str]:
        if self.holds(reading):
            yield "story"

    def fields(self) -> Iterator[str]:
        yield "story"


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    of: tuple[Condition, ...]

    def holds(self, reading: Reading) -> bool:
        return all(part.holds(reading) for part in self.of)

    def evidence(self, reading: Reading) -> Iterator[str]:
        for part in self.of:
            yield from part.evidence(reading)

    def fields(self) -> Iterator[str]:
        for part in self.of:
            yield from part.fields()


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `number` of the parts hold; 1 is "any"."""

    number: int
    of: tuple[Condition, ...]

    def holds(self, reading: Reading) -> bool:
        missing = self.number
        for part in self.of:
            if part.holds(reading):
                missing -= 1
                if missing <= 0:
                    return True
        return missing <= 0

    def evidence(self, reading: Reading) -> Iterator[str]:
        for part in self.of:
            if part.holds(reading):
                yield from part.evidence(reading)

    def fields(self) -> Iterator[str]:
        for part in self.of:
            yield from part.fields()


@dataclass(frozen=True, slots=True)
class Unless:
    """The part does not hold. It is never evidence: nobody is flagged for what they lack."""

    part: Condition

    def holds(self, reading: Reading) -> bool:
        return not self.part.holds(reading)

    def evidence(self, reading: Reading) -> Iterator[str]:
        return iter(())

    def fields(self) -> Iterator[str]:
        return self.part.fields()


class RuleFault(ValueError):
    """A condition cannot be read; the message says why, in words."""


@dataclass(frozen=True)
class Vocabulary:
    """What a condition may speak of: fields with their possible values, and the named parts."""

    values: Mapping[str, frozenset[str]]
    """Each field and the answers it can have; empty for numbers and free text."""
    numbers: frozenset[str]
    words: Mapping[str, object]
    groups: Mapping[str, Sequence[str]]
    facts: Mapping[str, object]


def read(source: object, names: Vocabulary, it: str | None = None, depth: int = 0) -> Condition:
    """Read a condition from its TOML form; raises RuleFault.

    `it` is the sign that a word such as `active` is being applied to.
    """
    if depth > 20:
        raise RuleFault("names that refer to each other in a circle")
    if isinstance(source, str):
        return _read_text(source.split(), names, it, depth)
    if not isinstance(source, dict) or not source:
        raise RuleFault(f"{source!r} is neither a condition in words nor a table")
    if unknown := set(source) - {"all", "any", "at_least", "of", "unless"}:
        raise RuleFault(f"unknown key {', '.join(sorted(unknown))}")
    return _read_table(source, names, it, depth)


def _read_table(
    table: Mapping[str, object], names: Vocabulary, it: str | None, depth: int
) -> Condition:
    parts: list[Condition] = []
    if "all" in table:
        parts += _read_list(table["all"], names, it, depth)
    if "any" in table:
        parts.append(AtLeast(1, tuple(_read_list(table["any"], names, it, depth))))
    if "at_least" in table or "of" in table:
        number = table.get("at_least")
        if not isinstance(number, int) or number < 1 or "of" not in table:
            raise RuleFault("`at_least` needs a whole number from 1 and a list `of`")
        parts.append(AtLeast(number, tuple(_read_list(table["of"], names, it, depth))))
    if "unless" in table:
        parts.append(Unless(read(table["unless"], names, it, depth + 1)))
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _read_list(source: object, names: Vocabulary, it: str | None, depth: int) -> list[Condition]:
    if not isinstance(source, list) or not source:
        raise RuleFault("`all`, `any` and `of` need a list with at least one condition")
    return [read(part, names, it, depth + 1) for part in source]


def _read_text(words: list[str], names: Vocabulary, it: str | None, depth: int) -> Condition:
    """Read `[N] [WORD] NAME [is V or V …]`, `NAME >= N` or `story`."""
    words = [_with_it(word, it) for word in words]
    if words == ["story"]:
        return Story()
    if len(words) == 3 and words[1] in {">=", "<"}:
        return _read_number(words, names)
    number = int(words.pop(0)) if words and words[0].isdecimal() else 1
    word = None
    if len(words) > 1 and (words[0] in names.words or words[0] == "unsure"):
        word = words.pop(0)
    if not words:
        raise RuleFault("an empty condition")
    name, values = words[0], _values(words[1:])
    if name in names.groups:
        if values:
            raise RuleFault(f"the group {name} has no single answer to compare")
        members = tuple(_members(name, word, names, depth))
        return AtLeast(number, members)
    if number != 1:
        raise RuleFault(f"{name} is not a group: nothing to count")
    return _one(name, word, values, names, depth)


def _with_it(word: str, it: str | None) -> str:
    if it is not None and (word == "it" or word.startswith("it.")):
        return it + word[2:]
    return word


def _values(words: list[str]) -> tuple[str, ...]:
    if not words:
        return ()
    if words[0] != "is" or len(words) % 2 or any(w != "or" for w in words[2::2]):
        raise RuleFault(f"cannot read “{' '.join(words)}”; expected “is A or B”")
    return tuple(words[1::2])


def _members(group: str, word: str | None, names: Vocabulary, depth: int) -> Iterator[Condition]:
    """The distinct members of a group, nested groups opened, each under the word."""
    seen: set[str] = set()
    waiting = list(names.groups[group])
    while waiting:
        member = waiting.pop(0)
        if member in seen:
            continue
        seen.add(member)
        if len(seen) > 1000:
            raise RuleFault(f"the group {group} contains itself")
        if member in names.groups:
            waiting = [*names.groups[member], *waiting]
        else:
            yield read(f"{word} {member}" if word else member, names, None, depth + 1)


def _one(
    name: str, word: str | None, values: tuple[str, ...], names: Vocabulary, depth: int
) -> Condition:
    if name in names.facts:
        if word or values:
            raise RuleFault(f"{name} is a fact: it takes no word and no answers")
        return read(names.facts[name], names, None, depth + 1)
    if name not in names.values:
        raise RuleFault(f"unknown name {name}")
    if values:
        possible = names.values[name]
        if wrong := [value for value in values if value not in possible]:
            raise RuleFault(f"{name} has no answer {', '.join(wrong)}")
        plain: Condition = Is(name, values)
        if word is None:
            return plain
        sign = name.partition(".")[0]
        return All((_under(word, sign, names, depth), plain))
    if "yes" not in names.values[name]:
        raise RuleFault(f"{name} is not a yes-or-no sign: say which answer")
    return _under(word, name, names, depth) if word else Is(name, ("yes",))


def _under(word: str, sign: str, names: Vocabulary, depth: int) -> Condition:
    if word == "unsure":
        return Unsure(sign)
    if "yes" not in names.values.get(sign, frozenset()):
        raise RuleFault(f"{sign} is not a yes-or-no sign, so it cannot be {word}")
    return read(names.words[word], names, sign, depth + 1)


def _read_number(words: list[str], names: Vocabulary) -> Number:
    field, sign, limit = words
    if field not in names.numbers or not limit.isdecimal():
        raise RuleFault(f"cannot read “{' '.join(words)}” as a number to compare")
    return Number(field, int(limit), below=sign == "<")
