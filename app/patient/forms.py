"""The forms that are the same for every condition."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from app.checks import PHONE_WORDS, has_letters, is_email, is_phone
from app.forms import Choice, Ticks, at_most, many_lines, one_line
from app.languages import Later

LONGEST_NAME = 120
LONGEST_ANSWER = 500

FOR_WHOM = (
    ("self", Later("Me")),
    ("relative", Later("Someone in my family")),
    ("carer", Later("Someone I care for")),
    ("clinician", Later("My patient: I am a doctor or nurse")),
)
WANTED = (
    ("call", Later("A call")),
    ("visit", Later("A visit")),
    ("advice", Later("Advice on my reports")),
)
CALL_TIMES = (
    ("any", Later("As soon as possible")),
    ("morning", Later("In the morning")),
    ("afternoon", Later("In the afternoon")),
    ("evening", Later("In the evening")),
)
LANGUAGES = (
    ("en", "English"),
    ("hi", "हिन्दी (Hindi)"),
    ("mr", "मराठी (Marathi)"),
    ("other", Later("Another")),
)
ACCESS_NEEDS = (
    ("wheelchair", Later("I use a wheelchair")),
    ("sitting", Later("I cannot sit for long")),
    ("hearing", Later("I do not hear well")),
    ("sight", Later("I do not see well")),
    ("interpreter", Later("I need an interpreter")),
    ("companion", Later("Someone must come with me")),
)

NO_NAME = Later("Enter the patient’s full name")
NO_CONSENT = Later("Tick the box if you agree, so that we can use your answers")


class StartForm(FlaskForm):
    """Who needs help?"""

    for_whom = Choice(
        Later("Who needs help?"),
        [DataRequired(Later("Select who needs help"))],
        choices=FOR_WHOM,
        description=Later("We change the words of the next questions."),
    )


class PhoneForm(FlaskForm):
    """The one field of the emergency page."""

    phone = StringField(
        Later("Mobile number of you or a person with you"),
        [DataRequired(PHONE_WORDS), is_phone],
        filters=[one_line],
    )
    e164: str = ""


class CheckedForm(FlaskForm):
    """What somebody may tell before going on after the emergency page."""

    already_checked = TextAreaField(
        Later("Has a doctor already checked these symptoms? When, and where?"),
        [at_most(LONGEST_ANSWER)],
        filters=[many_lines],
        description=Later("Leave this empty if not."),
    )


class WantedForm(FlaskForm):
    """What would you like?"""

    wanted = Choice(
        Later("What would you like?"),
        [DataRequired(Later("Select what you would like"))],
        choices=WANTED,
    )
    call_time = Choice(
        Later("When may we call?"),
        [DataRequired(Later("Select when we may call"))],
        choices=CALL_TIMES,
    )


class ContactForm(FlaskForm):
    """How to reach the person."""

    name = StringField(
        Later("Full name of the patient"),
        [
            DataRequired(NO_NAME),
            at_most(LONGEST_NAME),
            has_letters,
        ],
        filters=[one_line],
        description=Later("As on their ID card"),
    )
    caller_name = StringField(
        Later("Your own name"),
        [
            DataRequired(Later("Enter your own name")),
            at_most(LONGEST_NAME),
            has_letters,
        ],
        filters=[one_line],
    )
    phone = StringField(
        Later("Mobile number"),
        [DataRequired(PHONE_WORDS), is_phone],
        filters=[one_line],
        description=Later("We never ask for an OTP or a payment on the phone."),
    )
    email = StringField(
        Later("E-mail (optional)"),
        [
            Optional(strip_whitespace=True),
            Length(max=254, message=Later("This address is too long")),
            is_email,
        ],
        filters=[one_line],
        description=Later("We send your reference there. Never your answers."),
    )
    speaks = Choice(
        Later("Which language should we speak on the phone?"),
        [DataRequired(Later("Select a language"))],
        choices=LANGUAGES,
    )
    access = Ticks(Later("Do you need help to visit us? (optional)"), choices=ACCESS_NEEDS)
    # People do not see it; programs fill it in.
    homepage = StringField(Later("Leave this field empty"), filters=[one_line])
    e164: str = ""


class ConsentForm(FlaskForm):
    """The last page."""

    consent = BooleanField(
        Later("I agree that the clinic can use these answers for this request"),
        [DataRequired(NO_CONSENT)],
    )
