"""The page of a condition as its author writes it: parts, and what may be folded in them."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from app.domain.condition import Pack

PART: Final = re.compile(r"^## .+ \{#(?P<id>[\w-]+)\}$", re.MULTILINE)
FOLD: Final = re.compile(r"^#### (.+)$", re.MULTILINE)
"""What follows this line in its part is folded under these words, until somebody opens it."""

SOURCE_MARK: Final = re.compile(r"\[\^([\w-]+)\]")
SYMPTOMS: Final = "symptoms"
ALWAYS_OPEN: Final = (SYMPTOMS, "do", "visit")
"""Signs of danger and what to do about them are never folded."""


def parts_of(text: str) -> dict[str, str]:
    """The words of each part of a page, by the name of the part."""
    _, *rest = PART.split(text)
    return dict(zip(rest[0::2], rest[1::2], strict=True))


def page_faults(pack: Pack) -> Iterator[str]:
    """Parts that are folded and must not be, or in one language only."""
    english = _folds(pack.page_texts.get("en", ""))
    for language, text in pack.page_texts.items():
        found = _folds(text)
        for name in ALWAYS_OPEN:
            if found.get(name):
                yield f"page.{language}.md: {name} tells what must be seen, so nothing in it folds"
        if any(english.get(name) != folds for name, folds in found.items()):
            yield f"page.{language}.md: it does not fold the same parts as page.en.md"


def _folds(text: str) -> Mapping[str, int]:
    return {name: len(FOLD.findall(words)) for name, words in parts_of(text).items()}
