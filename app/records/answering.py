"""New answers of a request: kept as given, judged, and what they mean for its clock."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from app.domain import wording
from app.domain.condition import Answers, Pack
from app.domain.level import Level
from app.domain.triage import Assessment, Finding, unread
from app.records.service_request import QuestionnaireResponse, ServiceRequest, Triage

OWN_WORDS = "own-words"


def respond(
    request: ServiceRequest,
    pack: Pack,
    answers: Answers,
    language: str,
    now: dt.datetime,
    changes: Iterable[Mapping[str, Any]] = (),
    first: Iterable[dict[str, Any]] = (),
) -> None:
    """Keep answers with the words of their questions; `first` are items that stand before them."""
    response = QuestionnaireResponse(
        number=len(request.responses) + 1,
        at=now,
        pack=pack.id,
        pack_version=pack.version,
        language=language,
    )
    response.answers = dict(answers)
    response.items = [*first, *wording.as_asked(pack, answers, language)]
    response.changes = [dict(change) for change in changes]
    request.responses.append(response)


def judge(
    request: ServiceRequest, pack: Pack, assessment: Assessment, now: dt.datetime, higher: str
) -> None:
    """Append what the rules say of the newest answers; `higher` is why the level is above that."""
    triage = Triage(
        number=len(request.triages) + 1, at=now, level=request.level, pack_version=pack.version
    )
    answers = request.response.answers
    triage.findings = [_in_words(pack, finding, answers) for finding in assessment.findings]
    if unread(pack, answers, request.response.language):
        triage.findings = [*triage.findings, _own_words(assessment.level)]
    triage.reason = None
    if assessment.watchwords:
        triage.reason = "In their own words: " + ", ".join(assessment.watchwords)
    if request.level > assessment.level:
        triage.reason = higher
    request.triages.append(triage)


def _own_words(level: Level) -> dict[str, Any]:
    """What stands among the findings for free text that no rule can read. It changes no level."""
    return {
        "rule": OWN_WORDS,
        "level": level.name,
        "title": "Own words in another language: not read by the rules, a person reads them",
        "reasons": ["own words not read by the rules"],
        "evidence": [],
        "source": [],
        "desk": "Read what they wrote in their own words, or ask somebody who knows the language.",
    }


def _in_words(pack: Pack, finding: Finding, answers: Answers) -> dict[str, Any]:
    """A finding with the words of this version of the pack, so that it stays explained."""
    rule = finding.rule
    return {
        "rule": rule.id,
        "level": rule.level.name,
        "title": rule.title,
        "reasons": list(wording.reasons(pack, finding.evidence, answers, "en")),
        "evidence": list(finding.evidence),
        "source": [wording.source_words(pack, citation) for citation in rule.source],
        "desk": rule.desk,
    }
