"""The phone request: every page of a pack on one form, and who calls."""

import dataclasses
import uuid
from collections.abc import Iterator
from typing import Any, Final

import phonenumbers
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from app.domain import enquiry
from app.domain.condition import YES, Answers, Pack, Page
from app.forms import Choice, PageForm
from app.words import CALL_TIMES, CALLERS, LANGUAGES, WANTED

COUNTRY: Final = "IN"
PHONE_WORDS: Final = "Enter a phone number, such as 98765 43210"
TOO_LONG: Final = Length(max=120, message="Use 120 letters or fewer")


class CallerForm(FlaskForm):
    """Who calls, and what they want. Only the number must be known."""

    submission_id = HiddenField()
    phone = StringField("Phone number to call back", [DataRequired(PHONE_WORDS)])
    name = StringField("Full name of the patient", [TOO_LONG])
    answering_for = Choice("Who is on the phone?", choices=list(CALLERS.items()), default="self")
    caller_name = StringField("Name of the caller, if it is not the patient", [TOO_LONG])
    speaks = Choice("Which language do they speak?", choices=list(LANGUAGES.items()), default="en")
    wanted = Choice("What would they like?", choices=list(WANTED.items()), default="call")
    call_time = Choice(
        "When may we call?",
        choices=[("any", "As soon as possible"), *CALL_TIMES.items()],
        default="any",
    )
    consent = BooleanField("The caller agrees that the clinic uses these answers for this request")
    e164: str = ""

    def validate_phone(self, field: StringField) -> None:
        """Accept any way of writing a number; keep it as E.164."""
        try:
            number = phonenumbers.parse(field.data, COUNTRY)
        except phonenumbers.NumberParseException:
            raise ValidationError(PHONE_WORDS) from None
        if not phonenumbers.is_valid_number(number):
            raise ValidationError(PHONE_WORDS)
        self.e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def id_of_submission(self) -> uuid.UUID | None:
        """The id by which a second press finds the first request; None when it is damaged."""
        try:
            return uuid.UUID(self.submission_id.data or "")
        except ValueError:
            return None

    def person(self, answers: Answers) -> dict[str, Any]:
        """What was told about the person; what is unknown is left out."""
        found = {
            "name": (self.name.data or "").strip(),
            "age": answers.get("age", ""),
            "phone": self.e164,
            "caller_name": (self.caller_name.data or "").strip(),
            "speaks": self.speaks.data,
            "call_time": self.call_time.data,
        }
        return {name: value for name, value in found.items() if value}


@dataclasses.dataclass(frozen=True, slots=True)
class Section:
    """One page of the pack as a part of the form, with the details that belong to its signs."""

    page: Page
    form: PageForm
    details: PageForm | None

    def details_of(self, sign: str) -> Iterator[Any]:
        """The fields that are asked once a sign is ticked."""
        if self.details:
            for asked in self.details.asked:
                if asked.question.id == sign:
                    yield self.details[asked.name]

    def others(self) -> Iterator[Any]:
        """The fields beside the ticks."""
        for asked in self.form.asked:
            if asked.name not in self.page.signs:
                yield self.form[asked.name]


class PhoneForm:
    """All pages of a pack at once: what a page asks only after some answer is offered always.

    The going-through of signs one by one is left out: on the phone "not sure" is one more tick.
    """

    def __init__(self, pack: Pack, sent: MultiDict[str, str] | None = None) -> None:
        self.pack = pack
        every_sign = {name: YES for page in pack.pages for name in page.signs}
        open_pages = [dataclasses.replace(page, asked_if=None) for page in pack.pages]
        forms = {
            page.id: PageForm(pack, page, every_sign, "en", sent or MultiDict(), required=False)
            for page in open_pages
            if not page.one_by_one
        }
        details = {page.details_of: forms[page.id] for page in open_pages if page.details_of}
        self.sections = [
            Section(page, forms[page.id], details.get(page.id))
            for page in open_pages
            if page.id in forms and not page.details_of
        ]
        self._forms = forms

    def validate(self) -> bool:
        """Whether everything can be taken as answers; every part is looked at."""
        valid = [form.validate() for form in self._forms.values()]
        return all(valid)

    def errors(self) -> list[tuple[str, str]]:
        """(field id, words) of every field in error, in the order of the form."""
        return [error for form in self._forms.values() for error in form.errors()]

    def answers(self) -> Answers:
        """The answers as the enquiry would have gathered them, page after page."""
        answers: Answers = {}
        for page in self.pack.pages:
            if page.id in self._forms:
                given = self._forms[page.id].given()
                answers = enquiry.with_page(self.pack, page, answers, given)
        return answers
