"""Brings a database to the shape that this version of the program needs."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST: Final = "0001"
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
        return connection.scalar(sa.text("SELECT version_num FROM alembic_version"))


def _config(database_url: str) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - serving pages does not need it

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["database_url"] = database_url
    return config
