"""Which cases stand on the sheet, and who took it."""

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.level import Level
from app.records import audit, db
from app.records.audit import AuditEvent
from app.workflow import review, urgent_sheet
from tests.builders import NOW, a_request, a_staff_member

MINUTE = dt.timedelta(minutes=1)

pytestmark = pytest.mark.usefixtures("context")


def test_every_pressing_case_that_is_not_closed(context: Flask) -> None:
    """Emergencies first, then the longest waiting; what was taken by a doctor stays on it."""
    doctor = a_staff_member("doctor")
    numbers = [f"+91987654320{n}" for n in range(5)]
    levels = (Level.urgent, Level.emergency, Level.emergency, Level.emergency, Level.routine)
    made = [
        a_request(level, at=NOW + n * MINUTE, person={"phone": number})
        for n, (level, number) in enumerate(zip(levels, numbers, strict=True))
    ]
    review.acknowledge(made[2].reference, doctor, NOW + 9 * MINUTE)
    closed = made[3]
    review.decide(
        closed.reference,
        "send-to-hospital",
        "Gone",
        closed.version,
        doctor,
        NOW + 9 * MINUTE,
        dt.UTC,  # type: ignore[arg-type]  # any zone will do
    )
    sheet = urgent_sheet.take(NOW + 10 * MINUTE, doctor)
    found = [row.request.reference for row in sheet.rows]
    assert found == [made[1].reference, made[2].reference, made[0].reference]
    assert not sheet.more


def test_taking_it_is_remembered(context: Flask) -> None:
    """A person or a command leaves a line in the log, which stays whole."""
    desk = a_staff_member()
    urgent_sheet.take(NOW, desk)
    urgent_sheet.take(NOW)
    lines = db.session.execute(
        sa.select(AuditEvent.actor_id, AuditEvent.request_id)
        .where(AuditEvent.action == "urgent-sheet")
        .order_by(AuditEvent.number)
    ).all()
    assert [tuple(line) for line in lines] == [(desk.id, None), (None, None)]
    assert audit.first_broken(db.session) is None
