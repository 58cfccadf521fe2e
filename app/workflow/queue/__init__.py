"""The queue: what waits for the desk, most pressing first, and what the desk does with it."""

from app.records.rows import PAGE_SIZE, Row, unanswered
from app.workflow.queue import bulk, saved
from app.workflow.queue.acts import (
    DESK_EVENTS,
    add_note,
    event,
    log_call,
    newest_change,
    open_request,
    raise_level,
)
from app.workflow.queue.assigning import assign
from app.workflow.queue.choice import SORTS, VIEWS, Choice
from app.workflow.queue.counts import Counts, capped, count, count_choices, emergencies
from app.workflow.queue.finding import find
from app.workflow.queue.lists import Page, arrivals, next_call, page, who_looks
from app.workflow.queue.parts import MOST_SEEN
from app.workflow.queue.person import CORRECTED, correct, speak_to

__all__ = [
    "CORRECTED",
    "DESK_EVENTS",
    "MOST_SEEN",
    "PAGE_SIZE",
    "SORTS",
    "VIEWS",
    "Choice",
    "Counts",
    "Page",
    "Row",
    "add_note",
    "arrivals",
    "assign",
    "bulk",
    "capped",
    "correct",
    "count",
    "count_choices",
    "emergencies",
    "event",
    "find",
    "log_call",
    "newest_change",
    "next_call",
    "open_request",
    "page",
    "raise_level",
    "saved",
    "speak_to",
    "unanswered",
    "who_looks",
]
