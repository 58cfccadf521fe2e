"""What a score is: its items and their points, what a total means, and where all of it comes from.

A score has several items whose points are added up. A grade, such as ECOG, is a score with one
item, whose answer itself is the result.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

UNKNOWN: Final = "unknown"
"""The answer to an item that is not known yet; an item that is left out counts as the same."""

SUPPORTS: Final = "A score supports a decision, it does not make one."

LEVELS_OF_THE_SPINE: Final = (
    "Occiput",
    *(f"C{number}" for number in range(1, 8)),
    *(f"T{number}" for number in range(1, 13)),
    *(f"L{number}" for number in range(1, 6)),
    *(f"S{number}" for number in range(1, 6)),
)


class Status(Enum):
    """How far a table has been checked, as `docs/scores.md` tells it."""

    seen = "Table seen in a reproduction, not in the paper itself."
    secondary = "Points confirmed only through a secondary source, not in the paper."


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to an item. `value` is what forms send and records keep.

    `levels` are the levels of the spine that the answer speaks of; empty when it is about none.
    """

    value: str
    words: str
    points: int
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that the doctor judges. `beside` is another score that tells something about it."""

    name: str
    question: str
    options: tuple[Option, ...]
    hint: str = ""
    beside: str = ""

    def option(self, value: str | None) -> Option | None:
        """The option with that value; None when it is unknown. Raises ValueError for any other."""
        if value is None or value == UNKNOWN:
            return None
        for option in self.options:
            if option.value == value:
                return option
        raise ValueError(f"{self.name} has no answer {value!r}")


@dataclass(frozen=True, slots=True)
class Band:
    """What totals from `least` to `most` mean. A `pressing` one stands out on the page."""

    least: int
    most: int
    words: str
    more: str = ""
    pressing: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was read."""

    words: str
    link: str


@dataclass(frozen=True, slots=True)
class Score:
    """A score as it is published: its table, what its totals mean, and what speaks against it.

    `always` stands above the items, `limits` beside every result. `unbanded` says why totals carry
    no meaning here. Raise `version` whenever items, points or bands change: results keep it.
    """

    name: str
    title: str
    full_title: str
    version: str
    status: Status
    items: tuple[Item, ...]
    limits: tuple[str, ...]
    paper: str
    sources: tuple[Source, ...]
    bands: tuple[Band, ...] = ()
    unbanded: str = ""
    always: str = ""
    of_one_level: bool = False

    @property
    def is_grade(self) -> bool:
        """Whether its one answer is the result, and nothing is added up."""
        return len(self.items) == 1

    @property
    def least(self) -> int:
        """The lowest total that there is."""
        return sum(min(option.points for option in item.options) for item in self.items)

    @property
    def most(self) -> int:
        """The highest total that there is."""
        return sum(max(option.points for option in item.options) for item in self.items)

    def band_of(self, total: int) -> Band | None:
        """What a total means; None when the score has no bands."""
        return next((band for band in self.bands if band.least <= total <= band.most), None)


@dataclass(frozen=True, slots=True)
class Result:
    """What the answers come to: one chosen option for each item, None where it is unknown."""

    score: Score
    chosen: tuple[Option | None, ...]

    @property
    def known(self) -> int:
        """How many items are known."""
        return sum(option is not None for option in self.chosen)

    @property
    def complete(self) -> bool:
        """Whether every item is known."""
        return self.known == len(self.chosen)

    @property
    def so_far(self) -> int:
        """The points of the items that are known; no total unless it is complete."""
        return sum(option.points for option in self.chosen if option)

    @property
    def range(self) -> tuple[int, int]:
        """The lowest and the highest total that are still possible."""
        pairs = list(zip(self.score.items, self.chosen, strict=True))
        open_items = [[o.points for o in item.options] for item, option in pairs if option is None]
        least = self.so_far + sum(min(points) for points in open_items)
        return least, self.so_far + sum(max(points) for points in open_items)

    @property
    def total(self) -> int | None:
        """The sum of all points; None while an item is unknown."""
        return self.so_far if self.complete else None

    @property
    def band(self) -> Band | None:
        """What the total means; None while an item is unknown, or when the score has no bands."""
        return self.score.band_of(self.so_far) if self.complete else None

    @property
    def value(self) -> str:
        """The result in one word: "11", "1c", or "Incomplete"."""
        if not self.complete:
            return "Incomplete"
        grade = self.chosen[0] if self.score.is_grade else None
        return grade.value if grade else str(self.so_far)

    @property
    def words(self) -> str:
        """What the result means, in one sentence or two."""
        if not self.complete:
            return self._so_far_in_words()
        grade = self.chosen[0] if self.score.is_grade else None
        told = [grade.words] if grade else []
        told += [self.band.words] if self.band else []
        return ". ".join(told) or self.score.unbanded

    def _so_far_in_words(self) -> str:
        if self.score.is_grade:
            return "Not known yet"
        least, most = self.range
        return (
            f"{self.known} of {len(self.chosen)} items known, so far {self.so_far}. "
            f"The total can still be {least} to {most}"
        )


def work_out(score: Score, answers: Mapping[str, str]) -> Result:
    """What answers, by the name of their item, come to; what belongs to no item is left aside.

    Raises ValueError for an answer that is not offered.
    """
    return Result(score, tuple(item.option(answers.get(item.name)) for item in score.items))


def at_another_level(score: Score, answers: Mapping[str, str], level: str) -> list[Item]:
    """The items whose answer speaks of other levels of the spine than this one."""
    chosen = work_out(score, answers).chosen
    return [
        item
        for item, option in zip(score.items, chosen, strict=True)
        if option and option.levels and level not in option.levels
    ]
