"""The house keeps its shape: layers, names, sizes, and nothing that nobody uses."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from config import ROOT

APP, TEMPLATES, TESTS = ROOT / "app", ROOT / "templates", ROOT / "tests"
CONDITIONS = APP / "conditions"
DOORS = ("patient", "desk", "doctor", "manager")
MOST_LINES = 320
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc"}
TEMPLATE = re.compile(r"""["']((?:[\w-]+/)*[\w-]+\.(?:html|txt))["']""")


def modules_of(folder: Path) -> Iterator[Path]:
    """Every Python file below a folder."""
    yield from sorted(folder.rglob("*.py"))


def text_of(path: Path) -> str:
    """The text of a file."""
    return path.read_text(encoding="utf-8")


def inside(path: Path) -> str:
    """Its place in the repository, for messages."""
    return path.relative_to(ROOT).as_posix()


def imports_of(path: Path) -> Iterator[str]:
    """The dotted name of every module and object that a file imports."""
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_the_layers_are_kept() -> None:
    """Every contract of pyproject.toml about who may import whom holds."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(  # noqa: S603  # the project's own linter
        [sys.executable, str(linter), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Contracts: \d+ kept, 0 broken", done.stdout)


def test_files_stay_short() -> None:
    """No file of the program is too long to read at once; what medicine knows may be longer."""
    files = [
        path
        for suffix in ("py", "css", "js")
        for path in APP.rglob(f"*.{suffix}")
        if APP / "conditions" not in path.parents
    ]
    long = {inside(path): len(text_of(path).splitlines()) for path in files}
    assert {name: lines for name, lines in long.items() if lines > MOST_LINES} == {}


def test_nothing_is_called_utils() -> None:
    """A thing without a home has no name yet."""
    named = [path for folder in (APP, TESTS) for path in modules_of(folder)]
    parts = {part for path in named for part in path.relative_to(ROOT).with_suffix("").parts}
    assert not parts & NAMELESS


def test_only_transaction_commits() -> None:
    """One place ends a transaction, so that a use case is written as a whole or not at all."""
    committing = {inside(path) for path in modules_of(APP) if ".commit(" in text_of(path)}
    assert committing == {"app/records/__init__.py"}


def test_showing_and_changing_are_two_functions() -> None:
    """A door writes `get` or `post` at each function, so that no GET slips into what changes."""
    for door in DOORS:
        for path in modules_of(APP / door):
            assert "methods=" not in text_of(path), inside(path)


def test_tests_use_real_parts() -> None:
    """No test replaces what a user would use by a mock."""
    mocking = {
        inside(path)
        for path in modules_of(TESTS)
        for name in imports_of(path)
        if name.partition(".")[0] in {"mock", "pytest_mock"} or name.startswith("unittest")
    }
    assert mocking == set()


def test_every_template_that_is_named_exists() -> None:
    """What the code renders, and what templates extend, include or import, is there."""
    named = {(name, inside(path)) for path in modules_of(APP) for name in _templates_in(path)}
    named |= {(name, inside(path)) for path in _templates() for name in _templates_in(path)}
    assert {pair for pair in named if not (TEMPLATES / pair[0]).is_file()} == set()


def test_every_template_is_used() -> None:
    """No template lies about that no code and no other template names."""
    code = "".join(text_of(path) for path in modules_of(APP))
    named = {name for path in (*modules_of(APP), *_templates()) for name in _templates_in(path)}
    for path in _templates():
        name = path.relative_to(TEMPLATES).as_posix()
        # A letter is named by its kind alone.
        letter = name.startswith("email/") and f'"{path.stem}"' in code
        drawing = name.startswith("patient/figures/") and _is_shown(path)
        assert name in named or letter or drawing, f"nobody uses {name}"


def _is_shown(drawing: Path) -> bool:
    """Whether a drawing is named after a condition and a part of its page."""
    page = CONDITIONS / drawing.parent.name / "page.en.md"
    return page.is_file() and f"{{#{drawing.stem}}}" in text_of(page)


def _templates() -> Iterator[Path]:
    yield from sorted(path for path in TEMPLATES.rglob("*") if path.is_file())


def _templates_in(path: Path) -> Iterator[str]:
    yield from (name for name in TEMPLATE.findall(text_of(path)) if not name.startswith("page."))


def test_a_door_has_the_same_name_everywhere() -> None:
    """Each door is a folder of the app, of the templates and of the tests."""
    for door in DOORS:
        assert (APP / door / "__init__.py").is_file()
        assert list((TEMPLATES / door).glob("*.html")), door
        assert list((TESTS / door).glob("test_*.py")), door


def test_pages_of_a_door_lie_in_its_own_folder() -> None:
    """A door renders its own templates, and those that all share."""
    for door in DOORS:
        others = {other for other in DOORS if other != door}
        for path in modules_of(APP / door):
            folders = {name.partition("/")[0] for name in _templates_in(path)}
            assert not folders & others, inside(path)


def test_a_stage_has_the_same_name_everywhere() -> None:
    """Each stage of the workflow is tested under its own name; the queue shows the whole slice."""
    stages = {
        path.stem
        for path in (APP / "workflow").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").is_file()) and path.stem != "__init__"
    }
    tested = {path.stem.removeprefix("test_") for path in (TESTS / "workflow").glob("test_*.py")}
    untested = {stage for stage in stages if not any(name.startswith(stage) for name in tested)}
    assert untested == set()
    assert "queue" in stages
    for place in ("app/desk/queue.py", "templates/desk/queue.html", "tests/desk/test_queue.py"):
        assert (ROOT / place).is_file()
