"""Stored instants as numbers, so that SQLite and PostgreSQL calculate with them alike."""

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.domain.period import Period

HOUR, DAY = 3_600, 86_400
EPOCH: Final = dt.date(1970, 1, 1)


class seconds(FunctionElement[int]):  # noqa: N801 - a function of SQL, written like one
    """Whole seconds since 1970 of an instant; `seconds(a) - seconds(b)` is a length of time."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(seconds, "sqlite")
def _on_sqlite(element: seconds, compiler: Any, **options: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **options)}) AS INTEGER)"


@compiles(seconds, "postgresql")
def _on_postgresql(element: seconds, compiler: Any, **options: Any) -> str:
    instant = compiler.process(element.clauses, **options)
    return f"CAST(floor(EXTRACT(epoch FROM CAST({instant} AS TIMESTAMPTZ))) AS BIGINT)"


def local_seconds(at: Any, period: Period) -> Any:
    """What `seconds` would be if the clinic's clocks showed UTC: days and hours can be read off.

    Databases need not know time zones: how far the clocks are ahead comes with the period.
    """
    *before, (_, offset) = period.offsets()
    if not before:
        return seconds(at) + offset
    ahead = sa.case(*((at < until, earlier) for until, earlier in before), else_=offset)
    return seconds(at) + ahead


def start_of(period: Period) -> int:
    """The `local_seconds` of the midnight with which the period begins."""
    return (period.first - EPOCH).days * DAY
