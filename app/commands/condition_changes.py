"""What a changed pack changes: in words, in its worked examples, for all answers, in requests."""

import importlib
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app.commands.conditions import conditions, sound_pack
from app.domain.condition import Pack
from app.domain.level import Level
from app.domain.pack_versions import moves, nobody_answers_for

a_pack = click.Path(exists=True, file_okay=False, path_type=Path)


@conditions.command("diff")
@click.argument("old")
@click.argument("new", type=a_pack)
def diff(old: str, new: Path) -> None:
    """Tell what changed from OLD to NEW, and whose level moves.

    NEW is the folder of a pack; OLD is one, too, or a revision of git that holds it. Exits 1 when a
    level falls for which nobody answers under `[[lowered]]`.
    """
    from app.commands.pack_differences import differences  # noqa: PLC0415 - only its command

    with _folder_of(old, new) as before:
        earlier, later = sound_pack(before, new.resolve().name), sound_pack(new)
        click.echo(f"{later.id}: version {earlier.version} and version {later.version}")
        told = list(differences(earlier, before, later, new))
        click.echo("\n".join(told or ["Every text and rule is the same."]))
    lowered = [*_moved_examples(earlier, later), *_proved(earlier, later)]
    _expect_names(later, lowered)


@contextmanager
def _folder_of(old: str, new: Path) -> Iterator[Path]:
    """The older pack as a folder, taken out of git when it is not one."""
    if Path(old).is_dir():
        yield Path(old)
        return
    # Asked inside a folder, git packs that folder alone.
    git = ["git", "-C", str(new), "archive", "--format=zip", old]
    done = subprocess.run(git, capture_output=True, check=False)  # noqa: S603 - our own git
    if done.returncode:
        raise click.ClickException(f"{old} is neither a folder nor a revision that holds {new}.")
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(BytesIO(done.stdout)) as packed:
            packed.extractall(folder)
        yield Path(folder)


def _moved_examples(old: Pack, new: Pack) -> Iterator[str]:
    """Tell which worked examples move; gives the rules that no longer lead to their level."""
    moved = list(moves(old, new))
    down = sum(move.falls for move in moved)
    click.echo(f"\nWorked examples: {down} fall, {len(moved) - down} rise.")
    for move in moved:
        click.echo(f"  {'DOWN' if move.falls else 'up  '} {move.in_words()}")
    return (rule for move in moved if move.falls for rule in move.lowered())


def _proved(old: Pack, new: Pack) -> Iterator[str]:
    """Tell for which answers at all a level falls; gives the rules, as `_moved_examples`."""
    try:
        # The solver is a tool of developers, as the tests are; a clinic has neither.
        solver = importlib.import_module("tests.proofs.comparison")
    except ImportError:
        click.echo("\nAll answers: not proved, for no solver is installed here.")
        return
    found = list(solver.lowered(old, new))
    said = "a level falls" if found else "proved that the same answers never get less"
    click.echo(f"\nAll answers: {said}.")
    for each in found:
        click.echo(each.in_words(old, new))
        yield each.rule


def _expect_names(pack: Pack, lowered: Iterable[str]) -> None:
    """End with 1 when rules were lowered for which nobody answers."""
    if rules := nobody_answers_for(pack, lowered):
        raise click.ClickException(
            f"Nobody answers for what is lowered: `[[lowered]]` of version {pack.version} in "
            f"condition.toml lacks {', '.join(rules)}."
        )


@conditions.command("simulate")
@click.argument("new", type=a_pack)
@click.option("--references", is_flag=True, help="Name the requests that would move, too.")
@with_appcontext
def simulate(new: Path, references: bool) -> None:
    """Judge every stored request anew by the pack in folder NEW, and tell how many would move.

    Nothing is written, and nothing is told of anybody but levels. Each request is compared with
    what the version that judged it said. Exits 1 as `diff` does.
    """
    from app.workflow import replay  # noqa: PLC0415 - only its command needs it

    pack = sound_pack(new)
    found = replay.replay(pack, references=references)
    for line in _in_a_table(found, pack):
        click.echo(line)
    for reference, before, after in found.references:
        click.echo(f"  {reference}: {before.name} becomes {after.name}")
    running = current_app.extensions["packs"].get(pack.id)
    examples = list(_moved_examples(running, pack)) if running else []
    _expect_names(pack, [*found.lowered, *examples])


def _in_a_table(found: Any, pack: Pack) -> Iterator[str]:
    judged = ", ".join(f"{count} by version {v}" for v, count in sorted(found.versions.items()))
    yield f"{found.versions.total()} requests of {pack.id} were judged: {judged or 'none'}."
    yield f"By version {pack.version} {found.down} would fall and {found.up} would rise."
    levels = sorted(Level, reverse=True)
    yield f"  {'was, becomes':<14}" + "".join(f"{level.name:>11}" for level in levels)
    for before in levels:
        row = "".join(f"{found.levels[before, after]:>11}" for after in levels)
        yield f"  {before.name:<14}{row}"
    for words, rules in (
        ("No longer lead to their level", found.lowered),
        ("Lead to a higher level", found.raised),
    ):
        if rules:
            told = ", ".join(f"{rule} ({count})" for rule, count in rules.most_common())
            yield f"{words}: {told}."
