"""Door 4: the clinic's manager."""

from app.access import staff_door

manager = staff_door("manager", __name__, roles=("manager",), url_prefix="/settings")
# The figures stand beside the settings, not among them.
figures = staff_door("figures", __name__, roles=("manager",))

# A doctor reads the rules, too, and answers for them.
rulebook = staff_door(
    "rulebook", __name__, roles=("manager", "doctor"), url_prefix="/settings/rules"
)

# They add their routes.
from app.manager import (  # noqa: E402, F401 - they add their routes
    closures,
    dashboard,
    hours,
    on_call,
    places,
    rules,
    settings,
    texts,
    try_rules,
    visits,
)
