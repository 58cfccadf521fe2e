"""The calendar feed behind its address: whose it is, when it ends, and which visits it holds."""

import datetime as dt
from typing import Final

import pytest
import sqlalchemy as sa

from app.domain.errors import NotFound
from app.records import db, transaction
from app.records.audit import AuditEvent
from app.records.schedule import Appointment
from app.records.staff import Practitioner
from app.workflow import feed, staff
from tests.builders import NOW, a_request, a_staff_member, visit_details

pytestmark = pytest.mark.usefixtures("context")

DAY: Final = dt.timedelta(days=1)


def a_visit(doctor: Practitioner, starts_at: dt.datetime, status: str = "booked") -> Appointment:
    """A visit to that doctor."""
    request = a_request(person={"phone": ""})
    details = visit_details(starts_at, status=status, held_until=starts_at)
    with transaction() as session:
        visit = Appointment(request_id=request.id, practitioner_id=doctor.id, **details)
        session.add(visit)
    return visit


def test_a_secret_leads_to_its_owner_until_it_is_replaced_or_ended() -> None:
    """A new one kills the old one; ended, none works; and only a hash is stored."""
    doctor = a_staff_member("doctor")
    first = feed.make(doctor, NOW)
    second = feed.make(doctor, NOW)
    assert feed.owner(second).id == doctor.id
    with pytest.raises(NotFound):
        feed.owner(first)
    assert second.encode() not in (feed.owner(second).feed_hash or b"")
    feed.revoke(doctor, NOW)
    with pytest.raises(NotFound):
        feed.owner(second)
    acts = sa.select(AuditEvent.action).where(AuditEvent.action.like("feed-%"))
    assert list(db.session.scalars(acts.order_by(AuditEvent.number))) == [
        "feed-new",
        "feed-new",
        "feed-end",
    ]


@pytest.mark.parametrize("secret", ["", "x", "\x00", "é" * 43, "A" * 5000])
def test_invented_secrets_lead_nowhere(secret: str) -> None:
    """Nor does an empty one find those who have no feed."""
    a_staff_member("doctor")
    with pytest.raises(NotFound):
        feed.owner(secret)


def test_who_leaves_takes_no_feed_along() -> None:
    """The address ends with the job."""
    doctor = a_staff_member("doctor")
    secret = feed.make(doctor, NOW)
    staff.deactivate(doctor.email, NOW)
    with pytest.raises(NotFound):
        feed.owner(secret)


def test_it_holds_the_visits_from_a_month_ago_to_half_a_year_ahead() -> None:
    """A doctor's own ones; those at the desk see everybody's; a mere offer is no visit."""
    arun, nisha = a_staff_member("doctor"), a_staff_member("doctor", name="Dr Nisha Iyer")
    desk = a_staff_member()
    times = (-31, -29, 1, 179, 181)
    mine = [a_visit(arun, NOW + days * DAY) for days in times]
    hers = a_visit(nisha, NOW + 2 * DAY)
    cancelled = a_visit(arun, NOW + 3 * DAY, "cancelled")
    a_visit(arun, NOW + 4 * DAY, "held")
    expected = [mine[1], mine[2], cancelled, mine[3]]
    assert [each.id for each in feed.visits(arun, NOW)] == [each.id for each in expected]
    assert [each.id for each in feed.visits(nisha, NOW)] == [hers.id]
    assert len(feed.visits(desk, NOW)) == 5
