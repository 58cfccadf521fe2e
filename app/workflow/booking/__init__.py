"""Booking: the times that are free, the visits that take them, and what becomes of a visit."""

from app.workflow.booking.acts import (
    ACTS,
    UNDO,
    acts_now,
    arrive,
    cancel,
    fulfil,
    miss,
    undo,
)
from app.workflow.booking.diary import MOST_SHOWN, day, unrecorded
from app.workflow.booking.taking import book, keep, move
from app.workflow.booking.times import FURTHEST, FreeDay, free_times, practitioners

__all__ = [
    "ACTS",
    "FURTHEST",
    "MOST_SHOWN",
    "UNDO",
    "FreeDay",
    "acts_now",
    "arrive",
    "book",
    "cancel",
    "day",
    "free_times",
    "fulfil",
    "keep",
    "miss",
    "move",
    "practitioners",
    "undo",
    "unrecorded",
]
