"""What pages of staff tell beyond the newest: how the level came about, and who may be the same."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

from app import case
from app.domain import difference
from app.domain.difference import Difference, level_said
from app.domain.level import Level
from app.words import LEVEL_KINDS, LEVELS, name_of, told
from app.workflow import duplicates

BOTH: Final = ("link", "unlink")


@dataclass(frozen=True, slots=True)
class Step:
    """A decision about the level beside the one before it, in words."""

    at: dt.datetime
    who: str
    version: str
    before: str
    after: str
    differs: Difference
    reason: str | None
    said: str | None


@dataclass(frozen=True, slots=True)
class Sending:
    """One set of answers, as it was sent."""

    at: dt.datetime
    items: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Member:
    """Another request of the case that is open, or one that is maybe the same person's, and why."""

    request: Any
    person: Mapping[str, Any]
    name: str
    level: str
    kind: str
    why: str = ""


def of(found: Any, at: dt.datetime) -> dict[str, Any]:
    """What the page of a request needs to tell of all this, by the names of its template."""
    others, alike = duplicates.others(found), duplicates.may_be(found, at)
    first = duplicates.in_order([found, *others])[0]
    return {
        "steps": steps(found),
        "earlier": sendings(found)[1:],
        "alike": [_member(each.request, each.person, each.why) for each in alike],
        "members": [_member(each, each.person) for each in others],
        "leads": first,
        "case_level": LEVELS[first.level],
        "sendings": {each.reference: sendings(each) for each in others},
        "reasons": {each.reference: told(case.findings(each), each.level) for each in others},
        "contacts": {each.reference: list(case.contact(each)) for each in others},
        "elsewhere": [event for each in others for event in _history(each, found)],
    }


def _member(found: Any, person: Mapping[str, Any], why: Sequence[str] = ()) -> Member:
    return Member(
        request=found,
        person=person,
        name=name_of(person),
        level=LEVELS[found.level],
        kind=LEVEL_KINDS[found.level],
        why=", ".join(why),
    )


def _history(other: Any, found: Any) -> Iterator[case.Event]:
    """What happened to another request of the case; what was done to both is told once."""
    for event in case.history(other):
        told_here = event.what in BOTH and found.reference in (event.words or "")
        if not told_here:
            yield replace(event, of=other.reference)


def sendings(found: Any) -> list[Sending]:
    """Every set of answers, the newest first."""
    return [Sending(each.at, each.items) for each in reversed(found.responses)]


def steps(found: Any) -> list[Step]:
    """What changed with every decision after the first, the newest first."""
    return [_step(found, *pair) for pair in pairwise(found.triages)][::-1]


def _step(found: Any, before: Any, after: Any) -> Step:
    pairs = [(each.level, each.findings, _answers(found, each)) for each in (before, after)]
    levels, rules, items = zip(*pairs, strict=True)
    return Step(
        at=after.at,
        who=after.by.name if after.by else "The rules",
        version=after.pack_version,
        before=LEVELS[before.level],
        after=LEVELS[after.level],
        differs=difference.between(levels, rules, items),
        reason=after.reason,
        said=None if after.by else said(after.level, after.findings, after.pack_version),
    )


def said(level: Level, findings: difference.Findings, version: str) -> str | None:
    """What the rules alone would say, where the level is another."""
    alone = level_said(findings)
    if alone == level:
        return None
    words = f"The rules of version {version} would say {LEVELS[alone]}"
    if alone < level:
        return f"{words}; only a doctor lowers it."
    return f"{words}; a doctor has set it to {LEVELS[level]}."


def _answers(found: Any, triage: Any) -> Sequence[Mapping[str, str]]:
    """The answers that a decision was about: the newest of its time."""
    known = [each for each in found.responses if each.at <= triage.at]
    items: Sequence[Mapping[str, str]] = (known or found.responses)[-1].items
    return items
