"""Door 1: patients and relatives. Everything here is open to the public."""

from app.patient import addresses

patient = addresses.InLanguages(addresses.DOOR, __name__)

from app.patient import (  # noqa: E402 - they add their routes
    advice,  # noqa: F401 - adds its routes
    enquiry,  # noqa: F401 - adds its routes
    manage,  # noqa: F401 - adds its routes
    own_offer,  # noqa: F401 - adds its routes
    own_visit,  # noqa: F401 - adds its routes
    pages,  # noqa: F401 - adds its routes
    public,  # noqa: F401 - adds its routes
    send,  # noqa: F401 - adds its routes
    telling,  # noqa: F401 - adds its routes
    time,  # noqa: F401 - adds its routes
)
