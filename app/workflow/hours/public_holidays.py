"""The public holidays of Maharashtra, offered from a library's data, never closed by themselves."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

ESTIMATED: Final = " (estimated)"


@dataclass(frozen=True, slots=True)
class PublicHoliday:
    """A public holiday. `estimated` when the moon still decides on which day it is."""

    day: dt.date
    name: str
    estimated: bool


def public_holidays(year: int) -> list[PublicHoliday]:
    """The library's holidays of that year, by day, with their Indian names.

    A day on which several fall is certain when one of them is.
    """
    import holidays  # noqa: PLC0415 - only this page needs it, and it is large

    found = holidays.country_holidays("IN", subdiv="MH", years=year, language="en_IN")
    return [_read(day, names) for day, names in sorted(found.items())]


def _read(day: dt.date, names: str) -> PublicHoliday:
    each = names.split("; ")
    estimated = all(name.endswith(ESTIMATED) for name in each)
    return PublicHoliday(day, ", ".join(name.removesuffix(ESTIMATED) for name in each), estimated)
