"""Linking the requests of one person as one case, and taking one out again."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.access import current_staff, now
from app.desk import desk
from app.desk.request import page_of
from app.linking import LeaveForm, LinkForm
from app.workflow import duplicates, queue


@desk.post("/requests/<reference>/case")
def link_requests(reference: str) -> ResponseReturnValue:
    """Link another request with this one."""
    form, by, at = LinkForm(reference), current_staff(), now()
    if not form.link(by, at):
        return page_of(queue.open_request(reference, by, at), link=form, status=422)
    flash("They are one case now. Each keeps its level, its clock and its visit.", "ok")
    return redirect(url_for("desk.show", reference=reference), 303)


@desk.post("/requests/<reference>/case/leave")
def unlink_request(reference: str) -> ResponseReturnValue:
    """Take this request out of its case."""
    version = LeaveForm().version.data or 0
    duplicates.unlink(reference, version, current_staff(), now())
    flash("It stands by itself again. The history keeps what was linked.", "ok")
    return redirect(url_for("desk.show", reference=reference), 303)
