"""The queue: what waits for the desk, most pressing first, and what the desk does with it."""

from app.records.rows import PAGE_SIZE, Row, unanswered
from app.workflow.queue.acts import (
    DESK_EVENTS,
    add_note,
    event,
    log_call,
    newest_change,
    open_request,
    raise_level,
)
from app.workflow.queue.finding import find
from app.workflow.queue.lists import VIEWS, Counts, Page, capped, count, next_call, page
from app.workflow.queue.person import CORRECTED, correct, speak_to

__all__ = [
    "CORRECTED",
    "DESK_EVENTS",
    "PAGE_SIZE",
    "VIEWS",
    "Counts",
    "Page",
    "Row",
    "add_note",
    "capped",
    "correct",
    "count",
    "event",
    "find",
    "log_call",
    "newest_change",
    "next_call",
    "open_request",
    "page",
    "raise_level",
    "speak_to",
    "unanswered",
]
