"""A fault of the rules, with the calmest answers that show it, in the words of the form."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from app.domain.condition import Answers, Pack
from app.domain.enquiry import Field, calm_answers
from app.domain.triage import Assessment, assess, assess_so_far, known_fields
from app.domain.wording import answer_words, question_words

HALF_FILLED = "half filled"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and answers that show it: one set, or the same person before and after."""

    claim: str
    what: str
    before: Answers | None = None
    after: Answers | None = None

    def in_words(self, pack: Pack) -> str:
        """The fault as a clinician reads it."""
        return "\n".join([f"{pack.id}: {self.what}.", *self._example(pack)])

    def _example(self, pack: Pack) -> Iterator[str]:
        if self.before is None:
            return
        after = self.before if self.after is None else self.after
        changed = [name for name in known_fields(pack) if self.before.get(name) != after.get(name)]
        yield from a_person(pack, after, changed)
        if changed:
            yield from _step(pack, changed, self.before)
            yield from _step(pack, changed, after)
        else:
            if self.claim == HALF_FILLED:
                yield f"  is {verdict(assess_so_far(pack, after))} while answering"
            yield f"  is {verdict(assess(pack, after))}"


def a_person(pack: Pack, answers: Answers, but: Collection[str] = ()) -> Iterator[str]:
    """Who gives these answers: what differs from a calm form, in the words of the form."""
    quiet = calm_answers(pack)
    told = [n for n in {**quiet, **answers} if n not in but and quiet.get(n) != answers.get(n)]
    yield "  A person who answers calmly" + (", but for:" if told else "")
    yield from (f"    {_answer(pack, name, answers)}" for name in told)


def _step(pack: Pack, changed: list[str], answers: Answers) -> Iterator[str]:
    """The answers that change, without the details of a sign that is no yes, and their level."""
    told = [name for name in sorted(changed) if name in answers or "." not in name]
    yield from (f"  {_answer(pack, name, answers)}" for name in told)
    yield f"    is {verdict(assess(pack, answers))}"


def _answer(pack: Pack, name: str, answers: Answers) -> str:
    question, _, detail = name.partition(".")
    field = Field(name, pack.questions[question], pack.details[detail] if detail else None)
    value = answers.get(name)
    words = "(no answer)" if value is None else answer_words(field, value, "en")
    return f"{question_words(field, 'en')} – {words}"


def verdict(found: Assessment) -> str:
    """The level, with the rules that decided it."""
    rules = ", ".join(finding.rule.id for finding in found.at_its_level())
    return f"{found.level.name} ({rules or 'no rule'})"
