"""The form by which a person links two requests as one case, for the desk and for doctors."""

import datetime as dt
from typing import Any, Final

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, ValidationError

from app.domain import search
from app.domain.errors import NotFound
from app.forms import one_line
from app.workflow import duplicates

REFERENCE_WORDS: Final = "Enter the reference of the other request, such as SPN-4K7-2QX"


class LinkForm(FlaskForm):
    """The other request, and the version of this one that the person saw."""

    version = IntegerField(
        widget=HiddenField.widget, id="case-version", validators=[InputRequired()]
    )
    other = StringField(
        "Reference of the other request",
        [DataRequired(REFERENCE_WORDS)],
        id="case-other",
        filters=[one_line],
    )

    def __init__(self, reference: str, **given: Any) -> None:
        self.reference = reference
        super().__init__(**given)

    def validate_other(self, field: StringField) -> None:
        """Refuse what is no reference, and the request itself."""
        named = search.as_reference(field.data)
        if named is None:
            raise ValidationError(REFERENCE_WORDS)
        if named == self.reference:
            raise ValidationError("This is the request itself. " + REFERENCE_WORDS)

    def link(self, by: Any, at: dt.datetime) -> bool:
        """Link them; tells whether it is done, or else what is wrong at its field.

        Raises AlreadyChanged.
        """
        if not self.validate():
            return False
        named = search.as_reference(self.other.data or "") or ""
        try:
            duplicates.link(self.reference, named, self.version.data or 0, by, at)
        except NotFound:
            self.other.errors = ["No request has this reference"]
            return False
        return True


class LeaveForm(FlaskForm):
    """The version of the request that the person saw."""

    version = IntegerField(widget=HiddenField.widget, validators=[InputRequired()])
