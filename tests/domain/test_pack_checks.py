"""What must be true of a whole pack: each gap and each dangling name is told in words."""

from pathlib import Path

import pytest

from tests.domain.small_pack import faults

C, Q, T, R, K, P = (
    "condition.toml",
    "questions.toml",
    "triage.toml",
    "references.toml",
    "cases.toml",
    "page.en.md",
)

WHOLE_FAULTS = [
    pytest.param(
        (C, 'signs = ["blue"]\n\n[brief]', "signs = []\n\n[brief]"),
        "function Colour: it names no sign",
    ),
    pytest.param(
        (C, 'signs = ["blue"]\n\n[brief]', 'signs = ["job"]\n\n[brief]'),
        "function Colour: job is not a yes-or-no sign of the form",
    ),
    pytest.param(
        (C, 'signs = ["blue"]\n\n[brief]', 'signs = ["blue", "blue"]\n\n[brief]'),
        "function Colour: blue stands at another function, too",
    ),
    pytest.param((C, 'scans = ["sore"', 'scans = ["green"'), "brief: unknown question green"),
    pytest.param((C, '"job"\nscans', '"king"\nscans'), "brief: unknown question king"),
    pytest.param(
        (Q, '{ value = "old", ', '{ value = "old", trend = "up", '),
        "details.onset: the trend of old must be one of worse, same, better",
    ),
    pytest.param((Q, 'id = "work"', 'id = "you"'), "the page id you is used 2 times"),
    pytest.param((T, 'id = "S1"', 'id = "E1"'), "the rule id E1 is used 2 times"),
    pytest.param((K, 'id = "sore"', 'id = "blue"'), "the case id blue is used 2 times"),
    pytest.param(
        (Q, '["job", "age", "story"]', '["job", "age"]'), "question story: no page asks it"
    ),
    pytest.param((Q, 'kind = "number"', 'kind = "choice"'), "question age: a choice needs options"),
    pytest.param(
        (Q, 'label = { en = "A sore thumb" }\n', ""),
        "question sore: `label` is missing (the words beside its tick box)",
    ),
    pytest.param(
        (Q, 'least = "clerk"\n', ""),
        "question job: it says what counts when missing, but not its `least` worrying answer",
    ),
    pytest.param(
        (Q, 'details = ["onset", "side"]', 'details = ["onset", "side", "depth"]'),
        "question blue: unknown detail depth",
    ),
    pytest.param(
        (Q, 'details = ["onset", "side"]', 'details = ["onset", "course", "side"]'),
        "question blue: unknown detail course",
    ),
    pytest.param(
        (Q, 'missing = "mason"', 'missing = "king"'),
        "question job: `missing` is king, which is not one of its answers",
    ),
    pytest.param(
        (Q, 'least = "clerk"', 'least = "king"'),
        "question job: `least` is king, which is not one of its answers",
    ),
    pytest.param(
        (Q, "sets = { gloves", "sets = { crown"),
        "question job: the answer mason sets an unknown question crown",
    ),
    pytest.param(
        (Q, 'sides = ["one", "both"]\n', ""),
        "question blue: it asks for the side but lists no `sides`",
    ),
    pytest.param(
        (Q, 'sides = ["one", "both"]', 'sides = ["one", "left"]'),
        "question blue: unknown side left",
    ),
    pytest.param(
        (Q, 'one_by_one = "signs"', 'one_by_one = "signs"\nsigns = ["sore"]'),
        "page signs-check: it must have questions or signs, or `one_by_one`, or `details_of`",
    ),
    pytest.param(
        (Q, 'details_of = "signs"\n', ""),
        "page signs-more: it must have questions or signs, or `one_by_one`, or `details_of`",
    ),
    pytest.param(
        (Q, 'id = "you"', 'id = "advice"'), "page advice: this name belongs to a page of the app"
    ),
    pytest.param(
        (Q, '["job", "age", "story"]', '["job", "age", "story", "nose"]'),
        "page you: unknown question nose",
    ),
    pytest.param(
        (Q, 'signs = ["blue", "sore"]', 'signs = ["blue", "sore", "job"]'),
        "page signs: job is not a yes-or-no sign, so it cannot be a tick box",
    ),
    pytest.param(
        (Q, 'one_by_one = "signs"', 'one_by_one = "you"'),
        "page signs-check: you is not a page before it",
    ),
    pytest.param(
        (Q, 'details_of = "signs"', 'details_of = "nowhere"'),
        "page signs-more: nowhere is not a page before it",
    ),
    pytest.param(
        (Q, 'questions = ["hammer"]', 'questions = ["hammer", "age"]'),
        "question age is asked on 2 pages",
    ),
    pytest.param(
        (C, 'signs = ["blue"]', "signs = []"), "card “a blue thumb”: it names no sign of the form"
    ),
    pytest.param(
        (C, 'signs = ["blue"]', 'signs = ["blue", "nose"]'),
        "card “a blue thumb”: unknown sign nose",
    ),
    pytest.param(
        (C, 'signs = ["blue"]', 'signs = ["sore"]'),
        "question blue is a danger sign but on no emergency card",
    ),
    pytest.param(
        (R, 'status = "policy"', 'status = "hearsay"'),
        "reference leaflet: the status must be one of "
        "read, abstract, secondary, policy, unverified",
    ),
    pytest.param(
        (Q, 'source = ["book",', 'source = ["poem",'), "question blue: unknown reference poem"
    ),
    pytest.param((T, 'source = ["book"]', 'source = ["poem"]'), "rule E1: unknown reference poem"),
    pytest.param(
        (C, 'source = ["book"]', 'source = ["poem"]'), "card “a blue thumb”: unknown reference poem"
    ),
    pytest.param(
        (
            C,
            'en = "My thumb is blue." }\nsource = ["book"]',
            'en = "My thumb is blue." }\nsource = ["poem"]',
        ),
        "emergency words “The blood does not come through.”: unknown reference poem",
    ),
    pytest.param((P, "[^book]", "[^poem]"), "page.en.md: unknown reference poem"),
    pytest.param(
        (T, 'all = ["worker", "SIGNS"]\n', ""),
        "triage.toml: exactly one rule (the last resort) must have no condition",
    ),
    pytest.param(
        (T, 'all = ["worker", "SIGNS"]\n', ""),
        "rule S1: a rule without a condition must be routine",
    ),
    pytest.param(
        (T, 'level = "routine"\n', 'level = "routine"\nall = ["blue"]\n'),
        "triage.toml: exactly one rule (the last resort) must have no condition",
    ),
    pytest.param(
        (C, 'rules = ["E1"]', 'rules = ["E1", "E9"]'),
        "condition.toml, emergency words: unknown rule E9",
    ),
    pytest.param(
        (C, 'rules = ["E1"]', "rules = []"), "rule E1: condition.toml has no emergency words for it"
    ),
    pytest.param(
        (T, 'source = [{ ref = "leaflet", at = "page 4" }]\n', ""), "rule S1: it names no source"
    ),
    pytest.param(
        (C, '"sore", "blue"]\n', '"sore", "green"]\n'),
        "condition.toml, score_hints.sins: pain names an unknown question green",
    ),
    pytest.param((K, 'fires = ["S1"]', 'fires = ["S1", "X9"]'), "case sore: unknown rule X9"),
    pytest.param(
        (K, 'not_fires = ["E1"]', 'not_fires = ["E1", "X8"]'), "case sore: unknown rule X8"
    ),
    pytest.param(
        (K, 'answers = { sore = "yes"', 'answers = { soar = "yes"'),
        "case sore: unknown answer soar",
    ),
    pytest.param(
        (K, 'answers = { sore = "yes"', 'answers = { sore = "maybe"'),
        "case sore: sore has no answer maybe",
    ),
    pytest.param(
        (K, '"blue.onset" = "today"', '"blue.onset" = "soon"'),
        "case blue: blue.onset has no answer soon",
    ),
    pytest.param((K, "age = 45", 'age = "old"'), "case sore: age has no answer old"),
    pytest.param((K, 'fires = ["S1"]', "fires = []"), "rule S1: no case in which it fires"),
    pytest.param(
        (K, 'not_fires = ["S1", "R1"]', 'not_fires = ["R1"]'),
        "rule S1: no case in which it just fails to fire",
    ),
]


@pytest.mark.parametrize(("spoilt", "fault"), WHOLE_FAULTS)
def test_a_fault_of_the_whole_is_told(
    tmp_path: Path, spoilt: tuple[str, str, str], fault: str
) -> None:
    """Doubles, dangling names, gaps in pages, cards, sources or examples are named."""
    assert fault in faults(tmp_path, spoilt)
