"""How long a request of each level may wait.

The rule base counts in clinic hours; until the roster of hours and nights is part of the app,
the strictest reading holds for every hour of the day: minutes and hours run on, and a working
day is any day but Sunday.
"""

import datetime as dt
from zoneinfo import ZoneInfo

from app.domain.level import Level

TARGETS = {
    Level.emergency: dt.timedelta(minutes=15),
    Level.urgent: dt.timedelta(hours=4),
}
WORKING_DAYS = {Level.soon: 1, Level.routine: 3}
SUNDAY = 6


def due_at(level: Level, since: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """When the target of the level passes for a request waiting since that instant (UTC).

    Source: triage rule base, section 1 (policy).
    """
    if level in TARGETS:
        return since + TARGETS[level]
    local = since.astimezone(zone)
    days = WORKING_DAYS[level]
    while days:
        local += dt.timedelta(days=1)
        days -= local.weekday() != SUNDAY
    return local.astimezone(dt.UTC)


def share_used(since: dt.datetime, due: dt.datetime, now: dt.datetime) -> float:
    """The share of the target that has passed: 0 at the start, 1 when it is reached."""
    whole = (due - since).total_seconds()
    return max(0.0, (now - since).total_seconds() / whole) if whole > 0 else 1.0
