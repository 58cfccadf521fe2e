"""The stored requests, from the command line."""

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from app.commands import commands


@commands.group()
def requests() -> None:
    """What patients have asked for."""


@requests.command("retriage")
@click.option("--check", is_flag=True, help="Change nothing; say how many would be judged again.")
@with_appcontext
def retriage(check: bool) -> None:
    """Judge unfinished requests again by a new version of their pack; the level never falls.

    The worker does it by itself after every start. It can be stopped and repeated.
    """
    from app import access  # noqa: PLC0415 - only its command needs it
    from app.workflow import retriage  # noqa: PLC0415 - only its command needs it

    packs = current_app.extensions["packs"]
    if check:
        click.echo(f"{_number(retriage.due(packs))} judged by another version of the rules.")
        return
    judged = retriage.run(packs, access.clinic(), datetime.now(UTC))
    click.echo(
        f"{_number(judged.requests)} judged again, {judged.raised} more pressing than before."
    )


def _number(requests: int) -> str:
    return "1 request" if requests == 1 else f"{requests} requests"
