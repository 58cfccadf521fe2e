"""The settings as a table in Markdown."""

from config import ROOT, SETTINGS, Setting


def settings_table() -> str:
    """One line per setting: its name, its default, and what it is."""
    lines = ["| variable | default | what it is |", "| --- | --- | --- |"]
    lines += [
        f"| `{name}` | {_default(setting)} | {setting.about} |"
        for name, setting in SETTINGS.items()
    ]
    return "\n".join(lines) + "\n"


def _default(setting: Setting) -> str:
    if setting.default is None:
        return "**must be set**"
    # The folder of the program is another one on every machine.
    return f"`{setting.default.replace(f'{ROOT}/', '')}`" if setting.default else "–"
