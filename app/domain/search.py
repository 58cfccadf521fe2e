"""What a request can be found by: its reference, the end of a phone number, the start of a name."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

SHORTEST_NAME, LONGEST_NAME = 2, 12
SHORTEST_PHONE, LONGEST_PHONE = 4, 10
ALPHABET = "23456789ABCDEFGHJKLMNPQRTVWXY"
"""The letters of references: none that sounds or looks like another (no 0 O 1 I S U Z)."""


def plain_name(name: str) -> str:
    """Fold case, accents and invisible characters, in any script."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    kept = (c for c in decomposed if not unicodedata.combining(c))
    return "".join(c for c in kept if unicodedata.category(c) != "Cf")


def name_parts(name: str) -> list[str]:
    """The parts of a name that can be searched."""
    marks = r"[^\w\u0900-\u097f]+"
    return [part for part in re.split(marks, plain_name(name)) if len(part) >= SHORTEST_NAME]


def digits(text: str) -> str:
    """The digits of a text, of any script, as 0 to 9."""
    found = (unicodedata.decimal(c, None) for c in text)
    return "".join(str(digit) for digit in found if digit is not None)


def whole_numbers(person: Mapping[str, Any]) -> set[str]:
    """The end of every whole number that was given: in the field `phone`, or any `…_phone`."""
    given = (digits(value or "") for name, value in person.items() if name.endswith("phone"))
    return {number[-LONGEST_PHONE:] for number in given if len(number) >= LONGEST_PHONE}


def terms_of_person(name: str, *phones: str) -> set[tuple[str, str]]:
    """Everything that a person can be found by, as (kind, term)."""
    terms = {
        ("name", part[:length])
        for part in name_parts(name)
        for length in range(SHORTEST_NAME, min(len(part), LONGEST_NAME) + 1)
    }
    for number in map(digits, phones):
        terms.update(
            ("phone", number[-length:])
            for length in range(SHORTEST_PHONE, min(len(number), LONGEST_PHONE) + 1)
        )
    return terms


def terms_of_query(query: str) -> Iterator[tuple[str, str]]:
    """The terms that all must match; none when nothing can be searched for."""
    number = digits(query)
    if len(number) >= SHORTEST_PHONE and not any(c.isalpha() for c in query):
        yield "phone", number[-LONGEST_PHONE:]
        return
    for part in name_parts(query):
        yield "name", part[:LONGEST_NAME]


def as_reference(query: str) -> str | None:
    """The reference that a query spells, whatever its case, blanks and hyphens."""
    letters = re.sub(r"[\s-]+", "", query).upper()
    if len(letters) == 9 and letters.isascii() and letters.isalnum():
        return f"{letters[:3]}-{letters[3:6]}-{letters[6:]}"
    return None
