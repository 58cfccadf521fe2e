"""A fault of the rules, with the calmest answers that show it, in the words of the form."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.condition import NO, Answers, Pack
from app.domain.enquiry import Field, settle
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
        quiet = calm(pack)
        changed = [name for name in known_fields(pack) if self.before.get(name) != after.get(name)]
        shared = {name: value for name, value in after.items() if name not in changed}
        told = [n for n in {**quiet, **after} if n not in changed and quiet.get(n) != after.get(n)]
        yield "  A person who answers calmly" + (", but for:" if told else "")
        yield from (f"    {_answer(pack, name, shared)}" for name in told)
        if changed:
            yield from _step(pack, changed, self.before)
            yield from _step(pack, changed, after)
        else:
            if self.claim == HALF_FILLED:
                yield f"  is {_verdict(assess_so_far(pack, after))} while answering"
            yield f"  is {_verdict(assess(pack, after))}"


def calm(pack: Pack) -> Answers:
    """A form that says no to everything and gives the least worrying answers."""
    answers: dict[str, str] = {}
    for question in pack.questions.values():
        least = NO if question.kind == "sign" else question.least
        if least is not None:
            answers[question.id] = least
    for question in pack.questions.values():
        if option := question.option(question.least):
            answers |= option.sets
    return settle(pack, answers)


def _step(pack: Pack, changed: list[str], answers: Answers) -> Iterator[str]:
    """The answers that change, without the details of a sign that is no yes, and their level."""
    told = [name for name in sorted(changed) if name in answers or "." not in name]
    yield from (f"  {_answer(pack, name, answers)}" for name in told)
    yield f"    is {_verdict(assess(pack, answers))}"


def _answer(pack: Pack, name: str, answers: Answers) -> str:
    question, _, detail = name.partition(".")
    field = Field(name, pack.questions[question], pack.details[detail] if detail else None)
    value = answers.get(name)
    words = "(no answer)" if value is None else answer_words(field, value, "en")
    return f"{question_words(field, 'en')} – {words}"


def _verdict(found: Assessment) -> str:
    rules = ", ".join(finding.rule.id for finding in found.at_its_level())
    return f"{found.level.name} ({rules or 'no rule'})"
