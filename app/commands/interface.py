"""Every word of the interface that patients may see, as it stands in the templates and the code."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, nodes

from config import ROOT

TEMPLATES: Final = ROOT / "templates"
OF_PATIENTS: Final = ("base.html", "parts", "patient", "errors", "email")
OF_EMERGENCIES: Final = (
    "base.html",
    "parts/care.html",
    "patient/emergency.html",
    "patient/own_advice.html",
    "errors/our_fault.html",
    "email/box.txt",
    "email/emergency-sent.txt",
)
CODE: Final = (
    "calendar_file.py",
    "checks.py",
    "errors.py",
    "factory.py",
    "formats.py",
    "forms.py",
    "free_times.py",
    "mail",
    "patient",
)
# Calls whose first argument is words of the interface.
SAYS: Final = ("Later", "words", "markup", "_lost")


@cache
def messages() -> tuple[str, ...]:
    """Everything that is said through the catalogues, in English, each once."""
    return tuple(dict.fromkeys([*said_in(templates_of_patients()), *_in_code()]))


def emergency_messages() -> tuple[str, ...]:
    """What tells people what to do in an emergency: no language may lack it."""
    return tuple(dict.fromkeys(said_in(TEMPLATES / name for name in OF_EMERGENCIES)))


def templates_of_patients() -> Iterator[Path]:
    """The templates that patients' pages and mails are made from."""
    for name in OF_PATIENTS:
        yield from _files(TEMPLATES / name, "*.*")


def _files(path: Path, pattern: str) -> list[Path]:
    return sorted(each for each in path.rglob(pattern) if each.is_file()) or [path]


def said_in(paths: Iterable[Path]) -> Iterator[str]:
    """What these templates say through the catalogues, in English."""
    reader = Environment()  # noqa: S701 - it only reads
    for path in paths:
        for call in reader.parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "_":
                (english,) = call.args
                if not isinstance(english, nodes.Const):
                    raise TypeError(f"{path}, line {call.lineno}: `_` takes the words themselves")
                yield english.value


def _in_code() -> Iterator[str]:
    for name in CODE:
        for path in _files(ROOT / "app" / name, "*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            known = {each.id: text for each, text in _named(tree)}
            for call in ast.walk(tree):
                if isinstance(call, ast.Call) and call.args and _says(call):
                    yield from _texts(call.args[0], known)


def _says(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in SAYS


def _texts(said: ast.expr, known: dict[str, ast.expr]) -> Iterator[str]:
    """The words of an argument: written there, or under a name of the module."""
    if isinstance(said, ast.Constant) and isinstance(said.value, str):
        yield said.value
    elif isinstance(said, ast.Name) and said.id in known:
        yield from _texts(known[said.id], known)
    elif isinstance(said, ast.Subscript):
        yield from _texts(said.value, known)
    elif isinstance(said, ast.Dict):
        for each in said.values:
            yield from _texts(each, known)


def _named(tree: ast.Module) -> Iterator[tuple[ast.Name, ast.expr]]:
    """The names that a module gives to values once and for all."""
    for line in tree.body:
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            yield line.targets[0], line.value
        elif isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.value:
            yield line.target, line.value
