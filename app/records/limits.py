"""How often somebody tried: the counters of the rate limiter, shared by every process."""

import datetime as dt
import time
from contextlib import AbstractContextManager
from typing import Any

import sqlalchemy as sa
from limits.storage import Storage

from app.records import INSERT, WRITES, Base, db

RATE_HIT = sa.Table(
    "rate_hit",
    Base.metadata,
    sa.Column("k", sa.Text, primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
    # Seconds since 1970, as the limiter counts.
    sa.Column("exp", sa.Float(53), nullable=False),
    sqlite_strict=True,
)


class SqlStorage(Storage):
    """Counts in the database of the running app; chosen by the address `sqlrate://`.

    One statement decides, so that processes that count at the same time never count too few. It
    has a transaction of its own and ends the reading one: call it while none is open for writing.
    """

    STORAGE_SCHEME = ["sqlrate"]  # noqa: RUF012 - the library's own form

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a failing database raises."""
        return sa.exc.SQLAlchemyError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, starting again when the last window is over; gives the count of this window."""
        now = time.time()
        row = INSERT[db.engine.name](RATE_HIT).values(k=key, n=amount, exp=now + expiry)
        over = RATE_HIT.c.exp <= now
        counted = row.on_conflict_do_update(
            index_elements=[RATE_HIT.c.k],
            set_={
                "n": sa.case((over, row.excluded.n), else_=RATE_HIT.c.n + row.excluded.n),
                "exp": sa.case((over, row.excluded.exp), else_=RATE_HIT.c.exp),
            },
        ).returning(RATE_HIT.c.n)
        with _writing() as connection:
            return int(connection.execute(counted).scalar_one())

    def get(self, key: str) -> int:
        """The count of the window that is still open."""
        found = self._open_window(key)
        return found.n if found else 0

    def get_expiry(self, key: str) -> float:
        """When the window of this key ends, in seconds since 1970; now when none is open."""
        found = self._open_window(key)
        return found.exp if found else time.time()

    def check(self) -> bool:
        """Whether the counters can be read."""
        self.get("")
        return True

    def reset(self) -> int:
        """Forget every counter; gives their number."""
        with _writing() as connection:
            return connection.execute(sa.delete(RATE_HIT)).rowcount

    def clear(self, key: str) -> None:
        """Forget one counter."""
        with _writing() as connection:
            connection.execute(sa.delete(RATE_HIT).where(RATE_HIT.c.k == key))

    def _open_window(self, key: str) -> Any:
        asked = sa.select(RATE_HIT.c.n, RATE_HIT.c.exp).where(
            RATE_HIT.c.k == key, RATE_HIT.c.exp > time.time()
        )
        with db.engine.connect() as connection:
            return connection.execute(asked).first()


def forget_over(now: dt.datetime) -> int:
    """Delete counters whose window is over; gives their number."""
    over = RATE_HIT.c.exp <= now.timestamp()
    with _writing() as connection:
        return connection.execute(sa.delete(RATE_HIT).where(over)).rowcount


def _writing() -> AbstractContextManager[sa.Connection]:
    # Who held one connection while waiting for another could wait for ever.
    db.session.rollback()
    return db.engine.execution_options(**WRITES).begin()
