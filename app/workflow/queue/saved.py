"""Views that are kept under a name: for oneself, or by the manager for all."""

import uuid
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import scoped_session

from app.domain.errors import NotFound, TooMany
from app.records import db, transaction
from app.records.saved_view import SavedView
from app.records.staff import Practitioner
from app.workflow.queue.choice import Choice

MOST: Final = 8
"""So many for a person, and as many for all: each is counted whenever the list is shown."""


def views_of(person: Practitioner) -> Sequence[SavedView]:
    """The views that a person sees: those for all first, the oldest first."""
    theirs = sa.or_(SavedView.owner_id == person.id, SavedView.shared)
    order = (SavedView.shared.desc(), SavedView.id)
    return db.session.scalars(sa.select(SavedView).where(theirs).order_by(*order)).all()


def choice_of(view: SavedView) -> Choice:
    """What a saved view lists."""
    return Choice(view.view, view.level, view.status, view.speaks, view.wants, view.sort)


def save(name: str, choice: Choice, by: Practitioner, *, shared: bool = False) -> SavedView:
    """Keep a choice under a name; for all when a manager says so. Raises TooMany."""
    shared = shared and by.role == "manager"
    with transaction() as session:
        same = SavedView.shared if shared else _own(by)
        known = sa.select(sa.func.count()).select_from(SavedView).where(same)
        if (session.scalar(known) or 0) >= MOST:
            raise TooMany
        view = SavedView(
            owner_id=by.id,
            shared=shared,
            view=choice.view,
            level=choice.level,
            status=choice.status,
            speaks=choice.speaks,
            wants=choice.wants,
            sort=choice.sort,
        )
        view.name = name
        session.add(view)
    return view


def rename(view_id: uuid.UUID, name: str, by: Practitioner) -> None:
    """Give a view another name; raises NotFound for one that is not theirs to change."""
    with transaction() as session:
        _theirs(session, view_id, by).name = name


def remove(view_id: uuid.UUID, by: Practitioner) -> None:
    """Forget a view; raises NotFound for one that is not theirs to change."""
    with transaction() as session:
        session.delete(_theirs(session, view_id, by))


def may_change(view: SavedView, by: Practitioner) -> bool:
    """One's own; those for all belong to whoever is the manager."""
    return by.role == "manager" if view.shared else view.owner_id == by.id


def _own(by: Practitioner) -> Any:
    return sa.and_(SavedView.owner_id == by.id, ~SavedView.shared)


def _theirs(session: scoped_session[Any], view_id: uuid.UUID, by: Practitioner) -> SavedView:
    view = session.get(SavedView, view_id)
    if view is None or not may_change(view, by):
        raise NotFound
    return view
