"""What a condition page says to machines is true of schema.org, and of what readers see."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from flask import Flask

from app.domain.condition import SignOff
from app.patient.page_text import read_page
from app.patient.public import page_at
from app.patient.structured_data import as_json_ld
from tests.domain.real_packs import real_packs
from tests.people import DATA, Page, Patient

pytestmark = pytest.mark.databases("sqlite")

Thing = dict[str, Any]

EXCERPT: Final = json.loads(Path(__file__).with_name("schema_org.json").read_text(encoding="utf-8"))
VOCABULARY: Final[dict[str, dict[str, list[str]]]] = EXCERPT["types"]
ALSO: Final[dict[str, list[str]]] = EXCERPT["also"]
"""The wider types that a type belongs to, where one is asked for."""

PAGES: Final = [f"{prefix}/{pack}" for pack in real_packs() for prefix in ("", "/hi", "/mr")]

# What machines need and nobody reads: names of days are in the opening hours, in words.
UNSEEN: Final = {"@id", "@type", "url", "inLanguage", "dayOfWeek", "opens", "closes", "position"}


def data_of(page: Page) -> list[Thing]:
    """The things that the page's data block describes."""
    (block,) = (each for each in page.top.all("script") if each.attributes.get("type") == DATA)
    read: Thing = json.loads("".join(map(str, block.children)))
    assert read["@context"] == "https://schema.org"
    things: list[Thing] = read["@graph"]
    return things


def nested(thing: object) -> Iterator[Thing]:
    """A thing and every thing in it."""
    if isinstance(thing, dict):
        yield thing
        for value in thing.values():
            yield from nested(value)
    elif isinstance(thing, list):
        for each in thing:
            yield from nested(each)


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, app: Flask) -> Page:
    """The page of each condition, in each language."""
    return Patient(app.test_client()).get(request.param)


def faults(things: list[Thing]) -> Iterator[str]:
    """Where things are not as schema.org says."""
    known = {each["@id"]: each["@type"] for each in things if "@id" in each}
    for thing in nested(things):
        kind = thing.get("@type")
        if kind is None:
            continue
        for name in (name for name in thing if not name.startswith("@")):
            if name not in VOCABULARY.get(kind, {}):
                yield f"{kind} has no property {name}"
                continue
            value = thing[name]
            for inner in value if isinstance(value, list) else [value]:
                found = _kind_of(inner, known) if isinstance(inner, dict) else None
                kinds = {found, "Thing", *ALSO.get(found or "", [])}
                if found and kinds.isdisjoint(VOCABULARY[kind][name]):
                    yield f"{kind}.{name} cannot be a {found}"


def _kind_of(thing: Thing, known: dict[str, str]) -> str | None:
    return thing.get("@type") or known.get(thing["@id"])


def test_every_type_and_property_is_one_of_schema_org(page: Page) -> None:
    """The four things that search engines look for are there, and nothing is made up."""
    things = data_of(page)
    assert [each["@type"] for each in things] == [
        "MedicalWebPage",
        "MedicalCondition",
        "MedicalClinic",
        "BreadcrumbList",
    ]
    assert list(faults(things)) == []


def test_a_made_up_property_is_found() -> None:
    """The check above can fail."""
    things: list[Thing] = [{"@type": "MedicalClinic", "stars": 5, "address": {"@type": "Person"}}]
    assert list(faults(things)) == [
        "MedicalClinic has no property stars",
        "MedicalClinic.address cannot be a Person",
    ]


def test_every_word_of_it_can_be_seen_on_the_page(page: Page) -> None:
    """Nothing is told to machines that readers are not told."""
    seen = _words(re.sub(r"((Source|स्रोत) )?\[\d+\]", "", page.top.text)).casefold()
    for thing in nested(data_of(page)):
        for name, value in thing.items():
            for each in value if isinstance(value, list) else [value]:
                if name not in UNSEEN and isinstance(each, str):
                    assert _words(each).casefold() in seen, f"{name}: {each}"


@pytest.mark.parametrize(
    ("path", "language", "home"),
    [
        ("/spinal-metastasis", "en", "Home"),
        ("/hi/spinal-metastasis", "hi", "पहला पन्ना"),
        ("/mr/spinal-metastasis", "mr", "पहिले पान"),
        ("/hi/cauda-equina-syndrome", "en", "पहला पन्ना"),
    ],
)
def test_it_is_in_the_language_of_the_page(app: Flask, path: str, language: str, home: str) -> None:
    """A page that is not translated is in English, on the way from a first page that is."""
    web_page, _, clinic, crumbs = data_of(Patient(app.test_client()).get(path))
    assert web_page["inLanguage"] == language
    first, last = crumbs["itemListElement"]
    assert first["name"] == home
    assert first["item"]["@id"] == clinic["url"]
    assert last["name"] == web_page["name"]
    assert last["item"]["@id"] == web_page["url"]


def _words(text: str) -> str:
    return re.sub(r"\s+([.,;:)])", r"\1", " ".join(text.split()))


def test_nobody_has_reviewed_what_nobody_has_signed(app: Flask) -> None:
    """An unsigned pack has no reviewer; a signed one names who signed it, and when."""
    pack = replace(real_packs()["spinal-metastasis"], signed_off=None)
    assert not {"reviewedBy", "lastReviewed"} & set(_of(app, pack)[0])
    signed = replace(pack, signed_off=SignOff("Dr Arun Rao", "MMC 1", dt.date(2026, 12, 1)))
    web_page = _of(app, signed)[0]
    assert web_page["lastReviewed"] == "2026-12-01"
    assert web_page["reviewedBy"]["name"] == "Dr Arun Rao"


def test_the_hours_are_those_of_the_settings(app: Flask) -> None:
    """Days with the same hours stand together; a clinic that closes at noon on Saturday says so."""
    day, half = (dt.time(9), dt.time(19)), (dt.time(9), dt.time(13))
    hours = (*((weekday, *day) for weekday in range(5)), (5, *half))
    clinic = _of(app, real_packs()["spinal-metastasis"], desk_hours=hours)[2]
    found = {each["closes"]: each["dayOfWeek"] for each in clinic["openingHoursSpecification"]}
    assert found["13:00"] == ["Saturday"]
    assert found["19:00"] == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]


def test_no_text_can_end_the_block(app: Flask) -> None:
    """A name with markup in it stays data."""
    block = _block(app, real_packs()["spinal-metastasis"], clinic_name="</script><b>&")
    assert "<" not in block
    assert json.loads(block)["@graph"][2]["name"] == "</script><b>&"


def _of(app: Flask, pack: Any, **settings: Any) -> list[Thing]:
    things: list[Thing] = json.loads(_block(app, pack, **settings))["@graph"]
    return things


def _block(app: Flask, pack: Any, **changes: Any) -> str:
    with app.app_context():
        page, home = page_at(f"/{pack.id}"), ("Home", page_at("/"))
        known = app.extensions["settings"].replace(**changes)
        return str(as_json_ld(pack, read_page(pack, "en"), page, home, known))
