"""Finding a person, without reading anybody else's record."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.domain import search
from app.records import db
from app.records.crypto import keyring
from app.records.rows import PAGE_SIZE, Row, rows_of
from app.records.search_term import SearchTerm
from app.records.service_request import ServiceRequest


def find(query: str) -> list[Row]:
    """The requests that a reference, the end of a phone number or parts of a name lead to.

    Newest first, at most a page; nothing for a query that names nothing.
    """
    reference = search.as_reference(query)
    if reference:
        exact = sa.select(ServiceRequest).where(ServiceRequest.reference == reference)
        if found := db.session.scalars(exact).all():
            return rows_of(found)
    # The longest word first: it leads to the fewest requests.
    words = sorted(search.terms_of_query(query), key=lambda term: -len(term[1]))
    if not words:
        return []
    return rows_of(db.session.scalars(_with_terms(words)).all())


def _with_terms(words: Sequence[tuple[str, str]]) -> sa.Select[ServiceRequest]:
    """Ids sort by time, so the newest requests lie at the end of each term's index."""
    terms = [keyring().blind(kind, term) for kind, term in words]
    newest = sa.select(SearchTerm.request_id).where(SearchTerm.term == terms[0])
    for term in terms[1:]:
        other = aliased(SearchTerm)
        same = sa.exists().where(other.term == term, other.request_id == SearchTerm.request_id)
        newest = newest.where(same)
    ids = newest.order_by(SearchTerm.request_id.desc()).limit(PAGE_SIZE).subquery()
    return (
        sa.select(ServiceRequest)
        .join(ids, ids.c.request_id == ServiceRequest.id)
        .order_by(ServiceRequest.id.desc())
    )
