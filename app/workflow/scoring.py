"""The scores of a case: what doctors have kept, and keeping one more."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, scoped_session

from app.domain.errors import AlreadyChanged, NotFound
from app.domain.scores import Result, work_out
from app.domain.scores import Score as Table
from app.records import audit, db, transaction
from app.records.lookup import locked_request, whole_request
from app.records.score import Score
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner

SECOND_PRESS: Final = dt.timedelta(minutes=1)


def open_case(
    reference: str, by: Practitioner, now: dt.datetime
) -> tuple[ServiceRequest, Sequence[Score]]:
    """The whole request and its scores, the newest first, with an audit line; raises NotFound."""
    with transaction() as session:
        request = whole_request(reference, session)
        audit.remember(session, "open scores", now, by.id, request.id)
        return request, _scores_of(request, session)


def kept_for(request: ServiceRequest) -> Sequence[Score]:
    """The scores of a request that has been opened, the newest first."""
    return _scores_of(request, db.session)


def keep(
    reference: str,
    table: Table,
    answers: Mapping[str, str],
    by: Practitioner,
    now: dt.datetime,
    corrects: uuid.UUID | None = None,
) -> Score:
    """Keep what the answers come to; a row that it corrects stays as it is.

    The same pressed twice is kept once. Raises NotFound, also when it would correct a row of
    another score or request; AlreadyChanged when a colleague has corrected that row; ValueError
    for an answer that the table does not offer.
    """
    result = work_out(table, answers)
    with transaction() as session:
        request = locked_request(reference, session)
        kept = _scores_of(request, session)
        if same := _pressed_before(kept, table, answers, by, now, corrects):
            return same
        if corrects:
            _expect_uncorrected(kept, table, corrects)
        score = Score(
            request_id=request.id,
            at=now,
            by_id=by.id,
            name=table.name,
            table_version=table.version,
            corrects_id=corrects,
        )
        score.answers, score.result = dict(answers), _as_on_the_page(result)
        session.add(score)
        act = "correct score" if corrects else "keep score"
        audit.remember(session, act, now, by.id, request.id)
    return score


def _scores_of(request: ServiceRequest, session: scoped_session[Any]) -> Sequence[Score]:
    return session.scalars(
        sa.select(Score)
        .options(joinedload(Score.by))
        .where(Score.request_id == request.id)
        .order_by(Score.at.desc(), Score.id.desc())
    ).all()


def _pressed_before(
    kept: Sequence[Score],
    table: Table,
    answers: Mapping[str, str],
    by: Practitioner,
    now: dt.datetime,
    corrects: uuid.UUID | None,
) -> Score | None:
    """The row that this person has just kept with the same answers."""
    for score in kept:
        mine = score.by_id == by.id and now - score.at <= SECOND_PRESS
        same = (score.name, score.corrects_id) == (table.name, corrects)
        if mine and same and score.answers == answers:
            return score
    return None


def _expect_uncorrected(kept: Sequence[Score], table: Table, corrects: uuid.UUID) -> None:
    if not any(score.id == corrects and score.name == table.name for score in kept):
        raise NotFound
    if any(score.corrects_id == corrects for score in kept):
        raise AlreadyChanged


def _as_on_the_page(result: Result) -> dict[str, Any]:
    """The words and points as they were, so that a later version of the table changes nothing."""
    items = zip(result.score.items, result.chosen, strict=True)
    return {
        "title": result.score.title,
        "value": result.value,
        "words": result.words,
        "items": [
            {
                "item": item.question,
                "answer": option.words if option else "Not known yet",
                "points": option.points if option else None,
            }
            for item, option in items
        ],
    }
