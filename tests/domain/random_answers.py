"""Sets of answers drawn at random, the same ones in every run."""

import random
from collections.abc import Mapping

from app.domain.condition import Pack

# Calm, ordinary and stormy forms: weights of "no", "yes", "not sure" and no answer at all.
MOODS = ((94, 3, 1, 2), (80, 14, 3, 3), (50, 35, 8, 7))
SIGN_ANSWERS = ("no", "yes", "not_sure")
AGES = ("12", "17", "18", "39", "40", "45", "49", "50", "59", "60", "64", "65", "81")
# These never change a level by the answer chosen.
LEFT_OUT = ("story", "cancer_type")


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
    """Every field that the rules may look at, free text aside, with the answers it can have."""
    found: dict[str, tuple[str, ...]] = {}
    for question in pack.questions.values():
        if question.kind == "sign":
            found[question.id] = SIGN_ANSWERS
        elif question.kind == "number":
            found[question.id] = AGES
        elif question.id not in LEFT_OUT:
            found[question.id] = tuple(option.value for option in question.options)
        for name in question.details:
            own = tuple(option.value for option in pack.details[name].options)
            offered = (*question.sides, "not_sure") if name == "side" else own
            found[f"{question.id}.{name}"] = offered
    return found
