"""The rule base of a pack as a sheet (Markdown) that a clinician can read and sign.

It is written from `triage.toml` itself and keeps the names that a clinician finds there; what each
name means stands below the rules.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Final

from app.domain.condition import Answers, Pack, Rule
from app.domain.level import Level
from app.domain.rule_words import RuleWords
from app.domain.wording import source_words

HOW_TO_READ: Final = """\
All rules are asked, and the highest level of those that fire counts. Names in `code` are explained
below the rules. A sign counts when it was answered with yes; a group counts when one of its members
does, and a word before a group, as in `active` `NERVE`, is said of each member. What was not
answered counts as not sure. “With” lists the worked examples in which a rule must fire, “just not”
those in which it must not."""

SIGNATURE: Final = """\
I have read these rules and the worked examples. They may be used at this clinic until the date of
the next review.

| | |
| --- | --- |
| Name | |
| Registration number | |
| Version | {version} |
| Next review due | |
| Date | |
| Signature | |"""


def sheet(pack: Pack, on: dt.date) -> str:
    """The sheet of a pack as of that day."""
    words = RuleWords(pack)
    parts = [
        f"# {pack.medical_name}: rules of triage, version {pack.version}",
        f"Printed on {on}. {_signed(pack)} Review due on {pack.review_due}.",
        HOW_TO_READ,
    ]
    for level in sorted(Level, reverse=True):
        rules = [rule for rule in pack.rules if rule.level is level]
        parts += [f"## {level.name.capitalize()}", _table(pack, rules, words)]
    parts += ["## What the names mean", *_glossary(words)]
    parts += ["## Words that count in free text", *_watchwords(pack)]
    if pack.worse:
        parts += ["## When a patient says that it has got worse", _worse(pack)]
    parts += ["## Worked examples", _examples(pack)]
    parts += ["## Signature", SIGNATURE.format(version=pack.version)]
    return "\n\n".join(parts) + "\n"


def _signed(pack: Pack) -> str:
    if pack.changed_since:
        by = pack.changed_since
        return f"Changed since {by.name} ({by.registration}) signed it off on {by.on}."
    if pack.signed_off is None:
        return "No clinician has signed this version off."
    by = pack.signed_off
    return f"Signed off by {by.name} ({by.registration}) on {by.on}."


def _table(pack: Pack, rules: list[Rule], words: RuleWords) -> str:
    lines = [
        "| rule | meaning | fires when | the desk | source | worked examples |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for rule in rules:
        cells = (
            f"**{rule.id}** {rule.level.name}",
            rule.title,
            words.rule(rule),
            rule.desk or "–",
            _sources(pack, rule),
            _cases(pack, rule),
        )
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(lines)


def _glossary(words: RuleWords) -> Iterator[str]:
    for names in words.glossary():
        yield "\n".join(f"- `{name}`: {means}" for name, means in names.items())


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _sources(pack: Pack, rule: Rule) -> str:
    found = "; ".join(source_words(pack, citation) for citation in rule.source)
    return f"{found}. **To be decided:** {rule.unverified}" if rule.unverified else found


def _cases(pack: Pack, rule: Rule) -> str:
    fires = ", ".join(case.id for case in pack.cases if rule.id in case.fires)
    spared = ", ".join(case.id for case in pack.cases if rule.id in case.not_fires)
    return f"With: {fires}. Just not: {spared}."


def _examples(pack: Pack) -> str:
    lines = ["| example | story | level |", "| --- | --- | --- |"]
    lines += [f"| {case.id} | {_cell(case.story)} | {case.level.name} |" for case in pack.cases]
    return "\n".join(lines)


def _worse(pack: Pack) -> str:
    lines = [
        "| question | “worse” counts as | “not sure” counts as | source |",
        "| --- | --- | --- | --- |",
    ]
    for asked in pack.worse:
        denied = f"; if denied before, {_counts(asked.fills)}" if asked.fills else ""
        sources = "; ".join(source_words(pack, citation) for citation in asked.source)
        cells = (asked.ask["en"], _counts(asked.worse) + denied, _counts(asked.not_sure), sources)
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(lines)


def _counts(answers: Answers) -> str:
    return ", ".join(f"`{name}` {value}" for name, value in answers.items())


def _watchwords(pack: Pack) -> Iterator[str]:
    for language, phrases in pack.watchwords.items():
        yield f"In {language}: " + ", ".join(f"“{phrase}”" for phrase in phrases) + "."
    for language in sorted(set(pack.translations) - set(pack.watchwords)):
        yield (
            f"**To be decided:** no words are listed in {language}. What is written in a form in "
            "that language is never judged by the rules; the desk is told to read it."
        )
