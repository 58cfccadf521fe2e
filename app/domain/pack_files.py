"""The files of a condition pack: which there are, and their contents as tables and texts."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

TABLES: Final = (
    "condition.toml",
    "questions.toml",
    "triage.toml",
    "references.toml",
    "cases.toml",
)


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a pack that the program reads, as bytes; one that is missing is left out."""
    pages = sorted(path.name for path in folder.glob("page.*.md"))
    names = [name for name in (*TABLES, *pages) if (folder / name).is_file()]
    return {name: (folder / name).read_bytes() for name in names}


def table_in(files: Mapping[str, bytes], name: str, faults: list[str]) -> Mapping[str, object]:
    """A file as TOML; empty, with a fault, when it is missing or cannot be read."""
    if name not in files:
        faults.append(f"{name}: the file is missing")
        return {}
    try:
        return tomllib.loads(_text(files[name]))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(f"{name}: not readable as TOML: {error}")
        return {}


def pages_in(files: Mapping[str, bytes], faults: list[str]) -> dict[str, str]:
    """The text of the information page by language."""
    found = {}
    for name in files.keys() - set(TABLES):
        try:
            found[name.split(".")[1]] = _text(files[name])
        except UnicodeDecodeError as error:
            faults.append(f"{name}: not readable as text: {error}")
    return dict(sorted(found.items()))


def _text(content: bytes) -> str:
    """The text with one kind of line end, whatever the editor wrote."""
    return content.decode().replace("\r\n", "\n").replace("\r", "\n")
