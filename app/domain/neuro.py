"""The timeline of nerve functions: what was told of each, since when, and how it has changed.

Everything is the patient's own answer in the words of the form; nothing is concluded from it. The
functions, their signs and the scale of time are the pack's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.domain.condition import (
    NO,
    NOT_SURE,
    YES,
    Answers,
    Detail,
    NerveFunction,
    Option,
    Pack,
    in_language,
)

NO_TROUBLE: Final = "No trouble told"
NOT_ANSWERED: Final = "Not answered"
ONSET, COURSE, SIDE = "onset", "course", "side"


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign that was told, or of which the person was not sure.

    `place` is where it began on the scale, 0 the longest ago; None when that is not known. `trend`
    is worse, same or better; None when that is not known.
    """

    words: str
    place: int | None = None
    trend: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One function: its signs, or what is said when there are none."""

    title: str
    signs: tuple[Sign, ...]
    words: str


def scale(pack: Pack) -> tuple[str, ...]:
    """The times at which something can have begun, the longest ago first."""
    return tuple(_words(option) for option in _starts(pack))


def timeline(pack: Pack, answers: Answers) -> tuple[Line, ...]:
    """A line for each function of the pack."""
    return tuple(_line(pack, function, answers) for function in pack.functions)


def _line(pack: Pack, function: NerveFunction, answers: Answers) -> Line:
    signs = tuple(_signs(pack, function, answers))
    told = [answers.get(name) for name in function.signs]
    nothing = NOT_ANSWERED if None in told else NO_TROUBLE
    words = ". ".join(sign.words for sign in signs) or nothing
    return Line(function.title, signs, words)


def _signs(pack: Pack, function: NerveFunction, answers: Answers) -> Iterator[Sign]:
    for name in function.signs:
        title = in_language(pack.questions[name].title, "en")
        title = title[:1].upper() + title[1:]
        if answers.get(name) == NOT_SURE:
            yield Sign(f"{title}: not sure")
        elif answers.get(name) == YES:
            yield _told(pack, name, title, answers)


def _told(pack: Pack, name: str, title: str, answers: Answers) -> Sign:
    asked = [each for each in (SIDE, ONSET, COURSE) if each in pack.questions[name].details]
    chosen = {each: _chosen(pack.details[each], answers.get(f"{name}.{each}")) for each in asked}
    words = [title, *(_words(option) for option in chosen.values() if option)]
    onset, course = chosen.get(ONSET), chosen.get(COURSE)
    starts = _starts(pack)
    place = starts.index(onset) if onset in starts else None
    return Sign(", ".join(words), place, course.trend if course else None)


def _starts(pack: Pack) -> list[Option]:
    """The answers to "when did it start?" that name a time; the form has the newest first."""
    detail = pack.details.get(ONSET)
    known = [each for each in detail.options if each.value != NOT_SURE] if detail else []
    return known[::-1]


def _chosen(detail: Detail, value: str | None) -> Option | None:
    return next((option for option in detail.options if option.value == value), None)


def _words(option: Option) -> str:
    return in_language(option.title or option.label, "en")


def in_short(pack: Pack, names: tuple[str, ...], answers: Answers) -> tuple[str, str]:
    """What was told of some questions, and which of them were denied: "…", "…"."""
    told, denied = [], []
    for name in names:
        question, value = pack.questions[name], answers.get(name)
        title = in_language(question.title, "en")
        option = question.option(value)
        if value == NO and question.kind == "sign":
            denied.append(title)
        elif option:
            told.append(_words(option))
        elif value == YES:
            told.append(title)
        elif value == NOT_SURE:
            told.append(f"{title}: not sure")
    return ", ".join(told), ", ".join(denied)
