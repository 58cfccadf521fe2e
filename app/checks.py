"""What a name, a phone number and an e-mail address must be, wherever somebody types one."""

from typing import Any, Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from wtforms import StringField
from wtforms.validators import ValidationError

from app.languages import Later

COUNTRY: Final = "IN"
PHONE_WORDS = Later("Enter a mobile number with 10 digits, such as 98765 43210")
EMAIL_WORDS = Later("Enter an e-mail address like name@example.com, or leave it empty")
NO_LETTERS = Later("Enter the name in letters")

# Letters in name only: they fill the place of a Korean letter with nothing.
BLANK_LETTERS = "\u115f\u1160\u3164\uffa0"


def is_phone(form: Any, field: StringField) -> None:
    """Accept any way of writing a phone number; keep it as E.164."""
    try:
        number = phonenumbers.parse(field.data or "", COUNTRY)
    except phonenumbers.NumberParseException:
        raise ValidationError(PHONE_WORDS) from None
    if not phonenumbers.is_valid_number(number):
        raise ValidationError(PHONE_WORDS)
    form.e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_email(form: Any, field: StringField) -> None:
    """Accept an e-mail address that mail can be sent to, in its usual form."""
    try:
        found = validate_email(field.data or "", check_deliverability=False)
    except EmailNotValidError:
        raise ValidationError(EMAIL_WORDS) from None
    field.data = found.normalized


def has_letters(form: Any, field: StringField) -> None:
    """A name has at least one letter that can be seen."""
    if not any(c.isalpha() and c not in BLANK_LETTERS for c in field.data or ""):
        raise ValidationError(NO_LETTERS)
