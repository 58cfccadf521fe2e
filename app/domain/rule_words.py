"""The conditions of `triage.toml` in words, with the names that a clinician finds there."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.domain.condition import Pack, Rule, in_language
from app.domain.rule import Is, Number, Story, Unsure
from app.domain.rule_trace import Part

_DETAILS: Final = {"onset": "start", "course": "change", "side": "where"}
_SIGNS: Final = {">=": "≥", "<": "<"}


class RuleWords:
    """Turns the conditions of a pack into words (Markdown), names in `marks`."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        source = pack.triage
        self.rules: list[Mapping[str, Any]] = source["rule"]
        self.words: Mapping[str, Any] = source.get("words", {})
        self.groups: Mapping[str, list[str]] = source.get("groups", {})
        self.facts: Mapping[str, Any] = source.get("facts", {})

    def rule(self, rule: Rule) -> str:
        """When a rule fires."""
        if rule.when is None:
            return "no other rule fires"
        return self.condition(next(each for each in self.rules if each["id"] == rule.id))

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

    def glossary(self) -> Iterator[dict[str, str]]:
        """What the words, groups and facts mean, by name, one after the other."""
        yield {name: self.condition(of) for name, of in self.words.items()}
        yield {name: self._list(of) for name, of in self.groups.items()}
        yield {name: self.condition(of) for name, of in self.facts.items()}

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
            return f"{self.name(parts[0])} {_SIGNS[parts[1]]} {parts[2]}"
        count = f"at least {parts.pop(0)} of " if parts[0].isdecimal() else ""
        word = ""
        if len(parts) > 1 and parts[0] in {*self.words, "unsure"}:
            word = {"unsure": "not sure or no answer: "}.get(parts[0], f"`{parts[0]}` ")
            parts = parts[1:]
        answers = " or ".join(self.answer(parts[0], value) for value in parts[2::2])
        return f"{count}{word}{self.name(parts[0])}" + (f" is {answers}" if answers else "")

    def name(self, name: str) -> str:
        """A field by the short name of its question."""
        field, _, detail = name.partition(".")
        question = self.pack.questions.get(field)
        title = in_language(question.title, "en") if question else f"`{field}`"
        title = "it" if field == "it" else title
        return f"{title} ({_DETAILS[detail]})" if detail else title

    def answer(self, name: str, value: str) -> str:
        """An answer to that field, in quotation marks."""
        field, _, detail = name.partition(".")
        options = (
            self.pack.details[detail].options if detail else self.pack.questions[field].options
        )
        for option in options:
            if option.value == value:
                return f"“{in_language(option.title or option.label, 'en')}”"
        return {"not_sure": "“not sure”"}.get(value, f"“{value}”")

    def part(self, part: Part) -> str:
        """A single look at an answer: "weak leg is “yes”"."""
        match part.leaf:
            case Is(field, values):
                answers = " or ".join(self.answer(field, value) for value in values)
                return f"{self.name(field)} is {'' if part.holds else 'not '}{answers}"
            case Unsure(field):
                known = "not sure, or open" if part.holds else "answered with yes or no"
                return f"{self.name(field)} is {known}"
            case Number(field, limit, below):
                return f"{self.name(field)} {'<' if below is part.holds else '≥'} {limit}"
            case Story():
                return f"the free text has {'one' if part.holds else 'none'} of the words below"
