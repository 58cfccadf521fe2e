"""A request as a line of the desk's lists, in words."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app import case
from app.access import settings
from app.domain import lifecycle
from app.domain.clock import share_used
from app.domain.level import Level
from app.formats import clock_time, length_of_time, moment
from app.words import CALL_TIMES, LANGUAGES, WANTED, name_of, told
from app.workflow import queue

NEARLY_LATE: Final = 0.75
# The tags of what is not the clinic's turn.
ELSEWHERE: Final = {
    lifecycle.WITH_PATIENT: ("Waiting for patient", ""),
    lifecycle.BOOKED: ("Booked", "green"),
    lifecycle.CLOSED: ("Closed", ""),
}
Looking = Mapping[uuid.UUID, Sequence[tuple[str, dt.datetime]]]


@dataclass(frozen=True, slots=True)
class Line:
    """A request as the list shows it, in words."""

    reference: str
    requests: int
    url: str
    name: str
    waiting: str
    lateness: str
    share: int | None
    told: str
    wanted: str
    phone: str | None
    speaks: str
    status: str
    status_kind: str
    step: str
    step_url: str
    step_kind: str
    tickable: bool
    with_whom: str
    looking: str


@dataclass(frozen=True, slots=True)
class Around:
    """The colleagues around the requests of a list: their names, and who looks at which now."""

    me: uuid.UUID
    names: Mapping[uuid.UUID, str]
    looking: Looking

    def name_of(self, person: uuid.UUID | None) -> str:
        """Who sees to a request: "You", a colleague's name, or nothing."""
        if person is None:
            return ""
        return "You" if person == self.me else self.names.get(person, "")

    def words_of(self, request_id: uuid.UUID, at: dt.datetime, does: str = "looking") -> str:
        """Who has a request open: "Meera Joshi is looking (11:41 am)"."""
        return case.looking(self.looking.get(request_id, ()), settings().clinic_zone, at, does)


def line(row: queue.Row, trail: str, around: Around, at: dt.datetime) -> Line:
    """A row in words; its links take along from which list they came."""
    found = row.request
    url = f"/desk/requests/{found.reference}{trail}"
    waiting, lateness, share = _waiting(row, at)
    status, status_kind = _status(row, at)
    step, step_url, step_kind = _step(row, url, trail)
    return Line(
        reference=found.reference,
        requests=row.requests,
        url=url,
        name=name_of(row.person),
        waiting=waiting,
        lateness=lateness,
        share=share,
        told=told(row.findings, found.level),
        wanted=_wanted(row, at),
        phone=row.person.get("phone"),
        speaks=LANGUAGES[row.person.get("speaks") or found.language],
        status=status,
        status_kind=status_kind,
        step=step,
        step_url=step_url,
        step_kind=step_kind,
        tickable=found.level < Level.emergency,
        with_whom=around.name_of(found.assigned_to_id),
        looking=around.words_of(found.id, at),
    )


def _waiting(row: queue.Row, at: dt.datetime) -> tuple[str, str, int | None]:
    """How long it waits, how that stands against the target, and the used share in percent.

    The clock runs while it is the clinic's turn and no doctor has taken the case.
    """
    found = row.request
    zone = settings().clinic_zone
    if found.status == lifecycle.BOOKED and row.visit:
        return moment(row.visit.starts_at, zone, at), "", None
    if found.status not in (lifecycle.WITH_DESK, lifecycle.WITH_DOCTOR):
        return f"came {moment(found.created_at, zone, at)}", "", None
    if found.status == lifecycle.WITH_DOCTOR and found.acknowledged_at:
        return length_of_time(at - found.waiting_since), "", None
    waited = case.waited(found, at)
    if at > found.due_at:
        return waited, "late", 100
    share = share_used(found.waiting_since, found.due_at, at)
    return waited, "warn" if share >= NEARLY_LATE else "", round(100 * share)


def _wanted(row: queue.Row, at: dt.datetime) -> str:
    found = row.request
    if row.visit:
        return f"Visit, {moment(row.visit.starts_at, settings().clinic_zone, at)}"
    if found.level is Level.emergency:
        return "Told to go to hospital"
    wanted = WANTED.get(found.wanted, "")
    when = CALL_TIMES.get(row.person.get("call_time", ""))
    return f"{wanted}, {when}" if wanted == "Call" and when else wanted


def _status(row: queue.Row, at: dt.datetime) -> tuple[str, str]:
    """The tag: its words and its kind."""
    found = row.request
    if found.status in ELSEWHERE:
        return ELSEWHERE[found.status]
    if found.status == lifecycle.WITH_DOCTOR or found.asked_at:
        return _of_the_doctor(found), "violet"
    if row.last_outcome == "wrong-number":
        return "Wrong number", "today"
    if row.call_back_at and row.call_back_at > at:
        return f"Call at {clock_time(row.call_back_at, settings().clinic_zone)}", "today"
    if row.unanswered:
        return f"No answer ×{row.unanswered}", "today"
    words = "Called" if row.last_outcome else "New"
    return ("Doctor has decided", "violet") if found.instruction else (words, "soon")


def _of_the_doctor(found: Any) -> str:
    if found.asked_at:
        return "Doctor asks"
    return "With doctor" if found.acknowledged_at else "Doctor alerted"


def _step(row: queue.Row, url: str, trail: str) -> tuple[str, str, str]:
    """The one next step: its word, where it leads, and the kind of its button."""
    found = row.request
    ours = found.status == lifecycle.WITH_DESK
    if not ours and (found.status != lifecycle.WITH_DOCTOR or found.acknowledged_at):
        return "View", url, "2"
    if found.level is Level.emergency:
        return "Call now", url, "call"
    if row.last_outcome == "wrong-number":
        return "View", url, "2"
    if row.unanswered:
        return "Call again", url, "call2"
    if ours and found.level <= Level.soon and found.wanted == "visit":
        booking = f"/desk/requests/{found.reference}/booking{trail}"
        return "Offer time", booking, "2"
    return "Call", url, "call2"
