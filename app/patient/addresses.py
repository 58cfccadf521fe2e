"""The addresses of patients' pages: English at `/…`, the other languages at `/hi/…` and `/mr/…`.

The address alone says the language: there is no cookie, and a link that is passed on opens in the
language in which it was read.
"""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import Blueprint, Flask, request
from werkzeug.routing import AnyConverter, Map

from app import languages
from app.languages import ENGLISH, NAMES, TRANSLATED

DOOR: Final = "patient"
# What tells a page why it is shown; it stays when the language is changed.
KEPT: Final = ("done", "late", "from")


class Language(AnyConverter):
    """A language that is not English, as the first part of an address; it wins over conditions."""

    weight = 50

    def __init__(self, routes: Map) -> None:
        super().__init__(routes, *TRANSLATED)


class InLanguages(Blueprint):
    """A door whose every page has an address in each language; files for machines have one."""

    def add_url_rule(
        self, rule: str, *args: Any, in_each_language: bool = True, **options: Any
    ) -> None:
        """Add the page twice: as it is, and with the language before it."""
        super().add_url_rule(rule, *args, **options)
        if in_each_language:
            super().add_url_rule(f"/<language:language>{rule.rstrip('/')}", *args, **options)


def init(app: Flask) -> None:
    """Read the language off every address, and write it into those of patients' pages."""
    app.url_map.converters["language"] = Language
    app.url_value_preprocessor(_listen)
    app.url_defaults(_stay)
    app.jinja_env.globals.update(
        language=languages.spoken,
        language_links=links,
        first_page=lambda: in_language(languages.spoken(), "/"),
        awaits_check=languages.awaits_check,
        site=app.extensions["settings"].public_base_url,
    )


def _listen(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Speak the language of the address, also of one that leads nowhere."""
    first = request.path.split("/", 2)[1]
    languages.speak(first if first in TRANSLATED else ENGLISH)
    if values:
        values.pop("language", None)


def _stay(endpoint: str, values: dict[str, Any]) -> None:
    """Links of a page lead to pages in its language."""
    if languages.spoken() != ENGLISH and endpoint.startswith(f"{DOOR}."):
        values.setdefault("language", languages.spoken())


def in_language(language: str, path: str) -> str:
    """The same path in that language."""
    head, _, rest = path.removeprefix("/").partition("/")
    bare = f"/{rest}" if head in TRANSLATED else path
    return bare if language == ENGLISH else f"/{language}{bare}".rstrip("/")


def links(page: str | None = None) -> Iterator[tuple[str, str, str]]:
    """Where this page, or that one, is in each language: (language, its own name, address).

    What is kept of the query belongs to this visit, so a page for everybody names itself.

    Nothing on the pages of staff, which are in English.
    """
    path = page or _page()
    if path is None:
        return
    path, sent = quote(path), {} if page else request.args
    kept: dict[str, str] = {name: sent[name] for name in KEPT if name in sent}
    asked = f"?{urlencode(kept)}" if kept else ""
    for language, name in NAMES.items():
        yield language, name, in_language(language, path) + asked


def _page() -> str | None:
    """The path of this page, or of the one that it is sent from."""
    rule = request.url_rule
    if rule is None:
        return "/"
    if request.blueprint != DOOR:
        return None
    opens = "GET" in (rule.methods or ())
    return request.path if opens else request.path.rpartition("/")[0]
