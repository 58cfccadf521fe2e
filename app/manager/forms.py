"""What the manager fills in: places, kinds of visit, closures and holidays."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from app.forms import Ticks, many_lines, one_line
from app.manager.fields import Day, OneOf, TimeOfDay, Whole
from app.workflow import hours

Sent = MultiDict[str, str] | None

DAY: Final = dt.timedelta(days=1)
FURTHEST: Final = 3660 * DAY
"""How far ahead anything can be planned."""
CLINIC: Final = "clinic"


def errors_of(form: Form) -> list[tuple[str, str]]:
    """(field id, words) of every field in error, in the order of the form."""
    return [(field.id, str(field.errors[0])) for field in form if field.errors]


def _at_most(letters: int) -> Length:
    return Length(max=letters, message=f"Use {letters} letters or fewer")


class PlaceForm(Form):
    """A place. `taken` are the names of the others."""

    name = StringField(
        "Name",
        [DataRequired("Enter a name for the place"), _at_most(80)],
        filters=[one_line],
        description="As patients read it, such as “Andheri clinic”",
    )
    address = StringField(
        "Address", [DataRequired("Enter the address"), _at_most(200)], filters=[one_line]
    )
    directions = TextAreaField(
        "How to find it (optional)",
        [_at_most(400)],
        default="",
        filters=[many_lines],
        description="Floor, lift, landmark, parking",
    )
    step_free = BooleanField("It can be reached without steps")
    active = BooleanField("In use: hours can be here", default=True)

    def __init__(self, sent: Sent, taken: Collection[str], **known: Any) -> None:
        super().__init__(formdata=sent, **known)
        self.taken = {name.casefold() for name in taken}

    def validate_name(self, field: StringField) -> None:
        """Refuse the name of another place."""
        if field.data.casefold() in self.taken:
            raise ValidationError("There is a place with this name already")

    def change(self, place_id: uuid.UUID | None) -> hours.ChangedPlace:
        """The place as it was filled in."""
        return hours.ChangedPlace(id=place_id, **self.data)


class KindForm(Form):
    """A kind of visit. `shortest` is how long the shortest hours for it last."""

    name = StringField(
        "Name",
        [DataRequired("Enter a name for this kind of visit"), _at_most(80)],
        filters=[one_line],
        description="As patients read it, such as “First visit”",
    )
    minutes = Whole(
        "Length in minutes", words="Enter the length in minutes, from 5 to 240", least=5, most=240
    )
    buffer_before = Whole(
        "Free minutes before",
        words="Enter the minutes before a visit, from 0 to 120",
        least=0,
        most=120,
        default=0,
    )
    buffer_after = Whole(
        "Free minutes after",
        words="Enter the minutes after a visit, from 0 to 120",
        least=0,
        most=120,
        default=0,
    )
    fee = Whole(
        "Fee in rupees (optional)",
        words="Enter the fee in whole rupees, such as 1500",
        least=0,
        most=1_000_000,
        needed=False,
    )
    lead_minutes = Whole(
        "Patients book at least this many minutes ahead",
        words="Enter minutes, from 0 to 20160 (two weeks)",
        least=0,
        most=20_160,
        default=120,
    )
    horizon_days = Whole(
        "Patients book at most this many days ahead",
        words="Enter days, from 1 to 366",
        least=1,
        most=366,
        default=60,
    )
    for_patients = BooleanField("Patients may choose it themselves", default=True)
    active = BooleanField("In use: hours can be for it", default=True)

    def __init__(
        self, sent: Sent, taken: Collection[str], shortest: int | None, **known: Any
    ) -> None:
        super().__init__(formdata=sent, **known)
        self.taken = {name.casefold() for name in taken}
        self.shortest = shortest

    def validate_name(self, field: StringField) -> None:
        """Refuse the name of another kind."""
        if field.data.casefold() in self.taken:
            raise ValidationError("There is a kind of visit with this name already")

    def validate_minutes(self, field: Whole) -> None:
        """Refuse a visit that fits into no hours for it."""
        if field.data is not None and self.shortest is not None and field.data > self.shortest:
            raise ValidationError(
                f"Some hours for this kind of visit last {self.shortest} minutes only: "
                "change those hours first"
            )

    def change(self, kind_id: uuid.UUID | None) -> hours.ChangedKind:
        """The kind of visit as it was filled in."""
        return hours.ChangedKind(id=kind_id, **self.data)


class ClosureForm(Form):
    """A closure: a day, several days, or a part of one day."""

    whose = OneOf("Who or what is closed", words="Select the clinic, a place or a person")
    first = Day("First day", needed="Enter the first day")
    last = Day("Last day (optional)", description="Leave it empty for one day")
    begins = TimeOfDay(
        "From (optional)", description="Only for a part of one day; leave it empty for whole days"
    )
    ends = TimeOfDay("To (optional)")
    reason = StringField(
        "Reason",
        [DataRequired("Enter the reason"), _at_most(120)],
        filters=[one_line],
        description="Never a patient’s name or illness",
    )
    told = BooleanField("Patients are told the reason")

    def __init__(
        self, sent: Sent, whose: Sequence[tuple[str, str]], today: dt.date, zone: ZoneInfo
    ) -> None:
        super().__init__(formdata=sent)
        self.whose.choices = [(CLINIC, "The whole clinic"), *whose]
        self.today, self.zone = today, zone

    def validate_first(self, field: Day) -> None:
        """Refuse days that nobody can plan for."""
        _planned(field.data, self.today)

    def validate_last(self, field: Day) -> None:
        """Refuse an end before the beginning, and days that are over."""
        if field.data is None:
            return
        if self.first.data and field.data < self.first.data:
            raise ValidationError("The last day must not be before the first")
        _planned(field.data, self.today)

    def validate_begins(self, field: TimeOfDay) -> None:
        """A part of a day has two ends, and belongs to one day."""
        if field.data is None and self.ends.data is not None:
            raise ValidationError("Enter from when it is closed, or leave both times empty")
        if field.data is not None and self.last.data not in (None, self.first.data):
            raise ValidationError("A part of a day goes with one day: clear the times or the last")

    def validate_ends(self, field: TimeOfDay) -> None:
        """The same, and in this order."""
        if self.begins.data is None or self.ends.process_errors:
            return
        if field.data is None:
            raise ValidationError("Enter until when it is closed, or leave both times empty")
        if field.data <= self.begins.data or self._vanishes(field.data):
            raise ValidationError("“To” must be after “From” on the same day")

    def _vanishes(self, ends: dt.time) -> bool:
        """Whether nothing is left between the two, because the clocks are changed in that hour."""
        day = self.first.data
        return day is not None and _instant(day, ends, self.zone) <= _instant(
            day, self.begins.data, self.zone
        )

    def change(self) -> hours.NewClosures:
        """The closure as it was filled in."""
        first: dt.date = self.first.data
        last: dt.date = self.last.data or first
        kind, _, which = self.whose.data.partition(":")
        closing = hours.Closing(
            starts_at=_instant(first, self.begins.data or dt.time(), self.zone),
            ends_at=_instant(last, self.ends.data, self.zone)
            if self.ends.data
            else _instant(last + DAY, dt.time(), self.zone),
            reason=self.reason.data,
            told=self.told.data,
            practitioner_id=uuid.UUID(which) if kind == "person" else None,
            place_id=uuid.UUID(which) if kind == "place" else None,
        )
        return hours.NewClosures((closing,))


class HolidaysForm(Form):
    """The public holidays that are to be closed: all of those offered are ticked at first."""

    days = Ticks("Close the whole clinic on", required="Select the days, or leave this page")

    def __init__(self, sent: Sent, offered: Sequence[hours.PublicHoliday], zone: ZoneInfo) -> None:
        every = [holiday.day.isoformat() for holiday in offered]
        super().__init__(formdata=sent, data=None if sent else {"days": every})
        self.days.choices = [(day, day) for day in every]
        self.offered, self.zone = offered, zone

    def change(self) -> hours.NewClosures:
        """A closure for each day that was left ticked; patients are told its name."""
        return hours.NewClosures(tuple(self._closings()))

    def _closings(self) -> Iterator[hours.Closing]:
        for holiday in self.offered:
            if holiday.day.isoformat() in self.days.data:
                yield closing_of(holiday, self.zone)


def closing_of(holiday: hours.PublicHoliday, zone: ZoneInfo) -> hours.Closing:
    """The closure of the clinic on that day."""
    return hours.Closing(
        starts_at=_instant(holiday.day, dt.time(), zone),
        ends_at=_instant(holiday.day + DAY, dt.time(), zone),
        reason=holiday.name,
        told=True,
    )


def _instant(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, time, zone).astimezone(dt.UTC)


def _planned(day: dt.date | None, today: dt.date) -> None:
    if day and day < today:
        raise ValidationError("This day is over")
    if day and day > today + FURTHEST:
        raise ValidationError("This is more than ten years ahead")
