"""Door 1: patients and relatives. Everything here is open to the public."""

from flask import Blueprint

patient = Blueprint("patient", __name__)

from app.patient import advice, enquiry, pages, send  # noqa: E402, F401 - they add their routes
