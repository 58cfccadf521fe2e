"""Settings: every missing or bad value is named at once, and nothing secret is shown."""

import base64
import dataclasses
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config import ROOT, SETTINGS, BadSettings, Settings
from tests.builders import ENVIRONMENT

KEY = base64.b64encode(bytes(range(100, 132))).decode()
REQUIRED = (
    "SECRET_KEY",
    "FIELD_KEYS",
    "INDEX_KEY",
    "PUBLIC_BASE_URL",
    "MAIL_SERVER",
    "MAIL_FROM",
    "DESK_ADDRESSES",
    "CLINIC_NAME",
    "CLINIC_CITY",
    "CLINIC_ADDRESS",
    "CLINIC_PHONE",
    "CLINIC_HOURS",
)


def read(**changes: str) -> Settings:
    """The settings of an invented clinic, with some variables changed."""
    return Settings.from_env({**ENVIRONMENT, **changes})


def faults(**changes: str) -> tuple[str, ...]:
    """What is told when these variables are wrong."""
    with pytest.raises(BadSettings) as caught:
        read(**changes)
    return caught.value.faults


def test_every_missing_value_is_named_at_once() -> None:
    """An empty environment names each setting that has no default, with what it is for."""
    with pytest.raises(BadSettings) as caught:
        Settings.from_env({})
    assert tuple(fault.split()[0] for fault in caught.value.faults) == REQUIRED
    assert all(" is missing: " in fault for fault in caught.value.faults)
    assert str(caught.value).startswith("Spinedesk cannot start:\n  SECRET_KEY")


def test_missing_and_bad_values_are_named_together() -> None:
    """One start tells everything that is wrong, a line each."""
    wrong = {**ENVIRONMENT, "MAIL_PORT": "many", "CLINIC_ZONE": "Mars/Olympus"}
    del wrong["CLINIC_NAME"]
    with pytest.raises(BadSettings) as caught:
        Settings.from_env(wrong)
    assert {fault.split()[0] for fault in caught.value.faults} == {
        "MAIL_PORT",
        "CLINIC_NAME",
        "CLINIC_ZONE",
    }


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET_KEY", "short", "is too weak"),
        ("SECRET_KEY", "a" * 64, "is too weak"),
        ("SECRET_KEY", "", "is too weak"),
        ("INDEX_KEY", "not base64!", "must be base64"),
        ("INDEX_KEY", "clé", "must be base64"),
        ("INDEX_KEY", base64.b64encode(b"short").decode(), "must be 32 random bytes"),
        ("INDEX_KEY", base64.b64encode(bytes(32)).decode(), "must be 32 random bytes"),
        ("FIELD_KEYS", "", "must hold at least one key"),
        ("FIELD_KEYS", " , ", "must hold at least one key"),
        ("FIELD_KEYS", KEY, "needs key names"),
        ("FIELD_KEYS", f"much-too-long:{KEY}", "needs key names"),
        ("FIELD_KEYS", f"k1:{KEY},k1:{KEY}", "uses a key name twice"),
        ("FIELD_KEYS", "k1:short", "base64"),
        ("FIELD_KEYS", f"k1:{KEY},k2:", "must be 32 random bytes"),
        ("DATABASE_URL", "mysql://localhost/clinic", "must begin with sqlite:/// or postgresql://"),
        ("DATABASE_URL", "", "must begin with sqlite:/// or postgresql://"),
        ("PUBLIC_BASE_URL", "clinic.example", "must be an address"),
        ("PUBLIC_BASE_URL", "ftp://clinic.example", "must be an address"),
        ("PUBLIC_BASE_URL", "https://clinic.example/desk", "without a path"),
        ("PUBLIC_BASE_URL", "https://", "must be an address"),
        ("PUBLIC_BASE_URL", "https://[clinic", "must be an address"),
        ("PUBLIC_BASE_URL", "https://clinic.example:door", "must be an address"),
        ("PUBLIC_BASE_URL", "http://clinic.example", "must begin with https://"),
        ("PROXY_HOPS", "6", "must be a whole number from 0 to 5"),
        ("PROXY_HOPS", "-1", "must be a whole number from 0 to 5"),
        ("MAIL_SERVER", " ", "must not be empty"),
        ("MAIL_PORT", "0", "must be a whole number from 1 to 65535"),
        ("MAIL_PORT", "65536", "must be a whole number from 1 to 65535"),
        ("MAIL_PORT", "²", "must be a whole number from 1 to 65535"),
        ("MAIL_SECURITY", "ssl", "must be one of starttls, tls, none"),
        ("MAIL_FROM", "clinic", "is not an e-mail address"),
        ("MAIL_TIMEOUT", "1.5", "must be a whole number from 1 to 30"),
        ("DESK_ADDRESSES", ",", "needs at least one e-mail address"),
        ("DESK_ADDRESSES", "desk@example.org, desk", "is not an e-mail address"),
        ("DESK_MAIL", "everything", "must be one of minimal, flags"),
        ("CLINIC_NAME", "", "must not be empty"),
        ("CLINIC_PHONE", "call us", "must be a phone number"),
        ("CLINIC_ZONE", "Mars/Olympus", "is not a time zone"),
        ("CLINIC_ZONE", "", "is not a time zone"),
        ("CLINIC_ZONE", "../etc/passwd", "is not a time zone"),
        ("AMBULANCE_NUMBER", "1" * 20, "must be a phone number"),
        ("EMERGENCY_NUMBER", "", "must be a phone number"),
        ("HELPLINE_NUMBER", "14-416", "must be a phone number"),
    ],
)
def test_a_bad_value_is_named_in_words(name: str, value: str, words: str) -> None:
    """A value that cannot be used is named with its variable, alone, and with what is wanted."""
    (fault,) = faults(**{name: value})
    assert fault.startswith(f"{name} ")
    assert words in fault


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEYS", "INDEX_KEY", "DATABASE_URL"])
def test_a_bad_secret_is_not_repeated(name: str) -> None:
    """What is told about a bad secret does not contain it."""
    (fault,) = faults(**{name: "hunter2-hunter2"})
    assert "hunter2" not in fault


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("FIELD_KEYS", f"k2:{KEY} , ", (("k2", bytes(range(100, 132))),)),
        ("INDEX_KEY", KEY, bytes(range(100, 132))),
        ("DATABASE_URL", "postgresql://clinic@db/clinic", "postgresql://clinic@db/clinic"),
        ("HUEY_URL", "redis://queue/0", "redis://queue/0"),
        ("PUBLIC_BASE_URL", "https://clinic.example/", "https://clinic.example"),
        ("PUBLIC_BASE_URL", "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("PROXY_HOPS", " 2 ", 2),
        ("MAIL_PORT", "465", 465),
        ("MAIL_SECURITY", "tls", "tls"),
        ("MAIL_USERNAME", " clinic ", "clinic"),
        ("MAIL_FROM", " Clinic@Example.ORG ", "Clinic@example.org"),
        ("DESK_ADDRESSES", "a@example.org,, b@example.org", ("a@example.org", "b@example.org")),
        ("DESK_MAIL", "flags", "flags"),
        ("CLINIC_NAME", " Example Spine Clinic ", "Example Spine Clinic"),
        ("CLINIC_PHONE", "+91 98765 43200", "+91 98765 43200"),
        ("CLINIC_ZONE", "Europe/London", ZoneInfo("Europe/London")),
        ("WHATSAPP_NUMBER", "919876543200", "919876543200"),
        ("HOSPITALS", "One, Parel; Two, Sion;", ("One, Parel", "Two, Sion")),
    ],
)
def test_a_good_value_is_read(name: str, value: str, expected: Any) -> None:
    """White space around values does not matter; lists keep their order."""
    assert getattr(read(**{name: value}), name.lower()) == expected


def test_the_first_key_is_the_current_one() -> None:
    """Keys keep their order, so that the first one seals and the others still open."""
    known = read(FIELD_KEYS=f"k2:{KEY},{ENVIRONMENT['FIELD_KEYS']}")
    assert [name for name, _ in known.field_keys] == ["k2", "k1"]


def test_the_defaults_are_those_of_the_table() -> None:
    """What may be left out has the value that the README names."""
    minimal = {name: ENVIRONMENT[name] for name in REQUIRED}
    known = Settings.from_env(minimal)
    assert known.database_url == f"sqlite:///{ROOT / 'instance' / 'clinic.db'}"
    assert (known.mail_port, known.mail_security, known.mail_timeout) == (587, "starttls", 10)
    assert (known.proxy_hops, known.desk_mail) == (0, "minimal")
    assert known.clinic_zone == ZoneInfo("Asia/Kolkata")
    assert (known.ambulance_number, known.emergency_number, known.helpline_number) == (
        "108",
        "112",
        "14416",
    )
    assert (known.huey_url, known.mail_username, known.mail_password) == (None, None, None)
    assert (known.whatsapp_number, known.hospitals) == (None, ())


def test_every_setting_has_one_field_and_says_what_it_is_for() -> None:
    """The table and the object name the same things; only the folder of packs is not a variable."""
    fields = {field.name for field in dataclasses.fields(Settings)}
    assert {name.lower() for name in SETTINGS} == fields - {"packs_folder"}
    assert all(re.fullmatch(r"[A-Z`].+\.", setting.about) for setting in SETTINGS.values())
    assert tuple(name for name, setting in SETTINGS.items() if setting.default is None) == REQUIRED


def test_settings_never_show_their_secrets() -> None:
    """What is printed or logged of the settings holds no key, and no password in any form."""
    password = "hunter2-hunter2"
    known = read(
        MAIL_PASSWORD=password,
        DATABASE_URL=f"postgresql://clinic:{password}@db/clinic",
        HUEY_URL=f"redis://:{password}@queue/0",
    )
    shown = f"{known!r} {known}"
    assert known.mail_password == password
    assert password not in shown
    for secret in (known.secret_key, known.index_key, known.field_keys[0][1]):
        assert str(secret) not in shown
    assert "Example Spine Clinic" in shown


def test_settings_cannot_be_changed_by_accident() -> None:
    """They are frozen; a copy with other values leaves them as they are."""
    known = read()
    with pytest.raises(dataclasses.FrozenInstanceError):
        known.mail_port = 1  # type: ignore[misc]  # that is the point
    assert known.replace(mail_port=2525).mail_port == 2525
    assert known.mail_port == 9


def test_settings_know_the_database_and_https() -> None:
    """SQLite and HTTPS are told by the addresses."""
    here = read()
    there = read(DATABASE_URL="postgresql://db/clinic", PUBLIC_BASE_URL="https://clinic.example")
    assert (here.on_sqlite, here.https) == (True, False)
    assert (there.on_sqlite, there.https) == (False, True)
