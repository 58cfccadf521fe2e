"""Charts as plain SVG: what a number looks like, never the only place where it stands.

Each chart stands beside a table with the same numbers. Colours come from the style sheet, by
class; what is late is hatched or labelled as well.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 24, 28
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
MOST_LABELS: Final = 12
HATCH: Final = "url(#hatch)"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of two parts, the pressing one below."""

    label: str
    pressing: int
    rest: int


@dataclass(frozen=True, slots=True)
class Stick:
    """A dot for the median and a stick up to the longest; `value` is written where it was late."""

    label: str
    median: float | None
    longest: float | None
    late: bool = False
    value: str = ""


def bar(number: int, most: int, *, pressing: bool = False) -> Markup:
    """A bar whose full width stands for `most`."""
    share = round(100 * number / most, 1) if most else 0
    return Markup(
        '<svg class="ch ch--bar" width="100%" height="16" aria-hidden="true" focusable="false">'
        '<rect{} width="{}%" height="16" rx="3"/></svg>'
    ).format(_filled(pressing), share)


def hatch() -> Markup:
    """The pattern of pressing bars and columns; once on a page that has any."""
    return Markup(
        '<svg class="vh ch" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
        '<pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect class="late" width="8" height="8"/>'
        '<rect class="gap" width="2" height="8"/></pattern></defs></svg>'
    )


def columns(found: Sequence[Column], title: str) -> Markup:
    """Columns side by side, as for the hours of a day."""
    top = nice(max((each.pressing + each.rest for each in found), default=0))
    wide = PLOT_WIDTH / max(1, len(found))
    parts = [*_grid(top)]
    for place, each in enumerate(found):
        x = LEFT + place * wide + wide * 0.15
        low = _y(each.pressing, top)
        high = _y(each.pressing + each.rest, top)
        parts += [
            _rect(x, high, wide * 0.7, low - high, pressing=False),
            _rect(x, low, wide * 0.7, _y(0, top) - low, pressing=True),
        ]
    parts += _labels([each.label for each in found], wide)
    return _drawing(parts, title)


def sticks(found: Sequence[Stick], title: str, unit: str) -> Markup:
    """Medians and longest over time; "none" where there was nothing to measure."""
    top = nice(max((each.longest for each in found if each.longest is not None), default=0))
    wide = PLOT_WIDTH / max(1, len(found))
    parts = [*_grid(top), _text(LEFT, 14, unit, "start")]
    for place, each in enumerate(found):
        x = LEFT + (place + 0.5) * wide
        if each.longest is None or each.median is None:
            parts.append(_text(x, _y(0, top) - 6, "none" if wide > 34 else "–"))
            continue
        high, dot = _y(each.longest, top), _y(each.median, top)
        kind = "stick late" if each.late else "stick"
        parts.append(
            Markup('<path class="{}" d="M{} {}V{}M{} {}H{}"/>').format(
                kind,
                _number(x),
                _number(dot),
                _number(high),
                _number(x - 5),
                _number(high),
                _number(x + 5),
            )
        )
        parts.append(
            Markup('<circle class="dot" cx="{}" cy="{}" r="5"/>').format(_number(x), _number(dot))
        )
        if each.late:
            parts.append(_text(x, high - 6, each.value, kind="value"))
    parts += _labels([each.label for each in found], wide)
    return _drawing(parts, title)


def nice(most: float) -> float:
    """The end of a scale that holds `most` in four even steps: 4, 8, 12, 20, 40, 80."""
    if most <= 4:
        return 4
    power = 10.0 ** math.floor(math.log10(most / 4))
    return next(4 * step * power for step in (1, 2, 3, 5, 10) if 4 * step * power >= most)


def _filled(pressing: bool) -> Markup:
    return Markup(' fill="{}"').format(HATCH) if pressing else Markup(' class="fill"')


def _rect(x: float, y: float, width: float, height: float, *, pressing: bool) -> Markup:
    return Markup('<rect{} x="{}" y="{}" width="{}" height="{}"/>').format(
        _filled(pressing), _number(x), _number(y), _number(width), _number(height)
    )


def _y(value: float, top: float) -> float:
    return TOP + PLOT_HEIGHT * (1 - value / top)


def _grid(top: float) -> list[Markup]:
    lines = []
    for step in range(5):
        value = top * step / 4
        y = _number(_y(value, top))
        lines.append(Markup('<path class="grid" d="M{} {}H{}"/>').format(LEFT, y, WIDTH - RIGHT))
        lines.append(_text(LEFT - 8, _y(value, top) + 4, f"{value:g}", "end"))
    return lines


def _labels(labels: Sequence[str], wide: float) -> list[Markup]:
    """Labels below; of many only some, evenly."""
    every = math.ceil(len(labels) / MOST_LABELS) if labels else 1
    return [
        _text(LEFT + (place + 0.5) * wide, HEIGHT - 8, label)
        for place, label in enumerate(labels)
        if place % every == 0
    ]


def _text(x: float, y: float, words: str, anchor: str = "middle", kind: str = "") -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        kind, _number(x), _number(y), anchor, words
    )


def _drawing(parts: Sequence[Markup], title: str) -> Markup:
    return Markup(
        '<svg class="ch ch--plot" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, HEIGHT, title, Markup("").join(parts))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
