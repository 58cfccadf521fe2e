"""Has it got worse? What the answers mean, and which faults of the questions a pack is told."""

from pathlib import Path
from typing import Final

import pytest

from app.domain import worse
from app.domain.condition import Pack
from app.domain.pack_reader import read_pack
from tests.domain.small_pack import faults, write_pack

CARD: Final = '[[card]]\nlevel = "emergency"\n'
QUESTION: Final = """\
[[worse]]
id = "colour"
ask = { en = "Is it bluer?" }
title = { en = "colour" }
worse = { blue = "yes", "blue.onset" = "today" }
not_sure = { blue = "not_sure" }
fills = { job = "mason" }
source = ["book"]

"""
WITH_QUESTION: Final = ("condition.toml", CARD, QUESTION + CARD)


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """The small pack with one such question."""
    return read_pack(write_pack(tmp_path, WITH_QUESTION))


def test_worse_answers_the_fields_that_stand_for_it(pack: Pack) -> None:
    """And fills what was denied or never asked, but overwrites no more telling answer."""
    told = {"colour": "worse"}
    now_blue = {"blue": "yes", "blue.onset": "today", "job": "mason"}
    for before in ({}, {"blue": "no", "job": "clerk"}, {"blue": "yes", "blue.onset": "old"}):
        assert worse.merged(pack, before, told) == {**before, **now_blue}


def test_not_sure_takes_no_sign_away(pack: Pack) -> None:
    """A yes stays a yes; a no becomes not sure."""
    told = {"colour": "not_sure"}
    assert worse.merged(pack, {"blue": "yes"}, told) == {"blue": "yes"}
    assert worse.merged(pack, {"blue": "no"}, told) == {"blue": "not_sure"}
    assert worse.merged(pack, {}, told) == {"blue": "not_sure"}


@pytest.mark.parametrize("told", [{}, {"colour": "same"}, {"other": "worse"}, {"colour": "x"}])
def test_anything_else_changes_nothing(pack: Pack, told: dict[str, str]) -> None:
    """The same, or what nobody asked."""
    assert worse.merged(pack, {"blue": "no"}, told) == {"blue": "no"}


def test_what_was_told_is_kept_in_words(pack: Pack) -> None:
    """The question as it was asked, and the answer as it was chosen."""
    (item,) = worse.as_told(pack, {"colour": "worse"}, "en")
    assert (item["question"], item["answer"]) == ("Is it bluer?", "Worse")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('blue = "yes", ', 'pale = "yes", ', "worse colour: unknown question pale"),
        ('"blue.onset" = "today"', '"blue.onset" = "soon"', "blue.onset has no answer soon"),
        ('"blue.onset" = "today"', '"sore.onset" = "today"', "unknown question sore.onset"),
        ('job = "mason"', 'job = "king"', "worse colour: job has no answer king"),
        ('not_sure = { blue = "not_sure" }\n', "", "worse colour: `not_sure` says nothing"),
        ('source = ["book"]', "source = []", "worse colour: it names no source"),
        ('source = ["book"]', 'source = ["tale"]', "worse colour: unknown reference tale"),
        ('ask = { en = "Is it bluer?" }\n', "", "worse colour: `ask` is missing"),
        ('title = { en = "colour" }', "sort = 1", "worse colour: unknown key `sort`"),
        (QUESTION, QUESTION * 2, "worse colour: the id is used twice"),
    ],
)
def test_faults_are_told_in_words(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """A clinician who mistypes reads what is wrong, before anybody is asked."""
    spoilt = QUESTION.replace(old, new)
    assert spoilt != QUESTION
    found = faults(tmp_path, ("condition.toml", CARD, spoilt + CARD))
    assert any(fault in each for each in found), found
