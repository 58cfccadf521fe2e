"""What the desk can do with a request, and the small form of each act."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from app.domain import lifecycle
from app.domain.level import Level
from app.forms import Choice
from app.words import CLOSING_REASONS, LEVELS, OUTCOMES
from app.workflow import queue

LONGEST_NOTE: Final = 2000


@dataclass(frozen=True, slots=True)
class Act:
    """How an act is named, what it asks, and what it says when it is done.

    `missing` are the words at an empty note; without them the note may stay empty.
    """

    title: str
    button: str
    note: str
    done: str
    missing: str | None = None
    choice: str | None = None
    choices: Mapping[str, str] | None = None


ACTS: Final = {
    "call": Act(
        "Log a call",
        "Log the call",
        "Note (optional)",
        "The call is logged.",
        choice="How did the call go?",
        choices=OUTCOMES,
    ),
    "note": Act("Note", "Keep the note", "Note", "The note is kept.", missing="Enter the note"),
    "answer": Act(
        "Answer the doctor",
        "Give it back to the doctor",
        "What did you find out?",
        "The doctor is told, and has the answer.",
        missing="Enter what you found out, or that nobody could be reached",
    ),
    "ask": Act(
        "Wait for the patient",
        "Wait for the patient",
        "What do we wait for?",
        "It now waits for the patient.",
        missing="Enter what we wait for, such as a report",
    ),
    "reply": Act(
        "The patient has answered",
        "Take it back to the desk",
        "Note (optional)",
        "It is with the desk again.",
    ),
    "escalate": Act(
        "Ask the doctor",
        "Ask the doctor",
        "What should the doctor know?",
        "The doctor is told.",
        missing="Enter what the doctor should know",
    ),
    "raise": Act(
        "Raise the level",
        "Raise the level",
        "Why?",
        "The level is raised.",
        missing="Enter why it is more pressing",
        choice="New level",
        choices={level.name: words for level, words in LEVELS.items()},
    ),
    "close": Act(
        "Close",
        "Close the request",
        "Note (needed for “Another reason”)",
        "The request is closed.",
        choice="Why is it closed?",
        choices=CLOSING_REASONS,
    ),
    "reopen": Act(
        "Open again",
        "Open it again",
        "Note (optional)",
        "The request is open again.",
    ),
}
ALWAYS: Final = ("call", "note")


class ActForm(FlaskForm):
    """The fields that every act has; some also have a choice."""

    version = IntegerField(widget=HiddenField.widget)
    note = TextAreaField()
    choice: Choice


def acts_for(request: Any) -> list[str]:
    """The acts that the request's status allows, in the order of the page."""
    allowed = [*ALWAYS, *(event for event in request.events() if event in queue.DESK_EVENTS)]
    if request.status != lifecycle.CLOSED and request.level < Level.emergency:
        allowed.append("raise")
    return [name for name in ACTS if name in allowed]


def form_for(name: str, level: Level | None = None, sent: Any = None) -> ActForm:
    """The form of an act; a level can be raised above `level` only."""
    act = ACTS[name]
    too_long = Length(max=LONGEST_NOTE, message=f"Use {LONGEST_NOTE} letters or fewer")
    needed: list[Any] = [DataRequired(act.missing)] if act.missing else []
    if name == "close":
        needed = [_explains_another_reason]
    fields: dict[str, Any] = {
        "note": TextAreaField(
            act.note, [*needed, too_long], id=f"{name}-note", filters=[_stripped]
        ),
        "version": IntegerField(
            widget=HiddenField.widget, id=f"{name}-version", validators=[InputRequired()]
        ),
    }
    if act.choices:
        choices = list(act.choices.items())
        if name == "raise" and level is not None:
            choices = [(each.name, LEVELS[each]) for each in LEVELS if each > level]
        if name != "call":
            # A list that opens on a choice would have it made by mistake.
            choices.insert(0, ("", "Select"))
        fields["choice"] = Choice(
            act.choice, [InputRequired("Select one")], choices=choices, id=f"{name}-choice"
        )
    kind = type("ActForm", (ActForm,), fields)
    form: ActForm = kind(formdata=sent)
    return form


def _explains_another_reason(form: ActForm, field: TextAreaField) -> None:
    if form.choice.data == "other" and not field.data:
        raise ValidationError("Enter the reason")


def _stripped(value: str | None) -> str | None:
    return value.strip() if value else value
