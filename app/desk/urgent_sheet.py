"""The open urgent cases on paper: for the ward round, the night, or a failing line."""

from flask import render_template
from flask.typing import ResponseReturnValue

from app import case
from app.access import current_staff, now, settings
from app.desk import desk
from app.words import LEVEL_KINDS, LEVELS
from app.workflow import urgent_sheet


@desk.get("/urgent-sheet")
def urgent_cases() -> ResponseReturnValue:
    """Every emergency and urgent case that is open; opening the sheet is remembered."""
    at, zone = now(), settings().clinic_zone
    sheet = urgent_sheet.take(at, current_staff())
    return render_template(
        "desk/urgent_sheet.html",
        cases=[case.on_paper(row, zone, at) for row in sheet.rows],
        more=sheet.more,
        levels=LEVELS,
        kinds=LEVEL_KINDS,
        at=at,
    )
