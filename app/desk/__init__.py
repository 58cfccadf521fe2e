"""Door 2: the desk. Receptionists, and everybody who helps them out."""

from app.access import EVERYBODY, staff_door

desk = staff_door("desk", __name__, roles=EVERYBODY, url_prefix="/desk")

# They add their routes.
from app.desk import (  # noqa: E402, F401 - they add their routes
    booking,
    bulk,
    day_off,
    diary,
    duplicates,
    link,
    messages,
    new,
    person,
    problems,
    queue,
    request,
    saved_views,
    urgent_sheet,
    waiting,
    writing,
)
