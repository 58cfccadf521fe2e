"""Every English text that patients read, in groups that are long enough to be measured.

A grade of one line says little: a question, its hint and its answers are measured together, and so
are the texts of a template. Each line counts as a sentence.
"""

import ast
import html
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from app.commands.interface import said_in
from app.domain.condition import Pack, Page, Question, Text
from app.domain.level import Level
from app.domain.pack_page import SOURCE_MARK, parts_of
from config import ROOT
from tests.domain.real_packs import real_packs

ENOUGH: Final = 60
"""Words that a group has at least; what is shorter is measured together with its neighbours."""

TEMPLATES: Final = ROOT / "templates"
FOR_STAFF: Final = {
    *(
        "doctor-alert.txt",
        "late.txt",
        "new-request.txt",
        "patient-news.txt",
        "test.txt",
        "worse.txt",
    ),
    *("words.html", "times.html", "staff.html"),
}
"""Letters and parts that patients do not get."""

# The first pages of every enquiry, which ask for signs of danger; their follow-ups are the same.
DANGER_PAGES: Final = ("danger-signs", "danger-check", "danger-more", "very-unwell", "unwell-check")
TAG: Final = re.compile(r"<[^>]+>")
PLACE: Final = re.compile(r"\{\w+\}")
WORDS: Final = re.compile(r"[A-Za-z]{2,}\W+[A-Za-z]{3,}")
"""Two words: a line with fewer is a number, a name that is filled in, or a piece of code."""

SENTENCE_END: Final = (".", "!", "?", ":", "”")


def groups() -> Iterator[tuple[str, str]]:
    """Every group with its name; the names of danger words begin with `danger`."""
    for pack in real_packs().values():
        yield from _together(f"{pack.id}, page", _of_page(pack.page_texts["en"]))
        yield from _of_pack(pack)
    yield from _together("interface", _of_templates())
    yield from _together("interface, code", _of_code())
    yield from _together("mail", _of_letters())
    yield "danger: the emergency page", _lines(map(_of_template, _danger_templates()))


def _of_pack(pack: Pack) -> Iterator[tuple[str, str]]:
    for level, name in ((Level.emergency, "danger: red card"), (Level.urgent, "amber card")):
        intro = [pack.card_intros[level]] if level in pack.card_intros else []
        cards = (card.text for card in pack.cards if card.level is level)
        yield f"{name} of {pack.id}", _lines(_english([*intro, *cards]))
    meanings = (text for words in pack.emergency_words for text in (words.meaning, words.say))
    yield f"danger: emergency words of {pack.id}", _lines(_english(meanings))
    asked = {page.id: _lines(_asked_on(pack, page)) for page in pack.pages}
    danger = [(name, words) for name, words in asked.items() if name in DANGER_PAGES]
    yield from _together(f"danger: questions of {pack.id}", danger)
    calm = [(name, words) for name, words in asked.items() if name not in DANGER_PAGES]
    yield from _together(f"{pack.id}, questions", calm)
    worse = (text for each in pack.worse for text in (each.ask, each.title))
    named = (text for question in pack.questions.values() for text in _names_of(question))
    shown = {question.id for page in pack.pages for question in pack.asked_on(page)}
    others = [question for question in pack.questions.values() if question.id not in shown]
    yield from _together(
        f"{pack.id}, questions answered by others",
        [(q.id, _lines(_of_question(q))) for q in others],
    )
    shared = (option.title for detail in pack.details.values() for option in detail.options)
    yield (
        f"{pack.id}, short names and has it got worse",
        _lines(_english([pack.name, pack.written_by, *named, *shared, *worse])),
    )


def _names_of(question: Question) -> Iterator[Text | None]:
    yield question.title
    yield from (option.title for option in question.options)


def _of_page(text: str) -> Iterator[tuple[str, str]]:
    parts = parts_of(text)
    yield "lede", _plain(text.partition("\n## ")[0])
    for name, words in parts.items():
        for number, piece in enumerate(re.split(r"^#{3,4} ", words, flags=re.MULTILINE)):
            yield f"{name} {number}" if number else name, _plain(piece)


def _plain(markdown: str) -> str:
    """Paragraphs, bullets and headings as sentences."""
    text = SOURCE_MARK.sub("", markdown).replace("**", "")
    return _lines(re.sub(r"^(#+|-) ", "", line) for line in text.splitlines())


def _asked_on(pack: Pack, page: Page) -> Iterator[str]:
    yield from _english((page.title, page.hint, page.hint_for_others))
    for question in pack.asked_on(page):
        yield from _of_question(question)
    if page.one_by_one:
        yield from _english(each.ask for each in pack.asked_on(pack.page(page.one_by_one)))
    if page.details_of:
        for detail in pack.details.values():
            yield detail.ask["en"]
            yield from (option.label["en"] for option in detail.options)


def _of_question(question: Question) -> Iterator[str]:
    yield from _english((question.label, question.ask, question.hint))
    yield from (option.label["en"] for option in question.options)


def _english(texts: Iterable[Text | None]) -> Iterator[str]:
    yield from (text["en"] for text in texts if text is not None)


def _of_templates() -> Iterator[tuple[str, str]]:
    for folder in ("patient", "parts", "errors", "."):
        for path in sorted(
            (TEMPLATES / folder).glob("*.html" if folder != "patient" else "**/*.html")
        ):
            if path not in _danger_templates() and path.name not in FOR_STAFF:
                yield path.relative_to(TEMPLATES).as_posix(), _of_template(path)


def _of_letters() -> Iterator[tuple[str, str]]:
    for path in sorted((TEMPLATES / "email").glob("*.txt")):
        if path.name not in FOR_STAFF:
            yield path.stem, _of_template(path)


def _danger_templates() -> tuple[Path, ...]:
    return TEMPLATES / "patient" / "emergency.html", TEMPLATES / "parts" / "care.html"


def _of_template(path: Path) -> str:
    """The words of a template in all its branches; what is filled in counts as one short word."""
    found = (_plain_line(words) for words in said_in([path]))
    return _lines(line for line in found if WORDS.search(line))


def _plain_line(words: str) -> str:
    return PLACE.sub("it", html.unescape(TAG.sub("", words)))


def _of_code() -> Iterator[tuple[str, str]]:
    """Sentences that stand in the code of the patients' door."""
    for path in sorted((ROOT / "app" / "patient").glob("*.py")):
        yield path.name, _lines(_sentences_in(ast.parse(path.read_text(encoding="utf-8"))))


def _sentences_in(tree: ast.Module) -> Iterator[str]:
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in documentation:
            words = str(node.value)
            if len(re.findall(r"[A-Za-z’]+ ", words)) >= 3 and "<" not in words:
                yield words


def _lines(texts: Iterable[str]) -> str:
    """Each text as a sentence of its own."""
    found = (" ".join(text.split()) for each in texts for text in each.splitlines())
    return " ".join(
        text if text.endswith(SENTENCE_END) else f"{text}."
        for text in found
        if re.search(r"\w", text)
    )


def _together(what: str, texts: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Texts in their order; a short one is joined to those that follow it."""
    names: list[str] = []
    words: list[str] = []
    kept: tuple[str, str] | None = None
    for name, text in texts:
        if not text:
            continue
        names.append(name)
        words.append(text)
        if sum(len(each.split()) for each in words) >= ENOUGH:
            if kept:
                yield kept
            kept = f"{what}: {' + '.join(names)}", " ".join(words)
            names, words = [], []
    if kept and words:
        kept = f"{kept[0]} + {' + '.join(names)}", " ".join((kept[1], *words))
    elif words:
        kept = f"{what}: {' + '.join(names)}", " ".join(words)
    if kept:
        yield kept
