"""Answers and rules give an Assessment.

Source: the triage rule base of the pack (`triage.toml`). All rules are asked; the level is the
highest of those that fire. The two readings of unanswered questions follow the rule base,
sections 2 and 5: while somebody is still answering, unanswered counts as no; at the end it
counts as not sure.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from app.domain.condition import DETAILS, NO, NOT_SURE, YES, Answers, Pack, Question, Rule
from app.domain.level import Level
from app.domain.rule import Reading, Story

# What keyboards and programs put for an apostrophe.
APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u2032\u00b4`", "'"))


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that fired, with the answered fields that made it fire."""

    rule: Rule
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the rules say about one set of answers."""

    level: Level
    findings: tuple[Finding, ...]
    watchwords: tuple[str, ...] = ()

    def at_its_level(self) -> tuple[Finding, ...]:
        """The findings that decided the level."""
        return tuple(f for f in self.findings if f.rule.level == self.level)

    def evidence(self) -> tuple[str, ...]:
        """The fields that led to the level, each once, in the order of the rules."""
        named = (field for finding in self.at_its_level() for field in finding.evidence)
        return tuple(dict.fromkeys(named))


def assess(pack: Pack, answers: Answers) -> Assessment:
    """Judge a finished set of answers: what was not answered counts as not sure."""
    return _judge(pack, read_finished(pack, answers), answers)


def assess_so_far(pack: Pack, answers: Answers) -> Assessment:
    """Judge the answers while they are still being given: what was not answered counts as no."""
    return _judge(pack, read_so_far(pack, answers), answers)


def _judge(pack: Pack, reading: Reading, answers: Answers) -> Assessment:
    findings = tuple(_fired(pack, reading))
    level = max((finding.rule.level for finding in findings), default=Level.routine)
    return Assessment(level, findings, watchwords_in(pack, answers))


def _fired(pack: Pack, reading: Reading) -> Iterator[Finding]:
    """Every rule that holds; the rule without a condition stands for "nothing above"."""
    nothing_yet = True
    for rule in pack.rules:
        if rule.when is None:
            if nothing_yet:
                yield Finding(rule, ())
        elif rule.when.holds(reading):
            nothing_yet = False
            fields = (field.partition(".")[0] for field in rule.when.evidence(reading))
            yield Finding(rule, tuple(dict.fromkeys(fields)))


def read_finished(pack: Pack, answers: Answers) -> Reading:
    """Fill in what is missing with the safe reading: unknown onset is today, side the worse one."""
    reading = dict(answers)
    for question in pack.questions.values():
        if question.missing and question.id not in reading:
            reading[question.id] = question.missing
    return _completed(pack, reading, answers, missing=True)


def read_so_far(pack: Pack, answers: Answers) -> Reading:
    """Fill in what has not been answered yet with its least worrying answer."""
    reading = dict(answers)
    for question in pack.questions.values():
        if question.id not in reading:
            least = NO if question.kind == "sign" else question.least
            if least is not None:
                reading[question.id] = least
    return _completed(pack, reading, answers, missing=False)


def _completed(pack: Pack, reading: dict[str, str], answers: Answers, *, missing: bool) -> Reading:
    for question in pack.questions.values():
        if reading.get(question.id) == YES:
            for name in question.details:
                _complete_detail(pack, question, name, reading, missing=missing)
    if found := watchwords_in(pack, answers):
        reading[Story.FIELD] = ", ".join(found)
    return reading


def _complete_detail(
    pack: Pack, question: Question, name: str, reading: dict[str, str], *, missing: bool
) -> None:
    field = f"{question.id}.{name}"
    detail = pack.details[name]
    if name == "side":
        worst, least = question.sides[-1], question.sides[0]
    else:
        worst, least = detail.missing, detail.least
    if field not in reading:
        reading[field] = worst if missing else least
    elif reading[field] == NOT_SURE:
        reading[field] = worst


def watchwords_in(pack: Pack, answers: Answers) -> tuple[str, ...]:
    """The phrases of the reviewed lists, of every language, that the free text contains."""
    story = _plain(answers.get("story", ""))
    if not story:
        return ()
    phrases = (phrase for found in pack.watchwords.values() for phrase in found)
    return tuple(phrase for phrase in phrases if _mentions(story, _folded(phrase)))


def unread(pack: Pack, answers: Answers, language: str) -> bool:
    """Whether there is free text that the reviewed lists cannot judge, so that a person must.

    There is no list in the language of the form, or the text has letters of another script: lists
    are in Latin letters for English alone.
    """
    story = answers.get("story", "")
    if language != "en":
        return bool(story.strip()) and language not in pack.watchwords
    return any(c.isalpha() and not unicodedata.name(c, "").startswith("LATIN") for c in story)


@cache
def _folded(phrase: str) -> str:
    """A phrase of the reviewed lists, folded once for all stories."""
    return _plain(phrase)


def _mentions(story: str, phrase: str) -> bool:
    """A phrase counts from the start of a word on, so that "numb" finds "numbness"."""
    return f" {phrase}" in f" {story}"


def _plain(text: str) -> str:
    """Fold case, accents' encoding, apostrophes, invisible characters and white space."""
    straight = text.translate(APOSTROPHES)
    folded = unicodedata.normalize("NFKC", straight).casefold()
    visible = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    return " ".join(re.sub(r"[^\w'\u0900-\u097f]+", " ", visible).split())


def known_fields(pack: Pack) -> frozenset[str]:
    """Every field that an answer may have."""
    fields = set(pack.questions)
    for question in pack.questions.values():
        fields.update(f"{question.id}.{name}" for name in question.details if name in DETAILS)
    return frozenset(fields)
