"""What a form that was sent can hold, as a formula: the counterpart of `enquiry.settle`."""

from collections.abc import Iterator

import z3

from app.domain.condition import NO, YES, Page, Question
from tests.proofs.formulas import World


def can_be_sent(world: World) -> z3.BoolRef:
    """Answers that somebody can give by clicking through the pages."""
    return z3.And([*_only_asked(world), *_set_by_options(world), *_details_of_a_yes(world)])


def _only_asked(world: World) -> Iterator[z3.BoolRef]:
    """What was not asked because of an earlier answer is a no, or stays missing."""
    so_far = World(world.pack, finished=False, fields=world.fields)
    for page in world.pack.pages:
        for question in world.pack.asked_on(page):
            if question.id in world.fields:
                yield from _if_asked(world, so_far, page, question)


def _if_asked(world: World, so_far: World, page: Page, question: Question) -> Iterator[z3.BoolRef]:
    for asked_if in (page.asked_if, question.asked_if):
        if asked_if is not None:
            known = z3.And([z3.Not(world.unanswered(name)) for name in asked_if.fields()])
            settled = world.gives(question.id, None)
            if question.kind == "sign":
                settled = z3.If(known, world.gives(question.id, NO), settled)
            yield z3.Or(so_far.holds(asked_if), settled)


def _set_by_options(world: World) -> Iterator[z3.BoolRef]:
    """An option sets other answers; a question on no page has the answers so set, or none."""
    placed = {name for page in world.pack.pages for name in (*page.questions, *page.signs)}
    setters: dict[str, list[z3.BoolRef]] = {}
    for question in world.pack.questions.values():
        for option in question.options:
            for name, value in option.sets.items():
                chosen = world.answer(question.id, option.value)
                setters.setdefault(name, []).append(chosen)
                yield z3.Or(z3.Not(chosen), world.gives(name, value))
    for name, chosen in setters.items():
        if name not in placed:
            yield z3.Or(*chosen, world.gives(name, None))


def _details_of_a_yes(world: World) -> Iterator[z3.BoolRef]:
    for field in world.fields:
        sign, _, detail = field.partition(".")
        if detail:
            yield z3.Or(world.answer(sign, YES), world.unanswered(field))
