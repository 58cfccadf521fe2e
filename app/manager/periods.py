"""The period that the manager asks for: a choice of some, or any two days."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.period import Period

LAST_DAYS: Final = (7, 30, 90)
USUAL: Final = "30"
MONTHS: Final = 12
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2199, 12, 31)
MOST_DAYS: Final = 3 * 366
DAY = dt.timedelta(days=1)

NO_PERIOD: Final = "Choose one of the periods in the list"
NO_DAY: Final = f"Enter the {{}} day as in 2026-11-25, from {FIRST_DAY.year} on"
MISSING: Final = "Enter the {} day, too"
TURNED_ROUND: Final = "The last day must not be before the first"
TOO_LONG: Final = "Choose three years at most"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, as it was typed, with the period that it means or what is wrong."""

    choice: str
    first: str
    last: str
    period: Period | None
    errors: tuple[tuple[str, str], ...] = ()

    @property
    def by_days(self) -> bool:
        """Whether two days were asked for."""
        return bool(self.first or self.last)


def read(given: Mapping[str, str], today: dt.date, zone: ZoneInfo) -> Asked:
    """The period in the query of an address; the last 30 days when it names none."""
    first, last = given.get("from", "").strip(), given.get("to", "").strip()
    if first or last:
        return _two_days(first, last, zone)
    choice = given.get("period", "").strip() or USUAL
    days = _days_of(choice, today)
    if days is None:
        return Asked(choice, "", "", None, (("period", NO_PERIOD),))
    return Asked(choice, "", "", Period(*days, zone))


def choices(asked: Asked, today: dt.date) -> dict[str, str]:
    """What the list offers, by value; a month that was asked for by its address is among it."""
    offered = {str(days): f"Last {days} days" for days in LAST_DAYS}
    month = today.replace(day=1)
    for _ in range(MONTHS):
        offered[f"{month:%Y-%m}"] = f"{month:%B} {month.year}"
        month = (month - DAY).replace(day=1)
    if asked.period and not asked.by_days and asked.choice not in offered:
        offered[asked.choice] = f"{asked.period.first:%B} {asked.period.first.year}"
    return offered


def _two_days(first: str, last: str, zone: ZoneInfo) -> Asked:
    days = {"from": _day(first), "to": _day(last)}
    faults = []
    for name, which, typed in (("from", "first", first), ("to", "last", last)):
        if days[name] is None:
            faults.append((name, (NO_DAY if typed else MISSING).format(which)))
    begins, ends = days["from"], days["to"]
    if begins and ends:
        if ends < begins:
            faults.append(("to", TURNED_ROUND))
        elif (ends - begins).days >= MOST_DAYS:
            faults.append(("to", TOO_LONG))
        else:
            return Asked("", first, last, Period(begins, ends, zone))
    return Asked("", first, last, None, tuple(faults))


def _days_of(choice: str, today: dt.date) -> tuple[dt.date, dt.date] | None:
    if choice in map(str, LAST_DAYS):
        return today - (int(choice) - 1) * DAY, today
    first = _day(f"{choice}-01") if len(choice) == len("2026-11") else None
    if first is None:
        return None
    return first, (first + 31 * DAY).replace(day=1) - DAY


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None
