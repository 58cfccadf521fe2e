"""Column types: instants with a zone, levels, ids that sort by time."""

import datetime as dt
import time
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import StatementError

from app.domain.level import Level
from app.records import db, transaction
from app.records.enquiry import Draft
from app.records.service_request import ServiceRequest
from app.records.types import UtcDateTime, new_id
from tests.builders import NOW, a_request

INDIA = dt.timezone(dt.timedelta(hours=5, minutes=30))


def test_ids_are_version_7_and_sort_by_the_time_of_their_making() -> None:
    """A thousand ids differ; one made a moment later sorts later."""
    made = [new_id() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert {(each.version, each.variant) for each in made} == {(7, "specified in RFC 4122")}
    time.sleep(0.002)
    assert new_id() > max(made)
    seconds = (made[0].int >> 80) / 1000
    assert abs(seconds - time.time()) < 60


@given(
    st.datetimes(
        min_value=dt.datetime(1, 1, 2),  # noqa: DTZ001 - the zone is drawn beside it
        max_value=dt.datetime(9999, 12, 30),  # noqa: DTZ001 - the zone is drawn beside it
        timezones=st.sampled_from([dt.UTC, INDIA, ZoneInfo("America/New_York")]),
    )
)
def test_an_instant_comes_back_as_the_same_instant(at: dt.datetime) -> None:
    """Whatever its zone, it is stored and given back in UTC, to the microsecond."""
    kind, dialect = UtcDateTime(), sa.create_engine("sqlite://").dialect
    stored = kind.process_bind_param(at, dialect)
    assert stored
    assert stored.tzinfo is None
    back = kind.process_result_value(stored, dialect)
    assert back == at.astimezone(dt.UTC)
    assert back.tzinfo is dt.UTC


def test_a_time_without_a_zone_is_refused(context: Flask) -> None:
    """Nobody knows which instant it means."""
    request = a_request()
    with pytest.raises(StatementError, match="without a zone"), transaction():
        request.due_at = dt.datetime(2026, 11, 24, 11, 30)  # noqa: DTZ001 - that is the fault
    db.session.rollback()
    assert request.due_at.tzinfo is dt.UTC


def test_instants_of_other_zones_compare_and_sort_as_instants(context: Flask) -> None:
    """What was stored in Indian time is found by an instant in UTC."""
    with transaction() as session:
        draft = Draft(
            token_hash=b"1",
            condition="x",
            language="en",
            created_at=NOW.astimezone(INDIA),
            expires_at=NOW.astimezone(INDIA) + dt.timedelta(microseconds=1),
        )
        draft.answers, draft.changes, draft.person = {}, [], {}
        session.add(draft)
    assert db.session.scalars(sa.select(Draft).where(Draft.expires_at > NOW)).all() == [draft]
    later = NOW + dt.timedelta(microseconds=1)
    assert not db.session.scalars(sa.select(Draft).where(Draft.expires_at > later)).all()
    db.session.expire_all()
    assert draft.created_at == NOW


@pytest.mark.parametrize("level", list(Level))
def test_a_level_is_stored_as_its_rank(context: Flask, level: Level) -> None:
    """So that the database sorts the most pressing first."""
    request = a_request(level)
    raw = sa.text("SELECT level FROM service_request")
    assert db.session.scalar(raw) == int(level)
    db.session.expire_all()
    found = db.session.get(ServiceRequest, request.id)
    assert found
    assert found.level is level
