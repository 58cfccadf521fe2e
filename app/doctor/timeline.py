"""The timeline of a case: what people did, what was alerted, and what came too late."""

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from app import case
from app.doctor.kept_scores import Kept, events
from app.domain import lifecycle
from app.formats import length_of_time
from app.words import RECEIVERS
from app.workflow import outbox

ALARM: Final = "An alarm"
SOON: Final = dt.timedelta(minutes=1)
"""What a mail may take without a word."""

ENDS: Final = ("acknowledge", lifecycle.ANSWER)
"""What stops the clock of a case, and so can be too late."""


def timeline(
    found: Any,
    told: Sequence[outbox.Told],
    kept: Sequence[Kept],
    elsewhere: Iterable[case.Event],
    at: dt.datetime,
) -> list[case.Event]:
    """Everything that happened up to now, the earliest first; also to others of the same case."""
    mine = (*case.history(found), *_missed(found, at), *_alarms(told, at), *events(kept))
    return sorted((*mine, *elsewhere), key=lambda event: event.at)


def _missed(found: Any, at: dt.datetime) -> Iterator[case.Event]:
    """Each target that passed before somebody acted, those of earlier clocks too."""
    clocks = {
        (change.waiting_since, change.due_at): change.at
        for change in found.history
        if change.event in ENDS and change.due_at
    }
    if (not found.acknowledged_at and found.status == lifecycle.WITH_DOCTOR) or found.asked_at:
        clocks[found.waiting_since, found.due_at] = at
    for (since, due), ended in clocks.items():
        if due < ended:
            yield case.Event(
                due, f"The target of {length_of_time(due - since)}", "passed", late=True
            )


def _alarms(told: Iterable[outbox.Told], at: dt.datetime) -> Iterator[case.Event]:
    """Each alarm with its fate: one line for all who were told at once."""

    def step(each: outbox.Told) -> tuple[str, int, str]:
        return each.kind, each.occurrence, each.status

    for (_, number, status), messages in itertools.groupby(sorted(told, key=step), step):
        together = list(messages)
        who = " and ".join(dict.fromkeys(_receiver(each.to) for each in together))
        late = number > 1 or status != "sent"
        settled = [each.settled_at for each in together if each.settled_at]
        if status == "sent":
            yield case.Event(max(settled), ALARM, f"went to {who}", _delay(together), late=late)
        elif status == "failed":
            yield case.Event(max(settled), ALARM, f"could not be sent to {who}", late=True)
        elif (due := min(each.due_at for each in together)) <= at - SOON:
            yield case.Event(due, ALARM, f"is not sent yet to {who}", late=True)


def _delay(together: Sequence[outbox.Told]) -> str:
    """How fast the mail server took it."""
    took = max(each.settled_at - each.due_at for each in together if each.settled_at)
    minutes = took.total_seconds() >= 60
    return (
        f"The mail server took it after {length_of_time(took)}"
        if minutes
        else "Delivered to the mail server"
    )


def _receiver(to: str) -> str:
    return RECEIVERS.get(to) or RECEIVERS.get(to.partition(":")[0]) or to
