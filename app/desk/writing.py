"""Writing to a patient: a ready text or own words, the preview, and then just that."""

import datetime as dt
import hashlib
import uuid
from typing import Any, Final

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response
from wtforms import Form, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, ValidationError

from app.access import current_staff, now, settings
from app.desk import desk
from app.domain.errors import AddressMissing
from app.domain.ready_text import FIELDS, LONGEST_SUBJECT, faults_of, fields_of, filled
from app.formats import clock_time, long_day, moment
from app.forms import many_lines, one_line
from app.mail import letter
from app.mail.html import RULE
from app.words import LANGUAGES, name_of
from app.workflow import queue, writing

OTHER_WORDS: Final = "The words are not those of the preview. This is how they look now"
NO_ADDRESS: Final = "No mail reaches this patient. Nothing was sent"
UNKNOWN: Final = {
    "visit_day": "no visit is booked",
    "visit_time": "no visit is booked",
    "visit_place": "no visit is booked",
    "next_call": "no next call is due",
}


class WritingForm(Form):
    """A mail to a patient. `seen` tells which words the preview showed."""

    subject = StringField(
        "Subject",
        [DataRequired("Enter a subject")],
        filters=[one_line],
        description=f"{LONGEST_SUBJECT} letters at most. Nothing about the illness.",
    )
    text = TextAreaField(
        "Text",
        [DataRequired("Enter the text")],
        filters=[many_lines],
        description="The get-help-now box and the clinic’s number are added below it.",
    )
    sent_id = HiddenField()
    seen = HiddenField()

    def validate_subject(self, field: StringField) -> None:
        """Refuse what may not stand in a subject."""
        for fault in faults_of(field.data or "", subject=True):
            raise ValidationError(fault)

    def validate_text(self, field: TextAreaField) -> None:
        """Refuse what may not stand in a mail."""
        for fault in faults_of(field.data or "", subject=False):
            raise ValidationError(fault)

    def digest(self) -> str:
        """By what the words are known again."""
        words = f"{self.subject.data}\0{self.text.data}"
        return hashlib.sha256(words.encode()).hexdigest()[:16]

    def id_of_sending(self) -> uuid.UUID:
        """The id by which a second press finds the first mail; a new one when it is damaged."""
        try:
            return uuid.UUID(self.sent_id.data or "")
        except ValueError:
            return uuid.uuid4()


@desk.get("/requests/<reference>/write")
def ask_words(reference: str) -> ResponseReturnValue:
    """An empty mail, or one that begins with a ready text."""
    at = now()
    found = queue.open_request(reference, current_staff(), at)
    form = WritingForm(data={"sent_id": str(uuid.uuid4())})
    missing = ""
    chosen = request.args.get("text", type=uuid.UUID)
    if chosen:
        ready = writing.ready_text(chosen)
        values = _values(found, at)
        form.subject.data = filled(ready.subject, values)
        form.text.data = filled(ready.text, values)
        left = [name for name in fields_of(form.subject.data + form.text.data) if name in FIELDS]
        missing = " and ".join(dict.fromkeys(UNKNOWN[name] for name in left))
    return _page(found, form, chosen=chosen, missing=missing)


@desk.post("/requests/<reference>/write")
def write_words(reference: str) -> ResponseReturnValue:
    """Show the mail; once just these words were seen, send it."""
    form, by, at = WritingForm(request.form), current_staff(), now()
    found = queue.open_request(reference, by, at)
    if not form.validate():
        return _page(found, form, status=422)
    sends = request.form.get("do") == "send"
    if not sends or form.seen.data != form.digest():
        return _page(found, form, shown=True, stale=sends, status=409 if sends else 200)
    try:
        writing.write(reference, form.id_of_sending(), form.subject.data, form.text.data, by, at)
    except AddressMissing:
        return _page(found, form, status=409, missing_address=True)
    flash("The mail is on its way.", "ok")
    return redirect(url_for("desk.show", reference=reference, _anchor="history"), 303)


def _values(found: Any, at: dt.datetime) -> dict[str, str]:
    """What is known of the fields of a ready text."""
    zone, visit = settings().clinic_zone, found.appointment
    values = {
        "reference": found.reference,
        "clinic_phone": settings().clinic_phone,
        "clinic_hours": settings().clinic_hours,
    }
    if visit:
        values["visit_day"] = long_day(visit.starts_at, zone)
        values["visit_time"] = clock_time(visit.starts_at, zone)
        values["visit_place"] = visit.place.address or settings().clinic_address
    due = [call.next_due_at for call in found.attempts if call.next_due_at]
    if due:
        # Said as on the day before: a mail may be read tomorrow, so the day is always named.
        values["next_call"] = moment(due[-1], zone, at - dt.timedelta(days=1))
    return values


def _page(
    found: Any,
    form: WritingForm,
    *,
    chosen: uuid.UUID | None = None,
    missing: str = "",
    shown: bool = False,
    stale: bool = False,
    missing_address: bool = False,
    status: int = 200,
) -> Response:
    """The form; below it, when the words can be sent, the mail as the patient will get it."""
    may_write = writing.may_write(found)
    mail = None
    if shown and may_write:
        mail = letter.preview(found, form.subject.data, form.text.data, now())
        form.seen.data = form.digest()
    errors = [(field.id, field.errors[0]) for field in form if field.errors]
    if stale:
        errors.append(("preview", OTHER_WORDS))
    if missing_address:
        errors.append(("main", NO_ADDRESS))
    speaks = found.person.get("speaks") or found.language
    ready = writing.ready_texts(active=True)
    page = render_template(
        "desk/writing.html",
        request=found,
        name=name_of(found.person),
        email=found.person.get("email"),
        may_write=may_write,
        form=form,
        mail=mail,
        rule=RULE,
        missing=missing,
        chosen=chosen,
        ready=sorted(ready, key=lambda each: each.language != speaks),
        languages=LANGUAGES,
        errors=errors,
    )
    return make_response(page, status)
