"""Door 4: the clinic's manager."""

from app.access import staff_door

manager = staff_door("manager", __name__, roles=("manager",), url_prefix="/settings")
# The figures stand beside the settings, not among them.
figures = staff_door("figures", __name__, roles=("manager",))

# They add their routes.
from app.manager import (  # noqa: E402, F401 - they add their routes
    closures,
    dashboard,
    hours,
    on_call,
    places,
    settings,
    texts,
    visits,
)
