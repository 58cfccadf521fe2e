"""The settings and ports of the demo."""

import socket
import stat
from pathlib import Path

import pytest

from app.demo import environment, ports
from config import Settings


def test_the_secrets_are_made_once_and_for_this_user_alone(tmp_path: Path) -> None:
    """A second start finds the secrets of the first, in a file that nobody else may read."""
    first = environment.prepare(tmp_path / "instance", {}, 8000)
    second = environment.prepare(tmp_path / "instance", {}, 8000)
    assert first == second
    file = tmp_path / "instance" / environment.SECRETS_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    other = environment.prepare(tmp_path / "other", {}, 8000)
    assert other.password != first.password
    assert other.env["FIELD_KEYS"] != first.env["FIELD_KEYS"]


def test_the_settings_are_good_and_speak_of_this_machine(tmp_path: Path) -> None:
    """The app takes the demo's settings; their database and address are its own."""
    demo = environment.prepare(tmp_path, {}, 8123)
    settings = Settings.from_env(demo.env)
    assert settings.public_base_url == "http://localhost:8123"
    assert settings.database_url == f"sqlite:///{tmp_path}/demo.db"
    assert len(demo.password) >= 12


def test_settings_of_a_real_clinic_around_us_do_not_count(tmp_path: Path) -> None:
    """Nobody mails real patients by mistake: of the settings around, only the database counts."""
    around = {
        "MAIL_SERVER": "smtp.clinic.example",
        "SECRET_KEY": "another secret",
        "DATABASE_URL": "postgresql://localhost/demo",
        "HOME": "/home/somebody",
    }
    env = environment.prepare(tmp_path, around, 8000).env
    assert env["MAIL_SERVER"] == "127.0.0.1"
    assert env["SECRET_KEY"] != "another secret"
    assert env["DATABASE_URL"] == "postgresql://localhost/demo"
    assert env["HOME"] == "/home/somebody"


def test_lost_keys_are_told_in_words(tmp_path: Path) -> None:
    """A database whose keys are gone is not opened with new ones."""
    (tmp_path / environment.DATABASE_FILE).touch()
    with pytest.raises(environment.NoDemo, match="make clean"):
        environment.prepare(tmp_path, {}, 8000)


def test_a_bad_setting_is_told_in_words(tmp_path: Path) -> None:
    """A database that we cannot speak to is named before anything starts."""
    with pytest.raises(environment.NoDemo, match="DATABASE_URL must begin with"):
        environment.prepare(tmp_path, {"DATABASE_URL": "mysql://localhost/demo"}, 8000)


def test_a_taken_port_is_told_in_words() -> None:
    """Whoever finds the port in use is told how to take another one."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = ports.number(other)
        with pytest.raises(ports.NoPort, match=f"Port {taken} is in use.*PORT={taken + 1}"):
            ports.listen_here("127.0.0.1", str(taken))


@pytest.mark.parametrize("port", ["http", "70000", "-1"])
def test_what_is_no_port_is_told_in_words(port: str) -> None:
    """A typing mistake in PORT is named."""
    with pytest.raises(ports.NoPort, match=f"PORT={port} is not a port"):
        ports.listen_here("127.0.0.1", port)


def test_an_address_of_another_machine_is_told_in_words() -> None:
    """A HOST that this machine does not have is named."""
    with pytest.raises(ports.NoPort, match=r"Cannot listen at 192\.0\.2\.1"):
        ports.listen_here("192.0.2.1", "0")


def test_the_next_free_port_is_taken() -> None:
    """Mail and mailbox take the next port when theirs is in use."""
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        ports.next_free("127.0.0.1", ports.number(other)) as found,
    ):
        assert ports.number(found) != ports.number(other)
