"""The rules that patients meet keep their promises, whatever is answered."""

from collections.abc import Iterable

import pytest

from app.domain.condition import Pack
from app.domain.enquiry import settle
from app.domain.triage import assess
from tests.domain.random_answers import RandomAnswers
from tests.domain.worry import ladders, ladders_to_missing
from tests.proofs.agreement import disagreements
from tests.proofs.bits import Crowd
from tests.proofs.faults import Fault
from tests.proofs.form import can_be_sent
from tests.proofs.formulas import World
from tests.proofs.prover import Prover


@pytest.fixture(scope="module")
def prover(pack: Pack) -> Prover:
    """A solver that knows the rules of the pack."""
    return Prover(pack)


def told(prover: Prover, faults: Iterable[Fault]) -> str:
    """The faults in the words of the form; nothing when there are none."""
    return "\n".join(fault.in_words(prover.pack) for fault in faults)


def test_every_set_of_answers_gets_a_level(prover: Prover) -> None:
    """Some rule always fires, and the last resort only when no other does."""
    assert told(prover, prover.total()) == ""


def test_no_more_worrying_answer_lowers_the_level(prover: Prover) -> None:
    """No single step up a ladder of worry does, beside any other answers."""
    assert told(prover, prover.climbing("monotone", ladders(prover.pack))) == ""


def test_no_missing_answer_lowers_the_level(prover: Prover) -> None:
    """Leaving a question out is never judged less pressing than being "not sure" of it."""
    every = ladders_to_missing(prover.pack)
    assert told(prover, prover.climbing("missing is safe", every)) == ""


def test_no_form_half_filled_in_stands_above_the_finished_one(prover: Prover) -> None:
    """Nobody is alarmed while answering by what the end would call less pressing."""
    assert told(prover, prover.half_filled()) == ""


def test_every_rule_fires_and_decides(prover: Prover) -> None:
    """Each fires for a form that can be sent, and decides a level alone or says it explains."""
    assert told(prover, prover.rules_in_use()) == ""


def test_the_formulas_agree_with_the_evaluation_on_random_answers(pack: Pack) -> None:
    """Every rule and level is the same for 10,000 forms, while answering and at the end.

    `make prove` compares a million.
    """
    assert disagreements(pack, 10_000, seed=77) == ()


def test_the_form_behind_each_rule_can_be_sent(prover: Prover) -> None:
    """The answers with which a rule is shown to fire do fire it, and settle into themselves."""
    for rule in prover.pack.rules:
        answers = prover.sent_form(rule)
        assert answers is not None
        assert settle(prover.pack, answers) == answers
        assert rule.id in {finding.rule.id for finding in assess(prover.pack, answers).findings}


def test_every_form_that_was_sent_is_one_that_the_formulas_allow(pack: Pack) -> None:
    """Random answers, settled as on sending, are none that the proofs leave out."""
    forms = RandomAnswers(pack, 78)
    sent = [settle(pack, _clicked(pack, forms.draw())) for _ in range(2000)]
    world = World(pack)
    crowd = Crowd(world, sent)
    assert crowd.those(can_be_sent(world)) == crowd.everyone


def _clicked(pack: Pack, answers: dict[str, str]) -> dict[str, str]:
    """The answers, with what the chosen options set."""
    placed = {question.id for page in pack.pages for question in pack.asked_on(page)}
    clicked = {name: value for name, value in answers.items() if name.partition(".")[0] in placed}
    for question in pack.questions.values():
        if option := question.option(clicked.get(question.id)):
            clicked |= option.sets
    return clicked
