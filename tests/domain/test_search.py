"""What a request is found by: names in any script, the end of a number, a reference."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import search


def finds(query: str, name: str, *phones: str) -> bool:
    """Whether a query finds this person: every term of it is one of theirs."""
    wanted = set(search.terms_of_query(query))
    return bool(wanted) and wanted <= search.terms_of_person(name, *phones)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("asha", "Asha Patil"),
        ("PATIL", "Asha Patil"),
        ("patil asha", "Asha Patil"),
        ("as pa", "Asha Patil"),
        ("asha.patil", "Asha Patil"),
        ("Asha,  Patil", "Asha Patil"),
        ("jose", "José Fernandes"),
        ("JOSÉ", "Jose Fernandes"),
        ("Jose\u0301", "José Fernandes"),
        ("strasse", "Anna Straße"),
        ("d'souza", "Maria D’Souza"),
        ("dsouza", "Maria Dsouza"),
        ("आशा", "आशा पाटील"),
        ("पाटील", "आशा पाटील"),
        ("आ\u200dशा", "आशा पाटील"),
        ("Ａｓｈａ", "Asha Patil"),  # noqa: RUF001  # wide letters
        ("as\u200bha", "Asha Patil"),
        ("venkatanarasimha", "Venkatanarasimharajuvaripeta Rao"),
    ],
)
def test_a_name_is_found_however_it_is_written(query: str, name: str) -> None:
    """Case, accents, order, marks, script and invisible characters do not matter."""
    assert finds(query, name)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("asha", "Usha Patil"),
        ("sha", "Asha Patil"),
        ("asha rao", "Asha Patil"),
        ("patilkar", "Asha Patil"),
        ("आशा", "उषा पाटील"),
        ("a", "Asha Patil"),
        ("", "Asha Patil"),
        ("  -  ", "Asha Patil"),
    ],
)
def test_other_names_are_not_found(query: str, name: str) -> None:
    """A query is the beginning of each of its names; one letter is too little."""
    assert not finds(query, name)


@pytest.mark.parametrize(
    "query",
    [
        "3210",
        "543210",
        "9876543210",
        "98765 43210",
        "+91 98765-43210",
        "०९८७६५४३२१०",
        "919876543210",
    ],
)
def test_a_phone_is_found_by_its_end(query: str) -> None:
    """The last four digits or more find a number, in any form and script, with or without 91."""
    assert finds(query, "Asha Patil", "+91 98765 43210")


@pytest.mark.parametrize("query", ["321", "43211", "98765", "+91 98765 43211"])
def test_another_number_is_not_found(query: str) -> None:
    """Three digits, other digits, and the beginning of a number find nobody."""
    assert not finds(query, "Asha Patil", "+91 98765 43210")


def test_each_number_of_a_person_is_found() -> None:
    """Whoever has two numbers is found by both."""
    numbers = ("+919876543210", "02200001234")
    assert finds("3210", "Asha Patil", *numbers)
    assert finds("1234", "Asha Patil", *numbers)


def test_a_name_with_a_number_is_searched_as_a_name() -> None:
    """Letters beside digits mean that a name is meant."""
    assert {kind for kind, _ in search.terms_of_query("Asha 3210")} == {"name"}


@pytest.mark.parametrize(
    "query",
    [
        "SPN-4K7-QRT",
        "spn-4k7-qrt",
        "spn4k7qrt",
        " SPN 4K7 QRT ",
        "S P N 4 K 7 Q R T",
        "spn--4k7qrt",
    ],
)
def test_a_reference_is_known_in_any_form(query: str) -> None:
    """Case, blanks and hyphens do not matter."""
    assert search.as_reference(query) == "SPN-4K7-QRT"


@pytest.mark.parametrize("query", ["", "SPN-4K7", "SPN-4K7-QRTX", "SPN-4K7-QR!", "आशापाटील"])
def test_other_words_are_no_reference(query: str) -> None:
    """Nine letters and digits are, nothing else."""
    assert search.as_reference(query) is None


def test_the_letters_of_references_cannot_be_mistaken() -> None:
    """None sounds or looks like another."""
    assert not set("0O1ISUZ") & set(search.ALPHABET)
    assert len(set(search.ALPHABET)) == len(search.ALPHABET)


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=20))
def test_every_person_is_found_by_the_whole_of_their_name(name: str, phone: str) -> None:
    """Whatever is typed as a name: the same words find it again, and no term is empty."""
    terms = search.terms_of_person(name, phone)
    assert all(len(term) >= search.SHORTEST_NAME for _, term in terms)
    parts = {("name", part[: search.LONGEST_NAME]) for part in search.name_parts(name)}
    assert parts <= terms
