"""What the clinic's records say about its work in a period: numbers only.

Every figure is counted in the database, in the same nine queries however many requests there are.
No record is opened, so nothing personal is read. `docs/figures.md` says what each figure means.
"""

import datetime as dt
from dataclasses import dataclass

from app.domain.level import Level
from app.domain.period import Period
from app.workflow.figures import counts, times
from app.workflow.figures.counts import WAITED, Open
from app.workflow.figures.times import FEWEST, NONE, Times

__all__ = ["FEWEST", "NONE", "WAITED", "Figures", "Open", "Times", "gather"]


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that the dashboard shows."""

    period: Period
    at: dt.datetime
    acknowledged: dict[Level, Times]
    called: dict[Level, Times]
    visited: dict[Level, Times]
    # Acknowledgements of emergencies, by the first day of each stretch of `step` days.
    step: int
    emergencies: dict[dt.date, Times]
    open_now: dict[Level, Open]
    # (hour of the day, level on arrival) -> how many
    arrivals: dict[tuple[int, Level], int]
    # (condition, how far) -> how many enquiries ended there
    ends: dict[tuple[str, str], int]
    # (level, closing reason, or None while it is open) -> how many
    outcomes: dict[tuple[Level, str | None], int]
    # (whom it is for, whether it failed for good) -> how many
    undelivered: dict[tuple[str, bool], int]

    def arrived(self, level: Level | None = None) -> int:
        """How many requests came in, of one level or in all."""
        return sum(number for (_, of), number in self.arrivals.items() if level in (None, of))


def gather(period: Period, now: dt.datetime) -> Figures:
    """Count everything: what is open or undelivered as of now, the rest in the period."""
    step = times.step_of(period)
    return Figures(
        period=period,
        at=now,
        acknowledged=times.acknowledged(period, now),
        called=times.called(period, now),
        visited=times.visited(period),
        step=step,
        emergencies=times.emergencies(period, now, step),
        open_now=counts.open_now(now),
        arrivals=counts.arrivals(period),
        ends=counts.ends(period),
        outcomes=counts.outcomes(period),
        undelivered=counts.undelivered(now),
    )
