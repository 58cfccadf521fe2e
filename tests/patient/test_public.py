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


@pytest.mark.parametrize("path", PATHS)
def test_a_public_page_says_where_it_is_and_what_it_is(
    client: FlaskClient, site: str, path: str
) -> None:
    """One address, each language that is offered, and the words of a shared link."""
    page = Patient(client).get(path)
    here = f"{site}{path}"
    assert heads(page, "link", "rel")["canonical"] == here
    assert heads(page, "link", "hreflang") == {"en": here, "x-default": here}
    told, shared = heads(page, "meta", "name"), heads(page, "meta", "property")
    assert "robots" not in told
    assert 40 <= len(told["description"]) <= 160
    assert shared["og:description"] == told["description"]
    assert shared["og:url"] == here
    assert shared["og:locale"] == "en_IN"
    assert page.title.startswith(shared["og:title"]) or path == "/"


def test_each_page_has_words_of_its_own(client: FlaskClient) -> None:
    """No two pages are described alike."""
    described = {
        path: heads(Patient(client).get(path), "meta", "name")["description"] for path in PATHS
    }
    assert len(set(described.values())) == len(PATHS)


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
    places = [url.findtext(f"{{{SITEMAP}}}loc") for url in urls]
    assert places == [f"{site}{path}" for path in PATHS]
    for url, place in zip(urls, places, strict=True):
        others = {each.get("hreflang"): each.get("href") for each in url.iter(f"{{{XHTML}}}link")}
        assert others == {"en": place, "x-default": place}


@pytest.mark.parametrize("path", ["/robots.txt", "/sitemap.xml"])
def test_machines_get_no_cookie(client: FlaskClient, path: str) -> None:
    """They may keep the answer for an hour."""
    answer = client.get(path)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "public, max-age=3600"


def test_the_door_of_the_staff_is_not_to_be_found(client: FlaskClient) -> None:
    """The sign-in page asks search engines to leave it out."""
    assert heads(Patient(client).get("/sign-in"), "meta", "name")["robots"] == "noindex"
