"""How the pages and mails of staff say what the records keep."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.domain import lifecycle
from app.domain.clock import Targets
from app.domain.level import Level
from app.formats import length_of_time

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
# Whom an alarm is for, without a name.
RECEIVERS: Final = {
    "on-call:first": "the first doctor on call",
    "on-call:second": "the second doctor on call",
    "managers": "the manager",
    "desk": "the desk",
    "staff": "a colleague",
}
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
    "linked": "the requests are linked as one case",
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
# What happened to a request, in the words of the staff pages and of the case brief.
EVENTS: Final = {
    "begin": "began the enquiry",
    "was-warned": "told of a danger sign, and was shown the emergency page",
    "leave-number": "left a phone number on the emergency page",
    "submit": "sent the request",
    "add": "sent more answers",
    "worse": "told us that it has got worse",
    "not-worse": "told us that nothing is clearly worse",
    "change-number": "changed the phone number",
    "correct": "corrected what is known of the person",
    "resolve-problem": "resolved a problem",
    "not-me": (
        "says “this was not me”: the link is shut, and no mail goes out. "
        "Check the e-mail address, then give a new link"
    ),
    "new-link": "gave a new link",
    "acknowledge": "took the case",
    "unacknowledge": "gave the case back",
    "decide": "decided, and gave it to the desk",
    "send-to-hospital": "sent the patient to hospital",
    "escalate": "asked the doctor",
    "inquire": "asked the desk to find something out",
    "answer": "answered the doctor",
    "ask": "set it to wait for the patient",
    "reply": "took it back to the desk",
    "book": "booked a visit",
    "lose-time": "asked for a time that was gone",
    "withhold-time": "asked for a time; this contact has many visits, so find one by phone",
    "release": "gave the visit’s time free",
    "fulfil": "noted the visit as done",
    "unfulfil": "took back that the visit is done",
    "close": "closed it",
    "reopen": "opened it again",
    "claim": "took it on",
    "assign": "gave it to a colleague",
    "unassign": "gave it back to everybody",
    "raise": "raised the level",
    "link": "linked it as one case",
    "unlink": "took it out of the case",
    "retriage": "judged it again, by a new version",
    "move-visit": "changed the visit’s time",
    "keep-visit": "kept the visit as it was",
    "arrive": "noted that the patient has arrived",
    "miss": "noted that the patient did not come",
    "cancel": "cancelled the visit",
    "undo-arrive": "took back that the patient has arrived",
    "undo-fulfil": "took back that the visit is done",
    "undo-miss": "took back that the patient did not come",
    "undo-cancel": "took back the cancellation",
    "wait": "put it on the waiting list",
    "stop-waiting": "took it off the waiting list",
    "offer": "offered a time that became free",
    "take-offer": "accepted the offered time",
    "decline-offer": "declined the offered time",
    "lapse-offer": "ended the offer: no answer came in time",
    "withdraw-offer": "withdrew the offered time",
}


def targets_in_words(targets: Targets) -> dict[Level, str]:
    """How soon each level is called: "call within 15 min, out of hours 30 min"."""
    first, later = targets.emergency, targets.emergency_out_of_hours
    emergency = length_of_time(first)
    if later != first:
        emergency += f", out of hours {length_of_time(later)}"
    days = {Level.soon: targets.soon_days, Level.routine: targets.routine_days}
    in_days = {level: f"{n} working day{'' if n == 1 else 's'}" for level, n in days.items()}
    within = {Level.emergency: emergency, Level.urgent: length_of_time(targets.urgent), **in_days}
    return {level: f"call within {words}" for level, words in within.items()}


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


def done(event: str) -> str:
    """What somebody did, after the name."""
    return EVENTS.get(event) or event.replace("-", " ")
