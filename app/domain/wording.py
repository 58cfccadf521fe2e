"""Answers in words: as they were asked, and as short reasons."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from app.domain.condition import (
    NO,
    NOT_SURE,
    YES,
    Answers,
    Citation,
    Pack,
    Page,
    Question,
    Text,
    in_language,
)
from app.domain.enquiry import Field, fields_on, walk

YES_NO_WORDS: dict[str, Text] = {
    YES: {"en": "Yes", "hi": "हाँ", "mr": "हो"},
    NO: {"en": "No", "hi": "नहीं", "mr": "नाही"},
    NOT_SURE: {"en": "Not sure", "hi": "पक्का नहीं", "mr": "नक्की नाही"},
}
NONE_OF_THESE: Final[Text] = {
    "en": "None of these",
    "hi": "इनमें से कुछ नहीं",
    "mr": "यापैकी काही नाही",
}
NOTHING: Final = (NONE_OF_THESE["en"],)


def question_words(field: Field, language: str) -> str:
    """The question of a field, in the words of the page."""
    if field.detail is None:
        return in_language(field.question.ask, language)
    title = in_language(field.question.title, language)
    return f"{title[:1].upper()}{title[1:]}: {in_language(field.detail.ask, language)}"


def answer_words(field: Field, value: str, language: str) -> str:
    """The answer to a field, in the words of the page."""
    options = field.detail.options if field.detail else field.question.options
    option = next((option for option in options if option.value == value), None)
    if option:
        return in_language(option.label, language)
    if field.question.kind == "sign" and value in YES_NO_WORDS:
        return in_language(YES_NO_WORDS[value], language)
    return value


def as_asked(pack: Pack, answers: Answers, language: str) -> Iterator[dict[str, Any]]:
    """Every answer with the wording of its question: `{"page", "field", "question", "answer"}`.

    These are in English, for those who read them. Of a form in another language, `seen` is the
    question and the answer in the words that the patient saw.
    """
    named: set[str] = set()
    for page, fields in walk(pack, answers):
        for field in fields:
            value = answers.get(field.name)
            if value and field.name not in named:
                named.add(field.name)
                question, answer = question_words(field, "en"), answer_words(field, value, "en")
                seen = question_words(field, language), answer_words(field, value, language)
                item = {"page": page.id, "field": field.name}
                yield item | in_both(language, (question, answer), seen)


def in_both(language: str, english: Sequence[str], seen: Sequence[str]) -> dict[str, Any]:
    """A question with its answer for staff, and beside it, in another language, as it was seen."""
    item: dict[str, Any] = {"question": english[0], "answer": english[1]}
    return item if language == "en" else item | {"seen": list(seen)}


def page_in_short(pack: Pack, page: Page, answers: Answers, language: str) -> tuple[str, ...]:
    """What was answered on a page, in a few words, for the person to check before sending."""
    found: list[str] = []
    for field in fields_on(pack, page, answers):
        value = answers.get(field.name)
        if value is None:
            continue
        title = in_language(field.question.title, language)
        if field.detail or field.question.kind == "number":
            found.append(f"{title}: {answer_words(field, value, language)}")
        elif field.question.kind != "sign":
            found.append(answer_words(field, value, language))
        elif value == YES:
            found.append(title)
        elif value == NOT_SURE:
            found.append(f"{title}: {not_sure_words(language)}")
    return tuple(found) or (in_language(NONE_OF_THESE, language),)


def not_sure_words(language: str) -> str:
    """That an answer is not sure, inside a line."""
    return in_language(YES_NO_WORDS[NOT_SURE], language).lower()


def reasons(pack: Pack, fields: Iterable[str], answers: Answers, language: str) -> tuple[str, ...]:
    """Short patient words for the answers that led somewhere: "weak leg", "cancer in the past"."""
    found = (_reason(pack.questions[name], answers, language) for name in fields)
    return tuple(dict.fromkeys(reason for reason in found if reason))


def _reason(question: Question, answers: Answers, language: str) -> str:
    value = answers.get(question.id)
    title = in_language(question.title, language)
    if question.kind == "sign":
        return title if value == YES else f"{title} ({not_sure_words(language)})"
    option = question.option(value)
    if option and option.title:
        return in_language(option.title, language)
    if question.kind == "number":
        return f"{title} {value}" if value else ""
    return title


def source_words(pack: Pack, citation: Citation) -> str:
    """A reference as the doctor reads it: "NICE NG234, 1.3.2"."""
    reference = pack.references[citation.ref]
    name = f"{reference.publisher}, {reference.title}" if reference.publisher else reference.title
    return f"{name}, {citation.at}" if citation.at else name
