"""By what a request can be found, without reading anybody else's record."""

from typing import Any

from app.domain import search
from app.records.crypto import keyring
from app.records.search_term import heard


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
        found = {keyring().blind(kind, term) for kind, term in terms}
        return found | self.reached_by() | heard(person.get("name", ""))

    def reached_by(self) -> set[bytes]:
        """The terms of the blind index for the whole phone number and the e-mail address."""
        person = self.person
        terms = {("phone", number) for number in search.whole_numbers(person)}
        terms |= {("email", email) for email in [person.get("email", "").casefold()] if email}
        return {keyring().blind(kind, term) for kind, term in terms}
