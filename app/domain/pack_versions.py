"""Two versions of a pack: whose level moves, and which rules no longer lead to theirs.

A level may fall only when a clinician answers for it by name: `[[lowered]]` in `condition.toml`,
for each rule whose level is no longer reached, and for the version that lowers it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.domain.condition import Case, Pack
from app.domain.triage import Assessment, Finding, assess


@dataclass(frozen=True, slots=True)
class Move:
    """A worked example of which two versions say different levels."""

    case: Case
    before: Assessment
    after: Assessment

    @property
    def falls(self) -> bool:
        """Whether the newer version says the lower level."""
        return self.after.level < self.before.level

    def lowered(self) -> tuple[str, ...]:
        """The rules that fired and whose level is no longer reached."""
        rules = (finding.rule for finding in self.before.findings)
        return tuple(rule.id for rule in rules if rule.level > self.after.level)

    def in_words(self) -> str:
        """Such as "weak-leg: urgent (U04) becomes soon (S07)"."""
        before, after = (
            f"{found.level.name} ({_ids(found.at_its_level())})"
            for found in (self.before, self.after)
        )
        return f"{self.case.id}: {before} becomes {after}"


def _ids(findings: Iterable[Finding]) -> str:
    return ", ".join(finding.rule.id for finding in findings)


def moves(old: Pack, new: Pack) -> Iterator[Move]:
    """The worked examples of either version whose level differs; those that fall come first."""
    found = [_move(old, new, case) for case in _cases(old, new)]
    moved = [each for each in found if each.before.level is not each.after.level]
    return iter(sorted(moved, key=lambda move: not move.falls))


def _move(old: Pack, new: Pack, case: Case) -> Move:
    return Move(case, assess(old, case.answers), assess(new, case.answers))


def _cases(old: Pack, new: Pack) -> Iterator[Case]:
    """Each story once; one whose answers were changed is judged with both."""
    seen = []
    for case in (*old.cases, *new.cases):
        if (known := (case.id, case.answers)) not in seen:
            seen.append(known)
            yield case


def nobody_answers_for(new: Pack, rules: Iterable[str]) -> tuple[str, ...]:
    """Which of these rules were lowered without a name under `[[lowered]]` of this version."""
    answered = {each.rule for each in new.lowered if each.version == new.version}
    return tuple(rule for rule in dict.fromkeys(rules) if rule not in answered)


def faults_since(signed: Pack, pack: Pack) -> Iterator[str]:
    """What keeps a pack from following the version that was signed, in words."""
    if pack.version == signed.version and _rules_of(pack) != _rules_of(signed):
        yield (
            f"the rules are not those that were signed as version {signed.version}: raise "
            "`version`, so that older requests stay explained by the one that judged them"
        )
    for move in moves(signed, pack):
        if move.falls and (rules := nobody_answers_for(pack, move.lowered())):
            yield (
                f"case {move.in_words()}, and nobody answers for it: "
                f"`[[lowered]]` of version {pack.version} lacks {', '.join(rules)}"
            )


def _rules_of(pack: Pack) -> tuple[object, ...]:
    """All that a level depends on."""
    defaults = [(q.id, q.missing, q.least, q.sides) for q in pack.questions.values()]
    details = [(d.id, d.missing, d.least) for d in pack.details.values()]
    return pack.rules, pack.watchwords, defaults, details
