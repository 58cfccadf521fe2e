"""Two versions of a pack: answers for which a level falls, found or proved not to exist."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import z3

from app.domain.condition import Answers, Pack
from app.domain.enquiry import calm_answers
from app.domain.level import Level
from app.domain.triage import assess, watchwords_in
from tests.domain.random_answers import possible_answers
from tests.proofs.faults import a_person, verdict
from tests.proofs.form import can_be_sent
from tests.proofs.formulas import STORY, World
from tests.proofs.prover import Prover, answers_in


@dataclass(frozen=True, slots=True)
class Fall:
    """A rule that no longer leads to its level, and the calmest answers that show it."""

    rule: str
    answers: Answers

    def in_words(self, old: Pack, new: Pack) -> str:
        """The fall as a clinician reads it."""
        return "\n".join(
            [
                f"{self.rule} ({old.rule(self.rule).title}) no longer leads to its level.",
                *a_person(_both(old, new), self.answers),
                f"  is {verdict(assess(old, self.answers))} by the old rules",
                f"  is {verdict(assess(new, self.answers))} by the new ones",
            ]
        )


def lowered(old: Pack, new: Pack) -> Iterator[Fall]:
    """Each rule of the old pack that fires for answers to which the new one gives less.

    Only forms count that can be sent in one of the two versions.
    """
    yield from _lost_watchwords(old, new)
    fields = _fields(old, new)
    before, after = World(old, fields=fields), World(new, fields=fields)
    sendable = z3.Or(can_be_sent(before), can_be_sent(after))
    prover = Prover(_both(old, new), before)
    for rule in old.rules:
        if rule.level > Level.routine:
            fired, less = before.rules[rule.id], z3.Not(after.reaches(rule.level))
            if model := prover.calmest(fired, less, sendable):
                yield Fall(rule.id, answers_in(model, before))


def _both(old: Pack, new: Pack) -> Pack:
    """A pack that knows the questions of both, for their words and their calm answers."""
    return dataclasses.replace(
        new,
        questions={**old.questions, **new.questions},
        details={**old.details, **new.details},
    )


def _fields(old: Pack, new: Pack) -> dict[str, tuple[str, ...]]:
    """Every field with the answers that it can have in either version."""
    earlier, later = possible_answers(old), possible_answers(new)
    fields = {
        name: tuple(dict.fromkeys((*earlier.get(name, ()), *later.get(name, ()))))
        for name in (*earlier, *later)
    }
    shared = [phrase for phrase in _phrases(old) if watchwords_in(new, {STORY: phrase})]
    if shared:
        fields[STORY] = (shared[0],)
    return fields


def _phrases(pack: Pack) -> Iterator[str]:
    return (phrase for phrases in pack.watchwords.values() for phrase in phrases)


def _lost_watchwords(old: Pack, new: Pack) -> Iterator[Fall]:
    """Free text that no longer counts; the formulas know only one phrase, that both know."""
    for phrase in _phrases(old):
        answers = {**calm_answers(new), STORY: phrase}
        level = assess(new, answers).level
        for finding in assess(old, answers).findings:
            if finding.rule.level > level:
                yield Fall(finding.rule.id, answers)
                return
