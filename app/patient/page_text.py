"""The information page: Markdown with source marks becomes safe HTML, section by section."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from app.domain.condition import Pack, Reference
from app.domain.pack_page import FOLD, SOURCE_MARK
from app.languages import ENGLISH, words

HEADING = re.compile(r"^## (?P<title>.+?) \{#(?P<id>[\w-]+)\}$", re.MULTILINE)
# Common questions stand under `###`; every other part folds what follows a `####`.
FOLDED = {"faq": re.compile(r"^### (.+)$", re.MULTILINE)}
CITED = re.compile(r"<sup>.*?</sup>")
TAGS = {"p", "ul", "ol", "li", "strong", "em", "a", "h3", "sup", "span", "br"}
ATTRIBUTES = {"a": {"href", "id"}, "span": {"class"}}


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page, and what is folded in it: common questions, or its second half."""

    id: str
    title: str
    html: Markup
    folded: tuple[tuple[str, Markup], ...] = ()


@dataclass(frozen=True, slots=True)
class PageText:
    """The page of one condition in one language."""

    language: str
    title: str
    lede: Markup
    sections: tuple[Section, ...]
    sources: tuple[tuple[int, Reference], ...]


def read_page(pack: Pack, language: str) -> PageText:
    """Render the page; sources are numbered in the order in which the text first cites them."""
    language = language if language in pack.page_texts else ENGLISH
    text = pack.page_texts[language]
    cited = dict.fromkeys(SOURCE_MARK.findall(text))
    numbers = {name: number for number, name in enumerate(cited, start=1)}
    first, *rest = HEADING.split(text)
    title, _, lede = first.strip().partition("\n")
    # HEADING has two groups, so that the rest is title, id, body, title, id, body …
    parts = zip(rest[0::3], rest[1::3], rest[2::3], strict=True)
    return PageText(
        language=language,
        title=title.removeprefix("# ").strip(),
        lede=_html(lede, numbers),
        sections=tuple(_section(name, heading, body, numbers) for heading, name, body in parts),
        sources=tuple((number, pack.references[name]) for name, number in numbers.items()),
    )


def _section(name: str, title: str, body: str, numbers: dict[str, int]) -> Section:
    before, *rest = FOLDED.get(name, FOLD).split(body)
    folded = zip(rest[0::2], rest[1::2], strict=True)
    return Section(
        name,
        title,
        _html(before, numbers),
        tuple((heading.strip(), _html(text, numbers)) for heading, text in folded),
    )


def _html(text: str, numbers: dict[str, int]) -> Markup:
    rendered = MarkdownIt("commonmark", {"html": False}).render(text)
    marked = SOURCE_MARK.sub(lambda found: _mark(numbers[found.group(1)]), rendered)
    clean = nh3.clean(marked, tags=TAGS, attributes=ATTRIBUTES, link_rel=None)
    return Markup(clean)  # noqa: S704 - cleaned by nh3 just before


def _mark(number: int) -> str:
    said = f'<span class="vh">{words("Source")} </span>[{number}]'
    return f'<sup><a href="#source-{number}">{said}</a></sup>'


def plain_words(html: Markup) -> str:
    """The text of a piece of HTML without its source marks, as search engines show it."""
    return " ".join(Markup(CITED.sub("", html)).striptags().split())  # noqa: S704 - less of it


def in_citation_form(reference: Reference) -> Iterator[Markup | str]:
    """A reference as a reader sees it: who, year, title, where, link."""
    who = ", ".join(str(part) for part in (reference.publisher, reference.year) if part)
    if who:
        yield f"{who}. "
    title = escape(reference.title)
    yield Markup('<a href="{}">{}</a>').format(reference.link, title) if reference.link else title
    yield f". {reference.where}." if reference.where else "."
