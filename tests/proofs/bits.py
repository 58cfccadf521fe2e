"""Formulas evaluated for many sets of answers at once: one bit of a whole number for each set."""

from collections.abc import Mapping, Sequence

import z3

from app.domain.condition import Answers, Pack
from tests.proofs.formulas import STORY, World


class Crowd:
    """Many sets of answers, and for which of them a formula holds."""

    def __init__(self, world: World, forms: Sequence[Answers]) -> None:
        self.everyone = (1 << len(forms)) - 1
        self._known: dict[int, int] = {}
        self._kept: list[z3.ExprRef] = []
        columns = {
            (field, value): bytearray(b"0" * len(forms))
            for field, values in world.fields.items()
            for value in values
        }
        for place, answers in enumerate(forms):
            for field, value in answers.items():
                if told := _as_told(world, field, value):
                    columns[field, told][place] = ord("1")
        self._answers: Mapping[str, int] = {
            world.answer(*said).decl().name(): int(marks, 2) for said, marks in columns.items()
        }

    def those(self, formula: z3.ExprRef) -> int:
        """The sets for which it holds, the first one as the highest bit."""
        key = formula.get_id()
        if key not in self._known:
            self._kept.append(formula)  # the solver gives an id again when its formula is gone
            self._known[key] = self._evaluated(formula)
        return self._known[key]

    def _evaluated(self, formula: z3.ExprRef) -> int:  # noqa: PLR0911  # one per kind
        kind = formula.decl().kind()
        if kind == z3.Z3_OP_UNINTERPRETED:
            return self._answers[formula.decl().name()]
        parts = [self.those(part) for part in formula.children()]
        match kind:
            case z3.Z3_OP_TRUE:
                return self.everyone
            case z3.Z3_OP_FALSE:
                return 0
            case z3.Z3_OP_NOT:
                return self.everyone ^ parts[0]
            case z3.Z3_OP_AND:
                return self._at_least(len(parts), parts)
            case z3.Z3_OP_OR:
                return self._at_least(1, parts)
            case z3.Z3_OP_ITE:
                return (parts[0] & parts[1]) | ((self.everyone ^ parts[0]) & parts[2])
            case z3.Z3_OP_PB_AT_LEAST:
                return self._at_least(formula.decl().params()[0], parts)
        raise TypeError(f"{formula.decl()} is not evaluated here")

    def _at_least(self, number: int, parts: Sequence[int]) -> int:
        """Where at least that many of the parts hold."""
        if number == len(parts):
            together = self.everyone
            for part in parts:
                together &= part
            return together
        reached = [self.everyone, *[0] * number]
        for part in parts:
            for count in range(number, 0, -1):
                reached[count] |= reached[count - 1] & part
        return reached[number]


def _as_told(world: World, field: str, value: str) -> str | None:
    """The answer that stands for this one in the formulas."""
    values = world.fields.get(field)
    if values is None:
        return None
    if field == STORY:
        return values[0] if values[0] in value else None
    if _is_number(world.pack, field):
        below = [number for number in values if int(number) <= int(value)]
        return max(below or values[:1], key=int)
    return value


def _is_number(pack: Pack, field: str) -> bool:
    return field in pack.questions and pack.questions[field].kind == "number"
