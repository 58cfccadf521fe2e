"""Which pages an enquiry shows, what ticks mean, and which answers count."""

from pathlib import Path

import pytest

from app.domain import enquiry
from app.domain.condition import Answers, Pack
from app.domain.level import Level
from app.domain.pack_reader import read_pack
from app.domain.triage import assess
from tests.domain.random_answers import RandomAnswers
from tests.domain.small_pack import write_pack

# Besides the pages of the pack: who needs help; advice with the wish; contact; check.
PAGES_OF_THE_APP = 4
MOST_PAGES = 15


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The small pack."""
    folder: Path = tmp_path_factory.mktemp("packs")
    return read_pack(write_pack(folder))


def ids(pack: Pack, answers: Answers) -> list[str]:
    """The pages that these answers lead through."""
    return [page.id for page in enquiry.pages_for(pack, answers)]


def names(pack: Pack, page: str, answers: Answers) -> list[str]:
    """The fields that a page shows."""
    return [field.name for field in enquiry.fields_on(pack, pack.page(page), answers)]


def after(pack: Pack, page: str, answers: Answers, **given: str) -> Answers:
    """The answers after a page was sent; `blue__onset` is `blue.onset`."""
    fields = {name.replace("__", "."): value for name, value in given.items()}
    return enquiry.with_page(pack, pack.page(page), answers, fields)


def ticked(pack: Pack, page: str, answers: Answers, *ticks: str) -> Answers:
    """The answers after these boxes of a page were ticked."""
    given = enquiry.from_ticks(pack, pack.page(page), frozenset(ticks))
    return enquiry.with_page(pack, pack.page(page), answers, given)


def walk(pack: Pack, **chosen: str) -> tuple[Answers, list[str]]:
    """Answer every page in turn: these fields as given, and else nothing worrying."""
    answers: Answers = {}
    shown: list[str] = []
    while page := enquiry.first_open_page(pack, answers):
        assert page.id not in shown, "a page that was answered stays answered"
        shown.append(page.id)
        fields = enquiry.fields_on(pack, page, answers)
        given = {field.name: _calm(field, chosen) for field in fields}
        answers = enquiry.with_page(pack, page, answers, given)
    return answers, shown


def _calm(field: enquiry.Field, chosen: dict[str, str]) -> str:
    question = field.question
    usual = "no" if question.kind == "sign" else question.least or "none"
    return chosen.get(field.name, field.detail.least if field.detail else usual)


def test_an_enquiry_begins_with_the_pages_that_ask_everybody(small: Pack) -> None:
    """Pages that depend on an answer are not shown before it."""
    assert ids(small, {}) == ["signs", "you"]


def test_not_sure_asks_the_signs_one_by_one(small: Pack) -> None:
    """The tick “I am not sure” brings the page that asks each of its signs, ticked or not."""
    unsure = ticked(small, "signs", {}, "not_sure", "sore")
    assert ids(small, unsure) == ["signs", "signs-check", "you"]
    assert names(small, "signs-check", unsure) == ["blue", "sore"]
    assert (unsure["blue"], unsure["sore"]) == ("not_sure", "yes")


def test_a_yes_asks_for_its_details(small: Pack) -> None:
    """Only signs that are yes, and have details, are asked about."""
    answers = ticked(small, "signs", {}, "blue", "sore")
    assert names(small, "signs-more", answers) == ["blue.onset", "blue.side"]
    assert ids(small, ticked(small, "signs", {}, "sore")) == ["signs", "you"]


def test_a_page_is_asked_if_its_condition_holds(small: Pack) -> None:
    """What was answered so far decides; silence decides nothing."""
    assert "work" in ids(small, after(small, "you", {}, job="mason"))
    assert "work" not in ids(small, after(small, "you", {}, job="clerk"))
    assert "work" not in ids(small, {})


def test_ticks_mean_yes_no_or_not_sure(small: Pack) -> None:
    """Ticked is yes; the rest is no, or not sure when that was ticked too; no tick is no answer."""
    page = small.page("signs")
    assert enquiry.from_ticks(small, page, frozenset()) == {}
    assert enquiry.from_ticks(small, page, frozenset({"none"})) == {"blue": "no", "sore": "no"}
    assert enquiry.from_ticks(small, page, frozenset({"blue"})) == {"blue": "yes", "sore": "no"}
    assert enquiry.from_ticks(small, page, frozenset({"blue", "not_sure"})) == {
        "blue": "yes",
        "sore": "not_sure",
        "signs.not_sure": "yes",
    }


def test_a_page_is_shown_again_as_it_was_left(pack: Pack) -> None:
    """For every page of boxes, the ticks that come back are those that were made."""
    forms = RandomAnswers(pack, 21)
    for page in (page for page in pack.pages if page.signs):
        for number in range(len(page.signs) + 1):
            ticks = frozenset(forms.chance.sample(page.signs, k=number)) or frozenset({"none"})
            for made in (ticks, ticks - {"none"} | {"not_sure"}):
                given = enquiry.from_ticks(pack, page, made)
                assert enquiry.ticks_of(page, given) == made
    assert enquiry.ticks_of(pack.pages[0], {}) == frozenset()


def test_an_answered_page_is_open_again_when_it_asks_something_else(small: Pack) -> None:
    """A mark lists the fields that a page showed; other fields open it again."""
    page = small.page("signs-more")
    answers = ticked(small, "signs", {}, "blue")
    assert enquiry.first_open_page(small, answers) == page
    answers = after(small, "signs-more", answers, blue__onset="today", blue__side="one")
    assert enquiry.is_answered(small, page, answers)
    fewer = ticked(small, "signs", answers, "none")
    assert "signs-more" not in ids(small, fewer)
    again = ticked(small, "signs", fewer, "blue")
    assert enquiry.is_answered(small, page, again), "the same fields are still answered"


def test_a_page_of_details_opens_again_for_a_sign_more(pack: Pack) -> None:
    """Another danger sign is asked about, although the page was answered before."""
    answers = ticked(pack, "danger-signs", {}, "leg_weakness")
    fields = names(pack, "danger-more", answers)
    answers = enquiry.with_page(
        pack, pack.page("danger-more"), answers, dict.fromkeys(fields, "not_sure")
    )
    assert enquiry.is_answered(pack, pack.page("danger-more"), answers)
    more = ticked(pack, "danger-signs", answers, "leg_weakness", "arm_weakness")
    assert not enquiry.is_answered(pack, pack.page("danger-more"), more)
    assert more["leg_weakness.onset"] == "not_sure", "what was answered is kept"


def test_sending_a_page_again_replaces_its_answers_alone(small: Pack) -> None:
    """A field that is left out now is unanswered; other pages keep their answers."""
    answers = after(small, "you", ticked(small, "signs", {}, "sore"), job="mason", age="50")
    again = after(small, "you", answers, job="mason")
    assert "age" not in again
    assert again["sore"] == "yes"
    assert answers["age"] == "50", "the answers before are not touched"


def test_an_answer_sets_what_follows_from_it(small: Pack, pack: Pack) -> None:
    """An option may answer another question, which no page asks."""
    assert after(small, "you", {}, job="mason")["gloves"] == "no"
    assert after(pack, "pain-site", {}, pain_site="neck")["spine_pain"] == "yes"
    assert after(pack, "pain-site", {}, pain_site="none")["spine_pain"] == "no"
    assert after(pack, "pain-site", {}, pain_site="not_sure")["spine_pain"] == "not_sure"


def test_the_back_link_leads_to_the_page_before(small: Pack) -> None:
    """The first page has none; a page that is not shown has none either."""
    answers = ticked(small, "signs", {}, "blue")
    assert enquiry.page_before(small, small.page("signs"), answers) is None
    assert enquiry.page_before(small, small.page("you"), answers) == small.page("signs-more")
    assert enquiry.page_before(small, small.page("work"), answers) is None


def test_every_page_leads_on_to_the_end(small: Pack) -> None:
    """When all pages are answered none is open."""
    answers, shown = walk(small, job="mason", blue="yes")
    assert shown == ["signs", "signs-more", "you", "work"]
    assert enquiry.first_open_page(small, answers) is None


def test_what_counts_are_answers_to_questions(small: Pack) -> None:
    """Marks of pages and unknown fields do not count."""
    answers = ticked(small, "signs", {"nose": "yes"}, "not_sure")
    assert enquiry.settle(small, answers) == {"blue": "not_sure", "sore": "not_sure"}


def test_details_of_a_sign_that_is_no_longer_yes_do_not_count(small: Pack) -> None:
    """A detail counts only while its sign is a yes."""
    answers = {"blue": "no", "blue.onset": "today"}
    assert enquiry.settle(small, answers) == {"blue": "no"}


def test_a_sign_made_pointless_by_an_answer_is_a_no(small: Pack) -> None:
    """Who is no mason swings no hammer; of whom we do not know the work, we do not know that."""
    assert enquiry.settle(small, {"job": "clerk", "hammer": "yes"}) == {
        "job": "clerk",
        "hammer": "no",
    }
    assert enquiry.settle(small, {"hammer": "yes"}) == {}
    assert enquiry.settle(small, {"job": "mason", "hammer": "yes"})["hammer"] == "yes"


def test_what_counts_is_the_same_when_asked_twice(pack: Pack) -> None:
    """Settling settled answers changes nothing."""
    forms = RandomAnswers(pack, 22)
    for _ in range(300):
        once = enquiry.settle(pack, forms.draw())
        assert enquiry.settle(pack, once) == once


def test_a_change_names_the_field_with_both_answers(small: Pack) -> None:
    """Fields that differ are listed in order; marks of pages are not answers."""
    before = ticked(small, "signs", {"job": "mason"}, "sore")
    now = {**ticked(small, "signs", {"job": "clerk", "age": "4"}, "blue")}
    assert enquiry.changed(before, now, small) == {
        "age": (None, "4"),
        "blue": ("no", "yes"),
        "job": ("mason", "clerk"),
        "sore": ("yes", "no"),
    }
    assert enquiry.changed(before, before, small) == {}


@pytest.mark.parametrize(
    ("chosen", "level", "count"),
    [
        ({}, Level.routine, 13),
        ({"pain_site": "low_back"}, Level.routine, 15),
        ({"pain_site": "low_back", "pain_mechanical": "yes", "age": "44"}, Level.routine, 15),
    ],
)
def test_a_person_with_no_danger_sign_sees_at_most_fifteen_pages(
    pack: Pack, chosen: dict[str, str], level: Level, count: int
) -> None:
    """Start, questions, advice, contact and check are 13 pages, and 15 with pain."""
    answers, shown = walk(pack, **chosen)
    assert assess(pack, enquiry.settle(pack, answers)).level is level
    assert len(shown) + PAGES_OF_THE_APP == count <= MOST_PAGES


def test_cancer_adds_a_single_page(pack: Pack) -> None:
    """Who has or had cancer is asked about it on one page more."""
    _, without = walk(pack, pain_site="low_back")
    _, shown = walk(pack, pain_site="low_back", cancer_status="past")
    assert set(shown) - set(without) == {"cancer-more"}


def test_every_question_of_the_pack_can_be_reached(pack: Pack) -> None:
    """Whoever answers yes to everything is asked everything, but for what other answers set."""
    yes = {q.id: "yes" for q in pack.questions.values() if q.kind == "sign"}
    answers, _ = walk(pack, **yes, pain_site="several", cancer_status="current", age="70")
    asked = [name for page in ids(pack, answers) for name in names(pack, page, answers)]
    assert {name.partition(".")[0] for name in asked} == set(pack.questions) - {"spine_pain"}
