"""Brings a database to the shape that this version of the program needs."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST: Final = "0009"
"""The revision that this version of the program needs."""

_MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"


def upgrade(database_url: str, revision: str = NEWEST) -> None:
    """Migrate up in one transaction: all of it happens, or nothing."""
    from alembic import command  # noqa: PLC0415 - serving pages does not need it

    command.upgrade(_config(database_url), revision)


def downgrade(database_url: str, revision: str) -> None:
    """Migrate down to a revision, or to `base`, in one transaction. Data of newer tables goes."""
    from alembic import command  # noqa: PLC0415 - serving pages does not need it

    command.downgrade(_config(database_url), revision)


def revision_of(engine: sa.Engine) -> str | None:
    """The revision of a database; None when it was never migrated."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return found


class AnotherRevision(SystemExit):
    """The database has another shape than this version of the program; nothing may start on it."""

    def __init__(self, found: str | None) -> None:
        known = found is None or any((_MIGRATIONS / "versions").glob(f"{found}_*.py"))
        advice = "Run `flask migrate`" if known else "Start the newer Spinedesk that made it"
        super().__init__(
            f"Spinedesk cannot start: the database is at {found or 'nothing'}, "
            f"this version needs {NEWEST}. {advice}."
        )


def refuse_another_revision(engine: sa.Engine) -> None:
    """Raise AnotherRevision unless the database has the shape that this version needs."""
    if (found := revision_of(engine)) != NEWEST:
        raise AnotherRevision(found)


def _config(database_url: str) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - serving pages does not need it

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["database_url"] = database_url
    return config
