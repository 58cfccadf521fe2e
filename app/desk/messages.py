"""What was not delivered, so that nobody waits for a mail that never came."""

import uuid

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access import current_staff, now
from app.desk import desk
from app.words import MAILS
from app.workflow import outbox


@desk.get("/messages")
def messages() -> ResponseReturnValue:
    """The messages that failed or are late."""
    at = now()
    return render_template("desk/messages.html", found=outbox.undelivered(at), mails=MAILS, at=at)


@desk.post("/messages/<uuid:message_id>/send-again")
def send_again(message_id: uuid.UUID) -> ResponseReturnValue:
    """Put a message back into the queue."""
    outbox.send_again(message_id, current_staff(), now())
    flash("It will be sent again within a minute.", "ok")
    return redirect(url_for("desk.messages"), 303)
