"""One outbox message becomes one e-mail.

`letter` says what it says, `html` shows the same words, `post` hands it to the mail server.
"""

import datetime as dt
import uuid

from flask import Flask

from app.mail import form, letter, post
from app.mail.post import Postponed, Refused, Unreachable
from app.records import db
from app.workflow import outbox

__all__ = ["Postponed", "Refused", "Unreachable", "init", "send", "send_test"]


def init(app: Flask) -> None:
    """Set up mail from the settings."""
    post.init(app)


def send(leased: outbox.Leased, now: dt.datetime) -> bool:
    """Write and send a message; False when it is no longer true, so that nothing was sent.

    Needs an app context of its own, so that everything is read afresh. Raises Refused, Postponed
    and Unreachable.
    """
    written = letter.write(leased, now)
    db.session.rollback()  # no transaction is open while the mail server takes its time
    if written is None:
        return False
    post.hand_over(written, str(leased.id))
    return True


def send_test(address: str) -> None:
    """Send a mail that only shows that it arrives; raises Refused, Postponed, Unreachable."""
    post.hand_over(form.in_form([address], "test", {}), str(uuid.uuid4()))
