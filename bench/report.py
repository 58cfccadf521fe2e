"""The table at the end: what was measured, the figure, the goal, and whether it is met."""

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bench.measure import Spread

HEADINGS: Final = ("work", "measured as", "figure", "spread", "goal", "")
_SIGNS: Final[dict[str, Callable[[float, float], bool]]] = {"≤": operator.le, "≥": operator.ge}


@dataclass(frozen=True, slots=True)
class Goal:
    """At most or at least this."""

    sign: str
    limit: float

    def met(self, figure: float) -> bool:
        """Whether a figure keeps it."""
        return _SIGNS[self.sign](round(figure, 2), self.limit)


@dataclass(frozen=True, slots=True)
class Line:
    """One figure; without a figure, the words say why there is none."""

    work: str
    measured: str
    figure: Spread | float | None
    goal: Goal | None = None
    why_not: str = ""

    def cells(self) -> tuple[str, ...]:
        """The line in words."""
        figure = self.figure
        spread, goal, verdict = "", "", ""
        if isinstance(figure, Spread):
            spread = f"{figure.low:.2f} to {figure.high:.2f}"
            figure = figure.median
        if self.goal:
            goal = f"{self.goal.sign} {self.goal.limit:g}"
            if figure is not None:
                verdict = "met" if self.goal.met(figure) else "missed"
        shown = self.why_not if figure is None else f"{figure:.2f}"
        return self.work, self.measured, shown, spread, goal, verdict


def at_most(limit: float) -> Goal:
    """The figure must not be above this."""
    return Goal("≤", limit)


def at_least(limit: float) -> Goal:
    """The figure must not be below this."""
    return Goal("≥", limit)


def table(lines: Iterable[Line]) -> str:
    """All lines as a Markdown table that can also be read as it is."""
    rows = [HEADINGS, *(line.cells() for line in lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    head, *body = [_row(row, widths) for row in rows]
    return "\n".join((head, _row(["-" * width for width in widths], widths), *body))


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"
