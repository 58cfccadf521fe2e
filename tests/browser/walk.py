"""Somebody who walks through the site in a browser, and looks hard at every page."""

import re
from collections.abc import Callable
from typing import Any, Final, Self

from playwright.sync_api import Locator, Page

from tests.builders import PASSWORD

MOST_TABS: Final = 80
IN_FOCUS: Final = "element => element === document.activeElement"
RING: Final = "element => getComputedStyle(element).outlineStyle"
TOO_WIDE: Final = "document.scrollingElement.scrollWidth - window.innerWidth"

Axe = Callable[[Page], None]


class Walk:
    """A person with a browser; every page that they reach is checked."""

    def __init__(self, page: Page, axe: Axe | None = None) -> None:
        self.page, self.axe = page, axe
        self.passed: list[str] = []

    @property
    def h1(self) -> str:
        """The heading of this page."""
        return " ".join(self.page.get_by_role("heading", level=1).inner_text().split())

    @property
    def text(self) -> str:
        """The words of the main part, as they are seen."""
        return " ".join(self.page.get_by_role("main").inner_text().split())

    def goes(self, address: str) -> Self:
        """Open an address."""
        self.page.goto(address)
        return self._looks()

    def follows(self, link: str, where: Any = "main") -> Self:
        """Follow a link of the page by its words; `where` is a part of it, or a locator."""
        return self._arrives(self._part(where).get_by_role("link", name=link, exact=True).click)

    def presses(self, button: str | re.Pattern[str], where: Any = "main") -> Self:
        """Press a button by its words, and see where it leads."""
        return self._arrives(self._part(where).get_by_role("button", name=button, exact=True).click)

    def picks(self, *labels: str, of: str | None = None) -> Self:
        """Choose answers by their words, in the group `of` when the page has several."""
        group = self.page.get_by_role("group", name=of) if of else self._part("main")
        for label in labels:
            group.get_by_label(label, exact=True).check()
        return self

    def fills(self, label: str, words: str) -> Self:
        """Type into a field."""
        self._part("main").get_by_label(label, exact=True).fill(words)
        return self

    def answers(self, *labels: str) -> Self:
        """Choose answers, and continue."""
        return self.picks(*labels).presses("Continue")

    def signs_in(self, email: str) -> Self:
        """Fill in the sign-in page that the browser shows."""
        return self.fills("E-mail", email).fills("Password", PASSWORD).presses("Sign in")

    def tabs_to(self, wanted: Locator) -> Self:
        """Press Tab until it has the focus, which can be seen wherever it stops."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            here = self.page.locator(":focus")
            assert here.evaluate(RING) != "none", f"{here} hides the focus"
            if wanted.evaluate(IN_FOCUS):
                return self
        raise AssertionError(f"{wanted} cannot be reached by Tab")

    def enters(self) -> Self:
        """Press Enter, and see where it leads."""
        return self._arrives(lambda: self.page.keyboard.press("Enter"))

    def _part(self, where: Any) -> Locator:
        return self.page.locator(where) if isinstance(where, str) else where

    def _arrives(self, act: Callable[[], None]) -> Self:
        with self.page.expect_navigation():
            act()
        return self._looks()

    def _looks(self) -> Self:
        """Check what every page owes: a title, one heading, no sideways scroll, no barrier."""
        self.passed.append(self.h1)
        assert self.page.title(), f"{self.page.url} has no title"
        assert self.page.locator("h1").count() == 1, f"{self.page.url} has not one main heading"
        too_wide = self.page.evaluate(TOO_WIDE)
        assert too_wide <= 0, f"{self.page.url} scrolls sideways by {too_wide} px"
        if self.axe is not None:
            self.axe(self.page)
        return self
