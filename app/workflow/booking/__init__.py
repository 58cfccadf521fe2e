"""Booking: the times that are free, the visits that take them, and what becomes of a visit."""

from app.records.openings import FURTHEST, Choice, Offer, Seeker, free, practitioners
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

__all__ = [
    "ACTS",
    "FURTHEST",
    "MOST_SHOWN",
    "UNDO",
    "Choice",
    "Offer",
    "Seeker",
    "acts_now",
    "arrive",
    "book",
    "cancel",
    "day",
    "free",
    "fulfil",
    "keep",
    "miss",
    "move",
    "practitioners",
    "undo",
    "unrecorded",
]
