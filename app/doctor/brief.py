"""The case brief for the hospital: one page, always in the same order, on paper or as a PDF."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import make_response, render_template
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app import case
from app.access import current_staff, now, packs, settings
from app.doctor import doctor
from app.doctor.brief_pdf import as_pdf
from app.doctor.case_page import target_of, worst_pain
from app.doctor.kept_scores import as_kept, standing
from app.doctor.timeline import timeline
from app.domain import neuro
from app.domain.condition import NO, Answers, Pack, in_language
from app.formats import long_day, moment, phone
from app.words import LANGUAGES, LEVEL_KINDS, LEVELS, TURNS, done, name_of
from app.workflow import escalation, outbox, review, scoring

MOST_LINES: Final = 14
FIRST_LINES: Final = 4
"""Of a longer timeline, so many lines from its start are kept, and the rest from its end."""

MOST_FLAGS: Final = 12
MOST_RULES: Final = 8
LONGEST_WORDS: Final = 500
"""Letters of one answer; a story may be longer."""

Facts = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class CaseBrief:
    """What stands on the page, in the order of the page.

    `rules` are the flags' guideline paragraphs; `picture` is the place on the spine.
    """

    reference: str
    name: str
    level: str
    kind: str
    head: Facts
    flags: Facts
    rules: Sequence[str]
    told: Facts
    denied: str
    functions: Sequence[neuro.Line]
    scale: Sequence[str]
    picture: str | None
    findings: Facts
    scores: Sequence[str]
    timeline: Facts
    contact: Facts
    clinic: str
    printed: str


@doctor.get("/reviews/<reference>/brief")
def brief(reference: str) -> ResponseReturnValue:
    """The page to print; opening it is remembered."""
    at = now()
    found = review.open_brief(reference, current_staff(), at, "page")
    return render_template("doctor/brief.html", brief=brief_of(found, at))


@doctor.get("/reviews/<reference>/brief.pdf")
def brief_as_pdf(reference: str) -> Response:
    """The same as a file, named by the reference alone and kept nowhere."""
    at = now()
    found = review.open_brief(reference, current_staff(), at, "pdf")
    response = make_response(as_pdf(brief_of(found, at), at))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{found.reference}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


def brief_of(found: Any, at: dt.datetime) -> CaseBrief:
    """The content of the page, whatever it is written on."""
    pack, clinic = packs().get(found.condition), settings()
    person, findings = found.person, case.findings(found)
    answers, decisive = found.response.answers, case.decisive(findings)
    kept = as_kept(scoring.kept_for(found))
    happened = timeline(found, outbox.told(found, escalation.KINDS, at), kept, (), at)
    place = worst_pain(pack, answers)
    return CaseBrief(
        reference=found.reference,
        name=name_of(person),
        level=LEVELS[found.level],
        kind=LEVEL_KINDS[found.level],
        head=list(_head(found, at)),
        flags=list(_flags(case.flags(found, findings, pack))),
        rules=_some([_rule(finding) for finding in decisive]),
        told=list(_told(found, pack)),
        denied=_denied(pack, answers),
        functions=neuro.timeline(pack, answers) if pack else (),
        scale=neuro.scale(pack) if pack else (),
        picture=place[0] if place else None,
        findings=list(_findings(pack, answers, place)),
        scores=[
            f"{s.heading}: {s.value}. {s.words} ({s.by}, {_when(s.at, at)})" for s in standing(kept)
        ],
        timeline=_shortened([_line(event, at) for event in happened]),
        contact=_contact(found, person),
        clinic=f"{clinic.clinic_name}, {clinic.clinic_address}. Phone {clinic.clinic_phone}",
        printed=(
            f"Printed by {current_staff().name}, {long_day(at, clinic.clinic_zone)}, "
            f"{_when(at, at)}. From the patient’s own answers; not a diagnosis."
        ),
    )


def _head(found: Any, at: dt.datetime) -> Iterator[tuple[str, str]]:
    clock, _ = case.clock(found, at)
    yield "Status", f"{TURNS[found.status]}. {clock}".rstrip(". ") + f". Target {target_of(found)}"
    yield "Came in", _when(found.created_at, at)
    if found.warned_at:
        yield "Emergency advice shown", _when(found.warned_at, at)
    if found.triage.by:
        yield "Level set by", f"{found.triage.by.name}: {_cut(found.triage.reason)}"


def _flags(flags: Sequence[tuple[str, list[str]]]) -> Iterator[tuple[str, str]]:
    for words, rules in flags[:MOST_FLAGS]:
        word = "Rule" if len(rules) == 1 else "Rules"
        yield f"{words[:1].upper()}{words[1:]}", f"{word} {', '.join(rules)}"
    if len(flags) > MOST_FLAGS:
        yield f"{len(flags) - MOST_FLAGS} more in the record", ""


def _rule(finding: Any) -> str:
    return f"{finding['rule']} {finding['title']} ({'; '.join(finding['source'])})"


def _some(rules: Sequence[str]) -> Sequence[str]:
    more = len(rules) - MOST_RULES
    return [*rules[:MOST_RULES], f"{more} more in the record"] if more > 0 else rules


def _told(found: Any, pack: Pack | None) -> Iterator[tuple[str, str]]:
    """What was told or not certain, page by page; as it was asked where the pack is gone."""
    if pack is None:
        yield from ((item["question"], _cut(item["answer"])) for item in found.response.items)
    for title, words in case.told_by_page(found, pack):
        yield title, _cut(", ".join(words))
    for _, question, before, after in case.changes(found, pack):
        yield "Changed after the advice", f"{question} {before}, then {after}"


def _denied(pack: Pack | None, answers: Answers) -> str:
    """The danger signs that were answered with no, in one line."""
    questions = pack.questions.values() if pack else ()
    denied = [q for q in questions if q.core and answers.get(q.id) == NO]
    return ", ".join(in_language(question.title, "en") for question in denied)


def _findings(
    pack: Pack | None, answers: Answers, place: tuple[str | None, str] | None
) -> Iterator[tuple[str, str]]:
    """Worst pain, scans and medicines; that nothing is known of them is said."""
    yield "Worst pain", place[1] if place else "Not answered"
    if pack is None:
        return
    for title, names in (("Scans", pack.brief.scans), ("Medicines", pack.brief.medicines)):
        told, denied = neuro.in_short(pack, names, answers)
        words = [told or "Nothing told", f"No: {denied}" if denied else ""]
        yield title, ". ".join(part for part in words if part)


def _contact(found: Any, person: Any) -> Facts:
    facts = [
        ("Patient’s phone", phone(person["phone"]) if person.get("phone") else "Not given"),
        ("Speaks", LANGUAGES[person.get("speaks") or found.language]),
        (
            "Answered by",
            ": ".join(filter(None, (case.who_answered(found), person.get("caller_name")))),
        ),
    ]
    if found.appointment:
        visit = found.appointment
        facts.append(
            ("Visit", f"{visit.in_words(settings().clinic_zone)}, {visit.practitioner.name}")
        )
    return facts


def _line(event: case.Event, at: dt.datetime) -> tuple[str, str]:
    words = f". {_cut(event.words, 160)}" if event.words else ""
    return _when(event.at, at), f"{event.who} {done(event.what)}{words}"


def _shortened(lines: Facts) -> Facts:
    left_out = len(lines) - MOST_LINES
    if left_out <= 0:
        return lines
    rest = ("", f"({left_out} lines are in the record only)")
    return [*lines[:FIRST_LINES], rest, *lines[FIRST_LINES + left_out :]]


def _cut(words: str, longest: int = LONGEST_WORDS) -> str:
    return words if len(words) <= longest else f"{words[:longest].rstrip()} … (more in the record)"


def _when(at: dt.datetime, today: dt.datetime) -> str:
    return moment(at, settings().clinic_zone, today)
