"""Where the public pages are, for search engines and for whoever passes on a link."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from flask import Response, current_app

from app import access
from app.domain.condition import Pack
from app.languages import ENGLISH, NAMES, spoken
from app.patient import patient
from app.patient.addresses import in_language

OFFERED: Final = tuple(NAMES)
LOCALES: Final = {language: f"{language}_IN" for language in NAMES}
PAGES: Final = ("home", "contact", "privacy", "accessibility", "how_we_write")
SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML: Final = "http://www.w3.org/1999/xhtml"
FRESH_SECONDS: Final = 3600

ET.register_namespace("", SITEMAP)
ET.register_namespace("xhtml", XHTML)


@dataclass(frozen=True, slots=True)
class Address:
    """The one address of a page, and the same page in each language in which it is offered."""

    language: str
    languages: Mapping[str, str]

    @property
    def canonical(self) -> str:
        """In the language that is read."""
        return self.languages[self.language]

    @property
    def default(self) -> str:
        """For readers of any other language."""
        return self.languages[ENGLISH]

    @property
    def locales(self) -> Iterator[str]:
        """The locale of this page first, then those of the others."""
        yield LOCALES[self.language]
        yield from (LOCALES[name] for name in self.languages if name != self.language)


@patient.app_template_global()
def page_at(
    path: str, language: str | None = None, languages: tuple[str, ...] = OFFERED
) -> Address:
    """The addresses of the page whose path in English is given; its language, or what is spoken."""
    site = access.settings().public_base_url
    return Address(
        language or spoken(), {each: f"{site}{in_language(each, path)}" for each in languages}
    )


def languages_of(pack: Pack) -> tuple[str, ...]:
    """The languages in which the page of a condition is written."""
    return tuple(language for language in OFFERED if language in pack.page_texts)


@patient.get("/robots.txt", in_each_language=False)
def robots() -> Response:
    """Everybody may read the public pages; the others say themselves that they are not to be kept.

    They are not listed here: a crawler that may not fetch a page never reads its `noindex`.
    """
    site = access.settings().public_base_url
    return _kept(f"User-agent: *\nAllow: /\n\nSitemap: {site}/sitemap.xml\n", "text/plain")


@patient.get("/sitemap.xml", in_each_language=False)
def sitemap() -> Response:
    """Every public page in every language in which it is offered."""
    root = ET.Element(f"{{{SITEMAP}}}urlset")
    for path, languages, changed_on in _pages():
        for language in languages:
            _entry(root, page_at(path, language, languages), changed_on)
    return _kept(ET.tostring(root, encoding="unicode", xml_declaration=True), "application/xml")


def _pages() -> Iterator[tuple[str, tuple[str, ...], dt.date | None]]:
    """The path in English, the languages, and the day of the sign-off where there is one."""
    routes = current_app.url_map.bind("")
    for name in PAGES:
        yield routes.build(f"patient.{name}"), OFFERED, None
    for pack in access.packs().values():
        signed = pack.signed_off
        path = routes.build("patient.condition_page", {"condition": pack.id})
        yield path, languages_of(pack), signed.on if signed else None


def _entry(root: ET.Element, page: Address, changed_on: dt.date | None) -> None:
    url = ET.SubElement(root, f"{{{SITEMAP}}}url")
    ET.SubElement(url, f"{{{SITEMAP}}}loc").text = page.canonical
    if changed_on is not None:
        ET.SubElement(url, f"{{{SITEMAP}}}lastmod").text = changed_on.isoformat()
    for language, address in (*page.languages.items(), ("x-default", page.default)):
        ET.SubElement(url, f"{{{XHTML}}}link", rel="alternate", hreflang=language, href=address)


def _kept(text: str, kind: str) -> Response:
    response = Response(text, mimetype=kind)
    response.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    return response
