"""The page of one case: level and clock, who, why, what was told, what happened, what to do."""

import datetime as dt
from typing import Any

from flask import make_response, render_template
from werkzeug.wrappers import Response

from app import case, story
from app.access import counts, current_staff, now, packs, settings
from app.doctor.forms import CallForm, DecisionForm, InquiryForm
from app.doctor.kept_scores import as_kept, standing
from app.doctor.timeline import timeline
from app.domain import lifecycle, neuro
from app.domain.condition import NO, Answers, Pack, in_language
from app.domain.difference import level_said
from app.domain.scores import SUPPORTS
from app.formats import length_of_time
from app.linking import LinkForm
from app.words import CLOSING_REASONS, LANGUAGES, LEVEL_KINDS, LEVELS, name_of
from app.workflow import escalation, outbox, queue, review, scoring


def case_page(
    found: Any,
    form: DecisionForm | None = None,
    call: CallForm | None = None,
    inquiry: InquiryForm | None = None,
    link: LinkForm | None = None,
    status: int = 200,
) -> Response:
    """The page of a case; with the form that could not be taken, if there is one."""
    at = now()
    pack = packs().get(found.condition)
    refused = form or call or inquiry or link
    waits = found.status == lifecycle.WITH_DOCTOR
    taken = waits and found.acknowledged_at is not None
    form = form or DecisionForm(found.level, formdata=None)
    # Opened once each: every look at a sealed field opens it again.
    person, findings = found.person, case.findings(found)
    decisive = case.decisive(findings)
    beside = story.of(found, at)
    alarms = outbox.told(found, escalation.KINDS, at)
    kept = as_kept(scoring.kept_for(found))
    answers, items = found.response.answers, found.response.items
    others = queue.who_looks([found.id], current_staff().id, at).get(found.id, [])
    page = render_template(
        "doctor/case.html",
        request=found,
        person=person,
        name=name_of(person),
        speaks=LANGUAGES[person.get("speaks") or found.language],
        who_answered=case.who_answered(found),
        level=LEVELS[found.level],
        level_kind=LEVEL_KINDS[found.level],
        target=target_of(found),
        waits=waits,
        looking=case.looking(others, settings().clinic_zone, at, "looking at this"),
        visit=found.appointment,
        taken_by=taker_of(found) if taken else None,
        clock=_elapsed(found, at) if waits or found.asked_at else "",
        ticks=not taken and (waits or found.asked_at),
        may_take_back=review.may_take_back(found, current_staff(), at),
        rules_said=LEVELS[level_said(found.triage.findings)],
        pack=pack,
        flags=case.flags(found, findings, pack),
        decisive=decisive,
        other_findings=findings[len(decisive) :],
        told=list(case.told_by_page(found, pack)),
        warned_at=found.warned_at,
        changes=list(case.changes(found, pack)),
        answered=[item for item in items if answers.get(item["field"]) != NO],
        denied=[item for item in items if answers.get(item["field"]) == NO],
        contact=list(case.contact(found)),
        timeline=timeline(found, alarms, kept, beside.pop("elsewhere"), at),
        **beside,
        link=link or LinkForm(found.reference, formdata=None),
        functions=neuro.timeline(pack, answers) if pack else (),
        scale=neuro.scale(pack) if pack else (),
        worst_pain=worst_pain(pack, answers),
        found_out=case.found_out(found) if waits else None,
        scores=standing(kept),
        scores_offered=bool(pack and pack.scores),
        supports=SUPPORTS,
        closed_reason=CLOSING_REASONS.get(found.closed_reason or ""),
        form=form,
        call=call or CallForm(formdata=None),
        call_open=call is not None,
        inquiry=inquiry or InquiryForm(formdata=None),
        inquiry_open=inquiry is not None,
        errors=[(f.id, f.errors[0]) for f in refused if f.errors] if refused else [],
        waiting=counts().with_doctor,
        at=at,
    )
    return make_response(page, status)


def _elapsed(found: Any, at: dt.datetime) -> str:
    """The clock of the level bar; it stands still once the case is taken."""
    return case.waited(found, at if found.asked_at else found.acknowledged_at or at)


def taker_of(found: Any) -> str:
    """Who has taken it, in the words of who looks."""
    mine = found.acknowledged_by_id == current_staff().id
    return "you" if mine else str(found.acknowledged_by.name)


def target_of(found: Any) -> str:
    """How long it could wait: by night longer than by day."""
    return length_of_time(found.due_at - found.waiting_since)


def worst_pain(pack: Pack | None, answers: Answers) -> tuple[str | None, str] | None:
    """Where the worst pain is: its place on the picture of the spine, and its words.

    The least worrying answer, no pain, has no place.
    """
    name = pack.brief.worst_pain if pack else None
    question = pack.questions[name] if pack and name else None
    option = question.option(answers.get(question.id)) if question else None
    if question is None or option is None:
        return None
    place = None if option.value == question.least else option.value
    return place, in_language(option.label, "en")
