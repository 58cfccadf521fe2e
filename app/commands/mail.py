"""The connection to the mail server, tried from the command line."""

import click
from flask.cli import with_appcontext

from app.commands import commands


@commands.group()
def mail() -> None:
    """The mail server."""


@mail.command("test")
@click.argument("address")
@with_appcontext
def test(address: str) -> None:
    """Send a mail without any patient's data to ADDRESS, at once and past the outbox."""
    from app.mail import Postponed, Refused, send_test  # noqa: PLC0415 - only its command needs it

    try:
        send_test(address)
    except Refused as fault:
        raise click.ClickException(f"The mail server refuses it: {fault.failure}.") from None
    except Postponed as fault:
        raise click.ClickException(f"The mail server cannot be used: {fault.failure}.") from None
    click.echo(f"The mail server took it. Look whether it arrives at {address}.")
