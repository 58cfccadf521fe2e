"""How a person wants to see and use the lists; kept for that person alone."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access import access, current_staff
from app.workflow import staff


@access.get("/my-settings")
def my_settings() -> ResponseReturnValue:
    """What is on and off."""
    return render_template("access/my_settings.html")


@access.post("/my-settings")
def keep_settings() -> ResponseReturnValue:
    """Keep it: what is not ticked is off."""
    staff.set_wishes(
        current_staff(),
        compact_rows="compact_rows" in request.form,
        keys_on="keys_on" in request.form,
        tone_on="tone_on" in request.form,
    )
    flash("Your settings are saved.", "ok")
    return redirect(url_for("access.my_settings"), 303)
