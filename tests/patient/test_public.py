"""Search engines find the public pages, and nothing else."""

from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.patient.public import SITEMAP, XHTML
from tests.domain.real_packs import real_packs
from tests.people import Page, Patient

pytestmark = pytest.mark.databases("sqlite")

PATHS = ["/", "/contact", "/privacy", "/accessibility", "/how-we-write"]
PATHS += [f"/{pack}" for pack in real_packs()]
LOCALES = {"en": "en_IN", "hi": "hi_IN", "mr": "mr_IN"}
ENGLISH_ONLY = "/cauda-equina-syndrome"
PAGES = [
    (path, language)
    for path in PATHS
    for language in (("en",) if path == ENGLISH_ONLY else LOCALES)
]
"""Every public page in every language in which it is written."""


@pytest.fixture
def site(app: Flask) -> str:
    """The public address of the clinic."""
    address: str = app.extensions["settings"].public_base_url
    return address


def heads(page: Page, tag: str, key: str) -> dict[str, str]:
    """What the tags of a page's head say, by one of their attributes."""
    return {
        each.attributes[key]: each.attributes.get("content") or each.attributes.get("href", "")
        for each in page.top.all(tag)
        if key in each.attributes
    }


def address(path: str, language: str) -> str:
    """Where the page is in that language."""
    return path if language == "en" else f"/{language}{path}".rstrip("/")


def places(site: str, path: str) -> dict[str, str]:
    """What hreflang says of a page: where it is in each language, and for readers of others."""
    written = [language for each, language in PAGES if each == path]
    found = {language: f"{site}{address(path, language)}" for language in written}
    return found | {"x-default": f"{site}{path}"}


@pytest.mark.parametrize(("path", "language"), PAGES)
def test_a_public_page_says_where_it_is_and_what_it_is(
    client: FlaskClient, site: str, path: str, language: str
) -> None:
    """One address, each language that is offered, and the words of a shared link."""
    page = Patient(client).get(address(path, language))
    here = f"{site}{address(path, language)}"
    tags = [each.attributes for each in page.top.all("link") if "hreflang" in each.attributes]
    assert heads(page, "link", "rel")["canonical"] == here
    assert {each["hreflang"]: each["href"] for each in tags} == places(site, path)
    assert len(tags) == len(places(site, path)), "each language once"
    told, shared = heads(page, "meta", "name"), heads(page, "meta", "property")
    assert "robots" not in told
    assert 40 <= len(told["description"]) <= 160
    assert shared["og:description"] == told["description"]
    assert shared["og:url"] == here
    assert shared["og:locale"] == LOCALES[language]
    assert page.title.startswith(shared["og:title"]) or path == "/"


def test_each_page_has_words_of_its_own(client: FlaskClient) -> None:
    """No two pages are described alike, nor in two languages."""
    described = {
        heads(Patient(client).get(address(*page)), "meta", "name")["description"] for page in PAGES
    }
    assert len(described) == len(PAGES)


def test_a_page_that_is_not_translated_leads_to_the_english(client: FlaskClient, site: str) -> None:
    """Inside Hindi pages it is the English page in other clothes, and says so."""
    page = Patient(client).get(f"/hi{ENGLISH_ONLY}")
    english = f"{site}{ENGLISH_ONLY}"
    assert heads(page, "link", "rel")["canonical"] == english
    assert heads(page, "link", "hreflang") == {"en": english, "x-default": english}
    assert heads(page, "meta", "property")["og:locale"] == "en_IN"
    described = [each for each in page.top.all("meta") if "lang" in each.attributes]
    assert [each.attributes["name"] for each in described] == ["description"]


def test_the_picture_of_a_shared_link_is_ours_and_light(client: FlaskClient, site: str) -> None:
    """A PNG of 1200 by 630 at our own address."""
    shared = heads(Patient(client).get("/"), "meta", "property")
    assert shared["og:image"].startswith(f"{site}/static/share.png")
    with client.get(shared["og:image"].removeprefix(site)) as answer:
        picture = answer.data
    size = [int.from_bytes(picture[at : at + 4], "big") for at in (16, 20)]
    assert picture.startswith(b"\x89PNG")
    assert size == [1200, 630] == [int(shared[f"og:image:{side}"]) for side in ("width", "height")]
    assert len(picture) < 60_000


def test_the_sitemap_names_every_public_page_and_no_other(client: FlaskClient, site: str) -> None:
    """Each with its languages; whatever is named answers, and asks not to be left out."""
    robots = client.get("/robots.txt")
    assert robots.mimetype == "text/plain"
    assert f"Sitemap: {site}/sitemap.xml" in robots.text
    answer = client.get("/sitemap.xml")
    assert answer.mimetype == "application/xml"
    urls = ET.fromstring(answer.text).findall(f"{{{SITEMAP}}}url")  # noqa: S314 - our own
    found = [url.findtext(f"{{{SITEMAP}}}loc") for url in urls]
    assert found == [f"{site}{address(*page)}" for page in PAGES]
    for url, (path, _) in zip(urls, PAGES, strict=True):
        others = {each.get("hreflang"): each.get("href") for each in url.iter(f"{{{XHTML}}}link")}
        assert others == places(site, path)


@pytest.mark.parametrize("path", ["/robots.txt", "/sitemap.xml"])
def test_machines_get_no_cookie(client: FlaskClient, path: str) -> None:
    """They may keep the answer for an hour."""
    answer = client.get(path)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert client.get(f"/hi{path}").status_code == 404, "it is there once"


def test_the_door_of_the_staff_is_not_to_be_found(client: FlaskClient) -> None:
    """The sign-in page asks search engines to leave it out."""
    assert heads(Patient(client).get("/sign-in"), "meta", "name")["robots"] == "noindex"
