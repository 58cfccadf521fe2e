"""Page, cards, questions and rules speak of the same signs, and danger is never folded."""

from pathlib import Path

import pytest

from app.domain.errors import FaultyPack
from app.domain.pack_reader import read_pack
from tests.domain.small_pack import faults, write_pack

C, Q, T, P = "condition.toml", "questions.toml", "triage.toml", "page.en.md"
CARD = '[[card]]\nlevel = "emergency"\ntext = { en = "a sore thumb" }\nsigns = ["sore"]\n'
SORE_ON_CARD = (C, "[[page_sign]]", CARD + 'source = ["book"]\n\n[[page_sign]]')
SIGN = '[[page_sign]]\nsays = "a blue thumb"\nsigns = ["blue"]\n'

FAULTS = [
    pytest.param(
        [(P, "- a blue thumb.", "- a blue thumb.\n- a stiff thumb.")],
        "page.en.md says “a stiff thumb”, and no `page_sign` says which question asks it",
        id="a sign of the page that no question asks",
    ),
    pytest.param(
        [(C, SIGN, SIGN + SIGN.replace("blue", "green").replace('"green"]', '"sore"]'))],
        "page_sign “a green thumb”: the part symptoms of page.en.md does not say so",
        id="a sign that the page does not name",
    ),
    pytest.param(
        [(C, SIGN, SIGN.replace('"blue"', '"nose"'))],
        "page_sign “a blue thumb”: unknown question nose",
        id="a sign of the page with a question that is not there",
    ),
    pytest.param(
        [(C, SIGN, SIGN.replace('signs = ["blue"]\n', ""))],
        "page_sign “a blue thumb”: it needs either `signs` or `no_question_because`",
        id="a sign of the page with neither question nor reason",
    ),
    pytest.param(
        [(C, SIGN, SIGN + 'no_question_because = "Too easy."\n')],
        "page_sign “a blue thumb”: it needs either `signs` or `no_question_because`",
        id="a sign of the page with both",
    ),
    pytest.param(
        [SORE_ON_CARD],
        "card “a sore thumb”: no rule of level emergency or above reads sore",
        id="a card that promises more than the rules",
    ),
    pytest.param(
        [(T, 'level = "soon"', 'level = "urgent"')],
        "question sore: it can make a request urgent but is on no card, and no `no_card` says why",
        id="a sign that presses and is on no card",
    ),
    pytest.param(
        [(C, 'signs = ["hammer", "gloves"]', 'signs = ["hammer"]')],
        "question gloves: no rule reads it, and no `no_rule` says why",
        id="a question for nothing",
    ),
    pytest.param(
        [(C, 'signs = ["hammer", "gloves"]', 'signs = ["hammer", "gloves", "nose"]')],
        "no_rule: unknown question nose",
        id="a reason about nothing",
    ),
    pytest.param(
        [(C, 'signs = ["hammer", "gloves"]', 'signs = ["hammer", "gloves", "sore"]')],
        "no_rule: sore is read by a rule, so it needs no reason",
        id="a reason that is no longer true of a rule",
    ),
    pytest.param(
        [(C, "[[no_rule]]", '[[no_card]]\nsigns = ["blue"]\nbecause = "Busy."\n\n[[no_rule]]')],
        "no_card: blue is on a card, so it needs no reason",
        id="a reason that is no longer true of a card",
    ),
    pytest.param(
        [(C, 'because = "Small talk."\n', "")],
        "condition.toml, signs that are left out: `because` is missing",
        id="no reason at all",
    ),
    pytest.param(
        [(P, "- a blue thumb.", "#### More signs\n\n- a blue thumb.")],
        "page.en.md: symptoms tells what must be seen, so nothing in it folds",
        id="a danger sign that is folded",
    ),
]


@pytest.mark.parametrize(("spoilt", "fault"), FAULTS)
def test_a_sign_that_is_not_everywhere_is_a_fault(
    tmp_path: Path, spoilt: list[tuple[str, str, str]], fault: str
) -> None:
    """Each gap between page, cards, questions and rules is told by itself, in words."""
    assert faults(tmp_path, *spoilt) == (fault,)


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param(
            (
                C,
                'signs = ["blue"]\n\n[[no_rule]]',
                'no_question_because = "Seen at once."\n\n[[no_rule]]',
            ),
            id="of the form",
        ),
        pytest.param((T, 'level = "soon"', 'level = "urgent"'), id="of the cards"),
    ],
)
def test_a_reason_is_enough(tmp_path: Path, reason: tuple[str, str, str]) -> None:
    """A sign may be left out by somebody who says why."""
    why = (C, "[[no_rule]]", '[[no_card]]\nsigns = ["sore"]\nbecause = "It heals."\n\n[[no_rule]]')
    case = ("cases.toml", 'level = "soon"', 'level = "urgent"')
    also = (why, case) if reason[0] == T else ()
    assert read_pack(write_pack(tmp_path, reason, *also)).page_signs


def test_each_language_folds_the_same_parts(tmp_path: Path) -> None:
    """Nobody has to open more, or finds less, because of their language."""
    pack = write_pack(tmp_path)
    english = (pack / "page.en.md").read_text(encoding="utf-8")
    (pack / "page.hi.md").write_text(
        english.replace("#### More about rest\n", ""), encoding="utf-8"
    )
    with pytest.raises(FaultyPack) as caught:
        read_pack(pack)
    assert "page.hi.md: it does not fold the same parts as page.en.md" in caught.value.faults
