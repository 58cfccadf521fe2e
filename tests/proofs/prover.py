"""The claims about a pack, each put to the solver as "show me answers that break it"."""

import functools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count, groupby

import z3

from app.domain.condition import Answers, Pack, Rule
from app.domain.enquiry import calm_answers
from tests.domain.worry import Ladder, Step, ladders, ladders_to_missing
from tests.proofs.faults import HALF_FILLED, Fault
from tests.proofs.form import can_be_sent
from tests.proofs.formulas import World, question_of


def faults_of(pack: Pack) -> Iterator[Fault]:
    """Everything that breaks one of the claims."""
    prover = Prover(pack)
    yield from prover.total()
    yield from prover.climbing("monotone", ladders(pack))
    yield from prover.climbing("missing is safe", ladders_to_missing(pack))
    yield from prover.half_filled()
    yield from prover.rules_in_use()


class Prover:
    """A solver that knows the rules of one pack, or a world of answers that was made of it."""

    def __init__(self, pack: Pack, world: World | None = None) -> None:
        self.pack = pack
        self.world = world or World(pack)
        self.solver = z3.SolverFor("QF_FD")
        self.solver.add(self.world.one_answer_each())

    def total(self) -> Iterator[Fault]:
        """Every set of answers fires a rule, and the last resort fires only alone."""
        fires = self.world.rules
        if model := self.calmest(z3.Not(z3.Or(list(fires.values())))):
            what = "there are answers for which no rule says anything"
            yield Fault("total", what, answers_in(model, self.world))
        for last in (rule.id for rule in self.pack.rules if rule.when is None):
            others = [formula for name, formula in fires.items() if name != last]
            if model := self.calmest(fires[last], z3.Or(others)):
                what = f"the last resort {last} fires beside another rule"
                yield Fault("total", what, answers_in(model, self.world))

    def climbing(self, claim: str, every: Iterable[Ladder]) -> Iterator[Fault]:
        """No step up a ladder lowers the level. Tells the first fault of each question."""
        by_question = groupby(sorted(every, key=_ladder_of), key=_ladder_of)
        for name, group in by_question:
            if found := self._lowered(tuple(group)):
                title = self.pack.questions[name].title["en"]
                what = {
                    "monotone": f"a more worrying answer lowers the level ({title})",
                    "missing is safe": f"leaving an answer out lowers the level ({title})",
                }[claim]
                yield Fault(claim, what, *found)

    def _lowered(self, group: Sequence[Ladder]) -> tuple[Answers, Answers] | None:
        steps = [step for ladder in group for step in ladder.steps]
        own = {question_of(name) for step in steps for name in step}
        higher = World(self.pack, like=self.world, own=own)
        with self._given(higher.one_answer_each(), self.world.is_above(higher)):
            for ladder in group:
                for before, after in ladder.climbs():
                    if model := self.calmest(*self._taken(higher, before, after)):
                        return answers_in(model, self.world), answers_in(model, higher)
        return None

    def _taken(self, higher: World, before: Step, after: Step) -> Iterator[z3.BoolRef]:
        """These two steps are taken, and nothing else changes."""
        yield from (self.world.gives(name, value) for name, value in before.items())
        yield from (higher.gives(name, value) for name, value in after.items())
        for name, values in higher.fields.items():
            if question_of(name) in higher.own and name not in {**before, **after}:
                for value in values:
                    yield self.world.answer(name, value) == higher.answer(name, value)

    def half_filled(self) -> Iterator[Fault]:
        """While somebody still answers, the level never stands above the one at the end."""
        so_far = World(self.pack, finished=False)
        if model := self.calmest(so_far.is_above(self.world)):
            what = "a form half filled in stands above the same form at the end"
            yield Fault(HALF_FILLED, what, answers_in(model, self.world))

    def rules_in_use(self) -> Iterator[Fault]:
        """Each rule fires for some form that can be sent, and decides some level alone.

        A rule marked `explains` only adds a reason to a level that others give: it never decides.
        """
        for rule in self.pack.rules:
            if self.sent_form(rule) is None:
                yield Fault("dead", f"rule {rule.id} ({rule.title}) can never fire")
            elif (self.sent_form(rule, alone=True) is None) != rule.explains:
                yield self._useless(rule)

    def sent_form(self, rule: Rule, *, alone: bool = False) -> Answers | None:
        """A form that can be sent and fires the rule; `alone` is without another as high."""
        others = self._nothing_as_high(rule) if alone else ()
        model = self._model(self.world.rules[rule.id], *others, self._sendable)
        return answers_in(model, self.world) if model else None

    def _useless(self, rule: Rule) -> Fault:
        what = f"rule {rule.id} ({rule.title})"
        alone = (self.world.rules[rule.id], *self._nothing_as_high(rule), self._sendable)
        if model := self.calmest(*alone):
            decides = f"{what} is said to explain, but decides"
            return Fault("useless", decides, answers_in(model, self.world))
        return Fault("useless", f"{what} never decides a level: others as high always fire too")

    @functools.cached_property
    def _sendable(self) -> z3.BoolRef:
        return can_be_sent(self.world)

    def _nothing_as_high(self, rule: Rule) -> Iterator[z3.BoolRef]:
        for other in self.pack.rules:
            if other.id != rule.id and other.level >= rule.level:
                yield z3.Not(self.world.rules[other.id])

    @contextmanager
    def _given(self, *formulas: z3.BoolRef) -> Iterator[None]:
        self.solver.push()
        self.solver.add(*formulas)
        try:
            yield
        finally:
            self.solver.pop()

    def _model(self, *formulas: z3.BoolRef) -> z3.ModelRef | None:
        with self._given(*formulas):
            found = self.solver.check()
            if found == z3.unknown:
                raise RuntimeError(self.solver.reason_unknown())
            return self.solver.model() if found == z3.sat else None

    def calmest(self, *formulas: z3.BoolRef) -> z3.ModelRef | None:
        """Answers for which the formulas hold, as few as possible of them other than calm.

        One that is missing counts twice, so that an answer is preferred to none.
        """
        if self._model(*formulas) is None:
            return None
        quiet = calm_answers(self.pack)
        uneasy = [z3.Not(self.world.gives(name, quiet.get(name))) for name in self.world.fields]
        uneasy += [self.world.unanswered(name) for name in quiet]
        tries = (self._model(*formulas, z3.AtMost(*uneasy, number)) for number in count())
        return next(model for model in tries if model is not None)


def answers_in(model: z3.ModelRef, world: World) -> Answers:
    """What the solver has found, as answers."""
    return {
        name: value
        for name, values in world.fields.items()
        for value in values
        if z3.is_true(model[world.answer(name, value)])
    }


def _ladder_of(ladder: Ladder) -> str:
    return question_of(next(iter(ladder.steps[0])))
