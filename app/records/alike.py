"""Who else may be the same person: found by the blind index, told why, decided by nobody here."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import scoped_session

from app.domain import lifecycle, search, sounds
from app.records.search_term import SearchTerm, heard
from app.records.service_request import ServiceRequest
from app.records.task import POSSIBLE_DUPLICATE, open_task

LOOKED_BACK: Final = dt.timedelta(days=30)
"""How old a closed request may be to be shown; an open one is shown at any age."""

MOST_SHOWN: Final = 5
MOST_PER_TERM: Final = 8
"""Of each term only the newest are looked at: a number that many share costs no more."""

PHONE, EMAIL, NAME, AGE = "same phone", "same e-mail", "similar name", "same age"


@dataclass(frozen=True, slots=True)
class Alike:
    """A request that may come from the same person, and what speaks for it."""

    request: ServiceRequest
    person: Mapping[str, Any]
    why: tuple[str, ...]


def alike(session: scoped_session[Any], request: ServiceRequest, now: dt.datetime) -> list[Alike]:
    """The requests that may be the same person's and are not linked yet; the likeliest first.

    One query, however many requests there are; it may run in the transaction that stores one.
    """
    statement = _candidates(request)
    if statement is None:
        return []
    person = request.person
    found = (
        Alike(other, told, why)
        for other in session.scalars(statement)
        if _counts(request, other, now)
        for told in [other.person]
        if (why := tuple(_reasons(person, told)))
    )
    likeliest = sorted(found, key=lambda each: (PHONE in each.why, each.request.created_at))
    return likeliest[: -MOST_SHOWN - 1 : -1]


def note_alike(session: scoped_session[Any], request: ServiceRequest, now: dt.datetime) -> None:
    """Make a task when an open request may be the same person's, in the caller's transaction."""
    session.flush()
    if any(each.request.status != lifecycle.CLOSED for each in alike(session, request, now)):
        open_task(session, POSSIBLE_DUPLICATE, request.id, request, now)


def _candidates(request: ServiceRequest) -> sa.Select[ServiceRequest] | None:
    """The newest requests under each of its terms: ids sort by time, as the index does."""
    terms = sorted(request.reached_by() | heard(request.person.get("name", "")))
    if not terms:
        return None
    newest = (
        sa.select(SearchTerm.request_id)
        .where(SearchTerm.term == term, SearchTerm.request_id != request.id)
        .order_by(SearchTerm.request_id.desc())
        .limit(MOST_PER_TERM)
        .subquery()
        for term in terms
    )
    ids = sa.union_all(*(sa.select(each.c.request_id) for each in newest))
    return sa.select(ServiceRequest).where(ServiceRequest.id.in_(ids))


def _counts(request: ServiceRequest, other: ServiceRequest, now: dt.datetime) -> bool:
    linked = request.case_id is not None and request.case_id == other.case_id
    recent = other.created_at > now - LOOKED_BACK
    return not linked and (recent or other.status != lifecycle.CLOSED)


def _reasons(person: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    """What speaks for one person; a name that is like another speaks only where no age differs."""
    if search.whole_numbers(person) & search.whole_numbers(other):
        yield PHONE
    email, another = (each.get("email", "").casefold() for each in (person, other))
    if email and email == another:
        yield EMAIL
    apart = _years_apart(person.get("age"), other.get("age"))
    near = apart is None or apart <= sounds.CLOSE_IN_AGE
    if near and sounds.similar(person.get("name", ""), other.get("name", "")):
        yield NAME
        if apart == 0:
            yield AGE


def _years_apart(age: object, other: object) -> int | None:
    """The years between two ages as they were given; None when one was not, or is no number."""
    first, second = (search.digits(str(each or "")) for each in (age, other))
    return abs(int(first) - int(second)) if first and second else None
