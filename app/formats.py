"""How times, numbers and lengths of time are written on pages and in mails."""

import csv
import datetime as dt
import functools
import io
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import PhoneNumberType

from app.languages import ENGLISH, catalogue, spoken, words

MOBILE: Final = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
"""Numbers that can have WhatsApp."""

NEAR = {0: "Today", 1: "Tomorrow"}
FORMULA: Final = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)
"""How a cell begins that spreadsheets calculate."""


def _names(day: dt.date, part: str) -> str:
    """The name of a weekday or month, as `strftime` calls it, in the language that is spoken."""
    if spoken() == ENGLISH:
        return day.strftime(part)
    known = catalogue(spoken())
    names = {"%A": known.days, "%a": known.short_days}
    if part in names:
        return names[part][day.weekday()]
    return {"%B": known.months, "%b": known.short_months}[part][day.month - 1]


def clock_time(at: dt.datetime, zone: ZoneInfo) -> str:
    """11:00 am."""
    return wall_time(at.astimezone(zone).time())


def wall_time(time: dt.time) -> str:
    """11:00 am, of a time of day on any day."""
    return f"{time.hour % 12 or 12}:{time.minute:02} {'am' if time.hour < 12 else 'pm'}"


def short_day(at: dt.datetime, zone: ZoneInfo) -> str:
    """Tue 25 Nov."""
    local = at.astimezone(zone)
    return f"{_names(local, '%a')} {local.day} {_names(local, '%b')}"


def long_day(at: dt.datetime, zone: ZoneInfo) -> str:
    """Tuesday 25 November 2025."""
    local = at.astimezone(zone)
    return f"{_names(local, '%A')} {local.day} {_names(local, '%B')} {local.year}"


def named_day(day: dt.date, today: dt.date) -> str:
    """Tuesday 25 November; "Today, …" and "Tomorrow, …" before those two."""
    away = (day - today).days
    named = f"{_names(day, '%A')} {day.day} {_names(day, '%B')}"
    return f"{words(NEAR[away])}, {named}" if away in NEAR else named


def rupees(amount: int) -> str:
    """₹1,500; ₹1,50,000 in lakhs."""
    digits = str(amount)
    head, tail = digits[:-3], digits[-3:]
    groups = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)]
    return "₹" + ",".join([*reversed(groups), tail])


def moment(at: dt.datetime, zone: ZoneInfo, now: dt.datetime) -> str:
    """11:43 am today; with its day otherwise: 24 Nov, 11:43 am."""
    local = at.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return clock_time(at, zone)
    return f"{local.day} {_names(local, '%b')}, {clock_time(at, zone)}"


def plain_date(day: dt.date) -> str:
    """3 November 2026."""
    return f"{day.day} {_names(day, '%B')} {day.year}"


def length_of_time(length: dt.timedelta) -> str:
    """22 min, 3 h 50 min, 5 h, 2 days."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 10 * 60 and minutes % 60:
        return f"{minutes // 60} h {minutes % 60} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


def whatsapp(number: str, reference: str, clinic_phone: str) -> str | None:
    """A link that begins a WhatsApp message to a stored number; None where there can be none.

    It says the reference and whom to call, and no word about why.
    """
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.number_type(parsed) not in MOBILE:
        return None
    message = f"Please call {clinic_phone} and say {reference}."
    return f"https://wa.me/{parsed.country_code}{parsed.national_number}?text={quote(message)}"


def dialled(number: str) -> str:
    """A number as a `tel:` link wants it: digits, and a plus where there was one."""
    return "".join(c for c in number if c.isdecimal() or c == "+")


@functools.lru_cache(maxsize=1024)
def phone(number: str) -> str:
    """A stored number (E.164) as people read it: 98765 43210, +44 20 7946 0958."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    national = str(parsed.national_number)
    if parsed.country_code == 91 and len(national) == 10 and national[0] in "6789":
        return f"{national[:5]} {national[5:]}"
    kind = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, kind)


def table(rows: Iterable[Iterable[int | str]]) -> str:
    """Rows as a CSV file that any spreadsheet opens. Lines end as RFC 4180 wants it."""
    file = io.StringIO()
    lines = csv.writer(file, lineterminator="\r\n")
    lines.writerows([harmless(cell) for cell in row] for row in rows)
    return file.getvalue()


def harmless(cell: int | str) -> int | str:
    """The cell, with a quote before whatever a spreadsheet would take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
