"""The forms of a case: its outcome, a call that decides nothing yet, a question to the desk."""

from typing import Any, Final

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from app.domain.level import Level
from app.forms import Choice
from app.words import DECISIONS, INSTRUCTIONS, LEVELS, OUTCOMES

LONGEST_NOTE: Final = 2000
NO_ANSWER: Final = "no-answer"
TOO_LONG: Final = Length(max=LONGEST_NOTE, message=f"Use {LONGEST_NOTE} letters or fewer")


def _stripped(value: str | None) -> str | None:
    return value.strip() if value else value


class DecisionForm(FlaskForm):
    """What the doctor decides; every field but the first may stay as it is."""

    version = IntegerField(widget=HiddenField.widget, id="decide-version")
    outcome = Choice(
        "What happened on the call?",
        [InputRequired("Select what happened")],
        choices=list(DECISIONS.items()),
        id="decide-outcome",
    )
    level = Choice("Level from now on", [InputRequired("Select a level")], id="decide-level")
    reason = TextAreaField(
        "Why another level? (only if you change it)",
        [TOO_LONG],
        id="decide-reason",
        filters=[_stripped],
    )
    note = TextAreaField(
        "Note, or what the desk should do (optional)",
        [TOO_LONG],
        id="decide-note",
        filters=[_stripped],
    )

    def __init__(self, now: Level, **given: Any) -> None:
        self.now = now
        super().__init__(**{"level": now.name, **given})
        self.level.choices = [
            (level.name, f"{words} (as now)" if level is now else words)
            for level, words in LEVELS.items()
        ]

    def chosen_level(self) -> Level:
        """The level from now on."""
        return Level[self.level.data]

    def words(self) -> str:
        """The decision as the desk and the history read it."""
        chosen = self.outcome.data
        words = INSTRUCTIONS.get(chosen, DECISIONS[chosen])
        return f"{words}. {self.note.data}" if self.note.data else words

    def validate_level(self, field: Choice) -> None:
        """Refuse a level that contradicts the outcome."""
        changed = field.data != self.now.name
        if self.outcome.data == NO_ANSWER and changed:
            raise ValidationError("“No answer” decides nothing: keep the level")
        if self.outcome.data == "visit" and field.data == Level.emergency.name:
            raise ValidationError("Select a level below Emergency, or another outcome")

    def validate_reason(self, field: TextAreaField) -> None:
        """Another level needs a reason."""
        if self.level.data != self.now.name and not field.data:
            raise ValidationError("Enter why the level changes")


class CallForm(FlaskForm):
    """A call, and how it went."""

    outcome = Choice(
        "How did the call go?",
        [InputRequired("Select how the call went")],
        choices=list(OUTCOMES.items()),
        id="call-outcome",
    )
    note = TextAreaField("Note (optional)", [TOO_LONG], id="call-note", filters=[_stripped])


class InquiryForm(FlaskForm):
    """What the desk should find out before the doctor can decide."""

    version = IntegerField(widget=HiddenField.widget, id="inquire-version")
    question = TextAreaField(
        "What should the desk find out?",
        [DataRequired("Enter what the desk should find out"), TOO_LONG],
        id="inquire-question",
        filters=[_stripped],
    )
