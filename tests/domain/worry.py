"""What counts as a more worrying answer: the orders of the rule base, section 6, property 1.

A ladder is a list of steps, least worrying first; a step holds the answers that it changes, with
None for "not answered".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.domain.condition import Pack, Question

Step = Mapping[str, str | None]

ONSETS = ("gt_3m", "2w_to_3m", "le_2w", "today")
COURSES = ("better", "same", "not_sure", "worse_slow", "worse_days")
CANCER = ("past", "suspected", "current")
SITES = ("neck", "mid_back", "several", "not_sure")
STABLE = (("gt_3m", "same"), ("gt_3m", "better"))
SLOW = (("gt_3m", "worse_slow"), ("gt_3m", "not_sure"))
NEW = (("le_2w", "worse_slow"), ("today", "worse_slow"), ("gt_3m", "worse_days"))


@dataclass(frozen=True, slots=True)
class Ladder:
    """Steps of growing worry, and answers that must stand beside them."""

    steps: tuple[Step, ...]
    given: Step


def ladders(pack: Pack) -> tuple[Ladder, ...]:
    """Every ladder that the questions of the pack allow."""
    return tuple(ladder for question in pack.questions.values() for ladder in _ladders_of(question))


def _ladders_of(question: Question) -> Iterator[Ladder]:
    name = question.id
    if "onset" in question.details:
        yield from _signs_with_a_course(question)
    elif name == "major_trauma":
        # A trauma that is long past may be less than "not sure": it is information.
        yield from (
            Ladder(_steps(name, "no", "not_sure", "yes"), {"trauma_when": when})
            for when in ("le_2w", "2w_to_3m")
        )
    elif question.kind == "sign":
        yield Ladder(_steps(name, "no", "not_sure", "yes"), {})
    elif name in {"pain_onset", "trauma_when"}:
        onsets = ONSETS if name == "pain_onset" else ONSETS[:-1]
        yield Ladder(_steps(name, *onsets), {})
    elif name == "pain_course":
        yield Ladder(_steps(name, *COURSES), {})
    elif name == "cancer_status":
        yield from (Ladder(_steps(name, "none", "not_sure", known), {}) for known in CANCER)
    elif name == "pain_site":
        yield from (Ladder(_steps(name, "low_back", site), {}) for site in SITES)
    elif name == "age":
        yield Ladder(_steps(name, "30", "45", "55", "60", "65", "80"), {})
    elif name == "report_known_treated":
        yield Ladder(_steps(name, "yes", "no"), {})


def _steps(name: str, *values: str) -> tuple[Step, ...]:
    return tuple({name: value} for value in values)


def _signs_with_a_course(question: Question) -> Iterator[Ladder]:
    name = question.id
    yes: Step = {name: "yes"}
    for course in COURSES:
        yield Ladder(_steps(f"{name}.onset", *ONSETS), {**yes, f"{name}.course": course})
    for onset in ONSETS:
        yield Ladder(_steps(f"{name}.course", *COURSES), {**yes, f"{name}.onset": onset})
    if question.sides:
        worst = question.sides[-1]
        yield from (
            Ladder(_steps(f"{name}.side", side, worst), yes) for side in question.sides[:-1]
        )
    for old, slow, new in zip((*STABLE, *STABLE), (*SLOW, *SLOW), (*NEW, NEW[0]), strict=True):
        yield Ladder((_no(name), _yes(name, *old), _yes(name, *slow), _yes(name, *new)), {})
        # With numb legs on both sides, even old ones, new sexual dysfunction is an emergency (E04);
        # with "not sure" it is urgent. So "not sure" is measured against one side.
        side = {f"{name}.side": question.sides[0]} if question.sides else {}
        yield Ladder((*_up_to_not_sure(question, old), _yes(name, *new)), side)


def _up_to_not_sure(question: Question, old: tuple[str, str]) -> tuple[Step, ...]:
    not_sure = {**_no(question.id), question.id: "not_sure"}
    # The rule base leaves a shooting pain that is not sure without effect (D04), and gives an old
    # one with unsettled cancer a visit soon (S01): there "not sure" stands above "no" alone.
    if question.id == "radicular_limb_pain":
        return (_no(question.id), not_sure)
    return (_no(question.id), _yes(question.id, *old), not_sure)


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
