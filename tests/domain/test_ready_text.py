"""Texts for patients: fields of a fixed list, and what may not stand in a mail."""

import pytest

from app.domain.ready_text import FIELDS, faults_of, faults_of_ready, fields_of, filled


def test_known_fields_are_filled_in_and_unknown_ones_stay() -> None:
    """What is not known must be seen, not left empty."""
    text = "Say {reference} on {visit_day}."
    assert filled(text, {"reference": "SPN-222-222"}) == "Say SPN-222-222 on {visit_day}."
    assert fields_of(text) == ["reference", "visit_day"]


def test_there_is_no_field_for_anything_of_the_illness() -> None:
    """A mail may be read over the patient's shoulder."""
    assert not {"name", "symptom", "symptoms", "level", "answers", "story", "age"} & set(FIELDS)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Your {symptom} is noted", "There is no field {symptom}. Use one of the list"),
        ("Say {reference", "Write a field like {reference}, with both braces"),
        ("Say reference}", "Write a field like {reference}, with both braces"),
        ("Say {}", "Write a field like {reference}, with both braces"),
        ("Say { reference }", "Write a field like {reference}, with both braces"),
        ("About your tumour", "Leave out “tumour”: others may read this mail"),
        ("Hello " + 9 * "-", "Leave out lines made of dashes"),
        ("We expect you on {visit_day}: please come early", "Use 50 letters or fewer, with the"),
    ],
)
def test_what_is_wrong_with_a_subject_is_told(text: str, fault: str) -> None:
    """In words, and at once."""
    assert next(faults_of_ready(text, subject=True)).startswith(fault)


def test_a_good_text_has_no_fault() -> None:
    """The longest subject has 50 letters."""
    assert list(faults_of_ready("Please call us ({reference})", subject=True)) == []
    assert list(faults_of_ready(39 * "x" + "{reference}", subject=True)) == []
    assert list(faults_of(4000 * "x", subject=False)) == []
    assert list(faults_of(4001 * "x", subject=False)) != []


def test_a_mail_is_not_sent_with_a_field_left_open() -> None:
    """Other braces are only braces."""
    assert list(faults_of("On {visit_day}", subject=False)) == ["Fill in {visit_day}"]
    assert list(faults_of("A {smile}", subject=False)) == []
