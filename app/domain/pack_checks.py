"""What must be true of a whole pack, beyond the form of each table; faults are told in words."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from app.domain.condition import DETAILS, Citation, Pack, Page, Question
from app.domain.level import Level
from app.domain.pack_brief import brief_faults
from app.domain.pack_languages import language_faults
from app.domain.pack_names import can_be
from app.domain.pack_scores import score_faults
from app.domain.pack_worse import worse_faults
from app.domain.triage import known_fields

# Pages of the enquiry that are the same for every condition; a pack cannot use their names.
RESERVED_PAGES = ("emergency", "advice", "contact", "time", "check", "received")
STATUSES = ("read", "abstract", "secondary", "policy", "unverified")
SOURCE_MARK = re.compile(r"\[\^([\w-]+)\]")


def faults_of(pack: Pack) -> list[str]:
    """Every fault of a pack that was read, in words."""
    return [
        *_doubles(pack),
        *_question_faults(pack),
        *_page_faults(pack),
        *_card_faults(pack),
        *_reference_faults(pack),
        *_rule_faults(pack),
        *_case_faults(pack),
        *worse_faults(pack),
        *score_faults(pack),
        *brief_faults(pack),
        *language_faults(pack),
    ]


def _doubles(pack: Pack) -> Iterator[str]:
    for what, ids in (
        ("page", [page.id for page in pack.pages]),
        ("rule", [rule.id for rule in pack.rules]),
        ("case", [case.id for case in pack.cases]),
    ):
        for name, count in Counter(ids).items():
            if count > 1:
                yield f"the {what} id {name} is used {count} times"


def _question_faults(pack: Pack) -> Iterator[str]:
    placed = {name for page in pack.pages for name in (*page.signs, *page.questions)}
    placed |= {name for q in pack.questions.values() for o in q.options for name in o.sets}
    for question in pack.questions.values():
        where = f"question {question.id}"
        if question.id not in placed:
            yield f"{where}: no page asks it"
        if question.kind == "choice" and not question.options:
            yield f"{where}: a choice needs options"
        if question.kind == "sign" and question.label is None:
            yield f"{where}: `label` is missing (the words beside its tick box)"
        if question.missing is not None and question.least is None:
            yield f"{where}: it says what counts when missing, but not its `least` worrying answer"
        for name in question.details:
            if name not in DETAILS or name not in pack.details:
                yield f"{where}: unknown detail {name}"
        yield from _answer_faults(pack, question)


def _answer_faults(pack: Pack, question: Question) -> Iterator[str]:
    values = {option.value for option in question.options}
    where = f"question {question.id}"
    for name, value in (("missing", question.missing), ("least", question.least)):
        if value is not None and question.kind == "choice" and value not in values:
            yield f"{where}: `{name}` is {value}, which is not one of its answers"
    for option in question.options:
        for other in option.sets:
            if other not in pack.questions:
                yield f"{where}: the answer {option.value} sets an unknown question {other}"
    if "side" in question.details:
        offered = (
            {o.value for o in pack.details["side"].options} if "side" in pack.details else set()
        )
        if not question.sides:
            yield f"{where}: it asks for the side but lists no `sides`"
        for side in question.sides:
            if side not in offered:
                yield f"{where}: unknown side {side}"


def _page_faults(pack: Pack) -> Iterator[str]:
    earlier: set[str] = set()
    for page in pack.pages:
        where = f"page {page.id}"
        if sum(map(bool, (page.signs or page.questions, page.one_by_one, page.details_of))) != 1:
            yield f"{where}: it must have questions or signs, or `one_by_one`, or `details_of`"
        if page.id in RESERVED_PAGES:
            yield f"{where}: this name belongs to a page of the app"
        for name in (*page.signs, *page.questions):
            if name not in pack.questions:
                yield f"{where}: unknown question {name}"
        for name in page.signs:
            if name in pack.questions and pack.questions[name].kind != "sign":
                yield f"{where}: {name} is not a yes-or-no sign, so it cannot be a tick box"
        for other in (page.one_by_one, page.details_of):
            if other is not None and other not in earlier:
                yield f"{where}: {other} is not a page before it"
        earlier.add(page.id)
    for name, count in Counter(_asked(pack.pages)).items():
        if count > 1:
            yield f"question {name} is asked on {count} pages"


def _asked(pages: Iterable[Page]) -> Iterator[str]:
    for page in pages:
        yield from (*page.signs, *page.questions)


def _card_faults(pack: Pack) -> Iterator[str]:
    """The page and the form speak of the same signs."""
    shown: set[str] = set()
    for card in pack.cards:
        if not card.signs:
            yield f"card “{card.text['en'][:40]}”: it names no sign of the form"
        for name in card.signs:
            if name not in pack.questions:
                yield f"card “{card.text['en'][:40]}”: unknown sign {name}"
        if card.level is Level.emergency:
            shown.update(card.signs)
    for question in pack.questions.values():
        if question.core and question.id not in shown and question.id != "spine_pain":
            yield f"question {question.id} is a danger sign but on no emergency card"


def _reference_faults(pack: Pack) -> Iterator[str]:
    for reference in pack.references.values():
        if reference.status not in STATUSES:
            yield f"reference {reference.id}: the status must be one of {', '.join(STATUSES)}"
    for where, citations in _cited(pack):
        for citation in citations:
            if citation.ref not in pack.references:
                yield f"{where}: unknown reference {citation.ref}"
    for language, text in pack.page_texts.items():
        for mark in SOURCE_MARK.findall(text):
            if mark not in pack.references:
                yield f"page.{language}.md: unknown reference {mark}"
    if "en" not in pack.page_texts:
        yield "page.en.md: the file is missing"


def _cited(pack: Pack) -> Iterator[tuple[str, tuple[Citation, ...]]]:
    for question in pack.questions.values():
        yield f"question {question.id}", question.source
    for rule in pack.rules:
        yield f"rule {rule.id}", rule.source
    for card in pack.cards:
        yield f"card “{card.text['en'][:40]}”", card.source
    for asked in pack.worse:
        yield f"worse {asked.id}", asked.source
    for words in pack.emergency_words:
        yield f"emergency words “{words.meaning['en'][:40]}”", words.source


def _rule_faults(pack: Pack) -> Iterator[str]:
    if sum(rule.when is None for rule in pack.rules) != 1:
        yield "triage.toml: exactly one rule (the last resort) must have no condition"
    worded = {name for words in pack.emergency_words for name in words.rules}
    for name in sorted(worded - {rule.id for rule in pack.rules}):
        yield f"condition.toml, emergency words: unknown rule {name}"
    for rule in pack.rules:
        if rule.level is Level.emergency and rule.id not in worded:
            yield f"rule {rule.id}: condition.toml has no emergency words for it"
        if not rule.source:
            yield f"rule {rule.id}: it names no source"
        if rule.when is None and rule.level is not Level.routine:
            yield f"rule {rule.id}: a rule without a condition must be routine"


def _case_faults(pack: Pack) -> Iterator[str]:
    rules = {rule.id for rule in pack.rules}
    fields = known_fields(pack)
    for case in pack.cases:
        for name in (*case.fires, *case.not_fires):
            if name not in rules:
                yield f"case {case.id}: unknown rule {name}"
        for answered in sorted(set(case.answers) - fields):
            yield f"case {case.id}: unknown answer {answered}"
        for answered in sorted(set(case.answers) & fields):
            if not can_be(pack, answered, case.answers[answered]):
                yield f"case {case.id}: {answered} has no answer {case.answers[answered]}"
    for rule in pack.rules:
        if not any(rule.id in case.fires for case in pack.cases):
            yield f"rule {rule.id}: no case in which it fires"
        if not any(rule.id in case.not_fires for case in pack.cases):
            yield f"rule {rule.id}: no case in which it just fails to fire"
