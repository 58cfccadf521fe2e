"""The open urgent cases in a sealed file, for the hours in which the site is down."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from flask import current_app
from flask.cli import with_appcontext

from app.commands import commands

if TYPE_CHECKING:
    from app.case import OnPaper
    from config import Settings

VARIABLE: Final = "OUTAGE_PASSPHRASE"
LONGEST_KEY_FILE: Final = 1024

key_file = click.option(
    "--key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"A file whose first line is the passphrase; else {VARIABLE}, else it is asked for.",
)


@commands.group("outage-sheet")
def outage_sheet() -> None:
    """The open urgent cases in a sealed file, for when the site is down."""


@outage_sheet.command("write")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@key_file
@with_appcontext
def write(file: Path, key_file: Path | None) -> None:
    """Write the sheet to FILE, in place of the one before; a passphrase opens it."""
    from app.commands.sealed_file import SHORTEST, seal  # noqa: PLC0415 - only its command needs it
    from app.workflow import urgent_sheet  # noqa: PLC0415 - only its command needs it

    passphrase = _passphrase(key_file, confirm=True)
    if len(passphrase) < SHORTEST:
        raise click.ClickException(f"The passphrase must have {SHORTEST} characters or more.")
    now = datetime.now(UTC)
    sheet = urgent_sheet.take(now)
    try:
        _replace(file, seal(_text(sheet.rows, sheet.more, now), passphrase))
    except OSError as fault:
        raise click.ClickException(f"{file} cannot be written: {fault.strerror}.") from None
    click.echo(f"{_number(sheet.rows)}, sealed in {file}.")


@outage_sheet.command("open")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@key_file
def unseal(file: Path, key_file: Path | None) -> None:
    """Print the sheet in FILE. It needs no settings and no database."""
    from app.commands.sealed_file import CannotOpen, unseal  # noqa: PLC0415 - only its command needs it

    try:
        click.echo(unseal(file.read_bytes(), _passphrase(key_file)), nl=False)
    except (CannotOpen, OSError) as fault:
        raise click.ClickException(str(fault)) from None


def _passphrase(key_file: Path | None, *, confirm: bool = False) -> str:
    if key_file:
        with key_file.open("rb") as opened:
            first, *_ = opened.read(LONGEST_KEY_FILE).splitlines() or [b""]
        return first.decode(errors="surrogateescape").strip()
    if given := os.environ.get(VARIABLE):
        return given
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm)
    return typed


def _replace(file: Path, content: bytes) -> None:
    """Write the whole file, for its owner alone, or leave the one before."""
    half = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)


def _text(rows: list[Any], more: bool, now: datetime) -> str:
    from app import case  # noqa: PLC0415 - only its command needs it
    from app.formats import clock_time, long_day  # noqa: PLC0415 - only its command needs it

    settings: Settings = current_app.extensions["settings"]
    zone = settings.clinic_zone
    number = _number(rows) + (", and more than this sheet holds" if more else "")
    parts = [
        f"{settings.clinic_name}: open urgent cases",
        f"{clock_time(now, zone)}, {long_day(now, zone)}. {number}.",
    ]
    parts += [_case(number, case.on_paper(row, zone, now)) for number, row in enumerate(rows, 1)]
    if not rows:
        parts.append("No emergency and no urgent case is open.")
    return "\n\n".join(parts) + "\n"


def _number(rows: list[Any]) -> str:
    return f"{len(rows)} open {'case' if len(rows) == 1 else 'cases'}"


def _case(number: int, each: "OnPaper") -> str:
    from app.formats import phone  # noqa: PLC0415 - only its command needs it
    from app.words import LEVELS  # noqa: PLC0415 - only its command needs it

    called = phone(each.phone) if each.phone else "no number"
    head = f"{number}. {LEVELS[each.level].upper()}  {each.name}  {called}  {each.reference}"
    return "\n".join(
        map(_printable, [head, *(f"   {term}: {words}" for term, words in each.facts)])
    )


def _printable(line: str) -> str:
    """Without what would move a terminal's cursor, or pass for another line."""
    return "".join(c if c.isprintable() else " " for c in line)
