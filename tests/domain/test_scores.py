"""Scores: every worked example, both ends, every border, and what is not known yet."""

import itertools
from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.scores import (
    LEVELS_OF_THE_SPINE,
    SCORES,
    UNKNOWN,
    Item,
    Option,
    Result,
    Score,
    Status,
    at_another_level,
    work_out,
)

SINS, ESCC, FRANKEL = SCORES["sins"], SCORES["escc"], SCORES["frankel"]
ECOG, KARNOFSKY = SCORES["ecog"], SCORES["karnofsky"]
TOKUHASHI, TOMITA = SCORES["tokuhashi"], SCORES["tomita"]

EVERY_SCORE = pytest.mark.parametrize("score", SCORES.values(), ids=list(SCORES))
SUMS = pytest.mark.parametrize("score", [SINS, TOKUHASHI, TOMITA], ids=lambda score: score.name)
BANDED = pytest.mark.parametrize(
    "score", [SINS, ESCC, FRANKEL, TOKUHASHI], ids=lambda score: score.name
)


def result_of(score: Score, *values: str) -> Result:
    """What these answers come to, in the order of the items."""
    names = [item.name for item in score.items]
    return work_out(score, dict(zip(names, values, strict=True)))


def points(result: Result) -> list[int | None]:
    """The points of each item; None where it is unknown."""
    return [option.points if option else None for option in result.chosen]


def by_points(score: Score, total: int) -> dict[str, str]:
    """Some answers that come to that total."""
    for chosen in every_way(score):
        if sum(option.points for option in chosen) == total:
            return {
                item.name: option.value for item, option in zip(score.items, chosen, strict=True)
            }
    raise AssertionError(f"{score.name} cannot be {total}")


def every_way(score: Score) -> Iterator[tuple[Option, ...]]:
    """Every way to answer all items."""
    return itertools.product(*(item.options for item in score.items))


def meaning(result: Result) -> str:
    """The words of the band."""
    assert result.band is not None
    return result.band.words


# Worked examples of the clinical sheet, by their numbers there


@pytest.mark.parametrize(
    ("values", "expected", "total", "category"),
    [
        pytest.param(
            ("semi-rigid", "mechanical", "mixed", "normal", "under-50", "both"),
            [1, 3, 1, 0, 2, 3],
            10,
            "Potentially unstable",
            id="S1",
        ),
        pytest.param(
            ("rigid", "none", "blastic", "normal", "none", "none"),
            [0, 0, 0, 0, 0, 0],
            0,
            "Stable",
            id="S2",
        ),
        pytest.param(
            ("semi-rigid", "occasional", "lytic", "normal", "involved", "one"),
            [1, 1, 2, 0, 1, 1],
            6,
            "Stable",
            id="S3",
        ),
        pytest.param(
            ("mobile", "occasional", "lytic", "normal", "involved", "one"),
            [2, 1, 2, 0, 1, 1],
            7,
            "Potentially unstable",
            id="S4",
        ),
        pytest.param(
            ("junctional", "mechanical", "lytic", "normal", "under-50", "one"),
            [3, 3, 2, 0, 2, 1],
            11,
            "Potentially unstable",
            id="S5",
        ),
        pytest.param(
            ("junctional", "mechanical", "lytic", "deformity", "under-50", "none"),
            [3, 3, 2, 2, 2, 0],
            12,
            "Potentially unstable",
            id="S6",
        ),
        pytest.param(
            ("junctional", "mechanical", "lytic", "deformity", "under-50", "one"),
            [3, 3, 2, 2, 2, 1],
            13,
            "Unstable",
            id="S7",
        ),
        pytest.param(
            ("junctional", "mechanical", "lytic", "translation", "over-50", "both"),
            [3, 3, 2, 4, 3, 3],
            18,
            "Unstable",
            id="S8",
        ),
    ],
)
def test_sins_of_the_worked_examples(
    values: Sequence[str], expected: list[int], total: int, category: str
) -> None:
    """Points of each item, total and category; from 7 on a surgical opinion."""
    result = result_of(SINS, *values)
    assert points(result) == expected
    assert (result.total, result.value, result.words) == (total, str(total), category)
    assert meaning(result) == category
    assert result.band
    assert ("Surgical opinion" in result.band.more) == result.band.pressing == (total >= 7)


@pytest.mark.parametrize(
    ("values", "expected", "total", "survival"),
    [
        pytest.param(
            ("80-100", "none", "1", "none", "breast", "none"),
            [2, 2, 2, 2, 5, 2],
            15,
            "1 year or more",
            id="K1",
        ),
        pytest.param(
            ("10-40", "3-or-more", "3-or-more", "unremovable", "lung", "complete"),
            [0, 0, 0, 0, 0, 0],
            0,
            "under 6 months",
            id="K2",
        ),
        pytest.param(
            ("50-70", "1-2", "2", "unremovable", "kidney", "incomplete"),
            [1, 1, 1, 0, 3, 1],
            7,
            "under 6 months",
            id="K3",
        ),
        pytest.param(
            ("50-70", "3-or-more", "2", "none", "breast", "incomplete"),
            [1, 0, 1, 2, 5, 1],
            10,
            "6 months or more",
            id="K4",
        ),
        pytest.param(
            ("50-70", "3-or-more", "3-or-more", "none", "breast", "incomplete"),
            [1, 0, 0, 2, 5, 1],
            9,
            "6 months or more",
            id="K4 with more vertebrae",
        ),
        pytest.param(
            ("50-70", "3-or-more", "3-or-more", "removable", "breast", "incomplete"),
            [1, 0, 0, 1, 5, 1],
            8,
            "under 6 months",
            id="K4 with an organ as well",
        ),
        pytest.param(
            ("80-100", "1-2", "2", "removable", "breast", "incomplete"),
            [2, 1, 1, 1, 5, 1],
            11,
            "6 months or more",
            id="K5",
        ),
        pytest.param(
            ("80-100", "1-2", "2", "removable", "breast", "none"),
            [2, 1, 1, 1, 5, 2],
            12,
            "1 year or more",
            id="K6",
        ),
    ],
)
def test_tokuhashi_of_the_worked_examples(
    values: Sequence[str], expected: list[int], total: int, survival: str
) -> None:
    """Points of each item, total and predicted survival."""
    result = result_of(TOKUHASHI, *values)
    assert points(result) == expected
    assert result.total == total
    assert meaning(result) == f"Predicted survival {survival}"


@pytest.mark.parametrize(
    ("values", "expected", "total"),
    [
        pytest.param(("slow", "none", "solitary"), [1, 0, 1], 2, id="T1"),
        pytest.param(("moderate", "none", "multiple"), [2, 0, 2], 4, id="T2"),
        pytest.param(("moderate", "untreatable", "multiple"), [2, 4, 2], 8, id="T3"),
        pytest.param(("rapid", "none", "multiple"), [4, 0, 2], 6, id="T4"),
        pytest.param(("rapid", "untreatable", "multiple"), [4, 4, 2], 10, id="T5"),
        pytest.param(("slow", "treatable", "solitary"), [1, 2, 1], 4, id="T6"),
    ],
)
def test_tomita_of_the_worked_examples(
    values: Sequence[str], expected: list[int], total: int
) -> None:
    """Points and total; no meaning, because none is verified."""
    result = result_of(TOMITA, *values)
    assert points(result) == expected
    assert result.total == total
    assert result.band is None
    assert result.words == TOMITA.unbanded


def test_tomita_in_all_its_eighteen_ways() -> None:
    """Every total from 2 to 10 occurs, and no other."""
    totals = [sum(option.points for option in chosen) for chosen in every_way(TOMITA)]
    assert len(totals) == 18
    assert set(totals) == set(range(2, 11))


# Borders and both ends


@pytest.mark.parametrize(
    ("score", "least", "most"),
    [(SINS, 0, 18), (TOKUHASHI, 0, 15), (TOMITA, 2, 10), (ECOG, 0, 5), (KARNOFSKY, 0, 100)],
    ids=lambda each: getattr(each, "name", str(each)),
)
def test_the_lowest_and_the_highest_total(score: Score, least: int, most: int) -> None:
    """As the papers give the ranges, and both can be reached."""
    assert (score.least, score.most) == (least, most)
    for total in (least, most):
        assert work_out(score, by_points(score, total)).total == total


@pytest.mark.parametrize(
    ("score", "borders"),
    [
        (SINS, {0: "Stable", 6: "Stable", 7: "Potentially unstable", 12: "Potentially unstable"}),
        (SINS, {13: "Unstable", 18: "Unstable"}),
        (
            TOKUHASHI,
            {
                0: "Predicted survival under 6 months",
                8: "Predicted survival under 6 months",
                9: "Predicted survival 6 months or more",
                11: "Predicted survival 6 months or more",
                12: "Predicted survival 1 year or more",
                15: "Predicted survival 1 year or more",
            },
        ),
    ],
    ids=["SINS below 13", "SINS from 13", "Tokuhashi"],
)
def test_both_sides_of_every_border(score: Score, borders: Mapping[int, str]) -> None:
    """The last total of a band and the first of the next mean what the table says."""
    for total, words in borders.items():
        assert meaning(work_out(score, by_points(score, total))) == words


@pytest.mark.parametrize(
    ("grade", "band"),
    [
        ("0", "Low grade"),
        ("1a", "Low grade"),
        ("1b", "Low grade"),
        ("1c", "Contested: neither clearly low nor high grade"),
        ("2", "High grade"),
        ("3", "High grade"),
    ],
)
def test_escc_grades(grade: str, band: str) -> None:
    """Low, contested and high; the grade itself is the result."""
    result = result_of(ESCC, grade)
    assert (result.value, meaning(result)) == (grade, band)
    assert result.words.endswith(band)


def test_escc_grades_have_an_order() -> None:
    """0 < 1a < 1b < 1c < 2 < 3."""
    order = sorted(ESCC.items[0].options, key=lambda option: option.points)
    assert [option.value for option in order] == ["0", "1a", "1b", "1c", "2", "3"]


@pytest.mark.parametrize(
    ("grade", "palsy"),
    [("A", "complete"), ("B", "complete"), ("C", "incomplete"), ("D", "incomplete"), ("E", "no")],
)
def test_frankel_grades_as_tokuhashi_reads_them(grade: str, palsy: str) -> None:
    """A and B are complete, C and D incomplete, E is none."""
    result = result_of(FRANKEL, grade)
    assert result.value == grade
    assert meaning(result).lower().startswith(f"{palsy} palsy")


@pytest.mark.parametrize(
    ("score", "grades"),
    [
        (ECOG, ["0", "1", "2", "3", "4", "5"]),
        (KARNOFSKY, ["100", "90", "80", "70", "60", "50", "40", "30", "20", "10", "0"]),
    ],
    ids=["ECOG", "Karnofsky"],
)
def test_performance_is_a_grade_without_a_band(score: Score, grades: list[str]) -> None:
    """Each grade means its own words, and is not converted: two published tables disagree."""
    for grade in grades:
        result = result_of(score, grade)
        assert (result.value, result.total, result.band) == (grade, int(grade), None)
        assert result.words == result.chosen[0].words if result.chosen[0] else False
    assert [option.value for option in score.items[0].options] == grades
    assert "two published tables disagree" in " ".join(score.limits)


# What is not known


@SUMS
@pytest.mark.parametrize("how", [None, UNKNOWN])
def test_one_unknown_item_leaves_a_score_without_total(score: Score, how: str | None) -> None:
    """Whichever it is: no total and no band, only what it can still become. It is never zero."""
    whole = by_points(score, score.most)
    for item in score.items:
        answers = {name: value for name, value in whole.items() if name != item.name}
        if how:
            answers[item.name] = how
        result = work_out(score, answers)
        of_item = [option.points for option in item.options]
        rest = score.most - max(of_item)
        assert (result.complete, result.total, result.band) == (False, None, None)
        assert result.known == len(score.items) - 1
        assert result.so_far == rest
        assert result.range == (rest + min(of_item), score.most)
        assert result.value == "Incomplete"


def test_an_incomplete_score_is_told_without_a_band() -> None:
    """How many are known, what they come to, and what the total can still be."""
    result = result_of(SINS, "semi-rigid", "mechanical", "lytic", UNKNOWN, "under-50", UNKNOWN)
    assert result.words == "4 of 6 items known, so far 8. The total can still be 8 to 15"


@EVERY_SCORE
def test_nothing_known_is_no_result(score: Score) -> None:
    """Neither zero nor the lowest band."""
    result = work_out(score, {})
    assert (result.known, result.total, result.band) == (0, None, None)
    assert result.value == "Incomplete"
    assert result.range == (score.least, score.most)


@EVERY_SCORE
def test_a_grade_without_an_answer_is_not_known(score: Score) -> None:
    """Only what is added up has a sum so far."""
    words = work_out(score, {}).words
    assert (words == "Not known yet") == score.is_grade
    assert ("so far 0" in words) != score.is_grade


@pytest.mark.parametrize(
    ("score", "item", "value"),
    [
        (ESCC, "grade", "1"),
        (ESCC, "grade", "1d"),
        (ESCC, "grade", ""),
        (SINS, "pain", "2"),
        (KARNOFSKY, "grade", "75"),
        (FRANKEL, "grade", "a"),
        (TOMITA, "growth", "3"),
    ],
    ids=lambda each: getattr(each, "name", str(each)),
)
def test_what_is_not_offered_is_refused(score: Score, item: str, value: str) -> None:
    """Grade 1 without its letter is no grade, and nothing is guessed."""
    with pytest.raises(ValueError, match=item):
        work_out(score, {item: value})


# What holds for all of them


@st.composite
def answers(draw: st.DrawFn) -> tuple[Score, dict[str, str]]:
    """A score and answers to some of its items."""
    score = draw(st.sampled_from(list(SCORES.values())))
    known: dict[str, str] = {}
    for item in score.items:
        offered = [None, UNKNOWN, *(option.value for option in item.options)]
        value = draw(st.sampled_from(offered))
        if value is not None:
            known[item.name] = value
    return score, known


@given(answers())
def test_the_total_is_the_sum_of_the_points(given: tuple[Score, dict[str, str]]) -> None:
    """Of all items when all are known, else there is none; it lies within the range."""
    score, known = given
    result = work_out(score, known)
    told = [
        option.points
        for item in score.items
        for option in item.options
        if option.value == known.get(item.name)
    ]
    least, most = result.range
    assert score.least <= least <= most <= score.most
    assert result.so_far == sum(told)
    if len(told) == len(score.items):
        assert result.total == sum(told) == least == most
        assert (result.band is None) == (not score.bands)
    else:
        assert result.total is None
        assert result.band is None


@given(answers(), st.data())
def test_knowing_more_only_narrows_the_range(
    given: tuple[Score, dict[str, str]], data: st.DataObject
) -> None:
    """What becomes known never leads out of what was possible before."""
    score, known = given
    before = work_out(score, known)
    item: Item = data.draw(st.sampled_from(list(score.items)))
    if item.option(known.get(item.name)) is None:
        option = data.draw(st.sampled_from(list(item.options)))
        after = work_out(score, {**known, item.name: option.value})
        assert before.range[0] <= after.range[0] <= after.range[1] <= before.range[1]
        assert after.known == before.known + 1


@BANDED
def test_bands_cover_every_total_once(score: Score) -> None:
    """No gap and no overlap, from the lowest total to the highest."""
    covered = [n for band in score.bands for n in range(band.least, band.most + 1)]
    assert covered == list(range(score.least, score.most + 1))
    assert len({band.words for band in score.bands}) == len(score.bands)


@EVERY_SCORE
def test_a_score_says_what_it_is(score: Score) -> None:
    """Paper, sources, status, limits and version; names are used once, points differ in an item."""
    assert SCORES[score.name] is score
    assert score.paper
    assert score.version
    assert score.limits
    assert all(source.link.startswith("http") for source in score.sources)
    assert score.status is (Status.secondary if score is TOMITA else Status.seen)
    assert bool(score.unbanded) == (not score.bands and not score.is_grade)
    assert len({item.name for item in score.items}) == len(score.items)
    for item in score.items:
        assert item.beside in {"", *SCORES}
        assert UNKNOWN not in {option.value for option in item.options}
        for of_each in ("value", "words", "points"):
            assert len({getattr(option, of_each) for option in item.options}) == len(item.options)


def test_what_is_not_verified_is_off() -> None:
    """No NESMS, no NOMS, no bands of Tomita, and none of the figures that nobody has seen."""
    assert set(SCORES) == {"sins", "escc", "ecog", "karnofsky", "frankel", "tokuhashi", "tomita"}
    assert TOMITA.bands == ()
    said = " ".join(repr(score) for score in SCORES.values())
    for unverified in ("95.7", "79.5", "49.9", "23.5", "supportive", "NICE says", "marginal"):
        assert unverified not in said


# Levels of the spine


@pytest.mark.parametrize(
    ("level", "location"),
    [
        ("Occiput", "junctional"),
        ("C2", "junctional"),
        ("C3", "mobile"),
        ("C6", "mobile"),
        ("C7", "junctional"),
        ("T2", "junctional"),
        ("T3", "semi-rigid"),
        ("T10", "semi-rigid"),
        ("T11", "junctional"),
        ("L1", "junctional"),
        ("L2", "mobile"),
        ("L4", "mobile"),
        ("L5", "junctional"),
        ("S1", "junctional"),
        ("S2", "rigid"),
        ("S5", "rigid"),
    ],
)
def test_a_level_belongs_to_its_location(level: str, location: str) -> None:
    """Both ends of every range of the table."""
    assert at_another_level(SINS, {"location": location}, level) == []


def test_every_level_belongs_to_one_location_only() -> None:
    """A level that contradicts the location is found, whichever it is."""
    (location,) = [item for item in SINS.items if item.name == "location"]
    for level in LEVELS_OF_THE_SPINE:
        fitting = [
            option
            for option in location.options
            if not at_another_level(SINS, {"location": option.value}, level)
        ]
        assert len(fitting) == 1, level
    assert at_another_level(SINS, {"location": "rigid"}, "L3") == [location]
    assert at_another_level(SINS, {"location": UNKNOWN}, "L3") == []
    assert at_another_level(ESCC, {"grade": "2"}, "L3") == []
