"""The README says what is true of the program."""

import re
import tomllib
from pathlib import Path

from app.commands.settings_table import settings_table
from config import ROOT, SETTINGS

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_shows_every_setting() -> None:
    """The table of settings is the one that `python -m app.commands settings` prints."""
    shown = README.partition("<!-- settings -->\n")[2].partition("<!-- /settings -->")[0]
    assert shown == settings_table()
    assert all(f"| `{name}` |" in shown for name in SETTINGS)


def test_the_readme_gives_a_reason_for_every_dependency() -> None:
    """Every package of pyproject.toml has a line in a table, and no line is left over."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    wanted = [*project["project"]["dependencies"], *groups["run"], *groups["dev"]]
    names = {re.split(r"[<>=!~ ]", line)[0] for line in wanted if isinstance(line, str)}
    rows = re.findall(r"^\| ((?:`[\w\[\]-]+`(?:, )?)+) \| .+ \|$", README, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([\w\[\]-]+)`", row)}
    assert names - named == set()
    assert {name for name in named if name.islower() and name not in names} == set()


def test_the_run_lock_is_part_of_the_dev_lock() -> None:
    """`make test` tests the very versions that `make run` and a clinic install."""
    run, dev = (_pins(ROOT / "requirements" / f"{name}.lock") for name in ("run", "dev"))
    assert run
    assert run.items() <= dev.items()


def _pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE))


def test_what_the_readme_points_to_is_there() -> None:
    """Every link into the repository leads to a file or folder."""
    for document in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        text = document.read_text(encoding="utf-8")
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (document.parent / link).exists(), f"{document.name} points to {link}"
