"""What medicine knows, checked and printed: nothing here needs a database or a secret."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from app.commands import commands
from app.commands.interface import emergency_messages, messages
from app.domain.condition import Case, Pack
from app.domain.errors import FaultyPack
from app.domain.pack_languages import texts_of, untranslated
from app.domain.pack_reader import read_pack
from app.domain.triage import assess
from app.languages import TRANSLATED, catalogue

FOLDER = Path(__file__).parents[1] / "conditions"

in_folder = click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=FOLDER,
    help="Where the packs are, if not in the program.",
)


@commands.group()
def conditions() -> None:
    """The condition packs."""


@conditions.command("check")
@in_folder
def check(folder: Path) -> None:
    """Read every pack and judge its worked examples; exit 1 when anything is not as it says."""
    sound = True
    for path in _packs_in(folder):
        try:
            pack = read_pack(path)
        except FaultyPack as faulty:
            click.echo(str(faulty), err=True)
            sound = False
            continue
        faults = [fault for case in pack.cases for fault in disagreements(pack, case)]
        for fault in faults:
            click.echo(f"{pack.id}: {fault}", err=True)
        sound = sound and not faults
        click.echo(_summary(pack, len(faults)))
        for language in pack.translations:
            click.echo(_translated(pack, language))
            if language not in pack.watchwords:
                click.echo(_unread(language))
    for words, wrong in _interface():
        click.echo(words, err=wrong)
        sound = sound and not wrong
    sys.exit(not sound)


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


def _summary(pack: Pack, faults: int) -> str:
    signed = f"signed off by {pack.signed_off.name}" if pack.signed_off else "not signed off yet"
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

    for path in _packs_in(folder):
        if condition in (None, path.name):
            try:
                pack = read_pack(path)
            except FaultyPack as faulty:
                raise click.ClickException(str(faulty)) from None
            click.echo(sheet(pack, path, datetime.now(UTC).date()), nl=False)


def _packs_in(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.iterdir() if (path / "condition.toml").exists())
    if not found:
        raise click.ClickException(f"There is no condition pack in {folder}.")
    return found
