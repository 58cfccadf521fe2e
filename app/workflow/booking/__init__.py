"""Booking: the times that are free, the visits that take them, and what becomes of a visit."""

from app.records.calendar import HOLD_FOR
from app.records.chosen import may_choose_again
from app.records.openings import (
    FURTHEST,
    Choice,
    Offer,
    Seeker,
    choice_of,
    free,
    last_day_for_patients,
    practitioners,
)
from app.workflow.booking import day_off, waitlist
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
from app.workflow.booking.choosing import choose
from app.workflow.booking.diary import MOST_SHOWN, day, number_unrecorded, unrecorded
from app.workflow.booking.taking import book, keep, move, patient_may_change

__all__ = [
    "ACTS",
    "FURTHEST",
    "HOLD_FOR",
    "MOST_SHOWN",
    "UNDO",
    "Choice",
    "Offer",
    "Seeker",
    "acts_now",
    "arrive",
    "book",
    "cancel",
    "choice_of",
    "choose",
    "day",
    "day_off",
    "free",
    "fulfil",
    "keep",
    "last_day_for_patients",
    "may_choose_again",
    "miss",
    "move",
    "number_unrecorded",
    "patient_may_change",
    "practitioners",
    "undo",
    "unrecorded",
    "waitlist",
]
