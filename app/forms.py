"""The pages of a condition pack as forms, for the patient's pages and the desk's phone form."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, IntegerField, RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from app.domain import enquiry
from app.domain.condition import NOT_SURE, Answers, Option, Pack, Page, Question, in_language
from app.domain.wording import YES_NO_WORDS

LONGEST_STORY = 4000
OLDEST = 120
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


class Choice(RadioField):
    """One answer out of several; an answer that was not offered is refused in plain words."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what was not offered."""
        if self.data and self.data not in {value for value, _ in self.choices or ()}:
            raise ValidationError("Select one of the answers")


class Ticks(SelectMultipleField):
    """Several of several; "none of these" goes with nothing else."""

    def __init__(self, *args: Any, required: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.required = required

    def pre_validate(self, form: Any) -> None:
        """Refuse what was not offered, nothing at all, and contradictions."""
        ticked = set(self.data or ())
        if ticked - {value for value, _ in self.choices or ()}:
            raise ValidationError("Select from the list")
        if not ticked and self.required:
            raise ValidationError(self.required)
        if enquiry.NONE_OF_THESE in ticked and len(ticked) > 1:
            raise ValidationError("Select what you have, or select “None of these”, not both")


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
            words = in_language(self.page.title, self.language)
            signs = [self.pack.questions[name] for name in self.page.signs]
            choices = [(q.id, in_language(q.label or q.ask, self.language)) for q in signs]
            choices += [(NOT_SURE, "I am not sure"), (enquiry.NONE_OF_THESE, "None of these")]
            missing = "Select what you have, or select “None of these”" if required else None
            yield self.page.id, Ticks(words, choices=choices, required=missing)
        for asked in self.asked:
            if asked.name not in self.page.signs:
                yield asked.name, self._field(asked, required)

    def _field(self, asked: enquiry.Field, required: bool) -> Any:
        question = asked.question
        label = in_language((asked.detail or question).ask, self.language)
        hint = in_language(question.hint, self.language) if question.hint else ""
        must = required and not question.optional
        if question.kind == "text":
            too_long = f"Use {LONGEST_STORY} letters or fewer"
            return TextAreaField(
                label,
                [Length(max=LONGEST_STORY, message=too_long)],
                filters=[many_lines],
                description=hint,
            )
        if question.kind == "number":
            words = "Enter the age in years, such as 61"
            needed = InputRequired(words) if must else Optional()
            check = NumberRange(0, OLDEST, f"Enter an age from 0 to {OLDEST}")
            return Years(label, [needed, check], description=hint)
        needed = InputRequired("Select one answer") if must else Optional()
        choices = [
            (o.value, in_language(o.label, self.language)) for o in options_of(self.pack, asked)
        ]
        return Choice(label, [needed], choices=choices, description=hint)

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


class Years(IntegerField):
    """An age. What cannot be read as a whole number is told in plain words."""

    data: int | None

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the number; keep what was typed when it is none."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Enter the age in years, such as 61") from None
        if self.data is not None and abs(self.data) > MOST_YEARS:
            self.data = None
            raise ValueError("Enter the age in years, such as 61")


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
