"""Packs that are broken on purpose: each kind of fault is found, and told in patient words."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from app.domain.condition import Answers, Pack
from app.domain.pack_reader import read_pack
from app.domain.triage import Assessment, assess
from tests.domain.small_pack import write_pack
from tests.domain.worry import ladders, ladders_to_missing
from tests.proofs.agreement import differences, draw
from tests.proofs.faults import Fault
from tests.proofs.formulas import World
from tests.proofs.prover import Prover, faults_of

TRIAGE = "triage.toml"
UNREAD = 'signs = ["hammer", "gloves"]'
SORE = 'all = ["worker", "SIGNS"]'
BLUE = 'all = ["fresh blue"]'
LAST_RESORT = """\
[[rule]]
id = "R1"
level = "routine"
title = "Nothing above"
source = ["book"]

"""


def broken(folder: Path, *spoilt: tuple[str, str], unread: str = UNREAD) -> Pack:
    """The small pack after these texts of its rules were exchanged; `unread` is what none reads."""
    rules = ((TRIAGE, old, new) for old, new in spoilt)
    return read_pack(write_pack(folder, *rules, ("condition.toml", UNREAD, unread)))


def told(pack: Pack, faults: Iterable[Fault]) -> str:
    """The faults in the words of the form."""
    return "\n".join(fault.in_words(pack) for fault in faults)


def test_a_sound_pack_has_no_faults(tmp_path: Path) -> None:
    """The small pack keeps every promise."""
    pack = broken(tmp_path)
    assert told(pack, faults_of(pack)) == ""


def test_a_more_worrying_answer_that_lowers_the_level(tmp_path: Path) -> None:
    """It is told with the fewest answers that show it, before and after."""
    pack = broken(tmp_path, (SORE, f'{SORE}\nunless = "hammer"'), unread='signs = ["gloves"]')
    assert told(pack, Prover(pack).climbing("monotone", ladders(pack))) == (
        "sore-thumb: a more worrying answer lowers the level (hammer).\n"
        "  A person who answers calmly, but for:\n"
        "    Is the thumb sore? – Yes\n"
        "    What is your work? – Mason\n"
        "  Do you use a hammer? – Not sure\n"
        "    is soon (S1)\n"
        "  Do you use a hammer? – Yes\n"
        "    is routine (R1)"
    )


def test_a_missing_answer_that_lowers_the_level(tmp_path: Path) -> None:
    """Leaving out a question must not be a way around being "not sure" of it."""
    pack = broken(tmp_path, (BLUE, 'any = ["fresh blue", "blue is not_sure"]'))
    assert told(pack, Prover(pack).climbing("missing is safe", ladders_to_missing(pack))) == (
        "sore-thumb: leaving an answer out lowers the level (blue thumb).\n"
        "  A person who answers calmly\n"
        "  Is the thumb blue? – Not sure\n"
        "    is emergency (E1)\n"
        "  Is the thumb blue? – (no answer)\n"
        "    is routine (R1)"
    )


def test_a_half_filled_form_above_the_finished_one(tmp_path: Path) -> None:
    """It is told with both readings of the same answers."""
    pack = broken(tmp_path, (SORE, 'all = ["job is clerk", "sore"]'))
    assert told(pack, Prover(pack).half_filled()) == (
        "sore-thumb: a form half filled in stands above the same form at the end.\n"
        "  A person who answers calmly, but for:\n"
        "    Is the thumb sore? – Yes\n"
        "    What is your work? – (no answer)\n"
        "  is soon (S1) while answering\n"
        "  is routine (R1)"
    )


def test_answers_without_any_rule(tmp_path: Path) -> None:
    """Without a last resort, a calm form has no rule."""
    sound = broken(tmp_path)
    rules = tuple(rule for rule in sound.rules if rule.when)
    pack = dataclasses.replace(sound, rules=rules)
    assert told(pack, Prover(pack).total()) == (
        "sore-thumb: there are answers for which no rule says anything.\n"
        "  A person who answers calmly\n"
        "  is routine (no rule)"
    )


def test_a_last_resort_that_is_not_the_last(tmp_path: Path) -> None:
    """Rules below it would fire beside "nothing above"."""
    soon = '[[rule]]\nid = "S1"'
    pack = broken(tmp_path, (LAST_RESORT, ""), (soon, f"{LAST_RESORT}{soon}"))
    assert told(pack, Prover(pack).total()) == (
        "sore-thumb: the last resort R1 fires beside another rule.\n"
        "  A person who answers calmly, but for:\n"
        "    Is the thumb sore? – Yes\n"
        "    What is your work? – Mason\n"
        "  is soon (S1)"
    )


def test_a_rule_that_can_never_fire(tmp_path: Path) -> None:
    """Even when only the pages of the form keep its answers apart."""
    unread = 'signs = ["sore", "gloves"]'
    pack = broken(tmp_path, (SORE, 'all = ["job is clerk", "hammer"]'), unread=unread)
    assert told(pack, Prover(pack).rules_in_use()) == (
        "sore-thumb: rule S1 (Sore thumb of a mason) can never fire."
    )


def test_a_rule_that_never_decides(tmp_path: Path) -> None:
    """Another rule as high fires whenever it does, and it is not marked as an explanation."""
    useless = (SORE, 'all = ["worker", "fresh blue"]')
    pack = broken(tmp_path, useless, unread='signs = ["hammer", "gloves", "sore"]')
    assert told(pack, Prover(pack).rules_in_use()) == (
        "sore-thumb: rule S1 (Sore thumb of a mason) never decides a level: "
        "others as high always fire too."
    )


def test_a_rule_that_never_decides_may_explain(tmp_path: Path) -> None:
    """With `explains = true` it is no fault."""
    explains = (SORE, 'all = ["worker", "fresh blue"]\nexplains = true')
    pack = broken(tmp_path, explains, unread='signs = ["hammer", "gloves", "sore"]')
    assert told(pack, Prover(pack).rules_in_use()) == ""


def test_a_rule_that_explains_must_not_decide(tmp_path: Path) -> None:
    """The mark is no way to silence a rule that gives a level."""
    pack = broken(tmp_path, (SORE, f"{SORE}\nexplains = true"))
    assert told(pack, Prover(pack).rules_in_use()) == (
        "sore-thumb: rule S1 (Sore thumb of a mason) is said to explain, but decides.\n"
        "  A person who answers calmly, but for:\n"
        "    Is the thumb sore? – Yes\n"
        "    What is your work? – Mason\n"
        "  is soon (S1)"
    )


def test_formulas_of_other_rules_do_not_agree(tmp_path: Path) -> None:
    """Formulas and evaluation are compared in earnest: one changed rule shows."""
    pack = broken(tmp_path)
    (tmp_path / "other").mkdir()
    other = broken(tmp_path / "other", (SORE, 'all = ["worker", "sore"]'))

    def judge(_: Pack, answers: Answers) -> Assessment:
        return assess(other, answers)

    forms = tuple(draw(pack, 500, seed=1))
    found = tuple(differences(World(pack), judge, forms))
    assert {difference.partition(":")[0] for difference in found} == {"S1", "R1", "soon"}
