"""Settings: one frozen, typed object, filled once from the environment.

`Settings.from_env` names every missing or bad value at once and refuses to start. The table in
the README is made from `SETTINGS` below.
"""

from __future__ import annotations

import base64
import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email

ROOT = Path(__file__).parent
PHONE = re.compile(r"\+?[0-9][0-9 ]{1,17}")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DESK_HOURS = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? +(\d{1,2}:\d\d)-(\d{1,2}:\d\d)")


class BadSettings(SystemExit):
    """The app must not start with these settings; the text names each fault."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("Spinedesk cannot start:\n  " + "\n  ".join(faults))


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable of the environment: how it is read, and what the README says of it."""

    read: Callable[[str], Any]
    about: str
    default: str | None = None


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value.strip()


def _optional(value: str) -> str | None:
    return value.strip() or None


def _secret(value: str) -> str:
    if len(value) < 32 or len(set(value)) < 10:
        raise ValueError("is too weak: use 32 random characters or more")
    return value


def _key(value: str) -> bytes:
    try:
        key = base64.b64decode(value, validate=True)
    except ValueError:
        raise ValueError("must be base64") from None
    if len(key) != 32 or len(set(key)) < 10:
        raise ValueError("must be 32 random bytes in base64")
    return key


def _keys(value: str) -> tuple[tuple[str, bytes], ...]:
    """`name:base64,name:base64`, the current key first."""
    pairs = [part.strip().partition(":") for part in value.split(",") if part.strip()]
    if not pairs:
        raise ValueError("must hold at least one key")
    if any(not re.fullmatch(r"[a-z0-9]{1,4}", name) for name, _, _ in pairs):
        raise ValueError("needs key names of one to four letters or digits, as in k1:…")
    if len({name for name, _, _ in pairs}) != len(pairs):
        raise ValueError("uses a key name twice")
    return tuple((name, _key(key)) for name, _, key in pairs)


def _database(value: str) -> str:
    scheme = urlsplit(value).scheme
    if scheme not in {"sqlite", "postgresql"}:
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return value


def _base_url(value: str) -> str:
    wanted = "must be an address such as https://clinic.example, without a path"
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  # raises when it is no number
    except ValueError:
        raise ValueError(wanted) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
        raise ValueError(wanted)
    if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1"}:
        raise ValueError("must begin with https:// (http:// is for this machine alone)")
    return value.rstrip("/")


def _address(value: str) -> str:
    try:
        return validate_email(value.strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValueError(f"is not an e-mail address: {error}") from None


def _addresses(value: str) -> tuple[str, ...]:
    found = tuple(_address(part) for part in value.split(",") if part.strip())
    if not found:
        raise ValueError("needs at least one e-mail address")
    return found


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not value.strip().isdecimal() or not low <= int(value) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return read


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return value

    return read


def _zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("is not a time zone such as Asia/Kolkata") from None


def _desk_hours(value: str) -> tuple[tuple[int, time, time], ...]:
    """`mon-sat 09:00-19:00, sun 10:00-12:00` as weekday (Monday is 0), from and to."""
    found = []
    for part in filter(str.strip, value.split(",")):
        match = DESK_HOURS.fullmatch(part.strip().lower())
        try:
            if match is None:
                raise ValueError
            first, last = (WEEKDAYS.index(day or match[1]) for day in (match[1], match[2]))
            opens, closes = (time.fromisoformat(each.zfill(5)) for each in (match[3], match[4]))
        except ValueError:
            raise ValueError("must look like mon-fri 09:00-19:00, sat 09:00-13:00") from None
        if first > last or opens >= closes:
            raise ValueError("must name days and times from earlier to later")
        found += [(weekday, opens, closes) for weekday in range(first, last + 1)]
    if not found:
        raise ValueError("needs at least one day")
    return tuple(sorted(found))


def _times(value: str) -> tuple[time, ...]:
    """`08:00, 20:00`, in order."""
    try:
        found = sorted({time.fromisoformat(part.strip().zfill(5)) for part in value.split(",")})
    except ValueError:
        raise ValueError("must be times of the day such as 08:00, 20:00") from None
    if any(each.tzinfo for each in found):
        raise ValueError("must be times of the day such as 08:00, 20:00")
    return tuple(found)


def _phone(value: str) -> str:
    if not PHONE.fullmatch(value.strip()):
        raise ValueError("must be a phone number such as 022 0000 1234")
    return value.strip()


def _given(**texts: str | None) -> dict[str, str]:
    return {language: text for language, text in texts.items() if text}


def _hospitals(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(";") if part.strip())


SETTINGS: Final[dict[str, Setting]] = {
    "SECRET_KEY": Setting(_secret, "Signs sessions and forms. 32 random characters or more."),
    "FIELD_KEYS": Setting(
        _keys,
        "Encrypts personal and health fields: `name:base64` of 32 bytes, comma between keys, the "
        "current one first. `flask keys new` prints one.",
    ),
    "INDEX_KEY": Setting(_key, "Keys the search index: 32 random bytes in base64."),
    "DATABASE_URL": Setting(
        _database,
        "`sqlite:////path/clinic.db` or `postgresql://…`.",
        f"sqlite:///{ROOT / 'instance' / 'clinic.db'}",
    ),
    "HUEY_URL": Setting(
        _optional,
        "Where the worker is woken; by default a file beside the SQLite database, or the "
        "PostgreSQL database itself. `redis://…` also works.",
        "",
    ),
    "PUBLIC_BASE_URL": Setting(_base_url, "The public address; every link in a mail begins so."),
    "PROXY_HOPS": Setting(
        _number(0, 5), "How many proxies in front of the app set X-Forwarded-For.", "0"
    ),
    "MAIL_SERVER": Setting(_text, "Host name of the mail server (SMTP)."),
    "MAIL_PORT": Setting(_number(1, 65535), "Its port.", "587"),
    "MAIL_SECURITY": Setting(
        _one_of("starttls", "tls", "none"), "`starttls`, `tls` or `none`.", "starttls"
    ),
    "MAIL_USERNAME": Setting(_optional, "Sign-in at the mail server, if it wants one.", ""),
    "MAIL_PASSWORD": Setting(_optional, "Its password.", ""),
    "MAIL_FROM": Setting(_address, "Sender of every mail."),
    "MAIL_TIMEOUT": Setting(_number(1, 30), "Seconds to wait for the mail server.", "10"),
    "DESK_ADDRESSES": Setting(_addresses, "Mailboxes of the desk, comma between them."),
    "DESK_MAIL": Setting(
        _one_of("minimal", "flags"),
        "`minimal`, or `flags` to add signs, age and call-back number to the desk's mail (see "
        "docs/mail.md).",
        "minimal",
    ),
    "ENQUIRIES_PER_ADDRESS": Setting(
        _number(5, 100_000),
        "How many enquiries one internet address may start, and send, in 10 minutes. Many patients "
        "share one. An emergency is never refused.",
        "30",
    ),
    "TIMES_PER_ADDRESS": Setting(
        _number(5, 100_000),
        "How many times to visit one internet address may have kept for it in 10 minutes. Beyond "
        "that, the desk finds the time by phone.",
        "20",
    ),
    "VISITS_PER_CONTACT": Setting(
        _number(1, 100),
        "How many visits to come patients may choose by themselves for one phone number or e-mail "
        "address; families share one. Beyond that, the desk finds the time by phone.",
        "3",
    ),
    "CLINIC_NAME": Setting(_text, "Name of the clinic."),
    "CLINIC_CITY": Setting(_text, "Its town, shown beside the name."),
    "CLINIC_ADDRESS": Setting(_text, "Where a visit takes place, in one line."),
    "CLINIC_PHONE": Setting(_phone, "The desk's telephone number."),
    "CLINIC_HOURS": Setting(_text, "When the desk answers, in words."),
    "CLINIC_CITY_HI": Setting(_optional, "The town in Hindi; without it, as above.", ""),
    "CLINIC_CITY_MR": Setting(_optional, "The town in Marathi.", ""),
    "CLINIC_HOURS_HI": Setting(_optional, "The hours in Hindi; without them, as above.", ""),
    "CLINIC_HOURS_MR": Setting(_optional, "The hours in Marathi.", ""),
    "CLINIC_ZONE": Setting(_zone, "Time zone of the clinic.", "Asia/Kolkata"),
    "DESK_HOURS": Setting(
        _desk_hours,
        "When somebody is at the desk, for the clocks: `mon-fri 09:00-19:00, sat 09:00-13:00`.",
        "mon-sat 09:00-19:00",
    ),
    "EMERGENCY_MINUTES": Setting(
        _number(1, 60), "How soon a doctor takes an emergency in these hours.", "15"
    ),
    "EMERGENCY_MINUTES_OUT_OF_HOURS": Setting(
        _number(1, 120), "And out of these hours, through whoever is on call.", "30"
    ),
    "URGENT_HOURS": Setting(_number(1, 24), "How many desk hours an urgent request may wait.", "4"),
    "URGENT_HOURS_AT_MOST": Setting(
        _number(1, 72), "And how many hours in all, nights and holidays included.", "24"
    ),
    "SOON_DAYS": Setting(_number(1, 7), "How many working days the next level may wait.", "1"),
    "ROUTINE_DAYS": Setting(_number(1, 30), "And the rest.", "3"),
    "HAND_OVER": Setting(
        _times, "When the doctors on call hand over, by the clinic's clock.", "08:00, 20:00"
    ),
    "WHATSAPP_NUMBER": Setting(
        _optional, "Digits of the clinic's WhatsApp number, if it has one.", ""
    ),
    "AMBULANCE_NUMBER": Setting(_phone, "The number to call in an emergency.", "108"),
    "EMERGENCY_NUMBER": Setting(
        _phone, "The number to call when that one does not connect.", "112"
    ),
    "HELPLINE_NUMBER": Setting(_phone, "Mental-health helpline (in India Tele-MANAS).", "14416"),
    "HOSPITALS": Setting(
        _hospitals,
        "Hospitals with MRI and spine surgery day and night, semicolon between them; shown on the "
        "emergency page.",
        "",
    ),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between one clinic and another. Secrets stay out of its `repr`."""

    secret_key: str = field(repr=False)
    field_keys: tuple[tuple[str, bytes], ...] = field(repr=False)
    index_key: bytes = field(repr=False)
    database_url: str = field(repr=False)
    huey_url: str | None = field(repr=False)
    public_base_url: str
    proxy_hops: int
    mail_server: str
    mail_port: int
    mail_security: str
    mail_username: str | None
    mail_password: str | None = field(repr=False)
    mail_from: str
    mail_timeout: int
    desk_addresses: tuple[str, ...]
    desk_mail: str
    enquiries_per_address: int
    times_per_address: int
    visits_per_contact: int
    clinic_name: str
    clinic_city: str
    clinic_address: str
    clinic_phone: str
    clinic_hours: str
    clinic_city_hi: str | None
    clinic_city_mr: str | None
    clinic_hours_hi: str | None
    clinic_hours_mr: str | None
    clinic_zone: ZoneInfo
    desk_hours: tuple[tuple[int, time, time], ...]
    emergency_minutes: int
    emergency_minutes_out_of_hours: int
    urgent_hours: int
    urgent_hours_at_most: int
    soon_days: int
    routine_days: int
    hand_over: tuple[time, ...]
    whatsapp_number: str | None
    ambulance_number: str
    emergency_number: str
    helpline_number: str
    hospitals: tuple[str, ...]
    packs_folder: Path = ROOT / "app" / "conditions"

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the environment; raises BadSettings naming every fault."""
        found: dict[str, Any] = {}
        faults: list[str] = []
        for name, setting in SETTINGS.items():
            value = env.get(name, setting.default)
            if value is None:
                faults.append(f"{name} is missing: {setting.about}")
                continue
            try:
                found[name.lower()] = setting.read(value)
            except ValueError as error:
                faults.append(f"{name} {error}")
        if faults:
            raise BadSettings(faults)
        return cls(**found)

    @property
    def on_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite:")

    @property
    def clinic_hours_in(self) -> dict[str, str]:
        """When the desk answers, in each language that it is given in."""
        return _given(en=self.clinic_hours, hi=self.clinic_hours_hi, mr=self.clinic_hours_mr)

    @property
    def clinic_city_in(self) -> dict[str, str]:
        """The clinic's town, in each language that it is given in."""
        return _given(en=self.clinic_city, hi=self.clinic_city_hi, mr=self.clinic_city_mr)

    @property
    def targets(self) -> dict[str, Any]:
        """How soon each level is answered, by the names of the rules."""
        return {
            "emergency": timedelta(minutes=self.emergency_minutes),
            "emergency_out_of_hours": timedelta(minutes=self.emergency_minutes_out_of_hours),
            "urgent": timedelta(hours=self.urgent_hours),
            "urgent_at_most": timedelta(hours=self.urgent_hours_at_most),
            "soon_days": self.soon_days,
            "routine_days": self.routine_days,
        }

    @property
    def https(self) -> bool:
        """Whether cookies may insist on HTTPS."""
        return self.public_base_url.startswith("https://")

    def replace(self, **changes: object) -> Settings:
        """A copy with some values changed."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]  # checked by dataclass
