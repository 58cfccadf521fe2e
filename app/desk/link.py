"""The patient's own page, as the desk sees it: its address to read out, and a new one."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.access import current_staff, now
from app.desk import desk
from app.workflow import manage


@desk.post("/requests/<reference>/link")
def new_link(reference: str) -> ResponseReturnValue:
    """Give the patient's page a new address; the one before opens nothing any more."""
    manage.reissue(reference, current_staff(), now())
    flash("The page has a new link. The one before does not work any more.", "ok")
    return redirect(url_for("desk.show", reference=reference, _anchor="link"), 303)
