"""What the manager looks up: where the settings begin, and who works here."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.manager import manager
from app.workflow import staff


@manager.get("/")
def front() -> ResponseReturnValue:
    """The first of the settings."""
    return redirect(url_for("manager.week_list"), 303)


@manager.get("/staff")
def people() -> ResponseReturnValue:
    """Everybody who works here."""
    return render_template("manager/staff.html", people=staff.everybody())
