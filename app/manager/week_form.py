"""The weekly hours of a practitioner as a form: any number of rows a day, from a day on."""

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from typing import Any, Final

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, Form, FormField, HiddenField
from wtforms.validators import ValidationError

from app.domain.hours import WEEKDAYS, minutes_between, overlapping, visits_within
from app.manager.fields import Day, OneOf, TimeOfDay, Whole
from app.manager.forms import FURTHEST, Sent
from app.workflow import hours

MOST_A_DAY: Final = 6
_ROW_FIELD: Final = re.compile(r"rows-\d{1,2}-[a-z]+", re.ASCII)
_NO_DAY: Final = -1


class RowForm(Form):
    """Hours on one weekday. A row that is not open is not looked at, and keeps what was typed."""

    weekday = HiddenField()
    open = BooleanField("Open")
    opens = TimeOfDay("From", needed="Enter when the hours begin")
    closes = TimeOfDay("To", needed="Enter when the hours end")
    place: OneOf
    kind: OneOf
    kept = Whole(
        "Kept for urgent",
        words="Enter how many visits are kept, from 0 to 99",
        least=0,
        most=99,
        default=0,
    )
    released = TimeOfDay(
        "Free for all from", needed="Enter when they are free for all", default=dt.time(8)
    )
    kinds: Sequence[Any] = ()

    @property
    def day(self) -> int:
        """The number of the weekday, Monday is 0; none of them for what no form of ours sends."""
        sent = self.weekday.data
        return int(sent) if str(sent) in "0123456" and str(sent) else _NO_DAY

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether these are hours, or none."""
        return not self.open.data or bool(super().validate(extra_validators))

    def validate_closes(self, field: TimeOfDay) -> None:
        """Hours run forward within a day, and a visit fits in."""
        if field.data is None or self.opens.data is None:
            return
        if field.data <= self.opens.data:
            raise ValidationError("“To” must be after “From”: hours do not run past midnight")
        kind = self._kind()
        if kind and kind.minutes > minutes_between(self.opens.data, field.data):
            raise ValidationError(
                f"“{kind.name}” takes {kind.minutes} minutes: these hours are too short for it"
            )

    def validate_kept(self, field: Whole) -> None:
        """Nobody can keep more visits than there are."""
        number = self.visits
        if field.data is not None and number is not None and field.data > number:
            are = "is only 1 visit" if number == 1 else f"are only {number} visits"
            raise ValidationError(f"There {are} in these hours")

    @property
    def visits(self) -> int | None:
        """How many visits these hours hold, where that can be said."""
        kind, opens, closes = self._kind(), self.opens.data, self.closes.data
        if kind is None or opens is None or closes is None or closes <= opens:
            return None
        length = minutes_between(opens, closes)
        return visits_within(length, kind.minutes, kind.buffer_before, kind.buffer_after)

    def _kind(self) -> Any:
        return next((kind for kind in self.kinds if str(kind.id) == self.kind.data), None)

    def row(self) -> hours.Row:
        """The hours as they were filled in."""
        return hours.Row(
            weekday=self.day,
            opens=self.opens.data,
            closes=self.closes.data,
            place_id=uuid.UUID(self.place.data),
            kind_id=uuid.UUID(self.kind.data),
            kept=self.kept.data,
            released=self.released.data,
        )


class WeekForm:
    """A week of hours, from when on, and until when."""

    def __init__(
        self,
        sent: Sent,
        today: dt.date,
        places: Sequence[Any],
        kinds: Sequence[Any],
        stored: Sequence[Any] = (),
    ) -> None:
        self.today = today
        form = _form_for([p for p in places if p.active], [k for k in kinds if k.active])
        if sent is None:
            rows = [_of(row) for row in stored]
            first = today + dt.timedelta(days=1)
            self.form: Any = form(data={"first": first, "rows": rows})
        else:
            # A number of a row that is none would break the reader of lists.
            known = [
                (name, value)
                for name, value in sent.items(multi=True)
                if not name.startswith("rows") or _ROW_FIELD.fullmatch(name)
            ]
            self.form = form(formdata=MultiDict(known))
        # Rows of no day, and more than a day can have, are none of ours.
        sent_rows = list(self.form.rows.entries)
        self.form.rows.entries = [
            entry
            for day in range(len(WEEKDAYS))
            for entry in [each for each in sent_rows if each.form.day == day][:MOST_A_DAY]
        ]
        for day in range(len(WEEKDAYS)):
            if not self.rows(day):
                self.add(day)

    def rows(self, day: int) -> list[Any]:
        """The rows of a weekday."""
        return [entry.form for entry in self.form.rows if entry.form.day == day]

    def add(self, day: int) -> None:
        """One more row for a weekday, not open yet."""
        if day in range(len(WEEKDAYS)) and len(self.rows(day)) < MOST_A_DAY:
            like = self.rows(day)[:1]
            known = {"place": like[0].place.data, "kind": like[0].kind.data} if like else {}
            self.form.rows.append_entry({"weekday": str(day), "open": bool(like), **known})

    def open_rows(self) -> list[Any]:
        """The rows that are open, by weekday."""
        every = range(len(WEEKDAYS))
        return [row for day in every for row in self.rows(day) if row.open.data]

    def validate(self) -> bool:
        """Whether everything can be taken as hours that do not contradict each other."""
        valid = bool(self.form.validate())
        rows = self.open_rows()
        whole = [row for row in rows if not (row.opens.errors or row.closes.errors)]
        week = [(row.day, row.opens.data, row.closes.data) for row in whole]
        for number in overlapping(week):
            whole[number].opens.errors = ["These hours overlap others of the same day"]
            valid = False
        return valid and self._validate_days()

    def _validate_days(self) -> bool:
        first, until = self.form.first, self.form.until
        if first.data < self.today:
            first.errors = ["Hours can begin today at the earliest: what has been stays as it was"]
        elif first.data > self.today + FURTHEST:
            first.errors = ["This is more than ten years ahead"]
        if until.data and until.data < first.data:
            until.errors = ["The last day must not be before the first"]
        elif until.data and until.data > self.today + FURTHEST:
            until.errors = ["This is more than ten years ahead: leave it empty for good"]
        return not (first.errors or until.errors)

    def errors(self) -> list[tuple[str, str]]:
        """(field id, words) of every field in error, in the order of the page."""
        found = [
            (field.id, str(field.errors[0]))
            for field in (self.form.first, self.form.until)
            if field.errors
        ]
        for row in self.open_rows():
            found += [
                (field.id, f"{WEEKDAYS[row.day]}: {field.errors[0]}")
                for field in row
                if field.errors
            ]
        return found

    def change(self, practitioner_id: uuid.UUID, zone: str) -> hours.NewWeek:
        """The week as it was filled in."""
        return hours.NewWeek(
            practitioner_id=practitioner_id,
            first=self.form.first.data,
            until=self.form.until.data,
            zone=zone,
            rows=tuple(row.row() for row in self.open_rows()),
        )


def _form_for(in_use: Sequence[Any], kinds: Sequence[Any]) -> type[Form]:
    """The form whose rows offer these places and kinds."""
    row = {
        "kinds": kinds,
        "place": _choice_of("Place", in_use, "Select a place that is in use"),
        "kind": _choice_of("Kind of visit", kinds, "Select a kind of visit that is in use"),
    }
    each_row = type("Row", (RowForm,), row)
    return type(
        "Week",
        (Form,),
        {
            "first": Day("Starts on", needed="Enter the first day of these hours"),
            "until": Day("Until (optional)", description="Leave it empty when they are for good"),
            "rows": FieldList(FormField(each_row)),
        },
    )


def _choice_of(label: str, offered: Sequence[Any], words: str) -> OneOf:
    choices = [(str(one.id), one.name) for one in offered]
    return OneOf(label, words=words, choices=choices)


def _of(row: Any) -> dict[str, Any]:
    """What is filled in for hours that are in force."""
    return {
        "weekday": str(row.weekday),
        "open": True,
        "opens": row.opens,
        "closes": row.closes,
        "place": str(row.place_id),
        "kind": str(row.kind_id),
        "kept": row.kept_for_urgent,
        "released": row.released_at,
    }
