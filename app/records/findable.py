"""By what a request can be found, without reading anybody else's record."""

from typing import Any

from app.domain import search
from app.records.crypto import keyring


class Findable:
    """A record of a person who speaks a language: the terms of its blind index."""

    person: Any
    language: Any

    def found_by(self) -> set[bytes]:
        """The terms of the blind index under which this person can be found."""
        person = self.person
        names = f"{person.get('name', '')} {person.get('caller_name', '')}"
        terms = search.terms_of_person(names, person.get("phone", ""))
        terms.add(("speaks", person.get("speaks") or self.language))
        return {keyring().blind(kind, term) for kind, term in terms} | self.reached_by()

    def reached_by(self) -> set[bytes]:
        """The terms of the blind index for the whole phone number and the e-mail address."""
        number = search.digits(self.person.get("phone", ""))[-search.LONGEST_PHONE :]
        email = self.person.get("email", "").casefold()
        terms = {"phone": number if len(number) == search.LONGEST_PHONE else "", "email": email}
        return {keyring().blind(kind, term) for kind, term in terms.items() if term}
