"""`python -m app.commands …`: the same commands as `flask …`."""

from flask.cli import ScriptInfo

from app.commands import commands

if __name__ == "__main__":
    # The app is made only when a command asks for it.
    commands(obj=ScriptInfo(app_import_path="wsgi:app"), prog_name="python -m app.commands")
