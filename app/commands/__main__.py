"""`python -m app.commands …`: the same commands as `flask …`."""

import os

from flask import Flask
from flask.cli import ScriptInfo

from app.commands import commands


def made() -> Flask:
    """The app of a command, on a database that may be about to be migrated."""
    from app import create_app  # noqa: PLC0415 - only its command needs it
    from config import Settings  # noqa: PLC0415 - only its command needs it

    return create_app(Settings.from_env(os.environ))


if __name__ == "__main__":
    # The app is made only when a command asks for it.
    commands(obj=ScriptInfo(create_app=made), prog_name="python -m app.commands")
