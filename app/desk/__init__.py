"""Door 2: the desk. Receptionists, and everybody who helps them out."""

from app.access import EVERYBODY, staff_door

desk = staff_door("desk", __name__, roles=EVERYBODY, url_prefix="/desk")

from app.desk import messages, new, queue, request  # noqa: E402, F401 - they add their routes
