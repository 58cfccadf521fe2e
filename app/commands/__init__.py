"""Everything that an operator does, as in `flask migrate`.

The same commands run as `python -m app.commands …`. There, the ones that need no clinic work
before any setting has been made: `keys new`, `conditions` and `settings`. What a command needs is
imported inside it, so that the web app starts without it.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from config import Settings


def init(app: Flask) -> None:
    """Add the commands to `flask`."""
    for command in commands.commands.values():
        app.cli.add_command(command)


@click.group()
def commands() -> None:
    """What an operator of Spinedesk does."""


@commands.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when it is not up to date.")
@with_appcontext
def migrate(check: bool) -> None:
    """Bring the database to the shape that this version needs."""
    from app.records import db, migrate  # noqa: PLC0415 - only its command needs it

    before = migrate.revision_of(db.engine)
    if before == migrate.NEWEST:
        click.echo(f"The database is up to date ({before}).")
    elif check:
        raise click.ClickException(
            f"The database is at {before or 'nothing'}, this version needs {migrate.NEWEST}: "
            "run `flask migrate`."
        )
    else:
        db.engine.dispose()
        migrate.upgrade(_settings().database_url)
        click.echo(f"Migrated the database from {before or 'nothing'} to {migrate.NEWEST}.")


@commands.command()
@with_appcontext
def worker() -> None:
    """Send what is due, remind, escalate and tidy up, until it is told to stop."""
    from app.records import db, migrate  # noqa: PLC0415 - only its command needs it
    from app.worker import run  # noqa: PLC0415 - only its command needs it

    migrate.refuse_another_revision(db.engine)
    run(current_app)


@commands.group()
def audit() -> None:
    """The investigation log."""


@audit.command("verify")
@with_appcontext
def audit_verify() -> None:
    """Prove that no line of the log was changed, removed or put in between."""
    import sqlalchemy as sa  # noqa: PLC0415 - only its command needs it

    from app.records import audit, db  # noqa: PLC0415 - only its command needs it

    session: Any = db.session  # it only reads, so it holds no writer up
    broken = audit.first_broken(session)
    if broken is not None:
        raise click.ClickException(f"The log is broken at line {broken}.")
    lines = session.scalar(sa.select(sa.func.count()).select_from(audit.AuditEvent))
    click.echo(f"{lines} lines, each following from the one before.")


@commands.group()
def drafts() -> None:
    """What patients have begun to fill in."""


@drafts.command("forget")
@with_appcontext
def drafts_forget() -> None:
    """Erase the drafts whose 24 hours are over; the worker does it by itself, too."""
    from app.workflow import enquiry  # noqa: PLC0415 - only its command needs it

    packs = current_app.extensions["packs"]
    erased = enquiry.forget_expired(packs, _settings().clinic_zone, datetime.now(UTC))
    click.echo(f"Erased {erased} drafts.")


@commands.group()
def keys() -> None:
    """The keys that seal personal and health fields."""


@keys.command("new")
def keys_new() -> None:
    """Print a fresh key for FIELD_KEYS (put a name before it: `k1:…`) or INDEX_KEY."""
    from app.records.crypto import new_key  # noqa: PLC0415 - only its command needs it

    click.echo(new_key())


@keys.command("rotate")
@click.option("--index", is_flag=True, help="Make the search index anew, for a new INDEX_KEY.")
@with_appcontext
def keys_rotate(index: bool) -> None:
    """Seal again, with the current key, what older keys have sealed; can be repeated."""
    from app.workflow import keys  # noqa: PLC0415 - only its command needs it

    if index:
        click.echo(f"Made the search terms of {keys.rotate_index()} requests anew.")
        return
    rotated = keys.rotate()
    for table, rows in rotated.items():
        click.echo(f"{table}: {rows} rows sealed again")
    if not any(rotated.values()):
        click.echo("Nothing is sealed with an older key any more.")


@commands.command()
def settings() -> None:
    """Print every setting with its default and meaning, as the README shows them."""
    from app.commands.settings_table import settings_table  # noqa: PLC0415 - only its command needs it

    click.echo(settings_table(), nl=False)


def _settings() -> "Settings":
    found: Settings = current_app.extensions["settings"]
    return found


from app.commands import (  # noqa: E402 - they add their commands
    conditions,  # noqa: F401 - adds its commands
    mail,  # noqa: F401 - adds its commands
    outage_sheet,  # noqa: F401 - adds its commands
    requests,  # noqa: F401 - adds its commands
    staff,  # noqa: F401 - adds its commands
)
