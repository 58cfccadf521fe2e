"""A condition pack: what medicine knows about one condition, as read from its folder.

The folder holds data that a clinician can read, change and sign; this module turns it into
objects. `domain.pack_reader` reads the files, `domain.pack_checks` finds their faults.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.level import Level
from app.domain.rule import Condition

Text = Mapping[str, str]
"""One text in several languages: `{"en": "…", "hi": "…"}`."""

Answers = Mapping[str, str]
"""What a person answered, by field: `leg_weakness`, `leg_weakness.onset`, `age`, `story` …"""

YES, NO, NOT_SURE = "yes", "no", "not_sure"
DETAILS = ("onset", "course", "side")
TRENDS = ("worse", "same", "better")


def in_language(text: Text, language: str) -> str:
    """The text in that language, or in English where it has not been translated yet."""
    return text.get(language) or text["en"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A reference, and the place in it."""

    ref: str
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a choice, in the words of the form and, shorter, of lists.

    `trend` says of a change whether it is worse, same or better, for the doctor's picture.
    """

    value: str
    label: Text
    title: Text | None = None
    sets: Mapping[str, str] = field(default_factory=dict)
    trend: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `kind` is sign (yes, no, not sure), choice, number or text."""

    id: str
    kind: str
    ask: Text
    title: Text
    label: Text | None = None
    hint: Text | None = None
    core: bool = False
    term: str | None = None
    details: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    asked_if: Condition | None = None
    missing: str | None = None
    least: str | None = None
    optional: bool = False
    source: tuple[Citation, ...] = ()

    def option(self, value: str | None) -> Option | None:
        """The option with that value, if there is one."""
        return next((option for option in self.options if option.value == value), None)


@dataclass(frozen=True, slots=True)
class Detail:
    """A follow-up that every sign may share: onset, course or side."""

    id: str
    ask: Text
    options: tuple[Option, ...]
    missing: str
    least: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the enquiry. Exactly one of its ways of asking is used, or signs with questions.

    `signs` are tick boxes with "none of these" and "not sure"; `one_by_one` goes through the
    unticked signs of another page; `details_of` asks onset, course and side for what was answered
    yes there.
    """

    id: str
    title: Text
    hint: Text | None = None
    hint_for_others: Text | None = None
    signs: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    one_by_one: str | None = None
    details_of: str | None = None
    asked_if: Condition | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """These answers mean this level, because of this source.

    One that `explains` never decides alone: it names a reason where other rules give the level.
    """

    id: str
    level: Level
    title: str
    when: Condition | None
    source: tuple[Citation, ...]
    desk: str | None = None
    unverified: str | None = None
    explains: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A line of the emergency or urgent card on the page, with the signs it stands for."""

    level: Level
    text: Text
    signs: tuple[str, ...]
    source: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class PageSign:
    """A sign in the words of the page: the questions that ask it, or why none does."""

    says: str
    signs: tuple[str, ...]
    because: str | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Signs that are not on a card, or that no rule reads, and why."""

    signs: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True)
class EmergencyWords:
    """What the emergency page says when one of these rules fired: what it can mean, what to say."""

    rules: tuple[str, ...]
    meaning: Text
    say: Text | None
    helpline: bool
    source: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class WorseQuestion:
    """Something that is asked when a patient comes back: is it the same, worse, or not sure?

    `worse` and `not_sure` are what these answers mean in the fields of the enquiry. `fills` counts
    with "worse" only where the field was denied or never asked.
    """

    id: str
    ask: Text
    title: Text
    worse: Answers
    not_sure: Answers
    fills: Answers
    source: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class NerveFunction:
    """A line of the doctor's timeline: something that nerves do, and the signs that it fails."""

    title: str
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """Which questions have a place of their own on the doctor's page and on the case brief.

    `worst_pain` is the one whose answer is a place on the picture of the spine.
    """

    worst_pain: str | None
    scans: tuple[str, ...]
    medicines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """A source, with how it was read: read, abstract, secondary, policy or unverified."""

    id: str
    title: str
    status: str
    publisher: str | None = None
    year: int | None = None
    where: str | None = None
    link: str | None = None
    read_on: dt.date | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A worked example: a story, its answers, and what the rules must say."""

    id: str
    story: str
    level: Level
    fires: tuple[str, ...]
    not_fires: tuple[str, ...]
    answers: Answers


@dataclass(frozen=True, slots=True)
class SignOff:
    """The clinician who answers for the pack, or for its translation into one language."""

    name: str
    registration: str
    on: dt.date


@dataclass(frozen=True, slots=True)
class Lowered:
    """A clinician answers for a rule that leads to a lower level from that version on."""

    rule: str
    version: str
    by: SignOff
    reason: str


@dataclass(frozen=True)
class Pack:
    """Everything the app knows about one condition."""

    id: str
    name: Text
    medical_name: str
    version: str
    reference_prefix: str
    written_by: Text
    review_due: dt.date
    # Who signed it as it stands, or who signed it before something was changed; never both.
    signed_off: SignOff | None
    changed_since: SignOff | None
    lowered: tuple[Lowered, ...]
    # Each language beside English, and who has checked it: nobody yet, while it is None.
    translations: Mapping[str, SignOff | None]
    questions: Mapping[str, Question]
    details: Mapping[str, Detail]
    pages: tuple[Page, ...]
    rules: tuple[Rule, ...]
    # `triage.toml` as it is written: its names are the words in which rules are told.
    triage: Mapping[str, Any]
    cards: tuple[Card, ...]
    page_signs: tuple[PageSign, ...]
    no_card: tuple[LeftOut, ...]
    no_rule: tuple[LeftOut, ...]
    emergency_words: tuple[EmergencyWords, ...]
    worse: tuple[WorseQuestion, ...]
    references: Mapping[str, Reference]
    watchwords: Mapping[str, tuple[str, ...]]
    cases: tuple[Case, ...]
    page_texts: Mapping[str, str]
    card_intros: Mapping[Level, Text]
    # Of each score that doctors may work out: the questions whose answers stand beside an item.
    scores: Mapping[str, Mapping[str, tuple[str, ...]]]
    functions: tuple[NerveFunction, ...]
    brief: Brief

    def page(self, page_id: str) -> Page:
        """The page with that id; raises KeyError."""
        for page in self.pages:
            if page.id == page_id:
                return page
        raise KeyError(page_id)

    def rule(self, rule_id: str) -> Rule:
        """The rule with that id; raises KeyError."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)

    def asked_on(self, page: Page) -> tuple[Question, ...]:
        """The questions that a page of ticks or of single questions shows, in order."""
        return tuple(self.questions[name] for name in (*page.questions, *page.signs))
