"""The forms that are the same for every condition."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from app.checks import PHONE_WORDS, has_letters, is_email, is_phone
from app.forms import Choice, Ticks, many_lines, one_line

LONGEST_NAME = 120

FOR_WHOM = (
    ("self", "Me"),
    ("relative", "Someone in my family"),
    ("carer", "Someone I care for"),
    ("clinician", "My patient: I am a doctor or nurse"),
)
WANTED = (("call", "A call"), ("visit", "A visit"), ("advice", "Advice on my reports"))
CALL_TIMES = (
    ("any", "As soon as possible"),
    ("morning", "In the morning"),
    ("afternoon", "In the afternoon"),
    ("evening", "In the evening"),
)
LANGUAGES = (
    ("en", "English"),
    ("hi", "हिन्दी (Hindi)"),
    ("mr", "मराठी (Marathi)"),
    ("other", "Another"),
)
ACCESS_NEEDS = (
    ("wheelchair", "I use a wheelchair"),
    ("sitting", "I cannot sit for long"),
    ("hearing", "I do not hear well"),
    ("sight", "I do not see well"),
    ("interpreter", "I need an interpreter"),
    ("companion", "Someone must come with me"),
)


class StartForm(FlaskForm):
    """Who needs help?"""

    for_whom = Choice(
        "Who needs help?",
        [DataRequired("Select who needs help")],
        choices=FOR_WHOM,
        description="We change the words of the next questions.",
    )


class PhoneForm(FlaskForm):
    """The one field of the emergency page."""

    phone = StringField(
        "Mobile number of you or a person with you",
        [DataRequired(PHONE_WORDS), is_phone],
        filters=[one_line],
    )
    e164: str = ""


class CheckedForm(FlaskForm):
    """What somebody may tell before going on after the emergency page."""

    already_checked = TextAreaField(
        "Has a doctor already checked these symptoms? When, and where?",
        [Length(max=500, message="Use 500 letters or fewer")],
        filters=[many_lines],
        description="Leave this empty if not.",
    )


class WantedForm(FlaskForm):
    """What would you like?"""

    wanted = Choice(
        "What would you like?", [DataRequired("Select what you would like")], choices=WANTED
    )
    call_time = Choice(
        "When may we call?", [DataRequired("Select when we may call")], choices=CALL_TIMES
    )


class ContactForm(FlaskForm):
    """How to reach the person."""

    name = StringField(
        "Full name of the patient",
        [
            DataRequired("Enter the patient’s full name"),
            Length(max=LONGEST_NAME, message=f"Use {LONGEST_NAME} letters or fewer"),
            has_letters,
        ],
        filters=[one_line],
        description="As on their ID card",
    )
    caller_name = StringField(
        "Your own name",
        [
            DataRequired("Enter your own name"),
            Length(max=LONGEST_NAME, message=f"Use {LONGEST_NAME} letters or fewer"),
            has_letters,
        ],
        filters=[one_line],
    )
    phone = StringField(
        "Mobile number",
        [DataRequired(PHONE_WORDS), is_phone],
        filters=[one_line],
        description="We never ask for an OTP or a payment on the phone.",
    )
    email = StringField(
        "E-mail (optional)",
        [
            Optional(strip_whitespace=True),
            Length(max=254, message="This address is too long"),
            is_email,
        ],
        filters=[one_line],
        description="We send your reference there. Never your answers.",
    )
    speaks = Choice(
        "Which language should we speak on the phone?",
        [DataRequired("Select a language")],
        choices=LANGUAGES,
    )
    access = Ticks("Do you need help to visit us? (optional)", choices=ACCESS_NEEDS)
    # People do not see it; programs fill it in.
    homepage = StringField("Leave this field empty", filters=[one_line])
    e164: str = ""


class ConsentForm(FlaskForm):
    """The last page."""

    consent = BooleanField(
        "I agree that the clinic can use these answers for this request",
        [DataRequired("Tick the box if you agree, so that we can use your answers")],
    )
