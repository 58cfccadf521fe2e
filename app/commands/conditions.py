"""What medicine knows, checked, printed and signed: nothing here needs a database or a secret."""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import click

from app.commands import commands
from app.commands.interface import emergency_messages, messages
from app.domain.condition import Case, Pack
from app.domain.errors import FaultyPack
from app.domain.pack_languages import texts_of, untranslated
from app.domain.pack_reader import read_pack
from app.domain.pack_signing import SIGNED, is_damaged, is_overdue
from app.domain.pack_versions import faults_since
from app.domain.triage import assess
from app.languages import TRANSLATED, catalogue

FOLDER = Path(__file__).parents[1] / "conditions"
GREEN, RED, YELLOW = 0, 1, 2

in_folder = click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=FOLDER,
    help="Where the packs are, if not in the program.",
)
DAY: Final = click.DateTime(["%Y-%m-%d"])


@commands.group()
def conditions() -> None:
    """The condition packs."""


@conditions.command("check")
@click.option("--on", type=DAY, help="The day to check for, if not today.")
@click.option("--yellow", is_flag=True, help="Exit 2, not 0, while a sound pack is not signed.")
@in_folder
def check(on: datetime | None, yellow: bool, folder: Path) -> None:
    """Read every pack, judge its worked examples, and look at its signature.

    Exits 1 when anything is not as the pack says, when a level fell for which nobody answers, or
    when a signed pack is past the date of its review. A pack that is not signed gets a warning.
    """
    today = (on or datetime.now(UTC)).date()
    state = GREEN
    for path in packs_in(folder):
        try:
            pack = read_pack(path)
        except FaultyPack as faulty:
            click.echo(str(faulty), err=True)
            state = RED
            continue
        faults = [*faults_of(pack, path), *_overdue(pack, today)]
        for fault in faults:
            _warn(f"{pack.id}: {fault}", "red")
        click.echo(_summary(pack))
        for language in pack.translations:
            click.echo(_translated(pack, language))
            if language not in pack.watchwords:
                click.echo(_unread(language))
        if warning := unsigned(pack):
            _warn(f"Warning: {pack.id} {warning}", "yellow")
        state = RED if faults or state == RED else YELLOW if warning else state
    for words, wrong in _interface():
        click.echo(words, err=wrong)
        state = RED if wrong else state
    sys.exit(GREEN if state == YELLOW and not yellow else state)


def faults_of(pack: Pack, path: Path) -> list[str]:
    """Where the pack is not as its worked examples say, or does not follow its signed version."""
    faults = [fault for case in pack.cases for fault in disagreements(pack, case)]
    if is_damaged(path):
        faults.append(f"the copy in `{SIGNED}` is not what was signed; take the signed one back")
    elif pack.changed_since:
        try:
            faults += faults_since(read_pack(path / SIGNED, pack.id), pack)
        except FaultyPack as faulty:
            faults.append(f"the signed version can no longer be read or compared: {faulty}")
    return faults


def disagreements(pack: Pack, case: Case) -> Iterator[str]:
    """What the rules say otherwise than a worked example, in words."""
    assessment = assess(pack, case.answers)
    fired = [finding.rule.id for finding in assessment.findings]
    where = f"case {case.id}"
    if assessment.level is not case.level:
        yield (
            f"{where}: it expects {case.level.name}, the rules say {assessment.level.name} "
            f"({', '.join(fired)})"
        )
    for rule in case.fires:
        if rule not in fired:
            yield f"{where}: rule {rule} should fire and does not"
    for rule in case.not_fires:
        if rule in fired:
            yield f"{where}: rule {rule} should not fire and does"


def _overdue(pack: Pack, today: date) -> Iterator[str]:
    if is_overdue(pack.signed_off or pack.changed_since, pack.review_due, today):
        yield f"its review was due on {pack.review_due}; a clinician must read and sign it again"


def unsigned(pack: Pack) -> str:
    """Why nobody answers for the pack as it stands; nothing when somebody does."""
    if pack.changed_since:
        by = pack.changed_since
        return f"was changed since {by.name} signed it on {by.on}."
    return "" if pack.signed_off else "was never signed off by a clinician."


def _warn(words: str, colour: str) -> None:
    click.echo(click.style(words, fg=colour), err=True)


def _summary(pack: Pack) -> str:
    signed = f"signed off by {pack.signed_off.name}" if pack.signed_off else "not signed off yet"
    faults = sum(1 for case in pack.cases for _ in disagreements(pack, case))
    cases = f"{len(pack.cases)} worked examples"
    found = f"{faults} disagreements with {cases}" if faults else f"{cases} agree"
    return f"{pack.id} {pack.version}: {len(pack.rules)} rules, {found}; {signed}."


def _translated(pack: Pack, language: str) -> str:
    checked = pack.translations[language]
    by = f"checked by {checked.name}" if checked else "awaits a native clinician"
    missing, texts = len(untranslated(pack, language)), len(texts_of(pack))
    return f"  {language}: {missing} of {texts} texts missing; {by}."


def _unread(language: str) -> str:
    return f"  {language}: no list of worrying words; the desk is told to read free text itself."


def _interface() -> Iterator[tuple[str, bool]]:
    """What the catalogues of the interface lack, and whether that is a fault."""
    pressing = set(emergency_messages())
    for language in TRANSLATED:
        found = catalogue(language)
        by = "awaits a native clinician" if found.awaits else "checked"
        missing = [english for english in messages() if english not in found.words]
        yield f"interface {language}: {len(missing)} of {len(messages())} missing; {by}.", False
        for english in missing:
            kind = "an emergency text, and it is missing" if english in pressing else "missing"
            yield f"  {language}: {kind}: “{english}”", english in pressing


@conditions.command("print")
@click.argument("condition", required=False)
@in_folder
def print_sheet(condition: str | None, folder: Path) -> None:
    """Print the rules of a pack, or of all, as a sheet in Markdown that a clinician can sign."""
    from app.commands.signing_sheet import sheet  # noqa: PLC0415 - only its command needs it

    for path in packs_in(folder):
        if condition in (None, path.name):
            click.echo(sheet(sound_pack(path), datetime.now(UTC).date()), nl=False)


def packs_in(folder: Path) -> list[Path]:
    """The folder of every pack, or an end in words when there is none."""
    found = sorted(path for path in folder.iterdir() if (path / "condition.toml").exists())
    if not found:
        raise click.ClickException(f"There is no condition pack in {folder}.")
    return found


def sound_pack(path: Path, name: str | None = None) -> Pack:
    """The pack of a folder, or an end in words when it is faulty."""
    try:
        return read_pack(path, name)
    except FaultyPack as faulty:
        raise click.ClickException(str(faulty)) from None


from app.commands import (  # noqa: E402 - they add their commands
    condition_changes,  # noqa: F401 - adds its commands
    condition_signing,  # noqa: F401 - adds its commands
)
