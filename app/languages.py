"""The languages of patients: which there are, which is spoken now, and the words of the interface.

English stands in the templates and in the code; `app/translations/<language>.toml` says the same in
another language, under the English. A text that has no translation is shown in English, and marked
so for whoever hears the page.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from app.domain.condition import Text, in_language

ENGLISH: Final = "en"
NAMES: Final = {ENGLISH: "English", "hi": "हिन्दी", "mr": "मराठी"}
"""Each language in its own script."""

TRANSLATED: Final = tuple(language for language in NAMES if language != ENGLISH)
FOLDER: Final = Path(__file__).parent / "translations"

_spoken: ContextVar[str] = ContextVar("spoken", default=ENGLISH)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What one file of translations holds; Monday is the first day."""

    words: Mapping[str, str]
    days: tuple[str, ...]
    short_days: tuple[str, ...]
    months: tuple[str, ...]
    short_months: tuple[str, ...]
    # Whether a clinician who grew up with the language has still to read it.
    awaits: bool


@cache
def catalogue(language: str) -> Catalogue:
    """The interface in one of the translated languages; raises KeyError when a part is missing."""
    found = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    names = {name: tuple(names) for name, names in found["calendar"].items()}
    return Catalogue(words=found["words"], awaits=found["checked_by"] == "awaits", **names)


def spoken() -> str:
    """The language of the page or mail that is being written."""
    return _spoken.get()


def speak(language: str) -> None:
    """Write in that language from now on: the whole of a request."""
    _spoken.set(language if language in NAMES else ENGLISH)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Write in that language inside the block; English for a language that we do not have."""
    before = _spoken.set(language if language in NAMES else ENGLISH)
    try:
        yield
    finally:
        _spoken.reset(before)


def translated(english: str) -> str | None:
    """The words in the language that is spoken; None where they are missing."""
    language = _spoken.get()
    return english if language == ENGLISH else catalogue(language).words.get(english)


def words(english: str, **values: Any) -> str:
    """The words with values for the names in braces, as plain text."""
    text = translated(english) or english
    return text.format(**values) if values else text


def markup(english: str, **values: Any) -> Markup:
    """The words for a page; values are escaped, and English that stands in for others is marked."""
    found = translated(english)
    text = Markup(found or english)  # noqa: S704 - our own words, and values are escaped below
    if values:
        text = text.format(**values)
    return text if found else _in_english(text)


def _in_english(text: str) -> Markup:
    return Markup('<span lang="en">{}</span>').format(text)


class Later:
    """Words that are chosen when they are shown: the language is not known where they stand."""

    def __init__(self, english: str, **values: Any) -> None:
        self.english, self.values = english, values

    def __str__(self) -> str:
        return words(self.english, **self.values)

    def __html__(self) -> Markup:
        return markup(self.english, **self.values)

    def __mod__(self, _: object) -> "Later":
        """WTForms would put its numbers in; ours stand there already."""
        return self


class Said:
    """A text of a pack in one language; on a page, English that stands in for it is marked."""

    def __init__(self, text: Text, language: str) -> None:
        self.text, self.language = text, language

    def __str__(self) -> str:
        return in_language(self.text, self.language)

    def __html__(self) -> Markup:
        text = Markup.escape(str(self))
        return text if self.language in self.text else _in_english(text)

    def capitalize(self) -> "Said":
        """The same, as it begins a line."""
        return Said({name: t.capitalize() for name, t in self.text.items()}, self.language)

    def lower(self) -> "Said":
        """The same, inside a line."""
        return Said({name: t.lower() for name, t in self.text.items()}, self.language)


def said(text: Text) -> Said:
    """A text of a pack in the language that is spoken."""
    return Said(text, _spoken.get())


def label(text: Text, language: str) -> str | Said:
    """A text of a pack for a form: plain where it is in that language."""
    return text[language] if language in text else Said(text, language)


def awaits_check() -> bool:
    """Whether nobody who grew up with the language that is spoken has checked it."""
    language = _spoken.get()
    return language != ENGLISH and catalogue(language).awaits


def for_templates(
    known: Mapping[str, str | Markup | Text | Later], say: Callable[..., str]
) -> Callable[..., str]:
    """`_` of the templates; `known` may be named in braces without being given.

    `say` is `markup` for pages, and `words` for mails.
    """
    made: dict[str, dict[str, str]] = {language: {} for language in NAMES}

    def known_now() -> dict[str, object]:
        return {name: said(v) if isinstance(v, Mapping) else v for name, v in known.items()}

    def said_now(english: str, /, **values: Any) -> str:
        if values:
            return say(english, **known_now() | values)
        ready = made[_spoken.get()]
        if english not in ready:
            ready[english] = say(english, **known_now())
        return ready[english]

    return said_now
