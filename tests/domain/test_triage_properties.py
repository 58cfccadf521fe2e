"""What every set of rules must keep: the rule base, section 6."""

import dataclasses
import re

import pytest

from app.domain.condition import NOT_SURE, Pack
from app.domain.level import Level
from app.domain.triage import assess, assess_so_far, read_finished, watchwords_in
from tests.domain.random_answers import RandomAnswers, possible_answers
from tests.domain.worry import NOT_SURE_IS_MORE, STABLE, changed_by, ladders


def fired(pack: Pack, answers: dict[str, str]) -> set[str]:
    """The ids of the rules that fire."""
    return {finding.rule.id for finding in assess(pack, answers).findings}


@pytest.mark.parametrize("seed", range(4))
def test_a_more_worrying_answer_never_lowers_the_level(pack: Pack, seed: int) -> None:
    """Of 20,000 single changes, none up a ladder of worry lowers the level."""
    forms = RandomAnswers(pack, seed)
    every = ladders(pack)
    changes = 0
    while changes < 5000:
        answers = forms.draw()
        for ladder in forms.chance.sample(every, k=4):
            before = None
            for step in ladder.steps:
                level = assess(pack, changed_by(answers, ladder.given, step)).level
                if before is not None:
                    changes += 1
                    assert level >= before, (ladder, step, answers)
                before = level


def test_every_question_with_an_order_has_a_ladder(pack: Pack) -> None:
    """No field that a rule looks at is left out of the test above."""
    climbed = {name for ladder in ladders(pack) for step in ladder.steps for name in step}
    read = {name for rule in pack.rules if rule.when for name in rule.when.fields()}
    assert read & {*possible_answers(pack), "story"} - climbed == set()


@pytest.mark.parametrize("name", ["leg_weakness", "bladder_retention", "trunk_sensory_level"])
def test_not_sure_of_a_core_nerve_sign_is_urgent_at_least(pack: Pack, name: str) -> None:
    """Only "yes, long-standing and unchanged" may be lower than "not sure"."""
    calm = _calm(pack)
    not_sure = assess(pack, changed_by(calm, {name: NOT_SURE})).level
    old = assess(pack, changed_by(calm, _yes(name, *STABLE[0]))).level
    slow = assess(pack, changed_by(calm, _yes(name, "gt_3m", "worse_slow"))).level
    assert (old, not_sure, slow) == (Level.soon, Level.urgent, Level.urgent)


def test_any_answers_get_a_level_and_a_reason(pack: Pack) -> None:
    """Whatever is answered or missing, there is a level, and a rule of that level says why."""
    forms = RandomAnswers(pack, 11)
    for _ in range(1000):
        answers = forms.without(forms.draw(), forms.chance.randrange(40))
        found = assess(pack, answers)
        assert found.at_its_level()
        assert found.level == max(finding.rule.level for finding in found.findings)
        assert all(name in answers or name in pack.questions for name in found.evidence())


def test_a_missing_answer_is_judged_as_not_sure(pack: Pack) -> None:
    """Leaving out what was "not sure" fires the same rules."""
    forms = RandomAnswers(pack, 12)
    for _ in range(1000):
        answers = forms.draw()
        unsure = [n for n, v in answers.items() if v == NOT_SURE and n not in NOT_SURE_IS_MORE]
        left = {name: value for name, value in answers.items() if name not in unsure}
        assert fired(pack, answers) == fired(pack, left), unsure


def test_missing_details_take_the_safe_default(pack: Pack) -> None:
    """An unknown start is today, an unknown course not sure, an unknown side the worse one."""
    told = {"limb_numbness": "yes", "radicular_limb_pain": "yes"}
    reading = read_finished(pack, told)
    assert reading["limb_numbness.onset"] == "today"
    assert reading["limb_numbness.course"] == NOT_SURE
    assert reading["limb_numbness.side"] == "all_four"
    unknown = {**told, "radicular_limb_pain.side": NOT_SURE, "radicular_limb_pain.onset": NOT_SURE}
    reading = read_finished(pack, unknown)
    assert reading["radicular_limb_pain.side"] == "both"
    assert reading["radicular_limb_pain.onset"] == "today"


def test_the_order_of_rules_and_answers_does_not_matter(pack: Pack) -> None:
    """Shuffled rules and shuffled answers give the same level and the same rules."""
    forms = RandomAnswers(pack, 13)
    last_resort = {rule.id for rule in pack.rules if rule.when is None}
    for _ in range(300):
        answers = forms.draw()
        rules = forms.chance.sample(pack.rules, k=len(pack.rules))
        shuffled = dict(forms.chance.sample(list(answers.items()), k=len(answers)))
        found = assess(dataclasses.replace(pack, rules=tuple(rules)), shuffled)
        assert found.level is assess(pack, answers).level
        named = {finding.rule.id for finding in found.findings}
        assert named - last_resort == fired(pack, answers) - last_resort


def test_a_form_half_filled_in_never_stands_above_the_finished_one(pack: Pack) -> None:
    """While somebody still answers, what is unanswered counts as no; at the end as not sure."""
    forms = RandomAnswers(pack, 14)
    for _ in range(2000):
        answers = forms.without(forms.draw(), forms.chance.randrange(70))
        assert assess_so_far(pack, answers).level <= assess(pack, answers).level, answers


def test_nothing_answered_yet_is_routine_so_far(pack: Pack) -> None:
    """Nobody is alarmed by questions that have not been asked, nor by calm answers."""
    assert assess_so_far(pack, {}).level is Level.routine
    assert assess_so_far(pack, _calm(pack)).level is Level.routine


def test_a_form_with_everything_blank_is_urgent(pack: Pack) -> None:
    """A person telephones whoever answered nothing."""
    assert assess(pack, {}).level is Level.urgent


def test_old_and_unchanged_signs_fire_no_emergency_and_nothing_urgent(pack: Pack) -> None:
    """Each nerve sign that is old and steady stays below urgent, alone, together, with cancer."""
    signs = [question.id for question in pack.questions.values() if question.details]
    for status in ("none", "past"):
        for old in STABLE:
            calm = changed_by(_calm(pack), {"cancer_status": status})
            steps = [_yes(name, *old) for name in signs]
            for answers in (*(changed_by(calm, step) for step in steps), changed_by(calm, *steps)):
                found = assess(pack, answers)
                assert found.level < Level.urgent, (found.evidence(), status)


def test_thoughts_of_ending_life_are_an_emergency_even_when_not_sure(pack: Pack) -> None:
    """Yes and "not sure" are an emergency; an unanswered question is urgent."""
    calm = _calm(pack)
    for answer in ("yes", NOT_SURE):
        answers = changed_by(calm, {"self_harm_thoughts": answer})
        assert assess(pack, answers).level is Level.emergency
        assert assess_so_far(pack, answers).level is Level.emergency
    missing = changed_by(calm, {"self_harm_thoughts": None})
    assert assess(pack, missing).level is Level.urgent


def test_every_phrase_of_the_list_raises_to_urgent(pack: Pack) -> None:
    """Each reviewed phrase, in a sentence, makes a calm form urgent and is shown to the desk."""
    calm = _calm(pack)
    for phrases in pack.watchwords.values():
        for phrase in phrases:
            found = assess(pack, {**calm, "story": f"Since Monday: {phrase}, I think."})
            assert found.level is Level.urgent, phrase
            assert phrase in found.watchwords
            assert found.evidence() == ("story",)


@pytest.mark.parametrize(
    "story",
    [
        "I CANNOT FEEL my feet",
        "i can't walk",
        "i can’t walk",
        "i can‘t walk",
        "i canʼt walk",  # noqa: RUF001  # as some keyboards write it
        "i can´t walk",  # noqa: RUF001  # the same
        "i can`t walk",
        "i can＇t walk",  # noqa: RUF001  # the wide form of East Asian keyboards
        "i cannot\nwalk",
        "i cannot   walk",
        "i cannot\u00a0walk",
        "i can\u200bnot wa\u200dlk",
        "sui\u00adcidal",
        "…cannot walk!",
        "(paralysed)",
        "Ｗａｒｆａｒｉｎ since May",  # noqa: RUF001  # wide letters
    ],
)
def test_the_phrases_are_found_however_they_are_typed(pack: Pack, story: str) -> None:
    """Case, apostrophes, invisible characters, white space and marks do not hide a phrase."""
    assert watchwords_in(pack, {"story": story})


@pytest.mark.parametrize(
    "story", ["", "   ", "The pain is better since I walk.", "My aunt was despoiled of her purse."]
)
def test_other_words_raise_nothing(pack: Pack, story: str) -> None:
    """A phrase counts from the start of a word on, and calm words stay calm."""
    assert assess(pack, {**_calm(pack), "story": story}).level is Level.routine


def test_free_text_never_lowers_a_level(pack: Pack) -> None:
    """With a story the level is the same, or urgent at least when a phrase is in it."""
    forms = RandomAnswers(pack, 15)
    stories = ("I am fine, nothing is wrong, all is well.", "My leg is weak.", "warfarin")
    for _ in range(300):
        answers = forms.draw()
        before = assess(pack, answers).level
        for story in stories:
            after = assess(pack, {**answers, "story": story})
            assert after.level == (max(before, Level.urgent) if after.watchwords else before)


def test_the_phrases_are_words_and_each_is_listed_once(pack: Pack) -> None:
    """No phrase is empty or doubled."""
    for phrases in pack.watchwords.values():
        assert all(re.search(r"\w{3}", phrase) for phrase in phrases)
        assert len(set(phrases)) == len(phrases)


def _calm(pack: Pack) -> dict[str, str]:
    """A form that says no to everything, and nothing freely."""
    calm = {q.id: "no" for q in pack.questions.values() if q.kind == "sign"}
    return {**calm, "cancer_status": "none", "age": "45", "pain_site": "none"}


def _yes(name: str, onset: str, course: str) -> dict[str, str]:
    return {name: "yes", f"{name}.onset": onset, f"{name}.course": course, f"{name}.side": "one"}
