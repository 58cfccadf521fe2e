"""Scores that a doctor may work out for a case; `docs/scores.md` says which are off, and why."""

from collections.abc import Mapping
from typing import Final

from app.domain.scores.grades import ECOG, ESCC, FRANKEL, KARNOFSKY
from app.domain.scores.score import (
    LEVELS_OF_THE_SPINE,
    SUPPORTS,
    UNKNOWN,
    Band,
    Item,
    Option,
    Result,
    Score,
    Source,
    Status,
    at_another_level,
    work_out,
)
from app.domain.scores.sins import SINS
from app.domain.scores.tokuhashi import TOKUHASHI
from app.domain.scores.tomita import TOMITA

SCORES: Final[Mapping[str, Score]] = {
    score.name: score for score in (SINS, ESCC, ECOG, KARNOFSKY, FRANKEL, TOKUHASHI, TOMITA)
}
"""Every score that a condition may offer, by name, in the order of pages."""

__all__ = [
    "LEVELS_OF_THE_SPINE",
    "SCORES",
    "SUPPORTS",
    "UNKNOWN",
    "Band",
    "Item",
    "Option",
    "Result",
    "Score",
    "Source",
    "Status",
    "at_another_level",
    "work_out",
]
