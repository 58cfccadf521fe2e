"""Sets of answers drawn at random, the same ones in every run."""

import random
from collections.abc import Iterator, Mapping

from app.domain.condition import Pack
from app.domain.rule import All, AtLeast, Condition, Number, Unless

# Calm, ordinary and stormy forms: weights of "no", "yes", "not sure" and no answer at all.
MOODS = ((94, 3, 1, 2), (80, 14, 3, 3), (50, 35, 8, 7))
SIGN_ANSWERS = ("no", "yes", "not_sure")


class RandomAnswers:
    """Draws answers to the questions of a pack; one seed gives one sequence."""

    def __init__(self, pack: Pack, seed: int) -> None:
        self.pack = pack
        self.chance = random.Random(seed)  # noqa: S311  # no secret depends on it
        self.possible = possible_answers(pack)

    def draw(self) -> dict[str, str]:
        """A form of a random mood, or a worked example with some answers drawn again."""
        if self.chance.random() < 0.6:
            return self._draw(self.possible)
        told = dict(self.chance.choice(self.pack.cases).answers)
        told.pop("story", None)
        told |= self._draw(self.chance.sample(list(self.possible), k=4))
        return self.without(told, 1) if told and self.chance.random() < 0.5 else told

    def without(self, answers: Mapping[str, str], number: int) -> dict[str, str]:
        """The same form with that many answers missing."""
        gone = self.chance.sample(list(answers), k=min(number, len(answers)))
        return {name: value for name, value in answers.items() if name not in gone}

    def _draw(self, names: Mapping[str, tuple[str, ...]] | list[str]) -> dict[str, str]:
        mood = self.chance.choice(MOODS)
        drawn: dict[str, str] = {}
        for name in names:
            values = self.possible[name]
            weights = mood if values is SIGN_ANSWERS else None
            answer = self.chance.choices((*values, ""), weights)[0]
            if answer:
                drawn[name] = answer
        return drawn


def possible_answers(pack: Pack) -> dict[str, tuple[str, ...]]:
    """Every field that the rules may look at, free text aside, with the answers it can have.

    Of a number, those are the ones on both sides of each limit that a rule has: no rule can tell
    another number from all of them.
    """
    found: dict[str, tuple[str, ...]] = {}
    for question in pack.questions.values():
        if question.kind == "sign":
            found[question.id] = SIGN_ANSWERS
        elif question.kind == "number":
            found[question.id] = _numbers_that_matter(pack, question.id)
        elif question.kind == "choice":
            found[question.id] = tuple(option.value for option in question.options)
        for name in question.details:
            own = tuple(option.value for option in pack.details[name].options)
            offered = (*question.sides, "not_sure") if name == "side" else own
            found[f"{question.id}.{name}"] = offered
    return found


def first_watchword(pack: Pack) -> str | None:
    """A phrase that stands for all the reviewed ones: the rules do not tell them apart."""
    return next((phrase for phrases in pack.watchwords.values() for phrase in phrases), None)


def _numbers_that_matter(pack: Pack, field: str) -> tuple[str, ...]:
    asked = [rule.when for rule in pack.rules]
    asked += [page.asked_if for page in pack.pages]
    asked += [question.asked_if for question in pack.questions.values()]
    limits = {limit for part in asked if part for limit in _limits(part, field)}
    least = pack.questions[field].least
    numbers = {number for limit in limits for number in (limit - 1, limit) if number >= 0}
    return tuple(map(str, sorted(numbers | ({int(least)} if least else {0}))))


def _limits(condition: Condition, field: str) -> Iterator[int]:
    match condition:
        case Number() if condition.field == field:
            yield condition.limit
        case All() | AtLeast():
            for part in condition.of:
                yield from _limits(part, field)
        case Unless():
            yield from _limits(condition.part, field)
