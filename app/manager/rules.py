"""The rule base in words: each rule with its sources, and what each answer can lead to."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import abort, render_template, request
from markupsafe import Markup, escape

from app.access import now, packs, settings
from app.domain.condition import NOT_SURE, Pack, Question, Reference, Rule, in_language
from app.domain.enquiry import Field
from app.domain.level import Level
from app.domain.rule_trace import NO_ANSWER, WATCHWORD, Leads, leads
from app.domain.rule_words import RuleWords
from app.domain.wording import answer_words, source_words
from app.forms import options_of
from app.manager import rulebook

NOTHING: Final = Leads((), ())
NAME: Final = re.compile(r"`([^`]+)`")
BOLD: Final = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True, slots=True)
class RuleInWords:
    """A rule of a pack as the page shows it."""

    rule: Rule
    when: Markup
    sources: list[tuple[str, Reference]]
    found_by: str


@dataclass(frozen=True, slots=True)
class AnswerInWords:
    """An answer with the rules that it can help to fire, by level, or keep from firing."""

    words: str
    to: list[tuple[Level, list[Rule]]]
    away_from: list[Rule]


@dataclass(frozen=True, slots=True)
class QuestionInWords:
    """A question, or a detail of one, with its answers."""

    ask: str
    answers: list[AnswerInWords]


@rulebook.get("")
def rules() -> str:
    """The rules of a condition, and what each answer can lead to; all, or what was looked for."""
    pack = chosen_pack()
    looked_for = request.args.get("q", "").strip()
    level = request.args.get("level", "")
    told = [_in_words(pack, rule) for rule in pack.rules if level in ("", rule.level.name)]
    found = [each for each in told if _holds(each.found_by, looked_for)]
    return render_template(
        "manager/rules.html",
        pack=pack,
        packs=packs().values(),
        by_level=list(_by_level(found)),
        questions=list(_questions(pack, looked_for)),
        glossary=_glossary(pack),
        looked_for=looked_for,
        level=level,
        levels=sorted(Level, reverse=True),
        today=now().astimezone(settings().clinic_zone).date(),
    )


def chosen_pack() -> Pack:
    """The condition that was chosen, or the one that asks most."""
    found = packs()
    fullest = max(found, key=lambda name: len(found[name].questions), default="")
    chosen = request.args.get("condition", fullest)
    if chosen not in found:
        abort(404)
    return found[chosen]


def _holds(text: str, looked_for: str) -> bool:
    """Whether every word that was looked for stands in the text."""
    known = text.casefold()
    return all(word in known for word in looked_for.casefold().split())


def _by_level(found: Sequence[RuleInWords]) -> Iterator[tuple[Level, list[RuleInWords]]]:
    for level in sorted(Level, reverse=True):
        if rules := [each for each in found if each.rule.level is level]:
            yield level, rules


def _in_words(pack: Pack, rule: Rule) -> RuleInWords:
    when = RuleWords(pack).rule(rule)
    fields = dict.fromkeys(rule.when.fields() if rule.when else ())
    asked = (pack.questions.get(name.partition(".")[0]) for name in fields)
    titles = [in_language(question.title, "en") for question in asked if question]
    sources = [(source_words(pack, at), pack.references[at.ref]) for at in rule.source]
    told = [rule.id, rule.title, rule.desk or "", when, *titles, *(words for words, _ in sources)]
    return RuleInWords(rule, in_html(when), sources, " ".join(told))


def in_html(words: str) -> Markup:
    """The words of a rule, each name leading to what it means."""
    named = NAME.sub(r'<a href="#name-\1"><code>\1</code></a>', str(escape(words)))
    return Markup(BOLD.sub(r"<b>\1</b>", named))  # noqa: S704 - escaped above


def _glossary(pack: Pack) -> Mapping[str, Markup]:
    return {
        name: in_html(means)
        for names in RuleWords(pack).glossary()
        for name, means in names.items()
    }


def _questions(
    pack: Pack, looked_for: str
) -> Iterator[tuple[str, list[tuple[Question, list[QuestionInWords]]]]]:
    """The questions by the page that asks them; those that an answer sets come last."""
    known = leads(pack)
    placed = [(in_language(page.title, "en"), pack.asked_on(page)) for page in pack.pages]
    asked = {question.id for _, questions in placed for question in questions}
    rest = tuple(q for q in pack.questions.values() if q.id not in asked)
    for title, questions in (*placed, ("Set by another answer", rest)):
        told = [
            (question, [_question(pack, field, known) for field in _fields(pack, question)])
            for question in questions
            if _holds(f"{question.id} {question.title['en']} {question.ask['en']}", looked_for)
        ]
        if told:
            yield title, told


def _fields(pack: Pack, question: Question) -> Iterator[Field]:
    yield Field(question.id, question)
    for name in question.details:
        yield Field(f"{question.id}.{name}", question, pack.details[name])


def _question(pack: Pack, field: Field, known: Mapping[tuple[str, str], Leads]) -> QuestionInWords:
    ask = in_language((field.detail or field.question).ask, "en")
    told = [
        _answer(words, known.get((field.name, value), NOTHING))
        for value, words in _answers(pack, field, known)
    ]
    return QuestionInWords(ask, told)


def _answers(
    pack: Pack, field: Field, known: Mapping[tuple[str, str], Leads]
) -> Iterator[tuple[str, str]]:
    """Every answer that a field can have, with its words; the open one tells what it counts as."""
    question = field.question
    if question.kind == "text":
        yield WATCHWORD, "Holds a reviewed phrase"
    elif question.kind == "number":
        limits = [value for name, value in known if name == field.name]
        yield from ((value, value) for value in sorted(limits, key=lambda v: int(v.split()[1])))
    else:
        for option in options_of(pack, field):
            words = in_language(option.label, "en")
            worst = field.detail and option.value == NOT_SURE and _counts_as(field)
            yield worst or option.value, _as(field, words, worst or option.value)
    missing = _counts_as(field)
    if missing:
        yield missing, _as(field, "No answer", missing)
    elif question.kind == "sign":
        yield NO_ANSWER, "No answer"


def _as(field: Field, words: str, value: str) -> str:
    """The words of an answer, and of the one that it counts as when that is another."""
    counts = answer_words(field, value, "en")
    return words if counts == words else f"{words}: counts as “{counts}”"


def _counts_as(field: Field) -> str | None:
    if field.detail is None:
        return field.question.missing
    return field.question.sides[-1] if field.detail.id == "side" else field.detail.missing


def _answer(words: str, found: Leads) -> AnswerInWords:
    by_level = [
        (level, [rule for rule in found.to if rule.level is level])
        for level in sorted(Level, reverse=True)
    ]
    return AnswerInWords(words, [pair for pair in by_level if pair[1]], list(found.away_from))
