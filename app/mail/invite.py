"""A visit for the calendar of whoever reads a mail about it."""

from dataclasses import dataclass
from typing import Any

from app import calendar_file
from config import Settings


@dataclass(frozen=True, slots=True)
class Invite:
    """A visit as a calendar file that goes with a letter, with its METHOD."""

    method: str
    file: bytes


def invite(visit: Any, to: str, page: str | None, settings: Settings) -> Invite:
    """The visit for the receiver's calendar; one that is cancelled takes its entry away."""
    gone = visit.status == "cancelled"
    method = calendar_file.CANCEL if gone else calendar_file.REQUEST
    return Invite(method, calendar_file.for_patient(visit, method, settings, page, to))
