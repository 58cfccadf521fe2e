"""Reading a condition pack: what it gives, and every fault told in words, all at once."""

import datetime as dt
from pathlib import Path

import pytest

from app.domain.condition import Citation, Pack, in_language
from app.domain.errors import FaultyPack
from app.domain.level import Level
from app.domain.pack_reader import read_pack, read_packs
from app.domain.triage import assess
from tests.domain.small_pack import faults, write_pack

C, Q, T, R, K, P = (
    "condition.toml",
    "questions.toml",
    "triage.toml",
    "references.toml",
    "cases.toml",
    "page.en.md",
)
HAMMER = 'id = "hammer"\nkind = "sign"\n'
LEAFLET = '{ ref = "leaflet", at = "page 3" }'


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """The small pack, without faults."""
    return read_pack(write_pack(tmp_path))


def test_a_pack_is_read_as_it_is_written(pack: Pack) -> None:
    """Names, dates, questions, pages, rules, cards, references and texts come out as objects."""
    assert (pack.id, pack.version, pack.reference_prefix) == ("sore-thumb", "1.0", "THM")
    assert pack.review_due == dt.date(2027, 5, 1)
    assert (pack.signed_off, pack.changed_since, pack.lowered) == (None, None, ())
    blue = pack.questions["blue"]
    assert (blue.core, blue.details, blue.sides) == (True, ("onset", "side"), ("one", "both"))
    assert blue.source == (Citation("book"), Citation("leaflet", "page 3"))
    mason = pack.questions["job"].option("mason")
    assert mason is not None
    assert mason.sets == {"gloves": "no"}
    assert pack.questions["job"].option("king") is None
    assert pack.page("signs-check").one_by_one == "signs"
    assert pack.rule("E1").level is Level.emergency
    assert pack.rule("E1").unverified == "The colour is hard to judge."
    assert not pack.rule("E1").explains
    assert pack.rule("R1").when is None
    assert pack.cards[0].signs == ("blue",)
    assert pack.emergency_words[0].helpline is False
    assert pack.references["book"].read_on == dt.date(2026, 11, 1)
    assert pack.watchwords == {"en": ("fell off",)}
    assert pack.page_texts["en"].startswith("# Sore thumb")
    assert pack.card_intros == {Level.emergency: {"en": "You have one of these:"}}
    assert list(pack.scores) == ["sins", "ecog"]
    assert pack.scores["sins"]["pain"] == ("sore", "blue")
    assert pack.scores["ecog"] == {"grade": ()}


def test_a_case_begins_calm_unless_it_is_blank(pack: Pack) -> None:
    """The answers of a case stand on the calm ones; a blank case has only its own."""
    answers = {case.id: case.answers for case in pack.cases}
    assert answers["calm"] == {
        **dict.fromkeys(("blue", "sore", "hammer", "gloves"), "no"),
        "job": "clerk",
        "age": "45",
    }
    assert answers["sore"]["job"] == "mason"
    assert answers["nothing-told"] == {"job": "clerk"}
    assert all(assess(pack, case.answers).level is case.level for case in pack.cases)


def test_a_pack_need_not_offer_scores(tmp_path: Path) -> None:
    """Without `scores`, doctors are offered none."""
    lines = 'scores = ["sins", "ecog"]\n\n[score_hints.sins]\npain = ["sore", "blue"]\n'
    assert read_pack(write_pack(tmp_path, (C, lines, ""))).scores == {}


def test_a_text_falls_back_to_english() -> None:
    """What is not translated yet is shown in English."""
    text = {"en": "thumb", "hi": "अँगूठा"}
    assert in_language(text, "hi") == "अँगूठा"
    assert in_language(text, "mr") == "thumb"


def test_unknown_ids_raise_key_errors(pack: Pack) -> None:
    """Asking for a page or rule that is not there raises KeyError."""
    with pytest.raises(KeyError):
        pack.page("nowhere")
    with pytest.raises(KeyError):
        pack.rule("X99")


def test_a_folder_of_packs_is_read_by_id(tmp_path: Path) -> None:
    """Every folder with a condition.toml is a pack; others are left alone."""
    write_pack(tmp_path)
    write_pack(tmp_path, name="another-thumb")
    (tmp_path / "notes").mkdir()
    (tmp_path / "README.md").write_text("How to read a pack.", encoding="utf-8")
    assert list(read_packs(tmp_path)) == ["another-thumb", "sore-thumb"]


def test_missing_and_unreadable_files_are_named(tmp_path: Path) -> None:
    """A file that is missing, no TOML, or not UTF-8 is a fault each, all told together."""
    folder = write_pack(tmp_path)
    (folder / C).unlink()
    (folder / T).write_text("= what", encoding="utf-8")
    (folder / K).write_bytes(b"\xff\xfe")
    with pytest.raises(FaultyPack) as caught:
        read_pack(folder)
    missing, no_toml, no_text = caught.value.faults
    assert missing == "condition.toml: the file is missing"
    assert no_toml.startswith("triage.toml: not readable as TOML")
    assert no_text.startswith("cases.toml: not readable as TOML")


def test_the_page_must_be_there_and_be_text(tmp_path: Path) -> None:
    """A pack without an English page, or with one that is not UTF-8, is refused in words."""
    folder = write_pack(tmp_path)
    (folder / P).write_bytes(b"\xff\xfe")
    with pytest.raises(FaultyPack, match=r"page\.en\.md: not readable as text"):
        read_pack(folder)
    (folder / P).unlink()
    with pytest.raises(FaultyPack, match=r"page\.en\.md: the file is missing"):
        read_pack(folder)


FORM_FAULTS = [
    pytest.param(
        (C, '"ecog"]', '"apgar"]'),
        "condition.toml: unknown score apgar; there are sins, escc, ecog, karnofsky, frankel, "
        "tokuhashi, tomita",
    ),
    pytest.param((C, '"ecog"]', '"sins"]'), "condition.toml: the score sins is named 2 times"),
    pytest.param(
        (C, '["sins", "ecog"]', '"sins"'), "condition.toml: `scores` must be a list of texts"
    ),
    pytest.param(
        (C, '["sins", "ecog"]', "[7]"), "condition.toml: `scores` must be a list of texts"
    ),
    pytest.param(
        (C, "[score_hints.sins]", "[score_hints.tomita]"),
        "condition.toml, score_hints: unknown key `tomita`",
    ),
    pytest.param(
        (C, 'pain = ["sore", "blue"]', 'grip = ["sore"]'),
        "condition.toml, score_hints.sins: unknown key `grip`",
    ),
    pytest.param(
        (C, 'pain = ["sore", "blue"]', 'pain = "sore"'),
        "condition.toml, score_hints.sins: `pain` must be a list of texts",
    ),
    pytest.param(
        (C, '[score_hints.sins]\npain = ["sore", "blue"]', "[score_hints]\nsins = 3"),
        "condition.toml, score_hints: `sins` must be a table",
    ),
    pytest.param((C, 'version = "1.0"\n', ""), "condition.toml: `version` is missing"),
    pytest.param((C, '"Pollex dolens"', '""'), "condition.toml: `medical_name` is missing"),
    pytest.param((C, '"Pollex dolens"', "7"), "condition.toml: `medical_name` must be a text"),
    pytest.param((C, "review_due = 2027-05-01\n", ""), "condition.toml: `review_due` is missing"),
    pytest.param(
        (C, "2027-05-01", '"next May"'),
        "condition.toml: `review_due` must be a date such as 2026-11-01",
    ),
    pytest.param(
        (C, "review_due", 'lowered = [{ rule = "E1" }]\nreview_due'),
        "condition.toml, lowered: `version` is missing",
    ),
    pytest.param((C, 'name = { en = "Sore thumb" }\n', ""), "condition.toml: `name` is missing"),
    pytest.param(
        (C, '{ en = "Sore thumb" }', '"Sore thumb"'),
        "condition.toml: `name` must hold a text per language, such as { en = “…” }",
    ),
    pytest.param(
        (C, '{ en = "Sore thumb" }', '{ en = " " }'),
        "condition.toml: `name` must hold a text per language, such as { en = “…” }",
    ),
    pytest.param(
        (C, '{ en = "Sore thumb" }', '{ hi = "…" }'), "condition.toml: `name` has no English text"
    ),
    pytest.param((C, "[card_intro]", "[card_intros]"), "condition.toml: unknown key `card_intros`"),
    pytest.param(
        (C, 'emergency = { en = "You', 'calm = { en = "You'),
        "condition.toml, card_intro: unknown key `calm`",
    ),
    pytest.param(
        (C, 'level = "emergency"', 'level = "at once"'),
        "condition.toml, a card: the level must be one of routine, soon, urgent, emergency",
    ),
    pytest.param(
        (C, 'meaning = { en = "The blood does not come through." }\n', ""),
        "condition.toml, emergency words: `meaning` is missing",
    ),
    pytest.param(
        (C, 'say = { en = "My thumb is blue." }', "helpline = 1"),
        "condition.toml, emergency words: `helpline` must be true or false",
    ),
    pytest.param(
        (Q, 'id = "sore"\nkind = "sign"', 'id = "sore"\nkind = "guess"'),
        "questions.toml, question sore: the kind must be one of sign, choice, number, text",
    ),
    pytest.param(
        (Q, 'ask = { en = "Is the thumb sore?" }\n', ""),
        "questions.toml, question sore: `ask` is missing",
    ),
    pytest.param(
        (Q, "core = true", 'core = "yes"'),
        "questions.toml, question blue: `core` must be true or false",
    ),
    pytest.param(
        (Q, "core = true", "cores = true"), "questions.toml, question blue: unknown key `cores`"
    ),
    pytest.param(
        (Q, 'sides = ["one", "both"]', "sides = [1, 2]"),
        "questions.toml, question blue: `sides` must be a list of texts",
    ),
    pytest.param(
        (Q, 'sides = ["one", "both"]', 'sides = "one"'),
        "questions.toml, question blue: `sides` must be a list of texts",
    ),
    pytest.param(
        (Q, 'sides = ["one", "both"]', "sides = 3"),
        "questions.toml, question blue: `sides` must be a list of texts",
    ),
    pytest.param(
        (Q, 'kind = "number"', 'kind = "choice"\noptions = 3'),
        "questions.toml, question age: `options` must be a list of tables",
    ),
    pytest.param(
        (T, 'SIGNS = ["blue", "sore"]', "SIGNS = 3"),
        "triage.toml: the group SIGNS must be a list of names",
    ),
    pytest.param((Q, LEAFLET, "7"), "questions.toml, question blue, source: is not a table"),
    pytest.param(
        (Q, LEAFLET, '{ at = "page 3" }'), "questions.toml, question blue, source: `ref` is missing"
    ),
    pytest.param(
        (Q, 'source = ["book", { ref = "leaflet", at = "page 3" }]', 'source = "book"'),
        "questions.toml, question blue: `source` must be a list of references",
    ),
    pytest.param(
        (Q, '{ value = "clerk", label = { en = "Clerk" } },', '{ value = "clerk" },'),
        "questions.toml, question job, an option: `label` is missing",
    ),
    pytest.param(
        (Q, "sets = { gloves", "set = { gloves"),
        "questions.toml, question job, an option: unknown key `set`",
    ),
    pytest.param(
        (Q, '[details.onset]\nask = { en = "When did it start?" }', "[details.onset]"),
        "questions.toml, details.onset: `ask` is missing",
    ),
    pytest.param(
        (Q, 'title = { en = "One by one" }\n', ""),
        "questions.toml, page signs-check: `title` is missing",
    ),
    pytest.param(
        (Q, 'asked_if = "job is mason"\nquestions', 'asked_if = "job is king"\nquestions'),
        "questions.toml, page work: job has no answer king",
    ),
    pytest.param(
        (
            Q,
            'title = { en = "hammer" }\nasked_if = "job is mason"',
            'title = { en = "hammer" }\nasked_if = "nose"',
        ),
        "questions.toml, question hammer: unknown name nose",
    ),
    pytest.param(
        (Q, HAMMER, 'id = "blue"\nkind = "sign"\n'), "questions.toml: the id blue is used twice"
    ),
    pytest.param(
        (T, 'version = "1.0"', 'version = "0.9"'),
        "triage.toml: its version is not that of condition.toml (1.0)",
    ),
    pytest.param(
        (T, 'level = "soon"', 'level = "later"'),
        "triage.toml, rule S1: the level must be one of routine, soon, urgent, emergency",
    ),
    pytest.param(
        (T, '["worker", "SIGNS"]', '["worker", "nose"]'),
        "triage.toml, rule S1: unknown name nose",
    ),
    pytest.param(
        (T, 'SIGNS = ["blue"', 'SIGNS = ["nose"'), "triage.toml, rule S1: unknown name nose"
    ),
    pytest.param(
        (T, 'worker = "job is mason"', 'worker = "worker"'),
        "triage.toml, rule S1: names that refer to each other in a circle",
    ),
    pytest.param(
        (T, 'title = "Sore thumb of a mason"\n', ""), "triage.toml, rule S1: `title` is missing"
    ),
    pytest.param((T, "[facts]", "[fact]\n[facts]"), "triage.toml: unknown key `fact`"),
    pytest.param(
        (T, 'phrases = ["fell off"]', "phrases = [1]"),
        "triage.toml, a watchword list: `phrases` must be a list of texts",
    ),
    pytest.param((R, 'status = "read"\n', ""), "references.toml, book: `status` is missing"),
    pytest.param(
        (R, "year = 2020", 'year = "2020"'), "references.toml, book: `year` must be a whole number"
    ),
    pytest.param(
        (R, "year = 2020", "year = true"), "references.toml, book: `year` must be a whole number"
    ),
    pytest.param(
        (R, 'where = "Chapter 1"', 'place = "Chapter 1"'),
        "references.toml, book: unknown key `place`",
    ),
    pytest.param(
        (R, "[leaflet]", "letter = 1\n[leaflet]"), "references.toml, book: unknown key `letter`"
    ),
    pytest.param(
        (K, 'story = "A mason with a sore thumb."\n', ""),
        "cases.toml, case sore: `story` is missing",
    ),
    pytest.param(
        (K, 'level = "soon"', "level = 1"), "cases.toml, case sore: `level` must be a text"
    ),
    pytest.param((K, "[calm]", "[quiet]"), "cases.toml: unknown key `quiet`"),
    pytest.param(
        (K, 'answers = { job = "clerk" }', 'answers = "clerk"'),
        "cases.toml, case nothing-told: `answers` must be a table",
    ),
]


@pytest.mark.parametrize(("spoilt", "fault"), FORM_FAULTS)
def test_a_fault_in_the_form_of_a_table_is_told(
    tmp_path: Path, spoilt: tuple[str, str, str], fault: str
) -> None:
    """A wrong type, a missing key, an unknown key or an unreadable condition is named."""
    assert fault in faults(tmp_path, spoilt)


def test_several_faults_are_told_at_once(tmp_path: Path) -> None:
    """Faults of every file come in one message, in words, one to a line."""
    spoilt = (
        (C, "review_due = 2027-05-01\n", ""),
        (Q, "core = true", "cores = true"),
        (T, '["worker", "SIGNS"]', '["worker", "nose"]'),
        (R, 'status = "policy"', 'status = "hearsay"'),
        (K, 'fires = ["S1"]', "fires = []"),
    )
    found = faults(tmp_path, *spoilt)
    told = str(FaultyPack("sore-thumb", found))
    assert told.startswith(f"sore-thumb: {len(found)} faults")
    for words in (
        "condition.toml: `review_due` is missing",
        "questions.toml, question blue: unknown key `cores`",
        "triage.toml, rule S1: unknown name nose",
        "reference leaflet: the status must be one of",
        "rule S1: no case in which it fires",
    ):
        assert words in told


def test_the_first_faulty_pack_of_a_folder_stops_the_reading(tmp_path: Path) -> None:
    """A program does not start with a faulty pack."""
    write_pack(tmp_path)
    write_pack(tmp_path, (P, "[^book]", "[^poem]"), name="spoilt-thumb")
    with pytest.raises(FaultyPack, match="spoilt-thumb"):
        read_packs(tmp_path)


def test_an_empty_file_of_each_kind_is_a_list_of_faults(tmp_path: Path) -> None:
    """A pack of empty files is refused in words, not by a crash."""
    folder = write_pack(tmp_path)
    for file in (C, Q, T, R, K):
        (folder / file).write_text("", encoding="utf-8")
    with pytest.raises(FaultyPack) as caught:
        read_pack(folder)
    assert "condition.toml: `name` is missing" in caught.value.faults


@pytest.mark.parametrize("file", [C, Q, T, R, K])
def test_tables_of_the_wrong_shape_are_faults(tmp_path: Path, file: str) -> None:
    """Words, numbers and lists where tables belong are refused in words, not by a crash."""
    folder = write_pack(tmp_path)
    lines = [
        f"{key} = {value}"
        for key, value in {
            "question": "[1, { id = 2 }, { id = [] }]",
            "page": "[1, {}]",
            "details": "{ onset = 3 }",
            "rule": "[2, { all = 3 }]",
            "card": '["x"]',
            "emergency": "[[]]",
            "case": "[0]",
            "calm": "1",
            "words": "[]",
            "groups": "{ A = 3 }",
            "facts": "2",
            "watchword": "[4]",
            "card_intro": "5",
            "lowered": "[6]",
        }.items()
    ]
    (folder / file).write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(FaultyPack):
        read_pack(folder)
