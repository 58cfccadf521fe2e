"""Kept scores as the doctor's pages tell them."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.case import Event
from app.domain.scores import SCORES, Score


@dataclass(frozen=True, slots=True)
class Kept:
    """One score as it was kept; `corrected_by` is the one that has taken its place."""

    id: uuid.UUID
    name: str
    title: str
    value: str
    words: str
    items: Sequence[Mapping[str, Any]]
    answers: Mapping[str, str]
    at: dt.datetime
    by: str
    corrects: uuid.UUID | None
    corrected_by: "Kept | None" = None

    @property
    def score(self) -> Score | None:
        """Its table as it is now; None when there is none any more."""
        return SCORES.get(self.name)

    @property
    def level(self) -> str:
        """The level of the spine, where it was said."""
        return self.answers.get("level", "")

    @property
    def scan_on(self) -> dt.date | None:
        """The day of the scan, where it was said."""
        day = self.answers.get("scan_on")
        return dt.date.fromisoformat(day) if day else None

    @property
    def heading(self) -> str:
        """What was scored: "SINS, T7"."""
        return f"{self.title}, {self.level}" if self.level else self.title


def as_kept(rows: Sequence[Any]) -> list[Kept]:
    """Rows, the newest first, opened once each; what corrects a row comes before it."""
    found: list[Kept] = []
    for row in rows:
        result = row.result
        corrected_by = next((kept for kept in found if kept.corrects == row.id), None)
        found.append(
            Kept(
                id=row.id,
                name=row.name,
                title=result["title"],
                value=result["value"],
                words=result["words"],
                items=result["items"],
                answers=row.answers,
                at=row.at,
                by=row.by.name,
                corrects=row.corrects_id,
                corrected_by=corrected_by,
            )
        )
    return found


def standing(kept: Sequence[Kept]) -> list[Kept]:
    """The newest of each score and level that nobody has corrected, in the order of the scores."""
    newest: dict[tuple[str, str], Kept] = {}
    for each in kept:
        if each.corrected_by is None:
            newest.setdefault((each.name, each.level), each)
    order = list(SCORES)
    return sorted(newest.values(), key=lambda each: (_place(order, each.name), each.level))


def _place(order: Sequence[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


def events(kept: Sequence[Kept]) -> Iterator[Event]:
    """Each as a line of the timeline."""
    for each in kept:
        what = "corrected a score" if each.corrects else "kept a score"
        yield Event(each.at, each.by, what, f"{each.heading}: {each.value}. {each.words}")
