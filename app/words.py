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
