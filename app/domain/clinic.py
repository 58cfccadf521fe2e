"""What the stages need to know of the clinic."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.domain.clock import Clock


@dataclass(frozen=True, slots=True)
class Clinic:
    """By what the clinic counts, how many mailboxes its desk has, and what patients may take."""

    clock: Clock
    desk_mailboxes: int
    # To come, that patients may choose by themselves for one phone number or e-mail address.
    visits_per_contact: int = 3

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone."""
        return self.clock.zone
