"""Which pages an enquiry asks, what each page asks, and what its ticks mean.

An answered page leaves a mark, `answers[page.id]`, that lists the fields it showed. A page whose
fields have changed since (another sign was ticked) is open again.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.domain.condition import NO, NOT_SURE, YES, Answers, Detail, Pack, Page, Question
from app.domain.rule import Condition, Reading
from app.domain.triage import known_fields, read_so_far

NONE_OF_THESE = "none"

# Where an enquiry can end besides a page of questions, in the order in which they come.
EMERGENCY, NUMBER_LEFT, ADVICE, CONTACT, CHECK, SENT = ENDS = (
    "emergency",
    "number-left",
    "advice",
    "contact",
    "check",
    "sent",
)


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to answer: a question, or a detail of a sign."""

    name: str
    question: Question
    detail: Detail | None = None


def walk(pack: Pack, answers: Answers) -> Iterator[tuple[Page, tuple[Field, ...]]]:
    """The pages that these answers lead through, in order, each with what it asks."""
    reading = read_so_far(pack, answers)
    for page in pack.pages:
        if fields := _fields(pack, page, answers, reading):
            yield page, fields


def pages_for(pack: Pack, answers: Answers) -> tuple[Page, ...]:
    """The pages that these answers lead through, in order."""
    return tuple(page for page, _ in walk(pack, answers))


def fields_on(pack: Pack, page: Page, answers: Answers) -> tuple[Field, ...]:
    """What the page asks after these answers; nothing when it is not to be shown."""
    # Most pages are always shown, and a reading of all answers is the costly part.
    reading = read_so_far(pack, answers) if page.asked_if else {}
    return _fields(pack, page, answers, reading)


def _fields(pack: Pack, page: Page, answers: Answers, reading: Reading) -> tuple[Field, ...]:
    if not _applies(page.asked_if, reading):
        return ()
    if page.one_by_one:
        unsure = answers.get(not_sure_field(page.one_by_one)) == YES
        signs = pack.page(page.one_by_one).signs if unsure else ()
        return tuple(Field(name, pack.questions[name]) for name in signs)
    if page.details_of:
        return tuple(_detail_fields(pack, pack.page(page.details_of), answers))
    return tuple(Field(q.id, q) for q in pack.asked_on(page))


def _detail_fields(pack: Pack, page: Page, answers: Answers) -> Iterator[Field]:
    for question in pack.asked_on(page):
        if answers.get(question.id) == YES:
            for name in question.details:
                yield Field(f"{question.id}.{name}", question, pack.details[name])


def _applies(asked_if: Condition | None, reading: Reading) -> bool:
    return asked_if is None or asked_if.holds(reading)


def not_sure_field(page_id: str) -> str:
    """Where a tick-box page keeps that "I am not sure" was ticked."""
    return f"{page_id}.{NOT_SURE}"


def is_answered(pack: Pack, page: Page, answers: Answers) -> bool:
    """Whether the page was answered with the fields that it shows now."""
    return answers.get(page.id) == _mark(fields_on(pack, page, answers))


def _mark(fields: Iterable[Field]) -> str:
    return " ".join(field.name for field in fields)


def first_open_page(pack: Pack, answers: Answers) -> Page | None:
    """The first page still to be answered, or None when all are."""
    for page, fields in walk(pack, answers):
        if answers.get(page.id) != _mark(fields):
            return page
    return None


def page_before(pack: Pack, page: Page, answers: Answers) -> Page | None:
    """The page that the back link leads to."""
    pages = pages_for(pack, answers)
    place = pages.index(page) if page in pages else 0
    return pages[place - 1] if place else None


def with_page(pack: Pack, page: Page, answers: Answers, given: Mapping[str, str]) -> Answers:
    """The answers after a page was sent; `given` holds its fields, unanswered ones left out."""
    shown = {field.name for field in fields_on(pack, page, answers)} | {not_sure_field(page.id)}
    kept = {name: value for name, value in answers.items() if name not in shown}
    merged = kept | dict(given)
    for name, value in given.items():
        question = pack.questions.get(name)
        option = question.option(value) if question else None
        if option:
            merged |= option.sets
    merged[page.id] = _mark(fields_on(pack, page, merged))
    return merged


def from_ticks(pack: Pack, page: Page, ticked: frozenset[str]) -> dict[str, str]:
    """What ticks mean: the ticked are yes, the rest no, or not sure when that was ticked too.

    Nothing ticked at all means nothing was answered.
    """
    if not ticked:
        return {}
    rest = NOT_SURE if NOT_SURE in ticked else NO
    given = {name: YES if name in ticked else rest for name in page.signs}
    if NOT_SURE in ticked:
        given[not_sure_field(page.id)] = YES
    return given


def ticks_of(page: Page, answers: Answers) -> frozenset[str]:
    """The ticks that would give these answers, to show a page again as it was left."""
    ticked = {name for name in page.signs if answers.get(name) == YES}
    if answers.get(not_sure_field(page.id)) == YES:
        ticked.add(NOT_SURE)
    elif not ticked and any(answers.get(name) == NO for name in page.signs):
        ticked.add(NONE_OF_THESE)
    return frozenset(ticked)


def settle(pack: Pack, answers: Answers) -> dict[str, str]:
    """The answers that count: no marks of pages, and nothing left over from pages that fell away.

    A sign that was not asked because an earlier answer made it pointless is a no. One that was
    not asked because that earlier answer is missing stays missing.
    """
    fields, reading = known_fields(pack), read_so_far(pack, answers)
    settled = {name: value for name, value in answers.items() if name in fields}
    for page in pack.pages:
        for question in pack.asked_on(page):
            for asked_if in (page.asked_if, question.asked_if):
                if asked_if is not None and not _applies(asked_if, reading):
                    settled.pop(question.id, None)
                    known = all(name in answers for name in asked_if.fields())
                    if known and question.kind == "sign":
                        settled[question.id] = NO
    return {name: value for name, value in settled.items() if _still_meant(name, settled)}


def _still_meant(name: str, settled: Mapping[str, str]) -> bool:
    """A detail counts only while its sign is a yes."""
    sign, _, detail = name.partition(".")
    return not detail or settled.get(sign) == YES


def changed(
    before: Answers, after: Answers, pack: Pack
) -> dict[str, tuple[str | None, str | None]]:
    """The fields whose answer differs, each with its old and new value; None is unanswered."""
    fields = known_fields(pack)
    return {
        name: (before.get(name), after.get(name))
        for name in sorted({*before, *after} & fields)
        if before.get(name) != after.get(name)
    }


def calm_answers(pack: Pack) -> Answers:
    """A form that says no to everything and gives the least worrying answers."""
    answers: dict[str, str] = {}
    for question in pack.questions.values():
        least = NO if question.kind == "sign" else question.least
        if least is not None:
            answers[question.id] = least
    for question in pack.questions.values():
        if option := question.option(question.least):
            answers |= option.sets
    return settle(pack, answers)
