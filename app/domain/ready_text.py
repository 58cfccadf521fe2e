"""Texts that are made ready for mails to patients: the fields that they may have, and their limits.

A field is written `{reference}`. There is none for a symptom, an answer or a level: a mail may be
read by whoever looks over the patient's shoulder.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

LONGEST_SUBJECT: Final = 50
LONGEST_TEXT: Final = 4000
# What a mail to a patient must not say to whoever looks over their shoulder.
UNSAID: Final = ("cancer", "tumour", "कैंसर", "कर्करोग", "कॅन्सर")
RULE: Final = "-----"
"""What parts the get-help-now box from the words; words with such a line would break it open."""

# Each with what it looks like.
FIELDS: Final[Mapping[str, str]] = {
    "reference": "SPN-7K4-2QD",
    "clinic_phone": "022 0000 1234",
    "clinic_hours": "Monday to Saturday, 9 am to 7 pm",
    "visit_day": "Wednesday 25 November 2026",
    "visit_time": "11:00 am",
    "visit_place": "Example Road",
    "next_call": "25 Nov, 11:00 am",
}
_FIELD: Final = re.compile(r"\{(\w+)\}")
_BRACES: Final = re.compile(r"\{[^{}]*\}?|\}")


def fields_of(text: str) -> list[str]:
    """The fields that a text names, each once."""
    return list(dict.fromkeys(_FIELD.findall(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with what is known in place of its fields; what is not known stays a field."""
    return _FIELD.sub(lambda found: values.get(found[1], found[0]), text)


def faults_of_ready(text: str, *, subject: bool) -> Iterator[str]:
    """What is wrong with a text that is to be kept ready, in words."""
    for found in _BRACES.findall(text):
        if not (field := _FIELD.fullmatch(found)):
            yield "Write a field like {reference}, with both braces"
        elif field[1] not in FIELDS:
            yield f"There is no field {found}. Use one of the list"
    yield from faults_of(filled(text, FIELDS), subject=subject)


def faults_of(text: str, *, subject: bool) -> Iterator[str]:
    """What is wrong with words that are to be sent, in words."""
    yield from (f"Fill in {{{name}}}" for name in fields_of(text) if name in FIELDS)
    unsaid = next((word for word in UNSAID if word in text.casefold()), None)
    if unsaid:
        yield f"Leave out “{unsaid}”: others may read this mail"
    if RULE in text:
        yield "Leave out lines made of dashes"
    longest = LONGEST_SUBJECT if subject else LONGEST_TEXT
    if len(text) > longest:
        yield f"Use {longest} letters or fewer, with the fields filled in"
