"""Whether the formulas say of random answers what the evaluation says."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import z3

from app.domain.condition import Answers, Pack
from app.domain.level import Level
from app.domain.triage import Assessment, assess, assess_so_far
from tests.domain.random_answers import RandomAnswers, first_watchword
from tests.proofs.bits import Crowd
from tests.proofs.formulas import STORY, World


def disagreements(pack: Pack, number: int, seed: int) -> tuple[str, ...]:
    """Draw that many sets of answers; tell where formulas and evaluation differ, in both readings.

    Compared are every rule and every level.
    """
    forms = tuple(draw(pack, number, seed))
    return (
        *differences(World(pack), assess, forms),
        *differences(World(pack, finished=False), assess_so_far, forms),
    )


def draw(pack: Pack, number: int, seed: int) -> Iterator[Answers]:
    """Random answers; one form in twenty tells a story with a reviewed phrase."""
    forms = RandomAnswers(pack, seed)
    phrase = first_watchword(pack)
    for _ in range(number):
        answers = forms.draw()
        if phrase and forms.chance.random() < 0.05:
            answers[STORY] = phrase
        yield answers


def differences(
    world: World, judge: Callable[[Pack, Answers], Assessment], forms: Sequence[Answers]
) -> Iterator[str]:
    """Each rule and level of which the formulas of the world say otherwise than the judge."""
    crowd = Crowd(world, forms)
    evaluated = _evaluated(world.pack, judge, forms)
    for name, formula in _formulas(world).items():
        differing = crowd.those(formula) ^ int(evaluated[name], 2)
        if differing:
            example = forms[len(forms) - differing.bit_length()]
            yield f"{name}: {differing.bit_count()} of {len(forms)}, such as {example}"


def _formulas(world: World) -> Mapping[str, z3.BoolRef]:
    levels = {level.name: world.reaches(level) for level in Level}
    return {**world.rules, **levels}


def _evaluated(
    pack: Pack, judge: Callable[[Pack, Answers], Assessment], forms: Sequence[Answers]
) -> Mapping[str, bytearray]:
    """For each rule and level a mark per form: "1" where it fires or is reached."""
    names = (*(rule.id for rule in pack.rules), *Level.__members__)
    marks = {name: bytearray(b"0" * len(forms)) for name in names}
    for place, answers in enumerate(forms):
        found = judge(pack, answers)
        reached = (level.name for level in Level if level <= found.level)
        for name in (*(finding.rule.id for finding in found.findings), *reached):
            marks[name][place] = ord("1")
    return marks
