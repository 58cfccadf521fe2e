"""Trying the rules: answers are chosen, and every rule explains itself; nothing is stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from flask import make_response, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import Form

from app import case
from app.access import packs
from app.domain.condition import Answers, Pack, Page, in_language
from app.domain.enquiry import Field, calm_answers, settle
from app.domain.rule_trace import Near, near
from app.domain.rule_words import RuleWords
from app.domain.triage import Assessment, Finding, assess, known_fields, read_finished
from app.domain.wording import source_words
from app.forms import Choice, field_of
from app.manager import rulebook
from app.manager.rules import chosen_pack

OPEN, CALM = "open", "calm"
REST: Final = (
    (OPEN, "was not asked: it counts as not sure, as when a form is sent half empty"),
    (CALM, "was answered calmly: no to every sign, and the least worrying answers"),
)


class TryForm:
    """Every question of a pack on one form, its follow-ups beside it; nothing must be answered."""

    def __init__(self, pack: Pack, sent: MultiDict[str, str] | None = None) -> None:
        self.pack = pack
        self.pages = [page for page in pack.pages if page.signs or page.questions]
        asked = [field for page in self.pages for field in self._asked_on(page)]
        fields: dict[str, Any] = {
            field.name: field_of(pack, field, "en", required=False) for field in asked
        }
        fields["rest"] = Choice("What you leave open", choices=list(REST), default=OPEN)
        kind = type("TriedAnswers", (Form,), fields)
        self.form: Form = kind(formdata=sent)

    def _asked_on(self, page: Page) -> Iterator[Field]:
        for question in self.pack.asked_on(page):
            yield Field(question.id, question)
            for name in question.details:
                yield Field(f"{question.id}.{name}", question, self.pack.details[name])

    def sections(self) -> Iterator[tuple[Page, list[tuple[Any, list[Any]]], int]]:
        """Each page with its questions and their follow-ups, and how many are answered."""
        for page in self.pages:
            rows = [
                (self.form[q.id], [self.form[f"{q.id}.{name}"] for name in q.details])
                for q in self.pack.asked_on(page)
            ]
            fields = [field for first, more in rows for field in (first, *more)]
            yield page, rows, sum(bool(field.data or field.errors) for field in fields)

    def errors(self) -> list[tuple[str, str]]:
        """(field id, words) of every field in error, in the order of the form."""
        return [(field.id, str(field.errors[0])) for field in self.form if field.errors]

    def told(self) -> dict[str, str]:
        """What was chosen, by field, with what a chosen answer sets."""
        chosen = {
            field.name: str(field.data)
            for field in self.form
            if field.name != "rest" and field.data not in (None, "")
        }
        found: dict[str, str] = {}
        for name, value in chosen.items():
            question = self.pack.questions.get(name)
            option = question.option(value) if question else None
            found |= option.sets if option else {}
        return found | chosen

    def answers(self) -> Answers:
        """The answers as they would count when a form with them is sent."""
        rest = calm_answers(self.pack) if self.form["rest"].data == CALM else {}
        return settle(self.pack, {**rest, **self.told()})


@dataclass(frozen=True, slots=True)
class Explained:
    """What the rules say of the answers, rule by rule."""

    assessment: Assessment
    deciding: list[tuple[Finding, list[str], list[str]]]
    others: list[tuple[Finding, list[str], list[str]]]
    near: list[tuple[Near, list[str]]]
    assumed: list[str]
    not_asked: list[str]


def explained(pack: Pack, form: TryForm) -> Explained:
    """Judge what was chosen, and say why."""
    answers, told = form.answers(), form.told()
    found = assess(pack, answers)
    at_level = found.at_its_level()
    words = RuleWords(pack)
    dropped = dict.fromkeys(name.partition(".")[0] for name in told.keys() - answers.keys())
    return Explained(
        assessment=found,
        deciding=[_finding(pack, each, answers) for each in at_level],
        others=[_finding(pack, each, answers) for each in found.findings if each not in at_level],
        near=[
            (each, [words.part(part) for part in each.one_of])
            for each in near(pack, answers, found.level, told.keys())
        ],
        assumed=list(dict.fromkeys(_assumed(pack, answers, found, words))),
        not_asked=[in_language(pack.questions[name].title, "en") for name in dropped],
    )


def _finding(pack: Pack, found: Finding, answers: Answers) -> tuple[Finding, list[str], list[str]]:
    """A rule that fired, with the answers that fired it and its sources."""
    told = [case.with_details(name, answers, pack) for name in found.evidence]
    sources = [source_words(pack, citation) for citation in found.rule.source]
    return found, [words for words in told if words], sources


def _assumed(pack: Pack, answers: Answers, found: Assessment, words: RuleWords) -> Iterator[str]:
    """What was left open, and what it counts as, where a rule that fired looks at it."""
    reading = read_finished(pack, answers)
    for finding in found.findings:
        for name in finding.rule.when.fields() if finding.rule.when else ():
            if name in known_fields(pack) and reading.get(name) != answers.get(name):
                yield f"{words.name(name)} as {words.answer(name, reading[name])}"


@rulebook.get("/try")
def try_rules() -> Response:
    """The empty form."""
    pack = chosen_pack()
    return _page(pack, TryForm(pack))


@rulebook.post("/try")
def explain() -> Response:
    """What the rules say of the chosen answers, above the same form; nothing is stored."""
    pack = chosen_pack()
    form = TryForm(pack, request.form)
    if not form.form.validate():
        return _page(pack, form, status=422)
    return _page(pack, form, explained(pack, form))


def _page(
    pack: Pack, form: TryForm, result: Explained | None = None, status: int = 200
) -> Response:
    page = render_template(
        "manager/try_rules.html",
        pack=pack,
        packs=packs().values(),
        form=form,
        result=result,
        errors=form.errors(),
    )
    return make_response(page, status)
