"""Stored requests under changed rules: levels are counted, and nothing is written."""

import dataclasses

import sqlalchemy as sa
from flask import Flask

from app.domain.condition import Pack
from app.domain.level import Level
from app.records import db
from app.records.audit import AuditEvent
from app.records.service_request import ServiceRequest
from app.workflow import replay, review
from tests.builders import NOW, a_request, a_staff_member, the_clinic, the_pack


def pack_with(**levels: Level) -> Pack:
    """The pack, with other levels of some rules."""
    pack = the_pack()
    rules = tuple(
        dataclasses.replace(rule, level=levels.get(rule.id, rule.level)) for rule in pack.rules
    )
    return dataclasses.replace(pack, rules=rules, version="9.9")


def deciding(level: Level) -> dict[str, Level]:
    """The rules of that level, each made routine."""
    return {rule.id: Level.routine for rule in the_pack().rules if rule.level is level}


def test_the_same_rules_move_nobody(context: Flask) -> None:
    """Every request is counted once, by the version that judged it, however small the batches."""
    for level in (*Level, Level.soon):
        a_request(level)
    found = replay.replay(the_pack(), references=True, batch=2)
    assert found.levels == {(level, level): 1 + (level is Level.soon) for level in Level}
    assert found.versions == {the_pack().version: 5}
    assert (found.down, found.up, found.references) == (0, 0, [])
    assert not found.lowered
    assert not found.raised


def test_those_who_would_fall_and_rise_are_counted(context: Flask) -> None:
    """With the rules that are responsible; references only when they are asked for."""
    falls, rises = a_request(Level.soon), a_request(Level.routine)
    pack = pack_with(**deciding(Level.soon), R01=Level.urgent)
    found = replay.replay(pack)
    assert (found.down, found.up, found.references) == (1, 1, [])
    assert found.levels[Level.soon, Level.routine] == 1
    assert found.levels[Level.routine, Level.urgent] == 1
    assert set(found.lowered) <= set(deciding(Level.soon))
    assert found.lowered
    assert found.raised == {"R01": 1}
    asked = replay.replay(pack, references=True).references
    assert sorted(asked) == sorted(
        [
            (falls.reference, Level.soon, Level.routine),
            (rises.reference, Level.routine, Level.urgent),
        ]
    )


def test_what_a_doctor_decided_is_left_out(context: Flask) -> None:
    """The rules are compared with the rules, and the newest decision is a person's."""
    doctor = a_staff_member("doctor")
    request = a_request(Level.urgent)
    review.decide(
        request.reference,
        "decide",
        "Book a visit.",
        request.version,
        doctor,
        NOW,
        the_clinic(),
        level=Level.soon,
        reason="Seen on the phone.",
    )
    assert replay.replay(the_pack()).levels == {(Level.urgent, Level.urgent): 1}


def test_other_conditions_are_left_out(context: Flask) -> None:
    """A pack judges the requests of its own condition."""
    a_request(Level.soon)
    other = dataclasses.replace(the_pack(), id="cauda-equina-syndrome")
    assert replay.replay(other).versions.total() == 0


def test_nothing_is_written(context: Flask) -> None:
    """Not even the line of an opening, for nobody was opened."""
    request = a_request(Level.soon)
    lines = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEvent))
    replay.replay(pack_with(**deciding(Level.soon)))
    db.session.expire_all()
    stored = db.session.scalars(sa.select(ServiceRequest)).one()
    assert (stored.level, stored.version, len(stored.triages)) == (Level.soon, request.version, 1)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEvent)) == lines
