"""Times, days and numbers as people type them: read kindly, or refused in words, never lost."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from wtforms import Field, IntegerField, SelectField
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from app.forms import one_line

TIME_WORDS: Final = "Enter a time, such as 9:30 or 17:00"
DAY_WORDS: Final = "Enter a date, such as 25/11/2026"
TOO_LARGE: Final = 1_000_000  # more fits no column
LAST_DAY: Final = dt.date(2199, 12, 31)

# 9, 9:30, 09.30, 0930, 9 am, 9.30 pm; a browser's own picker may add seconds.
_TIME: Final = re.compile(
    r"(\d{1,2})(?:[:. ]?([0-5]\d))?(?::00(?:\.0+)?)?\s*([ap])?\.?(?:m\.?)?",
    re.ASCII | re.IGNORECASE,
)
_DAY_FORMATS: Final = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %b %Y", "%d %B %Y")


def read_time(typed: str) -> dt.time:
    """A time of day as it was typed; raises ValueError in words."""
    found = _TIME.fullmatch(typed)
    if found is None:
        raise ValueError(TIME_WORDS)
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError(TIME_WORDS)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if (hour, minute) == (24, 0):
        raise ValueError("Hours end on the same day: enter 23:55 at the latest")
    if hour > 23:
        raise ValueError(TIME_WORDS)
    return dt.time(hour, minute)


def read_day(typed: str) -> dt.date:
    """A date as it was typed, the day before the month; raises ValueError in words."""
    for pattern in _DAY_FORMATS:
        try:
            day = dt.datetime.strptime(typed, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        if day > LAST_DAY:
            break
        return day
    raise ValueError(DAY_WORDS)


class _Typed(Field):
    """A field whose own picker sends one form, and into which people type others.

    `needed` are the words for when nothing was entered; without them it may be left empty.
    """

    widget = TextInput()
    data: Any
    read: Callable[[str], Any]
    shown: Callable[[Any], str]
    picker: str

    def __init__(self, *args: Any, needed: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needed = needed

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read what was sent; nothing is None."""
        self.data = None  # a default must not hide what cannot be read
        if typed := one_line(valuelist[0]) if valuelist else "":
            self.data = type(self).read(typed)

    def pre_validate(self, form: Any) -> None:
        """Refuse nothing where something is needed."""
        if self.data is None and self.needed and not self.process_errors:
            raise ValidationError(self.needed)

    def _value(self) -> str:
        if self.data is not None:
            return type(self).shown(self.data)
        return str(one_line(self.raw_data[0])) if self.raw_data else ""

    @property
    def type_now(self) -> str:
        """The type of the input: a picker would hide what it cannot read."""
        return self.picker if self.data is not None or not self._value() else "text"


class TimeOfDay(_Typed):
    """A time of day, or None."""

    read, shown, picker = staticmethod(read_time), staticmethod("{:%H:%M}".format), "time"


class Day(_Typed):
    """A date, or None."""

    read, shown, picker = staticmethod(read_day), staticmethod(dt.date.isoformat), "date"


class Whole(IntegerField):
    """A whole number from `least` to `most`; None only where it may be left empty."""

    data: Any

    def __init__(
        self,
        *args: Any,
        words: str,
        least: int,
        most: int,
        needed: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.words, self.least, self.most, self.needed = words, least, most, needed

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the number; keep what was typed when it is none."""
        typed = one_line(valuelist[0]) if valuelist else ""
        self.data = None
        if not typed and not self.needed:
            return
        if not re.fullmatch(r"\d{1,7}", typed, re.ASCII) or int(typed) > TOO_LARGE:
            raise ValueError(self.words)
        self.data = int(typed)

    def pre_validate(self, form: Any) -> None:
        """Refuse what is out of bounds."""
        if self.data is not None and not self.least <= self.data <= self.most:
            raise ValidationError(self.words)
        if self.data is None and self.needed and not self.process_errors:
            raise ValidationError(self.words)


class OneOf(SelectField):
    """One of a list; what is not on it (any more) is refused in plain words."""

    def __init__(self, *args: Any, words: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words

    def pre_validate(self, form: Any) -> None:
        """Refuse what is not offered."""
        if self.data not in {value for value, _ in self.choices or ()}:
            raise ValidationError(self.words)
