"""The plain text of a mail as HTML: the same words in the same order.

A blank line parts paragraphs, `- ` begins a line of a list, `Words: https://…` or `Call now: 108`
alone in its paragraph is a button, and what stands between two rules is the get-help-now box.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from flask import current_app
from markupsafe import Markup, escape

from app.formats import dialled
from app.languages import words

RULE: Final = "-" * 60
BUTTON: Final = re.compile(r"([^:]+): (https?://\S+)")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a list or the button."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Blocks that stand in the box, or outside it."""

    boxed: bool
    blocks: tuple[Block, ...]


def as_html(subject: str, text: str, numbers: Iterable[str]) -> str:
    """The mail as HTML; `numbers` are the telephone numbers that can be pressed."""
    pressed = "|".join(re.escape(number) for number in sorted(set(numbers), key=len, reverse=True))
    known = re.compile(rf"https?://\S+[^\s.,;]|(?<!\w)(?:{pressed})(?!\w)")

    def linked(line: str) -> Markup:
        safe, end = Markup(), 0
        for found in known.finditer(line):
            safe += escape(line[end : found.start()]) + _link(found.group())
            end = found.end()
        return safe + escape(line[end:])

    parts = [
        Part(bool(number % 2), tuple(_blocks(part))) for number, part in enumerate(text.split(RULE))
    ]
    frame = current_app.jinja_env.get_template("email/frame.html")
    return frame.render(subject=subject, parts=[p for p in parts if p.blocks], linked=linked)


def _link(target: str) -> Markup:
    address = target if target.startswith("http") else f"tel:{dialled(target)}"
    return Markup('<a href="{}" style="color: inherit">{}</a>').format(address, target)


def _call() -> re.Pattern[str]:
    return re.compile(rf"({re.escape(words('Call now'))}): (.+)")


def _blocks(text: str) -> Iterator[Block]:
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = paragraph.strip().splitlines()
        if len(lines) == 1 and (button := BUTTON.fullmatch(lines[0])):
            yield Block("button", button.groups())
            continue
        if len(lines) == 1 and (call := _call().fullmatch(lines[0])):
            yield Block("button", (lines[0], f"tel:{dialled(call[2])}"))
            continue
        for listed, run in groupby(lines, key=lambda line: line.startswith("- ")):
            yield Block(
                "list" if listed else "text", tuple(line.removeprefix("- ") for line in run)
            )
