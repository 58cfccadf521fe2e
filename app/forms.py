"""The pages of a condition pack as forms, for the patient's pages and the desk's phone form."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, IntegerField, RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from app.domain import enquiry
from app.domain.condition import NOT_SURE, Answers, Option, Pack, Page, Question
from app.domain.wording import YES_NO_WORDS
from app.languages import Later, label

LONGEST_STORY = 4000
OLDEST = 120
ONE_OF_THEM = Later("Select one of the answers")
FROM_THE_LIST = Later("Select from the list")
NOT_BOTH = Later("Select what you have, or select “None of these”, not both")
NOTHING_TICKED = Later("Select what you have, or select “None of these”")
NOTHING_CHOSEN = Later("Select one answer")
NO_AGE = Later("Enter the age in years, such as 61")
MOST_YEARS = 10_000  # more cannot even be compared
_RARE_BREAKS = "\v\f\x1c\x1d\x1e\x1f\x85"
_BREAKS = _RARE_BREAKS + "\t\n\r\u2028\u2029"


def one_line(value: Any) -> Any:
    """What was typed into one line: without blanks at its ends and control characters.

    A line break or tab inside, which only pasting brings, becomes a blank.
    """
    if not isinstance(value, str):
        return value
    spaced = "".join(" " if c in _BREAKS else c for c in value)
    return _without_controls(spaced, "").strip()


def many_lines(value: Any) -> Any:
    """What was typed into a text box: without blanks at its ends and control characters."""
    if not isinstance(value, str):
        return value
    spaced = "".join("\n" if c in _RARE_BREAKS else c for c in value)
    return _without_controls(spaced, "\n\r\t").strip()


def _without_controls(text: str, kept: str) -> str:
    """Nobody sees control characters, and no page, mail or database takes all of them."""
    return "".join(c for c in text if c in kept or unicodedata.category(c) not in ("Cc", "Cs"))


def at_most(length: int) -> Length:
    """The check that a text has no more letters than that."""
    return Length(max=length, message=Later("Use {most} letters or fewer", most=length))


class Choice(RadioField):
    """One answer out of several; an answer that was not offered is refused in plain words."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what was not offered."""
        if self.data and self.data not in {value for value, _ in self.choices or ()}:
            raise ValidationError(ONE_OF_THEM)


class Ticks(SelectMultipleField):
    """Several of several; "none of these" goes with nothing else."""

    def __init__(self, *args: Any, required: str | Later | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.required = required

    def pre_validate(self, form: Any) -> None:
        """Refuse what was not offered, nothing at all, and contradictions."""
        ticked = set(self.data or ())
        if ticked - {value for value, _ in self.choices or ()}:
            raise ValidationError(FROM_THE_LIST)
        if not ticked and self.required:
            raise ValidationError(self.required)
        if enquiry.NONE_OF_THESE in ticked and len(ticked) > 1:
            raise ValidationError(NOT_BOTH)


class PageForm:
    """One page of a pack as a form: fields to show, errors, and the answers that it gives."""

    def __init__(
        self,
        pack: Pack,
        page: Page,
        answers: Answers,
        language: str,
        sent: MultiDict[str, str] | None = None,
        *,
        required: bool = True,
    ) -> None:
        self.pack, self.page, self.language = pack, page, language
        self.asked = enquiry.fields_on(pack, page, answers)
        fields = dict(self._fields(required))
        # The token of the whole page is checked before any view runs.
        kind = type("PackPage", (Form,), fields)
        self.form: Form = kind(formdata=sent, data=self._known(answers))

    def _fields(self, required: bool) -> Iterator[tuple[str, Any]]:
        if self.page.signs:
            words = label(self.page.title, self.language)
            signs = [self.pack.questions[name] for name in self.page.signs]
            choices: list[Any] = [(q.id, label(q.label or q.ask, self.language)) for q in signs]
            choices += [(NOT_SURE, Later("I am not sure"))]
            choices += [(enquiry.NONE_OF_THESE, Later("None of these"))]
            missing = NOTHING_TICKED if required else None
            yield self.page.id, Ticks(words, choices=choices, required=missing)
        for asked in self.asked:
            if asked.name not in self.page.signs:
                yield asked.name, field_of(self.pack, asked, self.language, required=required)

    def _known(self, answers: Answers) -> dict[str, Any]:
        known: dict[str, Any] = dict(answers)
        if self.page.one_by_one and not enquiry.is_answered(self.pack, self.page, answers):
            # "Not sure" was ticked for all of them together; nothing is chosen for the person.
            known = {name: value for name, value in known.items() if name not in self._names()}
        for name, question in self.pack.questions.items():
            if question.kind == "number" and name in known:
                known[name] = int(known[name])
        if self.page.signs:
            known[self.page.id] = sorted(enquiry.ticks_of(self.page, answers))
        return known

    def _names(self) -> set[str]:
        return {asked.name for asked in self.asked}

    def __getitem__(self, name: str) -> Field:
        return self.form[name]

    def validate(self) -> bool:
        """Whether everything that was sent can be taken as answers."""
        return bool(self.form.validate())

    def errors(self) -> list[tuple[str, str]]:
        """(field id, words) of every field in error, in the order of the page."""
        return [(field.id, str(field.errors[0])) for field in self.form if field.errors]

    def given(self) -> dict[str, str]:
        """The answers by field; what was left open is left out."""
        found: dict[str, str] = {}
        if self.page.signs:
            found |= enquiry.from_ticks(
                self.pack, self.page, frozenset(self.form[self.page.id].data)
            )
        for asked in self.asked:
            if asked.name in self.page.signs:
                continue
            value = self.form[asked.name].data
            if value is not None and str(value).strip():
                found[asked.name] = str(value)
        return found


def field_of(pack: Pack, asked: enquiry.Field, language: str, *, required: bool) -> Any:
    """A question or detail as a field of a form."""
    question = asked.question
    words = label((asked.detail or question).ask, language)
    hint = label(question.hint, language) if question.hint else ""
    must = required and not question.optional
    if question.kind == "text":
        return TextAreaField(
            words,
            [at_most(LONGEST_STORY)],
            filters=[many_lines],
            description=hint,
        )
    if question.kind == "number":
        needed = InputRequired(NO_AGE) if must else Optional()
        check = NumberRange(0, OLDEST, Later("Enter an age from 0 to {oldest}", oldest=OLDEST))
        return Years(words, [needed, check], description=hint)
    needed = InputRequired(NOTHING_CHOSEN) if must else Optional()
    choices = [(o.value, label(o.label, language)) for o in options_of(pack, asked)]
    return Choice(words, [needed], choices=choices, description=hint)


class Years(IntegerField):
    """An age. What cannot be read as a whole number is told in plain words."""

    data: int | None

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the number; keep what was typed when it is none."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(NO_AGE) from None
        if self.data is not None and abs(self.data) > MOST_YEARS:
            self.data = None
            raise ValueError(NO_AGE)


def options_of(pack: Pack, asked: enquiry.Field) -> Sequence[Option]:
    """The answers that a field offers."""
    if asked.detail is None:
        return asked.question.options or yes_no_not_sure()
    if asked.detail.id == "side":
        offered = (*asked.question.sides, NOT_SURE)
        return [option for option in asked.detail.options if option.value in offered]
    return asked.detail.options


def yes_no_not_sure() -> tuple[Option, ...]:
    """The answers to a sign that is asked on its own."""
    return tuple(Option(value, words) for value, words in YES_NO_WORDS.items())


def by_sign(form: PageForm) -> list[tuple[Question, list[str]]]:
    """The names of the fields of a follow-up page, sign by sign."""
    found: dict[str, list[str]] = {}
    for asked in form.asked:
        found.setdefault(asked.question.id, []).append(asked.name)
    return [(form.pack.questions[name], names) for name, names in found.items()]
