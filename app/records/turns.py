"""Who books a time and who changes the hours take turns.

A booking reads the hours before it takes its cells. Without a turn, hours that are changed between
the two would leave a visit outside them that the manager's preview never showed. Bookings share
the turn, so they do not wait for each other; a change of the hours has it alone. SQLite has one
writer at a time anyway.

The turn comes before every other lock of a transaction: who logs first (`audit.remember`) and then
takes a time may meet a change of the hours head on, and PostgreSQL ends one of the two.
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import scoped_session

HOURS_LOCK: Final = 7_031_003


def while_hours_stand(session: scoped_session[Any]) -> None:
    """Let nobody change the hours until the transaction ends."""
    _lock(session, sa.func.pg_advisory_xact_lock_shared(HOURS_LOCK))


def while_nobody_books(session: scoped_session[Any]) -> None:
    """Let nobody take a time until the transaction ends; what was taken before is seen from now."""
    _lock(session, sa.func.pg_advisory_xact_lock(HOURS_LOCK))


def _lock(session: scoped_session[Any], lock: sa.Function[Any]) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(lock))
