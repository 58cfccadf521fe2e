"""Door 4: the clinic's manager."""

from app.access import staff_door

manager = staff_door("manager", __name__, roles=("manager",), url_prefix="/settings")

from app.manager import settings  # noqa: E402, F401 - it adds its routes
