"""What counts as a more worrying answer: the orders of the rule base, section 6, properties 1 to 3.

A ladder is a list of steps, least worrying first; a step holds the answers that it changes, with
None for "not answered". The random tests climb the ladders and the proofs settle them.

Where the rules say otherwise than the one line of section 6, the ladders follow the rules
(sections 2 and 5). All such places, for a clinician to confirm:

- "Not sure" and a slow yes (over three months, slowly worse or change not known) have no order.
  Section 6 puts the slow yes below. But clumsy hands that slowly get worse are urgent (U05), and
  "not sure" of them means soon (D04). The other way round, "not sure" of a weak leg beside a STRONG
  sign is an emergency (D01), and a slowly weaker one is urgent (U04). Both stand above an old,
  unchanged sign and below a new one.
- A slow yes is measured against a new one that gets slowly worse. A new shooting pain on one side
  that gets better is routine, one that slowly gets worse means soon (S09).
- "Not sure" is measured against an old, unchanged sign on one side. On both sides, even old numb
  limbs make new sexual dysfunction an emergency (E04); with "not sure" it is urgent.
- "Not sure" of shooting pain may stand below an old, unchanged one: it has no effect without cancer
  (D04), while the old one with unsettled cancer means soon (S01).
- A major trauma of more than three months ago may stand below "not sure": it is information.
- Of `report_known_treated`, yes is the less worrying answer (additions of versions 1.1 and 1.2).
- Ages are ordered from 18 on: under 18 every request is soon (S04), and a bend in the back alone
  is less pressing (U16, S15).
- Missing is less than "not sure" for thoughts of ending life (E15 names "not sure", D02 names the
  missing answer) and for metastases (CA_unknown names "not sure" only). There missing is measured
  against "no".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from app.domain.condition import NO, NOT_SURE, YES, Pack, Question
from tests.domain.random_answers import first_watchword, possible_answers

Step = Mapping[str, str | None]

ONSETS = ("gt_3m", "2w_to_3m", "le_2w", "today")
COURSES = ("better", "same", "not_sure", "worse_slow", "worse_days")
CANCER = ("past", "suspected", "current")
SITES = ("neck", "mid_back", "several", "not_sure")
ADULT = 18
STABLE = (("gt_3m", "same"), ("gt_3m", "better"))
SLOW = (("gt_3m", "worse_slow"), ("gt_3m", "not_sure"))
NEW = (("le_2w", "worse_slow"), ("today", "worse_slow"), ("gt_3m", "worse_days"))
NEW_HOWEVER = (("le_2w", "better"), ("gt_3m", "worse_days"))
# Where the rule base itself tells "not sure" from "not answered"; see above.
NOT_SURE_IS_MORE = ("self_harm_thoughts", "known_spinal_mets", "known_bone_mets")


@dataclass(frozen=True, slots=True)
class Ladder:
    """Steps of growing worry, and answers that must stand beside them."""

    steps: tuple[Step, ...]
    given: Step

    def climbs(self) -> Iterator[tuple[Step, Step]]:
        """Each step with the next one, and what stands beside them."""
        for lower, higher in pairwise(self.steps):
            yield {**self.given, **lower}, {**self.given, **higher}


def ladders(pack: Pack) -> tuple[Ladder, ...]:
    """Every ladder that the questions of the pack allow."""
    return tuple(
        ladder for question in pack.questions.values() for ladder in _ladders_of(pack, question)
    )


def ladders_to_missing(pack: Pack) -> tuple[Ladder, ...]:
    """From "not sure" to not answered, for every field; from each adult age, for a number."""
    found = []
    for name, values in possible_answers(pack).items():
        question, _, detail = name.partition(".")
        given: Step = {question: YES} if detail else {}
        floors = tuple(value for value in values if value == NOT_SURE)
        if name in NOT_SURE_IS_MORE:
            floors = (NO,)
        elif pack.questions[question].kind == "number":
            floors = _adult(values)
        found += [Ladder(({name: floor}, {name: None}), given) for floor in floors]
    return tuple(found)


def _ladders_of(pack: Pack, question: Question) -> Iterator[Ladder]:
    name = question.id
    if {"onset", "course"} <= set(question.details):
        yield from _signs_with_a_course(question)
    elif name == "major_trauma":
        yield from (
            Ladder(_steps(name, NO, NOT_SURE, YES), {"trauma_when": when})
            for when in ("le_2w", "2w_to_3m")
        )
    elif question.kind == "sign":
        # A detail that stays unanswered takes its most worrying answer.
        details = {f"{name}.{detail}": None for detail in question.details}
        yield Ladder(_steps(name, NO, NOT_SURE, YES), details)
    elif question.kind == "choice":
        yield from _choices(question)
    elif name == "age":
        yield Ladder(_steps(name, *_adult(possible_answers(pack)[name])), {})
    elif question.kind == "text" and (phrase := first_watchword(pack)):
        yield Ladder(({name: None}, {name: phrase}), {})


def _choices(question: Question) -> Iterator[Ladder]:
    name = question.id
    values = tuple(option.value for option in question.options)
    if question.least:
        yield from _from_the_least(question, question.least)
    if onsets := [onset for onset in (*ONSETS, NOT_SURE) if onset in values and "gt_3m" in values]:
        yield Ladder(_steps(name, *onsets), {})
    if set(COURSES) <= set(values):
        yield Ladder(_steps(name, *COURSES), {})
    if name == "cancer_status":
        yield from (Ladder(_steps(name, "none", "not_sure", known), {}) for known in CANCER)
    if name == "pain_site":
        yield from (Ladder(_steps(name, "low_back", site), {}) for site in SITES)


def _from_the_least(question: Question, least: str) -> Iterator[Ladder]:
    """From the answer that the pack calls least worrying to each other, with what they set."""
    sets: dict[str, Step] = {
        option.value: {question.id: option.value, **option.sets} for option in question.options
    }
    for value, step in sets.items():
        if value != least:
            yield Ladder((sets[least], step), {})


def _adult(numbers: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(number for number in numbers if int(number) >= ADULT)


def _steps(name: str, *values: str) -> tuple[Step, ...]:
    return tuple({name: value} for value in values)


def _signs_with_a_course(question: Question) -> Iterator[Ladder]:
    name = question.id
    yes: Step = {name: YES}
    for course in COURSES:
        yield Ladder(_steps(f"{name}.onset", *ONSETS, NOT_SURE), {**yes, f"{name}.course": course})
    for onset in ONSETS:
        yield Ladder(_steps(f"{name}.course", *COURSES), {**yes, f"{name}.onset": onset})
    if question.sides:
        worst = question.sides[-1]
        yield from (
            Ladder(_steps(f"{name}.side", side, worst, NOT_SURE), yes)
            for side in question.sides[:-1]
        )
    for old, slow, new in zip((*STABLE, *STABLE), (*SLOW, *SLOW), (*NEW, NEW[0]), strict=True):
        yield Ladder((_no(name), _yes(name, *old), _yes(name, *slow), _yes(name, *new)), {})
    not_sure = {**_no(name), name: NOT_SURE}
    yield Ladder((_no(name), not_sure), {})
    yield from (Ladder((not_sure, _yes(name, *new)), {}) for new in NEW_HOWEVER)
    if name != "radicular_limb_pain":
        side = {f"{name}.side": question.sides[0]} if question.sides else {}
        yield from (Ladder((_yes(name, *old), not_sure), side) for old in STABLE)


def _no(name: str) -> Step:
    return {name: "no", f"{name}.onset": None, f"{name}.course": None}


def _yes(name: str, onset: str, course: str) -> Step:
    return {name: "yes", f"{name}.onset": onset, f"{name}.course": course}


def changed_by(answers: Mapping[str, str], *steps: Step) -> dict[str, str]:
    """The answers with these steps taken."""
    changed: dict[str, str | None] = dict(answers)
    for step in steps:
        changed |= step
    return {name: value for name, value in changed.items() if value is not None}
