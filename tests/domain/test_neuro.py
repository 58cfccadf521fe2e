"""The timeline of nerve functions: the patient's words, and nothing beyond them."""

import pytest

from app.domain import neuro
from app.domain.condition import NO, NOT_SURE, YES, Pack
from app.domain.neuro import Line, Sign
from tests.domain.real_packs import real_packs

PACKS = [pytest.param(pack, id=name) for name, pack in real_packs().items()]
WORSE = {"leg_weakness.onset": "today", "leg_weakness.course": "worse_days"}


def line(pack: Pack, title: str, answers: dict[str, str]) -> Line:
    """The line of a function."""
    (found,) = [each for each in neuro.timeline(pack, answers) if each.title == title]
    return found


@pytest.mark.parametrize("pack", PACKS)
def test_the_scale_is_the_forms_own_the_longest_ago_first(pack: Pack) -> None:
    """Every time that can be answered has a place on it; "not sure" has none."""
    assert neuro.scale(pack) == (
        "more than 3 months ago",
        "2 weeks to 3 months ago",
        "in the last 2 weeks",
        "today",
    )


@pytest.mark.parametrize("pack", PACKS)
def test_a_sign_says_side_start_and_change_in_the_patients_words(pack: Pack) -> None:
    """And where its bar begins, and whether it grows."""
    answers = {"leg_weakness": YES, "leg_weakness.side": "both", **WORSE}
    words = "Weak leg, both sides, today, worse over hours or days"
    assert line(pack, "Legs", answers) == Line("Legs", (Sign(words, 3, "worse"),), words)


@pytest.mark.parametrize("pack", PACKS)
def test_what_is_not_known_has_no_place_and_no_trend(pack: Pack) -> None:
    """Not sure of the sign, of its start, or of its change; or never asked."""
    unsure = {"bladder_retention": NOT_SURE, "bladder_incontinence": NO}
    assert line(pack, "Bladder", unsure).signs == (Sign("Trouble passing urine: not sure"),)
    told = {"bladder_retention": YES, "bladder_retention.onset": "not_sure"}
    words = "Trouble passing urine, start not known"
    assert line(pack, "Bladder", told).signs == (Sign(words),)
    told |= {"bladder_retention.onset": "gt_3m", "bladder_retention.course": "not_sure"}
    words = "Trouble passing urine, more than 3 months ago, change not known"
    assert line(pack, "Bladder", told).signs == (Sign(words, 0, None),)


@pytest.mark.parametrize("pack", PACKS)
def test_denied_is_not_the_same_as_not_answered(pack: Pack) -> None:
    """Only when every sign of a function was denied, no trouble was told."""
    both = {"walking_difficulty": NO, "unable_to_walk": NO}
    assert line(pack, "Walking", both).words == "No trouble told"
    assert line(pack, "Walking", {"walking_difficulty": NO}).words == "Not answered"


@pytest.mark.parametrize("pack", PACKS)
def test_every_sign_that_asks_for_a_start_and_its_change_is_on_the_timeline(pack: Pack) -> None:
    """Save for pain that shoots, which is no function: a sign that is added needs its line."""
    shown = {name for function in pack.functions for name in function.signs}
    timed = {q.id for q in pack.questions.values() if {"onset", "course"} <= set(q.details)}
    assert timed - shown <= {"radicular_limb_pain", "band_like_pain", "lhermitte"}
    assert all(sign in pack.questions for sign in shown)


@pytest.mark.parametrize("pack", PACKS)
def test_every_change_but_not_sure_says_where_it_leads(pack: Pack) -> None:
    """A bar without a trend would look like one that nobody knows."""
    for option in pack.details["course"].options:
        assert (option.trend is None) == (option.value == NOT_SURE)


def test_questions_in_short_say_what_was_told_and_what_was_denied(pack: Pack) -> None:
    """What was not answered is in neither."""
    answers = {"anticoagulant": YES, "steroids_long": NO, "cancer_type": "breast"}
    names = ("anticoagulant", "steroids_long", "anticancer_treatment_6w", "cancer_type")
    told = neuro.in_short(pack, names, answers)
    assert told == ("blood thinners, breast cancer", "long steroid use")
    assert neuro.in_short(pack, names[:1], {"anticoagulant": NOT_SURE}) == (
        "blood thinners: not sure",
        "",
    )
