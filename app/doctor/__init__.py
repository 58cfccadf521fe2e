"""Door 3: the doctors."""

from app.access import staff_door

doctor = staff_door("doctor", __name__, roles=("doctor",), url_prefix="/doctor")

from app.doctor import (  # noqa: E402 - they add their routes
    brief,  # noqa: F401
    duplicates,  # noqa: F401
    on_call,  # noqa: F401
    review,  # noqa: F401
    scores,  # noqa: F401
)
