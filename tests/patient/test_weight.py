"""A first visit costs little on a slow phone, counted in the bytes that travel."""

import gzip
import re
from typing import Final

import pytest
from flask.testing import FlaskClient

from tests.domain.real_packs import real_packs
from tests.people import Patient

pytestmark = pytest.mark.databases("sqlite")

MOST: Final = 50_000
MOST_OF_A_PAGE: Final = {"": 20_000, "/hi": 28_000, "/mr": 28_000}
"""A Devanagari letter is three bytes."""

MOST_REQUESTS: Final = 5
LOADED: Final = re.compile(r'<(?:link rel="(?:stylesheet|icon)" href|script src|img src)="([^"]+)"')
PROXY_LEVEL: Final = 1
"""How hard nginx compresses when it is not told otherwise, as in docs/operations.md."""

FIGURE: Final = re.compile(r"<svg [^>]*role=.*?</svg>", re.DOTALL)
MOST_OF_A_FIGURE: Final = 3072


def travelling(body: bytes) -> int:
    """The size of an answer behind the proxy."""
    return len(gzip.compress(body, PROXY_LEVEL))


def first_view(client: FlaskClient, page: str) -> dict[str, int]:
    """What a browser that was never here loads for a page, and how large each part is."""
    sizes = {"page": travelling(page.encode())}
    for address in LOADED.findall(page):
        with client.get(address) as answer:
            assert answer.status_code == 200
            sizes[address] = travelling(answer.data)
    return sizes


@pytest.mark.parametrize("prefix", MOST_OF_A_PAGE)
@pytest.mark.parametrize("condition", real_packs())
def test_the_page_of_a_condition_is_light(client: FlaskClient, condition: str, prefix: str) -> None:
    """With its style, script and mark: 50 KB at most, in five requests, and nothing else."""
    page = Patient(client).get(f"{prefix}/{condition}").html
    sizes = first_view(client, page)
    assert sum(sizes.values()) <= MOST, sizes
    assert sizes["page"] <= MOST_OF_A_PAGE[prefix]
    assert 2 < len(sizes) <= MOST_REQUESTS


def test_the_first_question_is_light(client: FlaskClient) -> None:
    """So is the page that asks for danger signs."""
    patient = Patient(client)
    patient.begins()
    sizes = first_view(client, patient.page.html)
    assert patient.page.h1.startswith("Do you have any of these now")
    assert sum(sizes.values()) <= MOST, sizes


@pytest.mark.parametrize("condition", real_packs())
def test_drawings_are_light_and_say_what_they_show(client: FlaskClient, condition: str) -> None:
    """Each has a sentence for whoever does not see it, and loads nothing."""
    figures = FIGURE.findall(Patient(client).get(f"/{condition}").html)
    assert figures
    for figure in figures:
        assert re.match(r'<svg viewBox="[\d ]+" role="img" aria-label="[A-Z][^"]+\.">', figure)
        assert travelling(figure.encode()) <= MOST_OF_A_FIGURE
        assert "http" not in figure
