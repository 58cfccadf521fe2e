"""The state machines as tables; a page asks the table which buttons to show."""

from collections.abc import Mapping
from typing import Final

from app.domain.errors import NotAllowedNow
from app.domain.level import Level

WITH_DOCTOR: Final = "with-doctor"
WITH_DESK: Final = "with-desk"
WITH_PATIENT: Final = "with-patient"
BOOKED: Final = "booked"
CLOSED: Final = "closed"
REQUEST_STATUSES: Final = (WITH_DOCTOR, WITH_DESK, WITH_PATIENT, BOOKED, CLOSED)

Machine = Mapping[str, Mapping[str, tuple[str, ...]]]

# event -> the status it leads to -> the statuses it may start from
REQUEST: Final[Machine] = {
    "acknowledge": {WITH_DOCTOR: (WITH_DOCTOR,)},
    "unacknowledge": {WITH_DOCTOR: (WITH_DOCTOR,)},
    "decide": {WITH_DESK: (WITH_DOCTOR,)},
    "send-to-hospital": {CLOSED: (WITH_DOCTOR,)},
    "inquire": {WITH_DESK: (WITH_DOCTOR,)},
    "answer": {WITH_DOCTOR: (WITH_DESK,)},
    "escalate": {WITH_DOCTOR: (WITH_DESK, WITH_PATIENT, BOOKED)},
    "ask": {WITH_PATIENT: (WITH_DESK,)},
    "reply": {WITH_DESK: (WITH_PATIENT,)},
    "book": {BOOKED: (WITH_DESK,)},
    "release": {WITH_DESK: (BOOKED,)},
    "fulfil": {CLOSED: (BOOKED,)},
    "unfulfil": {BOOKED: (CLOSED,)},
    "close": {CLOSED: (WITH_DESK, WITH_PATIENT)},
    "reopen": {WITH_DESK: (CLOSED,)},
}

# A doctor's question to the desk: while it is open the desk can only answer it or call the doctor
# at once, and without one there is nothing to answer.
INQUIRE, ANSWER = "inquire", "answer"
WHILE_ASKED: Final = (ANSWER, "escalate")

APPOINTMENT_STATUSES: Final = ("held", "booked", "arrived", "fulfilled", "cancelled", "noshow")
APPOINTMENT: Final[Machine] = {
    "confirm": {"booked": ("held",)},
    "arrive": {"arrived": ("booked",)},
    "fulfil": {"fulfilled": ("booked", "arrived")},
    "miss": {"noshow": ("booked",)},
    "cancel": {"cancelled": ("held", "booked", "arrived")},
    "undo-arrive": {"booked": ("arrived",)},
    "undo-fulfil": {"booked": ("fulfilled",)},
    "undo-miss": {"booked": ("noshow",)},
    "undo-cancel": {"booked": ("cancelled",)},
}

CLOSING_REASONS: Final = (
    "sent-to-hospital",
    "seen",
    "advice-given",
    "not-wanted",
    "not-reached",
    "duplicate",
    "other",
)


def after(machine: Machine, status: str, event: str, name: str = "request") -> str:
    """The status after an event; raises NotAllowedNow."""
    for target, sources in machine.get(event, {}).items():
        if status in sources:
            return target
    raise NotAllowedNow(name, status, event)


def events_from(machine: Machine, status: str) -> tuple[str, ...]:
    """The events that a record in this status allows."""
    return tuple(
        event
        for event, targets in machine.items()
        if any(status in sources for sources in targets.values())
    )


def events_of_request(status: str, *, asked: bool) -> tuple[str, ...]:
    """The events that a request allows; `asked` says whether a doctor's question is open."""
    allowed = events_from(REQUEST, status)
    if asked:
        return tuple(event for event in allowed if event in WHILE_ASKED)
    return tuple(event for event in allowed if event != ANSWER)


def after_request(status: str, event: str, *, asked: bool) -> str:
    """The status of a request after an event; raises NotAllowedNow."""
    if event not in events_of_request(status, asked=asked):
        raise NotAllowedNow("request", status, event)
    return after(REQUEST, status, event)


def first_status(level: Level) -> str:
    """Whose turn a new request is: the doctor's when a doctor must hear of it today."""
    return WITH_DOCTOR if level >= Level.urgent else WITH_DESK
