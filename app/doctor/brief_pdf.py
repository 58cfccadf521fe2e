"""The case brief as a PDF: one A4 page, letters of Latin and Devanagari.

Each script has a font of its own: text is shaped font by font, and a run that mixed the two would
be shaped by the rules of the first.
"""

import contextlib
import datetime as dt
import functools
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from app.domain.neuro import Line, Sign

if TYPE_CHECKING:
    from app.doctor.brief import CaseBrief

FONTS: Final = Path(__file__).with_name("fonts")
STYLES: Final = {"": "Regular", "B": "Bold"}
LARGEST, SMALLEST = 9.5, 6.0
"""Letter sizes in points."""

MARGIN: Final = 12.0
TERM: Final = 33.0
BAR: Final = 42.0
"""Millimetres: the margin, the column of terms, and the picture of a sign's time."""

UNKNOWN: Final = "?"

# The library names letters that a font lacks, and letters are names.
logging.getLogger("fpdf").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)


def as_pdf(brief: "CaseBrief", at: dt.datetime) -> bytes:
    """The brief on one page, in the largest letters that fit; on more before it is unreadable."""
    size, pages = LARGEST, False
    while True:
        with contextlib.closing(Paper(size, pages=pages)) as paper:
            paper.set_creation_date(at)
            paper.write_brief(brief)
            if pages or paper.overfull <= 1:
                return bytes(paper.output())
        pages = size == SMALLEST
        # Smaller letters need less height, and less breadth.
        size = max(SMALLEST, size * min(0.98, paper.overfull**-0.5))


@functools.cache
def _known() -> frozenset[int]:
    """The letters that the fonts have."""
    known: set[int] = set()
    for script in ("Latin", "Devanagari"):
        with TTFont(FONTS / f"{script}-Regular.ttf") as font:
            known.update(font.getBestCmap())
    return frozenset(known)


def _printable(words: str) -> str:
    """Words with a question mark for each letter that no font has: nothing vanishes unseen."""
    plain = " ".join(words.split())
    return "".join(letter if ord(letter) in _known() else UNKNOWN for letter in plain)


class Paper(FPDF):
    """The page while it is written, from the top down, in letters of that size."""

    def __init__(self, size: float, *, pages: bool = False) -> None:
        super().__init__(format="A4")
        self.size, self.row = size, size * 0.47
        self.set_margin(MARGIN)
        self.set_auto_page_break(pages, MARGIN)
        for style, name in STYLES.items():
            self.add_font("latin", style, FONTS / f"Latin-{name}.ttf")
            self.add_font("devanagari", style, FONTS / f"Devanagari-{name}.ttf")
        self.set_fallback_fonts(["devanagari"])
        self.set_text_shaping(True)
        self.set_lang("en")
        self.set_creator("Spinedesk")
        self.add_page()

    def close(self) -> None:
        """Close the files of the fonts, which the library leaves open."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    @property
    def overfull(self) -> float:
        """How much is written, as a share of what the page holds."""
        return (self.get_y() - MARGIN) / (self.h - 2 * MARGIN)

    def write_brief(self, brief: "CaseBrief") -> None:
        """Write all of it."""
        self.set_title(f"Case brief {brief.reference}")
        self._words(f"{brief.level}. {brief.name}", "B", self.size + 5)
        self._words(f"Case brief {brief.reference}", "B")
        self._facts(brief.head)
        self._part("Why flagged")
        self._facts((rules, words) for words, rules in brief.flags)
        for rule in brief.rules:
            self._words(rule, size=self.size - 1)
        self._part("What they told us")
        self._facts(brief.told)
        self._facts([("Danger signs: no", brief.denied or "None was answered with no")])
        self._part("Nerve functions, as told")
        self._functions(brief.functions, brief.scale)
        self._part("Pain, scans and medicines")
        self._facts(brief.findings)
        self._part("Scores")
        self._words(" · ".join(brief.scores) or "None is in the record.")
        self._part("Timeline")
        self._facts(brief.timeline)
        self._part("Contact")
        self._facts([*brief.contact, ("Clinic", brief.clinic)])
        self._words(brief.printed, size=self.size - 1)

    def _words(self, words: str, style: str = "", size: float = 0.0) -> None:
        self.set_font("latin", style, size or self.size)
        row = (size or self.size) * 0.47
        self.multi_cell(0, row, _printable(words), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _part(self, title: str) -> None:
        self.ln(self.row * 0.3)
        self.set_draw_color(90)
        self.line(MARGIN, self.get_y(), self.w - MARGIN, self.get_y())
        self._words(title, "B")

    def _facts(self, facts: Iterable[tuple[str, str]], right: float = 0.0) -> None:
        """Terms on the left, their words beside them."""
        for term, words in facts:
            top, page = self.get_y(), self.page
            self.set_font("latin", "", self.size - 0.5)
            self.multi_cell(
                TERM, self.row, _printable(term), align="L", new_x=XPos.RIGHT, new_y=YPos.TOP
            )
            below = self._below(top, _printable(term), TERM)
            self.set_font("latin", "B" if term.startswith("Rule") else "", self.size)
            width = self.epw - TERM - right
            self.multi_cell(
                width, self.row, _printable(words), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
            )
            if page == self.page:
                self.set_y(max(self.get_y(), below))

    def _below(self, top: float, words: str, width: float) -> float:
        """Where these words end when they begin at `top`."""
        lines: Any = self.multi_cell(
            width, self.row, words, align="L", dry_run=True, output="LINES"
        )
        return top + len(lines) * self.row

    def _functions(self, functions: Sequence[Line], scale: Sequence[str]) -> None:
        """Each function in words, and beside each sign a bar from its start to now."""
        self._facts([("", f"Bars run from the start to now: {', '.join(scale)}")])
        for line in functions:
            if not line.signs:
                self._facts([(line.title, line.words)])
            for number, sign in enumerate(line.signs):
                top, page = self.get_y(), self.page
                self._facts([("" if number else line.title, sign.words)], right=BAR)
                if page == self.page:
                    self._bar(sign, top + self.row / 2, len(scale))

    def _bar(self, sign: Sign, middle: float, columns: int) -> None:
        """A wedge that grows when it gets worse, and shrinks when it gets better."""
        left, width = self.w - MARGIN - BAR + 2, BAR - 2
        self.set_draw_color(150)
        for column in range(columns + 1):
            x = left + width * column / columns
            self.line(x, middle - 1.2, x, middle + 1.2)
        if sign.place is None:
            self.line(left, middle, left + width, middle)
            return
        thick, thin = self.row * 0.38, self.row * 0.1
        start, end = {
            "worse": (thin, thick),
            "better": (thick, thin),
            "same": (thick / 2, thick / 2),
        }.get(sign.trend or "", (thin, thin))
        x, right = left + width * sign.place / columns, left + width
        self.set_fill_color(60)
        self.polygon(
            [
                (x, middle - start),
                (right, middle - end),
                (right, middle + end),
                (x, middle + start),
            ],
            style="F",
        )
