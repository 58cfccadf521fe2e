"""A clinician signs a pack off: name, registration number, day, and a digest of all it says."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import click

from app.commands.conditions import DAY, conditions, faults_of, in_folder, sound_pack
from app.domain.condition import SignOff
from app.domain.pack_files import files_of
from app.domain.pack_signing import SIGNATURE, SIGNED, digest_of

HEAD = "# Written by `conditions sign`. Beside it stand the files as they were signed.\n"


@conditions.command("sign")
@click.argument("condition")
@click.option("--name", required=True, help="Who signs, with title.")
@click.option("--registration", required=True, help="Registration number and council.")
@click.option("--on", type=DAY, help="The day of signing, if not today.")
@in_folder
def sign(condition: str, name: str, registration: str, on: datetime | None, folder: Path) -> None:
    """Sign a pack off as it stands, texts and rules; to be typed by the clinician who read it."""
    path, today = folder / condition, datetime.now(UTC).date()
    day = on.date() if on else today
    if not (path / "condition.toml").exists():
        raise click.ClickException(f"There is no condition pack {condition} in {folder}.")
    pack = sound_pack(path)
    if faults := faults_of(pack, path):
        raise click.ClickException("It cannot be signed yet.\n  " + "\n  ".join(faults))
    if not name.strip() or not registration.strip():
        raise click.ClickException("A signature needs a name and a registration number.")
    if day > today:
        raise click.ClickException(f"{day} has not come yet.")
    if pack.review_due <= day:
        raise click.ClickException(
            f"`review_due` in condition.toml is {pack.review_due}: set it to the day by which "
            "it must be read again, then sign."
        )
    by = SignOff(name.strip(), registration.strip(), day)
    digest = _write(path, by)
    click.echo(f"{pack.id} {pack.version} is signed off by {by.name} ({by.registration}) on {day}.")
    click.echo(f"Review due on {pack.review_due}. SHA-256 of what was signed: {digest}")


def _write(path: Path, by: SignOff) -> str:
    """Put the signature and a copy of what was signed in place of the old ones."""
    files = files_of(path)
    digest = digest_of(files)
    fresh = path / f"{SIGNED}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    for name, content in files.items():
        (fresh / name).write_bytes(content)
    (fresh / SIGNATURE).write_text(_signature(by.name, by.registration, by.on, digest), "utf-8")
    shutil.rmtree(path / SIGNED, ignore_errors=True)
    fresh.rename(path / SIGNED)
    return digest


def _signature(name: str, registration: str, on: date, digest: str) -> str:
    # A JSON text is a TOML text, too.
    name, registration = (json.dumps(words, ensure_ascii=False) for words in (name, registration))
    return f'{HEAD}name = {name}\nregistration = {registration}\non = {on}\ndigest = "{digest}"\n'
