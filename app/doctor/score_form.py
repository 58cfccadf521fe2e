"""A score as a form: its items, and where it needs them, level of the spine and day of the scan."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from werkzeug.datastructures import MultiDict
from wtforms import DateField, Field, Form
from wtforms.validators import InputRequired, Optional, ValidationError

from app.domain.scores import LEVELS_OF_THE_SPINE, UNKNOWN, Item, Score, at_another_level
from app.forms import Choice

KEEP: Final = "keep"
FIRST_SCANS: Final = dt.date(1980, 1, 1)
NOT_SAID: Final = ("", "Not said")


class ScanDay(DateField):
    """The day of a scan; what cannot be read, or cannot be, is told in plain words."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the day; keep what was typed when it is none."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Enter the day of the scan, such as 2026-11-20") from None


class ScoreForm:
    """The items of a score to be answered; `today` is the last day that a scan may have."""

    def __init__(
        self,
        score: Score,
        today: dt.date,
        sent: MultiDict[str, str] | None = None,
        known: Mapping[str, str] | None = None,
    ) -> None:
        self.score, self.today = score, today
        self.keeps = sent is not None and sent.get("do") == KEEP
        # The token of the whole page is checked before any view runs.
        kind = type("AnyScore", (Form,), dict(self._fields()))
        self.form: Form = kind(formdata=sent, data=_as_typed(known or {}))

    def _fields(self) -> Iterator[tuple[str, Any]]:
        for item in self.score.items:
            yield item.name, self._choice(item)
        if self.score.of_one_level:
            levels = [NOT_SAID, *((level, level) for level in LEVELS_OF_THE_SPINE)]
            yield "level", Choice("Level of the spine (optional)", choices=levels, id="level")
            yield (
                "scan_on",
                ScanDay("Day of the scan (optional)", [Optional(), self._possible], id="scan-on"),
            )

    def _choice(self, item: Item) -> Choice:
        choices = [(option.value, option.words) for option in item.options]
        missing = "Select an answer, or “Not known yet”"
        return Choice(
            item.question,
            # What is only worked out may be left open; what is kept was looked at item by item.
            [InputRequired(missing) if self.keeps else Optional()],
            choices=[*choices, (UNKNOWN, "Not known yet")],
            id=f"item-{item.name}",
        )

    def _possible(self, form: Form, field: Field) -> None:
        if field.data and not FIRST_SCANS <= field.data <= self.today:
            raise ValidationError(f"Enter a day from {FIRST_SCANS.year} until today")

    def __getitem__(self, name: str) -> Field:
        return self.form[name]

    def validate(self) -> bool:
        """Whether it can be taken: every field for itself, and level and answers together."""
        sound = bool(self.form.validate())
        return self._levels_agree() and sound

    def _levels_agree(self) -> bool:
        level = self.score.of_one_level and self["level"].data
        if not level or any(self[item.name].errors for item in self.score.items):
            return True
        wrong = at_another_level(self.score, self.answers(), level)
        for item in wrong:
            self[item.name].errors = [f"{level} does not belong to this: change one of the two"]
        return not wrong

    def errors(self) -> list[tuple[str, str]]:
        """(field id, words) of every field in error, in the order of the page."""
        return [(field.id, str(field.errors[0])) for field in self.form if field.errors]

    def answers(self) -> dict[str, str]:
        """What was answered, by item; with level and scan, where they were said."""
        given = {field.name: field.data for field in self.form if field.data}
        return {
            name: value.isoformat() if isinstance(value, dt.date) else value
            for name, value in given.items()
        }


def _as_typed(known: Mapping[str, str]) -> dict[str, Any]:
    """Kept answers as the fields want them."""
    found: dict[str, Any] = dict(known)
    if "scan_on" in known:
        found["scan_on"] = dt.date.fromisoformat(known["scan_on"])
    return found
