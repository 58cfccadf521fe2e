"""The rule base of a pack as a sheet (Markdown) that a clinician can read and sign.

It is written from `triage.toml` itself and keeps the names that a clinician finds there; what each
name means stands below the rules.
"""

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from app.domain.condition import Answers, Pack, Rule, in_language
from app.domain.level import Level
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

_DETAILS: Final = {"onset": "start", "course": "change", "side": "where"}
_SIGNS: Final = {">=": "≥", "<": "<"}


def sheet(pack: Pack, folder: Path, on: dt.date) -> str:
    """The sheet of a pack as of that day; `folder` is where it was read from."""
    source = tomllib.loads((folder / "triage.toml").read_text(encoding="utf-8"))
    words = _Words(pack, source)
    parts = [
        f"# {pack.medical_name}: rules of triage, version {pack.version}",
        f"Printed on {on}. {_signed(pack)} Review due on {pack.review_due}.",
        HOW_TO_READ,
    ]
    by_id = {rule["id"]: rule for rule in source["rule"]}
    for level in sorted(Level, reverse=True):
        rules = [rule for rule in pack.rules if rule.level is level]
        parts += [f"## {level.name.capitalize()}", _table(pack, rules, by_id, words)]
    parts += ["## What the names mean", *words.glossary()]
    parts += ["## Words that count in free text", *_watchwords(pack)]
    if pack.worse:
        parts += ["## When a patient says that it has got worse", _worse(pack)]
    parts += ["## Worked examples", _examples(pack)]
    parts += ["## Signature", SIGNATURE.format(version=pack.version)]
    return "\n\n".join(parts) + "\n"


def _signed(pack: Pack) -> str:
    if pack.signed_off is None:
        return "No clinician has signed this version off."
    by = pack.signed_off
    return f"Signed off by {by.name} ({by.registration}) on {by.on}."


def _table(
    pack: Pack, rules: list[Rule], source: Mapping[str, Mapping[str, Any]], words: "_Words"
) -> str:
    lines = [
        "| rule | meaning | fires when | the desk | source | worked examples |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for rule in rules:
        cells = (
            f"**{rule.id}** {rule.level.name}",
            rule.title,
            words.condition(source[rule.id]) if rule.when else "no other rule fires",
            rule.desk or "–",
            _sources(pack, rule),
            _cases(pack, rule),
        )
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(lines)


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


class _Words:
    """Turns the conditions of one `triage.toml` into words."""

    def __init__(self, pack: Pack, source: Mapping[str, Any]) -> None:
        self.pack = pack
        self.words: Mapping[str, Any] = source.get("words", {})
        self.groups: Mapping[str, list[str]] = source.get("groups", {})
        self.facts: Mapping[str, Any] = source.get("facts", {})

    def condition(self, source: Any) -> str:
        """A condition, from its TOML form."""
        if isinstance(source, str):
            return self._leaf(source.split())
        return ", **and** ".join(self._parts(source)).replace("**and** not ", "**but not** ")

    def _parts(self, source: Mapping[str, Any]) -> Iterator[str]:
        """What must all be true; a choice beside other parts stands in brackets."""
        alone = len(source.keys() & {"all", "any", "of", "unless"}) == 1
        for part in source.get("all", []):
            yield self._inner(part)
        for words, members in (
            ("any of", source.get("any")),
            (f"at least {source.get('at_least')} of", source.get("of")),
        ):
            if members:
                choice = f"{words}: {self._list(members)}"
                yield choice if alone else f"({choice})"
        if "unless" in source:
            yield f"not {self._inner(source['unless'])}"

    def glossary(self) -> Iterator[str]:
        """What the words, groups and facts mean, a list each."""
        yield "\n".join(f"- `{name}`: {self.condition(of)}" for name, of in self.words.items())
        yield "\n".join(f"- `{name}`: {self._list(of)}" for name, of in self.groups.items())
        yield "\n".join(f"- `{name}`: {self.condition(of)}" for name, of in self.facts.items())

    def _list(self, sources: list[Any]) -> str:
        return "; ".join(self._inner(source) for source in sources)

    def _inner(self, source: Any) -> str:
        words = self.condition(source)
        return words if isinstance(source, str) else f"({words})"

    def _leaf(self, parts: list[str]) -> str:
        """`[N] [WORD] NAME [is V or V …]`, `NAME >= N` or `story`, in words."""
        if parts == ["story"]:
            return "the free text has one of the words below"
        if len(parts) == 3 and parts[1] in _SIGNS:
            return f"{self._name(parts[0])} {_SIGNS[parts[1]]} {parts[2]}"
        count = f"at least {parts.pop(0)} of " if parts[0].isdecimal() else ""
        word = ""
        if len(parts) > 1 and parts[0] in {*self.words, "unsure"}:
            word = {"unsure": "not sure or no answer: "}.get(parts[0], f"`{parts[0]}` ")
            parts = parts[1:]
        answers = " or ".join(self._answer(parts[0], value) for value in parts[2::2])
        return f"{count}{word}{self._name(parts[0])}" + (f" is {answers}" if answers else "")

    def _name(self, name: str) -> str:
        field, _, detail = name.partition(".")
        question = self.pack.questions.get(field)
        title = in_language(question.title, "en") if question else f"`{field}`"
        title = "it" if field == "it" else title
        return f"{title} ({_DETAILS[detail]})" if detail else title

    def _answer(self, name: str, value: str) -> str:
        field, _, detail = name.partition(".")
        options = (
            self.pack.details[detail].options if detail else self.pack.questions[field].options
        )
        for option in options:
            if option.value == value:
                return f"“{in_language(option.title or option.label, 'en')}”"
        return {"not_sure": "“not sure”"}.get(value, f"“{value}”")
