"""A stored request as the pages of staff tell it: its clock, reasons, people and history."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.domain import lifecycle
from app.domain.condition import Answers, Pack, in_language
from app.domain.enquiry import Field, pages_for
from app.domain.level import Level
from app.domain.wording import NOTHING, answer_words, page_in_short, question_words, reasons
from app.formats import length_of_time, moment
from app.words import (
    ACCESS_NEEDS,
    CALL_TIMES,
    DOUBTS,
    FOR_WHOM,
    LANGUAGES,
    LEVELS,
    OUTCOMES,
    TURNS,
    WANTED,
    name_of,
    told,
)
from app.workflow import writing

BY_RULES: Final = ("escalate", "offer", "lapse-offer", "retriage")
"""What happens without a person's act."""


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the history: when, who (nobody is never shown empty), what, and their words.

    `of` is the reference of the request, where it is another one of the case.
    """

    at: dt.datetime
    who: str
    what: str
    words: str | None = None
    late: bool = False
    of: str | None = None


@dataclass(frozen=True, slots=True)
class OnPaper:
    """An open case as it stands on paper: what one needs to phone the person, and little more."""

    reference: str
    level: Level
    name: str
    phone: str | None
    facts: list[tuple[str, str]]


def on_paper(row: Any, zone: ZoneInfo, at: dt.datetime) -> OnPaper:
    """A case in the words of a sheet."""
    found, person = row.request, row.person
    waiting, _ = clock(found, at)
    call = OUTCOMES[row.last_outcome] if row.last_outcome else "Nobody has called yet"
    facts = [
        ("Told us", told(row.findings, found.level)),
        ("Now", ". ".join(words for words in (TURNS[found.status], waiting) if words)),
        ("Came in", moment(found.created_at, zone, at)),
        ("Speaks", LANGUAGES[person.get("speaks") or found.language]),
        ("Filled in by", person.get("caller_name", "")),
        ("Best time", CALL_TIMES.get(person.get("call_time", ""), "")),
        ("Help needed", ", ".join(ACCESS_NEEDS.get(n, n) for n in person.get("access", []))),
        ("Last call", call),
        ("Call back", moment(row.call_back_at, zone, at) if row.call_back_at else ""),
        ("Doctor says", found.instruction or ""),
        ("Visit", moment(row.visit.starts_at, zone, at) if row.visit else ""),
    ]
    return OnPaper(
        reference=found.reference,
        level=found.level,
        name=name_of(person),
        phone=person.get("phone"),
        facts=[(term, words) for term, words in facts if words],
    )


def waited(found: Any, at: dt.datetime) -> str:
    """How long it has waited, in few letters: "22 min", or "22 min, late 7" behind its target."""
    length = length_of_time(at - found.waiting_since)
    if at <= found.due_at:
        return length
    late = length_of_time(at - found.due_at)
    return f"{length}, late {late if 'h' in late else late.removesuffix(' min')}"


def clock(found: Any, at: dt.datetime) -> tuple[str, bool]:
    """How long it waits against its target, in words, and whether it is late."""
    if found.status == lifecycle.WITH_DOCTOR and found.acknowledged_at:
        waited = length_of_time(found.acknowledged_at - found.waiting_since)
        return f"Taken by {found.acknowledged_by.name} after {waited}", False
    if found.status not in (lifecycle.WITH_DESK, lifecycle.WITH_DOCTOR):
        return "", False
    waited = f"Waiting {length_of_time(at - found.waiting_since)}"
    if at > found.due_at:
        return f"{waited}, late {length_of_time(at - found.due_at)}", True
    return f"{waited}; {length_of_time(found.due_at - at)} left", False


def looking(
    others: Sequence[tuple[str, dt.datetime]],
    zone: ZoneInfo,
    at: dt.datetime,
    does: str = "looking",
) -> str:
    """Who else has it open: "Meera Joshi is looking (11:41 am)"."""
    return ". ".join(f"{name} is {does} ({moment(since, zone, at)})" for name, since in others)


def findings(found: Any) -> list[Mapping[str, Any]]:
    """The rules that fired, the most pressing first."""
    return sorted(found.triage.findings, key=lambda f: -Level[f["level"]])


def decisive(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The most pressing of the rules that fired."""
    return [finding for finding in findings if finding["level"] == findings[0]["level"]]


def script(findings: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the most pressing rules tell the desk to do, each once."""
    return list(dict.fromkeys(f["desk"] for f in decisive(findings) if f["desk"]))


def flags(
    found: Any, findings: Sequence[Mapping[str, Any]], pack: Pack | None
) -> list[tuple[str, list[str]]]:
    """What was told that decided the level, with its rules; cancer last.

    In the patient's words: ("weak leg, today, both sides", ["E01", "E05"]).
    """
    answers = found.response.answers
    rules: dict[str, list[str]] = {}
    for finding in decisive(findings):
        told = [with_details(name, answers, pack) for name in finding["evidence"]]
        for words in [words for words in told if words] or finding["reasons"]:
            rules.setdefault(words, []).append(finding["rule"])
    return sorted(rules.items(), key=lambda flag: "cancer" in flag[0])


def with_details(name: str, answers: Answers, pack: Pack | None) -> str:
    """What was told in an answer, with its start, change and side."""
    question = pack.questions.get(name) if pack else None
    if pack is None or question is None:
        return ""
    words = list(reasons(pack, [name], answers, "en"))
    for each in question.details:
        options = pack.details[each].options
        chosen = [o for o in options if o.value == answers.get(f"{name}.{each}")]
        words += [in_language(option.title or option.label, "en") for option in chosen]
    return ", ".join(words)


def told_by_page(found: Any, pack: Pack | None) -> Iterator[tuple[str, list[str]]]:
    """What was told, page by page, in short; pages where nothing was told are left out."""
    if pack is None:
        return
    answers = found.response.answers
    for page in pages_for(pack, answers):
        if page.details_of or page.one_by_one:
            continue
        own = [q for q in pack.asked_on(page) if q.kind == "text" and q.id in answers]
        apart = {*NOTHING, *(answers[question.id] for question in own)}
        words = page_in_short(pack, page, answers, "en")
        if short := [each for each in words if each not in apart]:
            yield in_language(page.title, "en"), short
        for question in own:
            yield in_language(question.ask, "en"), [answers[question.id]]


def who_answered(found: Any) -> str:
    """Who filled it in: "A relative answered by phone"."""
    who = FOR_WHOM.get(found.answering_for, found.answering_for)
    return f"{who} by phone" if found.source == "phone" else who


def contact(found: Any) -> Iterator[tuple[str, str]]:
    """Who asked, for whom, and how to speak with them: (term, words)."""
    person = found.person
    yield "Asked for", _wanted(found)
    if person.get("caller_name"):
        yield "Filled in by", person["caller_name"]
    yield "Who", who_answered(found)
    yield "Speaks", LANGUAGES[person.get("speaks") or found.language]
    if person.get("email"):
        yield "E-mail", person["email"]
    yield "May speak to", person.get("speak_to", {}).get("who") or "The patient alone"
    needs = [ACCESS_NEEDS.get(need, need) for need in person.get("access", [])]
    if needs:
        yield "Help needed", ", ".join(needs)
    if person.get("already_checked"):
        yield "Seen by a doctor", person["already_checked"]
    if person.get("doubt"):
        yield "Maybe a program", DOUBTS[person["doubt"]]
    yield "Consent", _consent(found)


def _wanted(found: Any) -> str:
    when = CALL_TIMES.get(found.person.get("call_time", ""))
    wanted = WANTED.get(found.wanted, "Not said")
    return f"{wanted}, {when}" if when else wanted


def _consent(found: Any) -> str:
    if found.consent_version:
        return f"Given, text of {found.consent_version}"
    return "Not given yet. Ask for it on the phone"


def changes(found: Any, pack: Pack | None) -> Iterator[tuple[dt.datetime, str, str, str]]:
    """Answers that were changed after advice was shown: when, what, before, after."""
    for change in found.response.changes:
        at = dt.datetime.fromisoformat(change["at"])
        for name, (old, new) in change["changed"].items():
            field = _field(pack, name)
            if field:
                words = [answer_words(field, v, "en") if v else "no answer" for v in (old, new)]
                yield at, question_words(field, "en"), words[0], words[1]


def found_out(found: Any) -> tuple[str, str, str] | None:
    """What a doctor asked and who of the desk answered what; None unless it is the newest news."""
    turns = [change for change in found.history if change.after != change.before]
    newest = turns[-1] if turns else None
    if newest is None or newest.event != lifecycle.ANSWER or not found.instruction:
        return None
    return found.instruction, newest.by.name, newest.note


def _field(pack: Pack | None, name: str) -> Field | None:
    """The field of that name in today's pack; older packs may have had others."""
    question_id, _, detail = name.partition(".")
    if pack is None or question_id not in pack.questions:
        return None
    return Field(name, pack.questions[question_id], pack.details.get(detail))


def history(found: Any) -> Iterator[Event]:
    """Everything that happened to it, in no order."""
    if found.begun_at:
        yield Event(found.begun_at, "The patient", "begin")
    if found.warned_at:
        yield Event(found.warned_at, "The patient", "was-warned")
    for change in found.history:
        if change.event == "submit":
            yield Event(change.at, _who(change), _how_sent(found, change), change.note)
        elif change.event != "raise":
            yield Event(change.at, _who(change), change.event, change.note)
    for before, triage in pairwise(found.triages):
        same = triage.by and triage.level == before.level
        what = f"{'kept the level at' if same else 'set the level to'} {LEVELS[triage.level]}"
        yield Event(triage.at, triage.by.name if triage.by else "The rules", what, triage.reason)
    for call in found.attempts:
        what = f"called: {OUTCOMES[call.outcome].lower()}"
        yield Event(call.at, call.by.name, what, call.note)
    for note in found.notes:
        yield Event(note.at, note.by.name, "wrote a note", note.text)
    for mail in writing.written(found):
        yield Event(mail.at, mail.by.name, "wrote to the patient", f"{mail.subject}\n{mail.text}")


def _how_sent(found: Any, change: Any) -> str:
    """By phone, as a number left on the emergency page, or as a whole."""
    if change.by:
        return "took the request by phone"
    agreed = found.consent_at and found.consent_at <= change.at
    return "submit" if agreed or not found.warned_at else "leave-number"


def _who(change: Any) -> str:
    if change.by:
        return str(change.by.name)
    return "The rules" if change.event in BY_RULES else "The patient"
