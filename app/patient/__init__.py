"""Door 1: patients and relatives. Everything here is open to the public."""

from flask import Blueprint

patient = Blueprint("patient", __name__)

from app.patient import (  # noqa: E402 - they add their routes
    advice,  # noqa: F401
    enquiry,  # noqa: F401
    manage,  # noqa: F401
    own_offer,  # noqa: F401
    own_visit,  # noqa: F401
    pages,  # noqa: F401
    send,  # noqa: F401
    telling,  # noqa: F401
    time,  # noqa: F401
)
