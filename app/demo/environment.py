"""The settings of the demo: an invented clinic, and secrets that exist on this machine only."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config import SETTINGS, BadSettings, Settings

SECRETS_FILE: Final = "demo.env"
DATABASE_FILE: Final = "demo.db"
CONSONANTS: Final = "bdfghklmnprstvz"
VOWELS: Final = "aeiou"

CLINIC: Final = {
    "CLINIC_NAME": "Example Spine Clinic",
    "CLINIC_CITY": "Mumbai",
    "CLINIC_ADDRESS": "Room 5, 1 Example Road, Mumbai",
    "CLINIC_PHONE": "022 0000 1234",
    "CLINIC_HOURS": "Monday to Saturday, 9 am to 6 pm",
    "CLINIC_CITY_HI": "मुंबई",
    "CLINIC_CITY_MR": "मुंबई",
    "CLINIC_HOURS_HI": "सोमवार से शनिवार, सुबह 9 से शाम 6 बजे तक",
    "CLINIC_HOURS_MR": "सोमवार ते शनिवार, सकाळी 9 ते संध्याकाळी 6",
    "WHATSAPP_NUMBER": "919876543200",
    "HOSPITALS": "Example General Hospital, Parel; Example Trauma Centre, Sion",
    "MAIL_SERVER": "127.0.0.1",
    "MAIL_SECURITY": "none",
    "MAIL_FROM": "clinic@example.org",
    "DESK_ADDRESSES": "desk@example.org",
}
TAKEN_OVER: Final = ("DATABASE_URL", "HUEY_URL", "PUBLIC_BASE_URL")


class NoDemo(Exception):
    """The demo cannot start; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo's programs find in their environment, and the password of its people."""

    env: Mapping[str, str]
    password: str


def prepare(folder: Path, environ: Mapping[str, str], port: int) -> Demo:
    """Make or find the demo's settings for this port; raises NoDemo.

    Of the settings around us, those of another clinic do not count; the database and the public
    address may be chosen.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    database = folder / DATABASE_FILE
    known = _secrets(folder / SECRETS_FILE, database)
    chosen = {name: environ[name] for name in TAKEN_OVER if environ.get(name)}
    env = {name: value for name, value in environ.items() if name not in SETTINGS} | {
        "DATABASE_URL": f"sqlite:///{database}",
        "PUBLIC_BASE_URL": f"http://localhost:{port}",
        **CLINIC,
        **known,
        **chosen,
    }
    try:
        Settings.from_env(env)
    except BadSettings as fault:
        raise NoDemo(str(fault)) from None
    return Demo(env, known["DEMO_PASSWORD"])


def _secrets(file: Path, database: Path) -> dict[str, str]:
    """Read the secrets; make them when there is nothing yet that others have sealed."""
    if not file.exists():
        if database.exists():
            raise NoDemo(
                f"{database} is there, but {file}, which holds its keys, is gone.\n"
                "`make clean` forgets the demo; then it starts afresh."
            )
        _write(file, _new_secrets())
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _new_secrets() -> dict[str, str]:
    # Records are much to load, and the supervisor needs them this once only.
    from app.records.crypto import new_key  # noqa: PLC0415 - only its command needs it

    return {
        "SECRET_KEY": secrets.token_urlsafe(32),
        "FIELD_KEYS": f"k1:{new_key()}",
        "INDEX_KEY": new_key(),
        "DEMO_PASSWORD": _password(),
    }


def _password() -> str:
    """Three groups of four letters that can be said and typed: “kavo-mire-tuso”."""
    letters = "".join(secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(6))
    return "-".join(letters[start : start + 4] for start in (0, 4, 8))


def _write(file: Path, values: Mapping[str, str]) -> None:
    """Write all of it or nothing, for this user alone."""
    unfinished = file.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.writelines(f"{name}={value}\n" for name, value in values.items())
    unfinished.replace(file)
