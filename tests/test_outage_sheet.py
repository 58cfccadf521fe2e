"""The sealed file with the open urgent cases, for when the site is down."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.commands import sealed_file
from app.commands.sealed_file import CannotOpen, seal, unseal
from app.domain.level import Level
from config import ROOT
from tests.builders import a_request

PASSPHRASE = "eleven tired horses"
NAME = "Asha Patil"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the sheet is written."""
    return tmp_path / "kept" / "sheet.sealed"


@pytest.fixture
def written(app: Flask, file: Path) -> Path:
    """A sheet with one emergency."""
    file.parent.mkdir()
    with app.app_context():
        a_request(Level.emergency, at=datetime.now(UTC), person={"name": NAME})
        other = {"name": "Someone Else", "phone": "+919876543211"}
        a_request(Level.routine, at=datetime.now(UTC), person=other)
    done = run(app, "write", str(file))
    assert done.exit_code == 0, done.output
    assert done.output == f"1 open case, sealed in {file}.\n"
    return file


def run(app: Flask, *words: str, typed: str = f"{PASSPHRASE}\n") -> Result:
    """Run the command as `flask` does; the passphrase comes from standard input."""
    return app.test_cli_runner().invoke(args=["outage-sheet", *words], input=typed)


def open_alone(*words: str, typed: str = "", **env: str) -> "subprocess.CompletedProcess[str]":
    """Open a sheet where there are no settings and no database."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "app.commands", "outage-sheet", "open", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **env},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_file_can_be_read_by_its_owner_alone_and_by_nobody_without_the_passphrase(
    written: Path,
) -> None:
    """Mode 0600, and not a word of it in the clear."""
    assert written.stat().st_mode & 0o777 == 0o600
    content = written.read_bytes()
    for words in (NAME, "98765", "EMERGENCY", "SPN-", "Example Spine Clinic"):
        assert words.encode() not in content
    assert list(written.parent.iterdir()) == [written]


@pytest.mark.databases("sqlite")
def test_it_is_opened_without_settings_or_database(written: Path, tmp_path: Path) -> None:
    """By what is typed, by a key file, or by the environment."""
    key = tmp_path / "key"
    key.write_text(f"{PASSPHRASE}\nsecond line\n", encoding="utf-8")
    opened = open_alone(str(written), typed=f"{PASSPHRASE}\n")
    assert (opened.returncode, opened.stderr) == (0, "")
    assert "Example Spine Clinic: open urgent cases" in opened.stdout
    assert f"1. EMERGENCY  {NAME}  98765 43210  SPN-" in opened.stdout
    assert "Speaks: Marathi" in opened.stdout
    assert "Someone Else" not in opened.stdout
    assert open_alone(str(written), "--key-file", str(key)).stdout == opened.stdout
    assert open_alone(str(written), OUTAGE_PASSPHRASE=PASSPHRASE).stdout == opened.stdout


@pytest.mark.databases("sqlite")
def test_another_passphrase_opens_nothing(written: Path) -> None:
    """It says so in one line, and shows nothing."""
    refused = open_alone(str(written), typed="eleven tired mules\n")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr == "Error: The passphrase is wrong, or the file was changed.\n"


@pytest.mark.databases("sqlite")
def test_a_new_sheet_takes_the_place_of_the_old(app: Flask, written: Path) -> None:
    """The second is whole, keeps its mode, and differs even with the same cases."""
    before = written.read_bytes()
    written.chmod(0o644)
    assert run(app, "write", str(written)).exit_code == 0
    assert written.read_bytes() != before
    assert written.stat().st_mode & 0o777 == 0o600


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("typed", ["\n", "", "short\n", "elevenchars\n"])
def test_a_short_passphrase_writes_nothing(app: Flask, tmp_path: Path, typed: str) -> None:
    """Twelve characters are the least."""
    refused = run(app, "write", str(tmp_path / "sheet"), typed=typed)
    assert refused.exit_code == 1
    assert "12 characters or more" in refused.output
    assert not (tmp_path / "sheet").exists()


@pytest.mark.databases("sqlite")
def test_a_folder_that_is_not_there_is_told(app: Flask, file: Path) -> None:
    """An operator reads a sentence, not a traceback."""
    refused = run(app, "write", str(file))
    assert refused.exit_code == 1
    assert "cannot be written: No such file or directory" in refused.output


@pytest.mark.databases("sqlite")
def test_an_empty_sheet_says_so(app: Flask, tmp_path: Path) -> None:
    """Nobody takes an empty file for a fault."""
    assert run(app, "write", str(tmp_path / "sheet")).exit_code == 0
    opened = run(app, "open", str(tmp_path / "sheet"))
    assert "No emergency and no urgent case is open." in opened.output


@pytest.mark.databases("sqlite")
def test_what_people_typed_moves_no_cursor(app: Flask, tmp_path: Path) -> None:
    """Control characters of a name become blanks before a terminal sees them."""
    with app.app_context():
        name = "Asha\x1b[2J\r\n2. EMERGENCY  Nobody"
        a_request(Level.urgent, at=datetime.now(UTC), person={"name": name})
    assert run(app, "write", str(tmp_path / "sheet")).exit_code == 0
    opened = run(app, "open", str(tmp_path / "sheet"))
    assert "\x1b" not in opened.output
    assert "1. URGENT  Asha [2J  2. EMERGENCY  Nobody" in opened.output


@pytest.mark.parametrize("place", [0, 15, 16, 31, 32, 43, 44, -1])
def test_a_changed_byte_anywhere_is_noticed(place: int) -> None:
    """Format, salt, nonce, text and seal all belong together."""
    sealed = bytearray(seal("urgent", PASSPHRASE))
    sealed[place] ^= 1
    with pytest.raises(CannotOpen):
        unseal(bytes(sealed), PASSPHRASE)


@pytest.mark.parametrize("content", [b"", b"spinedesk-sheet1", sealed_file.FORMAT + bytes(20)])
def test_a_part_of_a_file_is_no_sheet(content: bytes) -> None:
    """Whatever was copied half is told as such."""
    with pytest.raises(CannotOpen, match="only a part"):
        unseal(content, PASSPHRASE)


def test_the_same_text_is_never_sealed_alike() -> None:
    """Salt and nonce are new each time, and any script comes back as it was."""
    text = "आशा पाटील, 61 🦴\n"
    first, second = seal(text, PASSPHRASE), seal(text, PASSPHRASE)
    assert first[16:44] != second[16:44]
    assert unseal(first, PASSPHRASE) == unseal(second, PASSPHRASE) == text
