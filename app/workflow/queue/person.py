"""What the desk learns of a person on the phone: corrected, with what stood there before."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from app.records import audit, transaction
from app.records.alike import note_alike
from app.records.lookup import index, request_with
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner

CORRECTED: Final[Mapping[str, str]] = {
    "name": "Name",
    "phone": "Phone",
    "email": "E-mail",
    "speaks": "Speaks",
    "caller_name": "Filled in by",
    "speak_to": "May speak to",
}
"""What can be corrected, and how the history calls it."""


def speak_to(person: Mapping[str, Any]) -> str:
    """With whom the patient lets us speak, as somebody wrote it down; empty for nobody."""
    return str(person.get("speak_to", {}).get("who", ""))


def correct(
    reference: str,
    version: int,
    given: Mapping[str, str],
    by: Practitioner,
    now: dt.datetime,
    in_words: Callable[[str, str], str] = lambda field, value: value,
) -> ServiceRequest:
    """Keep what is known of the person now; the history keeps, sealed, what stood there before.

    `given` are fields of `CORRECTED`, an empty one is taken away; `in_words` says how the history
    writes a value. The search finds the person under the new name and number only. Raises NotFound
    and AlreadyChanged.
    """
    with transaction() as session:
        request = request_with(reference, session)
        request.expect(version)
        person = request.person
        before = {**person, "speak_to": speak_to(person)}
        new = {field: value for field, value in given.items() if before.get(field, "") != value}
        if new:
            told = (
                f"{CORRECTED[field]}: {in_words(field, before.get(field, '')) or 'none'}"
                f" → {in_words(field, value) or 'none'}"
                for field, value in new.items()
            )
            if new.get("speak_to"):
                who = {"who": new["speak_to"], "by": by.name, "at": now.isoformat()}
                new = {**new, "speak_to": who}  # type: ignore[dict-item]  # the one with its source
            request.person = {name: value for name, value in {**person, **new}.items() if value}
            request.remember("correct", request.status, now, by, "\n".join(told))
            index(session, request)
            note_alike(session, request, now)
            audit.remember(session, "correct", now, by.id, request.id)
    return request
