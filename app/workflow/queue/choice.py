"""Which requests a person wants to see: a view, narrowed down, and the order inside a level."""

from dataclasses import dataclass
from typing import Final

from app.domain.level import Level

VIEWS: Final = (
    "needs-action",
    "mine",
    "call-back-today",
    "no-answer",
    "with-doctor",
    "visits-today",
    "all",
)
LONGEST_WAITING, NEWEST = "waiting", "newest"
SORTS: Final = (LONGEST_WAITING, NEWEST)


@dataclass(frozen=True, slots=True)
class Choice:
    """A view, and of it a level, a status, a spoken language or what was asked for.

    Whatever the sort, the more pressing level comes first; visits and "all" have their own order.
    """

    view: str = VIEWS[0]
    level: Level | None = None
    status: str | None = None
    speaks: str | None = None
    wants: str | None = None
    sort: str = LONGEST_WAITING

    @property
    def narrowed(self) -> bool:
        """Whether it leaves out some of the view."""
        return any(v is not None for v in (self.level, self.status, self.speaks, self.wants))
