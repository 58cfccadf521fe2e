"""A pack as formulas: the very trees of conditions that are evaluated, handed to a solver.

Each field has one Boolean per answer that it can have, of which at most one is true; none of them
true means "not answered". What the rules read of an answer (the safe default of a missing one, the
least worrying one while somebody still answers) is put in where a condition looks at a field.
"""

import functools
from collections.abc import Iterable, Mapping

import z3

from app.domain.condition import NO, NOT_SURE, YES, Pack
from app.domain.level import Level
from app.domain.rule import All, AtLeast, Condition, Is, Number, Story, Unless, Unsure
from tests.domain.random_answers import first_watchword, possible_answers

STORY = "story"


def fields_of(pack: Pack) -> dict[str, tuple[str, ...]]:
    """Every field with its answers. Free text has one: words that hold a reviewed phrase."""
    phrase = first_watchword(pack)
    return possible_answers(pack) | ({STORY: (phrase,)} if phrase else {})


class World:
    """One set of answers that is not known yet, and what the rules say about it.

    A world that is `like` another shares its answers to all questions but its `own`. Two worlds of
    two packs share every answer; their `fields` are then those of both.
    """

    def __init__(
        self,
        pack: Pack,
        *,
        finished: bool = True,
        like: "World | None" = None,
        own: Iterable[str] = (),
        fields: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.pack = pack
        self.finished = finished
        self.fields = fields_of(pack) if fields is None else fields
        self.like = like
        self.own = frozenset(own)
        self._known: dict[Condition, z3.BoolRef] = {}

    def answer(self, field: str, value: str) -> z3.BoolRef:
        """The field was answered so."""
        mark = "'" if question_of(field) in self.own else ""
        return z3.Bool(f"{field}{mark} is {value}")

    def unanswered(self, field: str) -> z3.BoolRef:
        """The field was not answered."""
        return z3.Not(z3.Or([self.answer(field, value) for value in self.fields[field]]))

    def gives(self, field: str, value: str | None) -> z3.BoolRef:
        """The field was answered so and in no other way; None for not answered."""
        every = (self.answer(field, other) for other in self.fields[field])
        return z3.And(
            [
                said if other == value else z3.Not(said)
                for other, said in zip(self.fields[field], every, strict=True)
            ]
        )

    def one_answer_each(self) -> z3.BoolRef:
        """No field has two answers."""
        return z3.And(
            [
                z3.AtMost(*(self.answer(field, value) for value in values), 1)
                for field, values in self.fields.items()
                if len(values) > 1
            ]
        )

    @functools.cached_property
    def rules(self) -> Mapping[str, z3.BoolRef]:
        """When each rule fires; the one without a condition, when none before it does."""
        found: dict[str, z3.BoolRef] = {}
        for rule in self.pack.rules:
            if rule.when is None:
                found[rule.id] = z3.Not(z3.Or(list(found.values())))
            else:
                found[rule.id] = self.holds(rule.when)
        return found

    def reaches(self, level: Level) -> z3.BoolRef:
        """The level is that one, or a higher one."""
        rules = [self.rules[rule.id] for rule in self.pack.rules if rule.level >= level]
        return z3.Or([z3.BoolVal(level is Level.routine), *rules])

    def is_above(self, other: "World") -> z3.BoolRef:
        """The level is higher than that of the other world."""
        return z3.Or([z3.And(self.reaches(level), z3.Not(other.reaches(level))) for level in Level])

    def holds(self, condition: Condition) -> z3.BoolRef:
        """The condition, as a formula over the answers."""
        if self.like and self.own.isdisjoint(map(question_of, condition.fields())):
            return self.like.holds(condition)
        if condition not in self._known:
            self._known[condition] = self._formula(condition)
        return self._known[condition]

    def _formula(self, condition: Condition) -> z3.BoolRef:  # noqa: PLR0911  # one per kind
        match condition:
            case Is():
                return z3.Or([self.reads(condition.field, value) for value in condition.values])
            case Unsure():
                unread = self._unread(condition.field)
                return z3.Or(self.reads(condition.field, NOT_SURE), unread)
            case Number():
                return self._compares(condition)
            case Story():
                return z3.Or([self.answer(STORY, value) for value in self.fields.get(STORY, ())])
            case All():
                return z3.And([self.holds(part) for part in condition.of])
            case AtLeast(number=1):
                return z3.Or([self.holds(part) for part in condition.of])
            case AtLeast():
                return z3.AtLeast(*(self.holds(part) for part in condition.of), condition.number)
            case Unless():
                return z3.Not(self.holds(condition.part))
        raise TypeError(f"{type(condition).__name__} has no formula")

    def _compares(self, number: Number) -> z3.BoolRef:
        values = self.fields[number.field]
        below = z3.Or(
            [self.reads(number.field, value) for value in values if int(value) < number.limit]
        )
        return below if number.below else z3.Not(below)

    def reads(self, field: str, value: str) -> z3.BoolRef:
        """After what is missing was filled in, the field has that value."""
        if field not in self.fields:
            return z3.BoolVal(False)
        sign, _, detail = field.partition(".")
        said = self.answer(field, value) if value in self.fields[field] else z3.BoolVal(False)
        default = self._default(field)
        if not detail:
            return z3.Or(said, self.unanswered(field)) if value == default else said
        worst = self._worst(sign, detail)
        unsure = self.answer(field, NOT_SURE)
        filled = z3.Or(
            said if value != NOT_SURE else z3.BoolVal(False),
            unsure if value == worst else z3.BoolVal(False),
            self.unanswered(field) if value == default else z3.BoolVal(False),
        )
        return z3.If(self.reads(sign, YES), filled, said)

    def _unread(self, field: str) -> z3.BoolRef:
        """Nothing stands there, even after what is missing was filled in."""
        if field not in self.fields:
            return z3.BoolVal(True)
        return z3.BoolVal(False) if self._default(field) else self.unanswered(field)

    def _default(self, field: str) -> str | None:
        """What counts when the field was not answered; of a detail, when its sign is a yes."""
        name, _, detail = field.partition(".")
        question = self.pack.questions[name]
        if detail:
            if self.finished:
                return self._worst(name, detail)
            return question.sides[0] if detail == "side" else self.pack.details[detail].least
        if self.finished:
            return question.missing
        return NO if question.kind == "sign" else question.least

    def _worst(self, sign: str, detail: str) -> str:
        """What an unknown detail counts as."""
        if detail == "side":
            return self.pack.questions[sign].sides[-1]
        return self.pack.details[detail].missing


def question_of(field: str) -> str:
    """The question of a field: `leg_weakness` of `leg_weakness.onset`."""
    return field.partition(".")[0]
