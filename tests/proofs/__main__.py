"""`python -m tests.proofs`, or `make prove`: proves every pack, then compares a million forms.

It is no command of the program, because a clinic has no solver installed; `conditions check` is.
"""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

import click

from app.domain.condition import Pack
from app.domain.errors import FaultyPack
from app.domain.pack_reader import read_pack, read_packs
from app.domain.pack_signing import SIGNED
from app.domain.pack_versions import nobody_answers_for
from config import ROOT
from tests.proofs.agreement import disagreements
from tests.proofs.comparison import lowered
from tests.proofs.prover import faults_of

AT_ONCE = 20_000


@click.command()
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=ROOT / "app" / "conditions",
    help="Where the packs are, if not in the program.",
)
@click.option(
    "--forms", default=1_000_000, help="How many random forms are compared, in each reading."
)
def main(folder: Path, forms: int) -> None:
    """Prove the rules of every pack; exit 1 when a claim is broken."""
    try:
        packs = read_packs(folder)
    except FaultyPack as faulty:
        raise click.ClickException(str(faulty)) from None
    sound = [
        _proved(pack)
        and _follows_the_signed(pack, folder / name)
        and _agree(pack, folder / name, forms)
        for name, pack in packs.items()
    ]
    sys.exit(not all(sound))


def _proved(pack: Pack) -> bool:
    faults = tuple(faults_of(pack))
    for fault in faults:
        click.echo(fault.in_words(pack), err=True)
    if not faults:
        click.echo(
            f"{pack.id} {pack.version}: proved for all answers: every form gets a level; no more "
            "worrying answer lowers it, and no missing one; each rule can fire, and decides."
        )
    return not faults


def _follows_the_signed(pack: Pack, path: Path) -> bool:
    """Whether no level falls below what was signed without a name under `[[lowered]]`."""
    if pack.changed_since is None:
        return True
    signed = read_pack(path / SIGNED, pack.id)
    fallen = list(lowered(signed, pack))
    missing = nobody_answers_for(pack, [fall.rule for fall in fallen])
    for fall in fallen:
        if fall.rule in missing:
            click.echo(f"{pack.id}, nobody answers for: {fall.in_words(signed, pack)}", err=True)
    return not missing


def _agree(pack: Pack, path: Path, forms: int) -> bool:
    rounds = range(-(-forms // AT_ONCE))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = [
            difference
            for differences in pool.map(_compared, repeat(path), repeat(AT_ONCE), rounds)
            for difference in differences
        ]
    for difference in found:
        click.echo(f"{pack.id}: formulas and evaluation differ: {difference}", err=True)
    if not found:
        click.echo(f"{pack.id}: formulas and evaluation agree on {len(rounds) * AT_ONCE:,} forms.")
    return not found


def _compared(path: Path, number: int, seed: int) -> tuple[str, ...]:
    return disagreements(read_pack(path), number, seed)


if __name__ == "__main__":
    main()
