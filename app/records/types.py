"""Column types: aware UTC times, levels, time-ordered ids, and sealed fields."""

import datetime as dt
import json
import secrets
import time
import uuid
from typing import Any, Generic, TypeVar, overload

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles

from app.domain.level import Level
from app.records.crypto import keyring

T = TypeVar("T")

# STRICT tables of SQLite know five types only.
_SQLITE_TYPES: dict[type[Any], str] = {
    sa.String: "TEXT",
    sa.Text: "TEXT",
    sa.DateTime: "TEXT",
    sa.Date: "TEXT",
    sa.Time: "TEXT",
    sa.Boolean: "INTEGER",
    sa.SmallInteger: "INTEGER",
    sa.BigInteger: "INTEGER",
    sa.Float: "REAL",
    sa.LargeBinary: "BLOB",
    sa.Uuid: "TEXT",
}
for _type, _ddl in _SQLITE_TYPES.items():
    compiles(_type, "sqlite")(lambda element, compiler, _ddl=_ddl, **kw: _ddl)


def new_id() -> uuid.UUID:
    """A random id that sorts by the time of its making (UUID version 7, RFC 9562).

    Row ids exist before the row is stored, because sealed fields are bound to them. Twelve bits
    split the millisecond (method 3 of section 6.2), so that what one transaction writes about one
    instant keeps its order.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction = (nanoseconds << 12) // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | secrets.randbits(62)
    return uuid.UUID(int=value)


class UtcDateTime(sa.types.TypeDecorator[dt.datetime]):
    """An instant. Naive times are refused; what comes back is aware and in UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Refuse naive times; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        utc = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        """Give back an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class LevelType(sa.types.TypeDecorator[Level]):
    """A level, stored as its rank so that the database can sort by it."""

    impl = sa.SmallInteger
    cache_ok = True

    def process_bind_param(self, value: Level | None, dialect: Dialect) -> int | None:
        """Store the rank."""
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Level | None:
        """Give back the level."""
        return None if value is None else Level(value)


class Sealed(Generic[T]):
    """A field that is encrypted in the database and plain in Python.

    `phone = Sealed[str]("phone_sealed")` reads and writes the bytes of the mapped column
    `phone_sealed`; any JSON value can be sealed. Opening happens on first use only.
    """

    def __init__(self, column: str) -> None:
        self.column = column

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def place(self, table: str, row_id: uuid.UUID) -> str:
        """What the sealed value of this field is bound to."""
        return f"{table}.{self.name}.{row_id}"

    @overload
    def __get__(self, row: None, owner: type) -> "Sealed[T]": ...
    @overload
    def __get__(self, row: object, owner: type) -> T: ...
    def __get__(self, row: Any, owner: type) -> "Sealed[T] | T":
        """Open the sealed value."""
        if row is None:
            return self
        sealed = getattr(row, self.column)
        if sealed is None:
            return None  # type: ignore[return-value]  # T is optional where the column is
        place = self.place(row.__tablename__, row.id)
        found: T = json.loads(keyring().open(sealed, place))
        return found

    def __set__(self, row: Any, value: T) -> None:
        """Seal the value for this row; rows get their id first."""
        if row.id is None:
            row.id = new_id()
        sealed = None
        if value is not None:
            plain = json.dumps(value, ensure_ascii=False).encode()
            sealed = keyring().seal(plain, self.place(row.__tablename__, row.id))
        setattr(row, self.column, sealed)
