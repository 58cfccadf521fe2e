"""Stored requests, judged again by a changed pack: levels only, and nothing is written."""

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.condition import Pack
from app.domain.level import Level
from app.domain.triage import Assessment, assess
from app.records import db
from app.records.service_request import QuestionnaireResponse, ServiceRequest, Triage

BATCH: Final = 200
START: Final = uuid.UUID(int=0)


@dataclass(slots=True)
class Replay:
    """What a pack would say of the newest answers of every request."""

    levels: Counter[tuple[Level, Level]] = field(default_factory=Counter)
    """How many had the first level by the rules that judged them, and would have the second."""
    versions: Counter[str] = field(default_factory=Counter)
    lowered: Counter[str] = field(default_factory=Counter)
    """Rules that fired then and whose level would not be reached."""
    raised: Counter[str] = field(default_factory=Counter)
    """Rules that would lead to a higher level than then."""
    references: list[tuple[str, Level, Level]] = field(default_factory=list)

    @property
    def down(self) -> int:
        """How many would fall."""
        return sum(count for (before, after), count in self.levels.items() if after < before)

    @property
    def up(self) -> int:
        """How many would rise."""
        return sum(count for (before, after), count in self.levels.items() if after > before)


def replay(pack: Pack, *, references: bool = False, batch: int = BATCH) -> Replay:
    """Judge the newest answers of every request of this condition.

    Compared is what the rules said then, by whichever version; what a person decided beside them
    stays out. Only when asked for, `references` of those that would move are kept.
    """
    found = Replay()
    for reference, response, triage in _stored(pack.id, batch):
        _compare(found, triage, assess(pack, response.answers), reference if references else None)
    return found


def _stored(condition: str, batch: int) -> Iterator[tuple[str, QuestionnaireResponse, Triage]]:
    """Each request with its newest answers and judgement; no more than a batch is in memory."""
    last = START
    while True:
        with Session(db.engine) as session:
            rows = session.execute(_ASKED, {"condition": condition, "last": last, "batch": batch})
            read = [(row[0], row[1], row[2], row[3]) for row in rows]
        for _, reference, response, triage in read:
            yield reference, response, triage
        if not read:
            return
        last = read[-1][0]


def _newest(model: type[QuestionnaireResponse] | type[Triage]) -> sa.ScalarSelect[int]:
    other = sa.orm.aliased(model)
    asked = sa.select(sa.func.max(other.number)).where(other.request_id == ServiceRequest.id)
    return asked.correlate(ServiceRequest).scalar_subquery()


_ASKED: Final = (
    sa.select(ServiceRequest.id, ServiceRequest.reference, QuestionnaireResponse, Triage)
    .join(QuestionnaireResponse, QuestionnaireResponse.request_id == ServiceRequest.id)
    .join(Triage, Triage.request_id == ServiceRequest.id)
    .where(
        ServiceRequest.condition == sa.bindparam("condition"),
        ServiceRequest.id > sa.bindparam("last"),
        QuestionnaireResponse.number == _newest(QuestionnaireResponse),
        Triage.number == _newest(Triage),
    )
    .order_by(ServiceRequest.id)
    .limit(sa.bindparam("batch"))
)


def _compare(found: Replay, triage: Triage, after: Assessment, reference: str | None) -> None:
    # A person's decision keeps the findings of the rules, so the newest always has them.
    said = {finding["rule"]: Level[finding["level"]] for finding in triage.findings}
    before = max(said.values(), default=Level.routine)
    found.versions[triage.pack_version] += 1
    found.levels[before, after.level] += 1
    found.lowered.update(rule for rule, level in said.items() if level > after.level)
    if after.level > before:
        found.raised.update(finding.rule.id for finding in after.at_its_level())
    if reference and after.level is not before:
        found.references.append((reference, before, after.level))
