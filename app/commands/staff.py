"""Who works here, from the command line: the first manager is let in this way."""

import sys
from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from app.commands import commands
from app.domain.errors import NotFound


@commands.group()
def staff() -> None:
    """The people who work here."""


@staff.command("add")
@click.argument("role", type=click.Choice(["receptionist", "doctor", "manager"]))
@click.argument("name")
@click.argument("email")
@click.option("--phone", help="Where a doctor is reached.")
@click.option("--registration", help="A doctor's registration number.")
@with_appcontext
def add(role: str, name: str, email: str, phone: str | None, registration: str | None) -> None:
    """Let a person work here. The password is asked for, or read from standard input."""
    from app.workflow import staff  # noqa: PLC0415 - only its command needs it

    try:
        added = staff.add(
            role,
            name,
            email,
            _password(),
            datetime.now(UTC),
            phone=phone,
            registration=registration,
        )
    except ValueError as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(f"{added.name} ({added.role}) may sign in as {added.email}.")


@staff.command("password")
@click.argument("email")
@with_appcontext
def password(email: str) -> None:
    """Give a person a new password; every session of theirs ends."""
    from app.workflow import staff  # noqa: PLC0415 - only its command needs it

    try:
        changed = staff.set_password(email, _password(), datetime.now(UTC))
    except NotFound:
        raise _nobody(email) from None
    except ValueError as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(f"{changed.name} has a new password, and is signed out everywhere.")


@staff.command("end")
@click.argument("email")
@with_appcontext
def end(email: str) -> None:
    """Shut a person out at once; what they did stays in the records, and so do booked visits."""
    from app.workflow import hours, staff  # noqa: PLC0415 - only its command needs it

    at = datetime.now(UTC)
    try:
        ended = staff.deactivate(email, at)
    except NotFound:
        raise _nobody(email) from None
    click.echo(f"{ended.name} can no longer sign in.")
    stand = sum(each.visit.practitioner_id == ended.id for each in hours.outside(at))
    if stand:
        visits = "1 booked visit stands" if stand == 1 else f"{stand} booked visits stand"
        click.echo(f"{visits}: see Settings, Outside the hours.")


@staff.command("list")
@with_appcontext
def everybody() -> None:
    """Show who works or worked here."""
    from app.workflow import staff  # noqa: PLC0415 - only its command needs it

    for person in staff.everybody():
        click.echo(
            f"{person.role:<13} {'' if person.active else '(ended) '}{person.name} <{person.email}>"
        )


def _password() -> str:
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")


def _nobody(email: str) -> click.ClickException:
    return click.ClickException(f"Nobody works here under {email}.")
