"""How the pages and mails of staff say what the records keep."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.domain import lifecycle
from app.domain.level import Level

NO_NAME: Final = "Name not given"
NO_REASON: Final = "No danger sign told"
MOST_REASONS: Final = 5

LEVELS: Final = {
    Level.emergency: "Emergency",
    Level.urgent: "Urgent",
    Level.soon: "Soon",
    Level.routine: "Routine",
}
LEVEL_KINDS: Final = {
    Level.emergency: "now",
    Level.urgent: "today",
    Level.soon: "soon",
    Level.routine: "",
}
# Source: triage rule base, section 1 (policy).
TARGETS: Final = {
    Level.emergency: "call within 15 minutes",
    Level.urgent: "call within 4 hours",
    Level.soon: "call within 1 working day",
    Level.routine: "call within 3 working days",
}
# How a doctor's review of a case ends.
DECISIONS: Final = {
    "going": "Going to hospital now",
    "admitted": "Admitted or transferred",
    "today": "See today at the clinic",
    "visit": "Not an emergency: book a visit",
    "no-answer": "No answer",
}
# What a decision asks of the desk.
INSTRUCTIONS: Final = {"today": "Book a visit for today", "visit": "Book a visit"}
# Whose turn a request is, by its status.
TURNS: Final = {
    lifecycle.WITH_DOCTOR: "With the doctor",
    lifecycle.WITH_DESK: "With the desk",
    lifecycle.WITH_PATIENT: "Waiting for the patient",
    lifecycle.BOOKED: "Visit booked",
    lifecycle.CLOSED: "Closed",
}
WANTED: Final = {"call": "Call", "visit": "Visit", "advice": "Advice on reports"}
CALL_TIMES: Final = {
    "morning": "in the morning",
    "afternoon": "in the afternoon",
    "evening": "in the evening",
}
LANGUAGES: Final = {"en": "English", "hi": "Hindi", "mr": "Marathi", "other": "Another language"}
FOR_WHOM: Final = {
    "self": "The patient answered",
    "relative": "A relative answered",
    "carer": "A carer answered",
    "clinician": "A doctor or nurse answered",
}
CALLERS: Final = {
    "self": "The patient",
    "relative": "A relative",
    "carer": "A carer",
    "clinician": "A doctor or nurse",
}
ACCESS_NEEDS: Final = {
    "wheelchair": "uses a wheelchair",
    "sitting": "cannot sit for long",
    "hearing": "does not hear well",
    "sight": "does not see well",
    "interpreter": "needs an interpreter",
    "companion": "someone must come along",
}
# Why a request may not come from a person.
DOUBTS: Final = {
    "hidden-field": "A field that people do not see was filled in",
    "too-quick": "All pages were answered within seconds",
}
OUTCOMES: Final = {
    "answered": "Answered",
    "no-answer": "No answer",
    "left-message": "Left a message",
    "wrong-number": "Wrong number",
}
# The mails of the clinic, by kind.
MAILS: Final = {
    "new-request": "New request",
    "doctor-alert": "Alert to the doctor",
    "late": "Late: nobody has called",
    "patient-news": "News from the patient",
    "acknowledgement": "We got your request",
    "emergency-sent": "Emergency: what to do",
    "booked": "Your visit is booked",
    "changed": "Your visit has changed",
    "cancelled": "Your visit is cancelled",
    "reminder": "Reminder of the visit",
    "worse": "Has it got worse?",
    "offer": "A time is free for you",
    "new-link": "The new link",
    "written": "Written by the desk",
}
# What somebody must see to, by the kind of the task.
PROBLEMS: Final = {
    "undelivered": "A mail did not arrive",
    "no-answer": "Three calls without an answer",
    "number-left": "A number was left at the emergency page",
    "missed-target": "The target was missed",
    "no-outcome": "A past visit without an outcome",
    "roster-gap": "Nobody is on call",
    "possible-duplicate": "Maybe the same as another request",
}
# Why a task closed by itself.
ENDINGS: Final = {
    "sent": "the mail went out after all",
    "not-needed": "nobody needs the mail any more",
    "visit-over": "the visit has begun, or there is none any more",
    "taken": "somebody has taken the request",
    "answered": "somebody answered a call",
    "sent-in-full": "the request was sent in full",
    "closed": "the request is closed",
    "recorded": "the outcome is written down",
    "moved": "the visit has another time",
    "on-call": "somebody is on call, or the gap is over",
}
CLOSING_REASONS: Final = {
    "sent-to-hospital": "Sent to hospital",
    "seen": "Seen at the clinic",
    "advice-given": "Advice given",
    "not-wanted": "No longer wanted",
    "not-reached": "Could not be reached",
    "duplicate": "Same as another request",
    "other": "Another reason",
}


def name_of(person: Mapping[str, Any]) -> str:
    """The patient's name and age, as far as they are known: "Asha Patil, 61"."""
    name = person.get("name") or NO_NAME
    return f"{name}, {person['age']}" if person.get("age") else name


def told(findings: Sequence[Mapping[str, Any]], level: Level) -> str:
    """Why the request has its level, in the patient's words; cancer last.

    When a person raised the level, every finding of the rules is told.
    """
    decisive = [finding for finding in findings if finding["level"] == level.name] or findings
    found = dict.fromkeys(words for finding in decisive for words in finding["reasons"])
    reasons = sorted(found, key=lambda words: "cancer" in words)
    if not reasons:
        return NO_REASON
    more = len(reasons) - MOST_REASONS
    shown = ", ".join(reasons[:MOST_REASONS]) + (f", {more} more" if more > 0 else "")
    return shown[:1].upper() + shown[1:]
