"""The page of a condition, read on a phone and on paper, in a real browser."""

from collections.abc import Callable

from playwright.sync_api import Page

from app.domain.level import Level
from tests.browser.walk import Axe, Walk
from tests.domain.real_packs import real_packs

CONDITION = "spinal-metastasis"
FOLDED = ("PET-CT or a bone scan", "Ayushman Bharat", "Levack P and others")
PHONE = 390


def test_long_parts_fold_and_danger_never_does(open_page: Callable[..., Page], axe: Axe) -> None:
    """Signs of danger stand open; a part opens by a tap, a source by its number."""
    reader = Walk(open_page(width=PHONE), axe).goes(f"/{CONDITION}")
    page, seen = reader.page, reader.text
    for card in real_packs()[CONDITION].cards:
        if card.level >= Level.urgent:
            assert card.text["en"] in seen
    assert not [words for words in FOLDED if words in seen]
    page.get_by_text("PET-CT, biopsy, blood tests").click()
    assert FOLDED[0] in reader.text
    page.get_by_role("link", name="Source [11]").first.click()
    assert page.locator("#source-11").is_visible()


def test_paper_shows_all_of_the_page(open_page: Callable[..., Page]) -> None:
    """What is folded is printed, with the sources, the version and the day; buttons are not."""
    reader = Walk(open_page(java_script_enabled=False)).goes(f"/{CONDITION}")
    assert not [words for words in FOLDED if words in reader.text]
    reader.page.emulate_media(media="print")
    printed = reader.text
    assert [words for words in FOLDED if words in printed] == [*FOLDED]
    assert "Printed from the page of" in printed
    assert f"version {real_packs()[CONDITION].version}. Ask us for the newest" in printed
    assert not reader.page.get_by_role("link", name="Ask for a call").is_visible()
