"""Two versions of a pack side by side: which rules, questions and texts differ, in words."""

import tomllib
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from pathlib import Path
from typing import Any, Final

from app.domain.condition import Pack
from app.domain.pack_files import TABLES, files_of
from app.domain.rule_words import RuleWords

CONDITION: Final = ("all", "any", "at_least", "of", "unless")
# How a table of a list is called, where it has none of the usual names.
NAMES: Final = ("id", "value", "language")
LONGEST: Final = 300

Place = tuple[str, ...]
Leaf = str | tuple[str, ...]


def differences(old: Pack, before: Path, new: Pack, after: Path) -> Iterator[str]:
    """Every difference, file by file; each pack with the folder that it was read from."""
    earlier, later = _told(old, before), _told(new, after)
    for file in TABLES:
        lines = list(_of_tables(earlier[file], later[file]))
        if lines:
            yield from ("", file, *lines)
    for language in sorted({*old.page_texts, *new.page_texts}):
        lines = _of_pages(old.page_texts.get(language, ""), new.page_texts.get(language, ""))
        if lines:
            yield from ("", f"page.{language}.md", *lines)


def _told(pack: Pack, folder: Path) -> dict[str, dict[str, dict[Place, Leaf]]]:
    """Of each file its parts by name ("rule E01"), and of each part what stands where."""
    sources = {
        name: tomllib.loads(content.decode())
        for name, content in files_of(folder).items()
        if name in TABLES
    }
    words = RuleWords(pack)
    return {file: dict(_parts(source, words)) for file, source in sources.items()}


def _parts(source: Mapping[str, Any], words: RuleWords) -> Iterator[tuple[str, dict[Place, Leaf]]]:
    for key, value in source.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for table in value:
                yield f"{key} {_name(table)}", dict(_leaves(table, words))
        elif key in {"words", "facts"}:
            for name, condition in value.items():
                yield f"`{name}`", {("means",): words.condition(condition)}
        elif key == "groups":
            for name, members in value.items():
                yield f"`{name}`", {("members",): tuple(members)}
        else:
            yield key, dict(_leaves(value, words))


def _leaves(value: Any, words: RuleWords, place: Place = ()) -> Iterator[tuple[Place, Leaf]]:
    if isinstance(value, dict):
        if any(key in value for key in CONDITION):
            yield (*place, "when"), words.condition(value)
        for key, part in value.items():
            if key == "asked_if":
                yield (*place, "asked if"), words.condition(part)
            elif key not in CONDITION:
                yield from _leaves(part, words, (*place, key))
    elif isinstance(value, list) and any(isinstance(part, dict) for part in value):
        for part in value:
            table = part if isinstance(part, dict) else {"ref": part}
            yield from _leaves(table, words, (*place, _name(table)))
    elif isinstance(value, list):
        yield place, tuple(map(str, value))
    else:
        yield place, str(value)


def _name(table: Mapping[str, Any]) -> str:
    """What a person would call a table of a list."""
    for key in NAMES:
        if key in table:
            return str(table[key])
    for key in ("text", "meaning"):
        if key in table:
            return f"“{table[key]['en']}”"
    if "ref" in table:
        return " ".join(str(table[key]) for key in ("ref", "at") if key in table)
    return " ".join(str(value) for value in table.values())


def _of_tables(
    old: Mapping[str, dict[Place, Leaf]], new: Mapping[str, dict[Place, Leaf]]
) -> Iterator[str]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        state = "is new" if before is None else "is gone" if after is None else "changed"
        yield f"  {name} {state}"
        yield from _of_one(before or {}, after or {})


def _of_one(before: Mapping[Place, Leaf], after: Mapping[Place, Leaf]) -> Iterator[str]:
    for place in dict.fromkeys((*before, *after)):
        was, becomes = before.get(place), after.get(place)
        if was != becomes:
            where = ", ".join(place)
            yield f"    {where + ': ' if where else ''}{_change(was, becomes)}"


def _change(was: Leaf | None, becomes: Leaf | None) -> str:
    if isinstance(was, tuple) and isinstance(becomes, tuple):
        gone = ", ".join(part for part in was if part not in becomes)
        new = ", ".join(part for part in becomes if part not in was)
        told = [f"without {gone}" if gone else "", f"with {new}" if new else ""]
        return "; ".join(filter(None, told)) or "in another order"
    if was is None or becomes is None:
        return _short(was if becomes is None else becomes)
    return f"{_short(was)} → {_short(becomes)}"


def _short(leaf: Leaf | None) -> str:
    text = ", ".join(leaf) if isinstance(leaf, tuple) else leaf or ""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _of_pages(old: str, new: str) -> list[str]:
    lines = unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
    return [f"  {line}" for line in lines if not line.startswith(("---", "+++", "@@"))]
