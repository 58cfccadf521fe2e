"""Reading one TOML table strictly: each wrong type, missing or unknown key becomes a fault."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import TracebackType
from typing import TypeVar

from app.domain.condition import Citation, SignOff, Text

T = TypeVar("T")


class Table:
    """A table being read. Leaving its `with` block reports the keys that nobody asked for."""

    def __init__(self, source: object, where: str, faults: list[str]) -> None:
        self.where = where
        self.faults = faults
        self.source: Mapping[str, object] = source if isinstance(source, dict) else {}
        self._asked: set[str] = set()
        if not isinstance(source, dict):
            self.fault("is not a table")

    def __enter__(self) -> Table:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for key in self.source:
            if key not in self._asked:
                self.fault(f"unknown key `{key}`")

    def fault(self, words: str) -> None:
        """Note a fault of this table."""
        self.faults.append(f"{self.where}: {words}")

    def raw(self, key: str) -> object:
        """The value as TOML gave it, or None."""
        self._asked.add(key)
        return self.source.get(key)

    def _take(self, key: str, kind: type[T], default: T | None, words: str) -> T | None:
        value = self.raw(key)
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
        if value is not None:
            self.fault(f"`{key}` must be {words}")
        return default

    def word(self, key: str) -> str:
        """A text that must be there."""
        found = self._take(key, str, None, "a text")
        if not found:
            if self.source.get(key) is None or found == "":
                self.fault(f"`{key}` is missing")
            return ""
        return found

    def word_or_none(self, key: str) -> str | None:
        """A text that may be left out."""
        return self._take(key, str, None, "a text")

    def flag(self, key: str) -> bool:
        """True or false; false when left out."""
        return bool(self._take(key, bool, False, "true or false"))

    def number_or_none(self, key: str) -> int | None:
        """A whole number that may be left out."""
        return self._take(key, int, None, "a whole number")

    def day_or_none(self, key: str) -> dt.date | None:
        """A date that may be left out."""
        return self._take(key, dt.date, None, "a date such as 2026-11-01")

    def day(self, key: str) -> dt.date:
        """A date that must be there."""
        found = self.day_or_none(key)
        if self.source.get(key) is None:
            self.fault(f"`{key}` is missing")
        return found or dt.date.min

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when left out."""
        found = self._take(key, list, None, "a list of texts") or []
        if any(not isinstance(part, str) for part in found):
            self.fault(f"`{key}` must be a list of texts")
        return tuple(part for part in found if isinstance(part, str))

    def tables(self, key: str) -> list[object]:
        """A list of tables, to be read by the caller; empty when left out."""
        return self._take(key, list, None, "a list of tables") or []

    def table(self, key: str) -> Mapping[str, object]:
        """A table, to be read by the caller; empty when left out."""
        found: Mapping[str, object] = self._take(key, dict, None, "a table") or {}
        return found

    def text_or_none(self, key: str) -> Text | None:
        """A text in languages. English must be there, and nothing may be blank."""
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, dict) or not all(
            isinstance(words, str) and words.strip() for words in value.values()
        ):
            self.fault(f"`{key}` must hold a text per language, such as {{ en = “…” }}")
            return None
        if "en" not in value:
            self.fault(f"`{key}` has no English text")
            return None
        return value

    def text(self, key: str) -> Text:
        """A text in languages that must be there."""
        if self.source.get(key) is None:
            self.fault(f"`{key}` is missing")
        return self.text_or_none(key) or {"en": ""}

    def sign_off(self, key: str) -> SignOff | None:
        """Who has signed, if anybody has."""
        source = self.raw(key)
        if source is None:
            return None
        with Table(source, f"{self.where}, {key}", self.faults) as table:
            return SignOff(table.word("name"), table.word("registration"), table.day("on"))

    def citations(self, key: str = "source") -> tuple[Citation, ...]:
        """References: `["ng234", { ref = "ng234", at = "1.3.2" }]`."""
        found: list[Citation] = []
        for part in self._take(key, list, None, "a list of references") or []:
            if isinstance(part, str):
                found.append(Citation(part))
            else:
                with Table(part, f"{self.where}, {key}", self.faults) as place:
                    found.append(Citation(place.word("ref"), place.word_or_none("at")))
        return tuple(found)
