"""Door 3: the doctors."""

from app.access import staff_door

doctor = staff_door("doctor", __name__, roles=("doctor",), url_prefix="/doctor")

from app.doctor import (  # noqa: E402, F401 - they add their routes
    brief,
    duplicates,
    on_call,
    review,
    scores,
)
