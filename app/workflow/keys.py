"""New keys: what old keys have sealed is sealed again, and the search index is made anew.

Both go through the tables in batches, a transaction each, while the clinic works. They can be
stopped at any moment and started again: what is done is not done twice.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from app.records import Base, transaction
from app.records.crypto import keyring
from app.records.search_term import SearchTerm
from app.records.service_request import ServiceRequest
from app.records.types import Sealed

BATCH: Final = 200
START: Final = uuid.UUID(int=0)


def rotate(batch: int = BATCH) -> dict[str, int]:
    """Seal with the current key whatever another one has sealed; gives the rows, by table.

    When every process has the current key and this gives nothing but zeros, the others can go.
    """
    return {model.__tablename__: _rotate_rows(model, batch) for model in _sealed_models()}


def _sealed_models() -> Iterator[type[Base]]:
    for mapper in sorted(Base.registry.mappers, key=lambda mapper: mapper.class_.__name__):
        if _sealed_fields(mapper.class_):
            yield mapper.class_


def _sealed_fields(model: type[Base]) -> dict[str, Sealed[Any]]:
    return {name: field for name, field in vars(model).items() if isinstance(field, Sealed)}


def _rotate_rows(model: type[Base], batch: int) -> int:
    fields = _sealed_fields(model)
    columns = [getattr(model, field.column) for field in fields.values()]
    old = sa.or_(*(_sealed_by_another(column) for column in columns))
    asked = sa.select(model.id, *columns).where(old).order_by(model.id).limit(batch)
    last, count = START, 0
    while True:
        with transaction() as session:
            rows = session.execute(asked.where(model.id > last)).mappings().all()
            for row in rows:
                _seal_again(session, model, fields, row)
        if not rows:
            return count
        last, count = rows[-1]["id"], count + len(rows)


def _sealed_by_another(column: sa.ColumnElement[bytes]) -> sa.ColumnElement[bool]:
    mark = keyring().mark
    return sa.func.substr(column, 1, len(mark), type_=sa.LargeBinary) != mark


def _seal_again(
    session: scoped_session[Session],
    model: type[Base],
    fields: Mapping[str, Sealed[Any]],
    row: sa.RowMapping,
) -> None:
    """Write past the record, so that its version stays; only what nobody changed meanwhile."""
    for field in fields.values():
        sealed = row[field.column]
        if sealed is None:
            continue
        place = field.place(model.__tablename__, row["id"])
        again = keyring().seal(keyring().open(sealed, place), place)
        column = getattr(model, field.column)
        session.execute(
            sa.update(model)
            .where(model.id == row["id"], column == sealed)
            .values({field.column: again})
            .execution_options(synchronize_session=False)
        )


def rotate_index(batch: int = BATCH) -> int:
    """Make the terms of every request anew; gives the requests whose terms were others.

    Until it is through, people whose terms are old are not found, nor their earlier requests
    from the same phone.
    """
    asked = sa.select(ServiceRequest).order_by(ServiceRequest.id).limit(batch).with_for_update()
    last, count = START, 0
    while True:
        with transaction() as session:
            requests = session.scalars(asked.where(ServiceRequest.id > last)).all()
            count += _index_again(session, requests)
        if not requests:
            return count
        last = requests[-1].id


def _index_again(session: scoped_session[Session], requests: Sequence[ServiceRequest]) -> int:
    known: defaultdict[uuid.UUID, set[bytes]] = defaultdict(set)
    of_these = SearchTerm.request_id.in_([request.id for request in requests])
    for term in session.scalars(sa.select(SearchTerm).where(of_these)):
        known[term.request_id].add(term.term)
    wanted = {request.id: request.found_by() for request in requests}
    stale = [request_id for request_id, terms in wanted.items() if terms != known[request_id]]
    session.execute(sa.delete(SearchTerm).where(SearchTerm.request_id.in_(stale)))
    session.add_all(
        SearchTerm(request_id=request_id, term=term)
        for request_id in stale
        for term in wanted[request_id]
    )
    return len(stale)
