"""The clinic's hours, places, kinds of visit and closures: each change is previewed, then saved.

A manager sees what a change would do (`preview`) and confirms just that (`save`): a booking made
meanwhile ends it. Nothing here cancels a visit; `outside` lists those that no hours cover.
"""

from app.workflow.hours.closures import (
    Closing,
    EndedClosure,
    NewClosures,
    closed_already,
    closure_with,
    closures,
)
from app.workflow.hours.kinds import ChangedKind, kind_with, kinds, shortest_hours
from app.workflow.hours.outside import Outside, outside
from app.workflow.hours.places import ChangedPlace, place_with, places
from app.workflow.hours.preview import Change, Preview, preview, save
from app.workflow.hours.public_holidays import PublicHoliday, public_holidays
from app.workflow.hours.taken import Taken
from app.workflow.hours.week import (
    Bookable,
    NewWeek,
    Period,
    Row,
    people,
    periods,
    person_with,
    who_is_there,
)

__all__ = [
    "Bookable",
    "Change",
    "ChangedKind",
    "ChangedPlace",
    "Closing",
    "EndedClosure",
    "NewClosures",
    "NewWeek",
    "Outside",
    "Period",
    "Preview",
    "PublicHoliday",
    "Row",
    "Taken",
    "closed_already",
    "closure_with",
    "closures",
    "kind_with",
    "kinds",
    "outside",
    "people",
    "periods",
    "person_with",
    "place_with",
    "places",
    "preview",
    "public_holidays",
    "save",
    "shortest_hours",
    "who_is_there",
]
