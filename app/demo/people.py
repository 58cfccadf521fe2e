"""Invented people: who works at the demo's clinic, and who asks it for help."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

HOURS: Final = timedelta(hours=1)
MINUTES: Final = timedelta(minutes=1)

# Role, name, e-mail, phone, registration.
STAFF: Final = (
    ("receptionist", "Meera Joshi", "reception@example.org", None, None),
    ("receptionist", "Ravi Kadam", "ravi@example.org", None, None),
    ("doctor", "Dr Anand Rao", "rao@example.org", "+919876543290", "EXAMPLE-1001"),
    ("doctor", "Dr Farida Khan", "khan@example.org", "+919876543291", "EXAMPLE-1002"),
    ("manager", "Leela Nair", "manager@example.org", None, None),
)


@dataclass(frozen=True, slots=True)
class Enquirer:
    """Somebody who has asked for help: whose worked example, how long ago, and what came of it.

    `case` is a worked example of the pack of their `condition`: its answers are theirs. `then`
    names what the clinic has done since, one of the functions in `app.demo.clinic`. With
    `older_rules` they were judged first by a version of the pack that knew less.
    """

    case: str
    ago: timedelta
    person: dict[str, Any]
    wanted: str = "call"
    answering_for: str = "self"
    source: str = "web"
    story: str = ""
    then: tuple[str, ...] = field(default=())
    condition: str = "spinal-metastasis"
    older_rules: bool = False
    # Without it, only a number was left at the emergency page.
    consents: bool = True


ENQUIRERS: Final = (
    Enquirer(
        "saddle-numbness-today",
        26 * HOURS,
        {"name": "Prakash Gaikwad", "phone": "+919876543201", "speaks": "hi"},
        then=("take", "send_to_hospital"),
    ),
    Enquirer(
        "slow-urine-with-prostate-cancer",
        70 * MINUTES,
        {"name": "Vasant Deshmukh", "phone": "+919876543202", "speaks": "mr"}
        | {"caller_name": "Nilesh Deshmukh", "email": "nilesh@example.com"},
        answering_for="relative",
        then=("take", "let_speak"),
    ),
    Enquirer(
        "weak-leg-after-breast-cancer",
        9 * MINUTES,
        {"name": "Asha Patil", "phone": "+919876543203", "speaks": "mr"}
        | {"caller_name": "Rupali Patil", "email": "rupali@example.com", "access": ["wheelchair"]},
        answering_for="relative",
        story="She had her operation in Pune. The reports are with me.",
        then=("refuse_mail",),
    ),
    Enquirer(
        "clumsy-hands-for-two-months",
        30 * HOURS,
        {"name": "Thomas Pereira", "phone": "+919876543204", "speaks": "en"}
        | {"email": "thomas@example.com"},
        wanted="visit",
        then=("take", "see_within_a_week"),
    ),
    Enquirer(
        "new-hump-at-70",
        3 * HOURS,
        {"name": "Kamala Iyer", "phone": "+919876543205", "speaks": "en"}
        | {"caller_name": "Suresh Iyer"},
        answering_for="relative",
        source="phone",
        then=("take", "find_out"),
    ),
    Enquirer(
        "night-pain-after-breast-cancer",
        45 * MINUTES,
        {"name": "Sunita More", "phone": "+919876543206", "speaks": "hi"}
        | {"email": "sunita@example.com"},
        wanted="visit",
        then=("assign",),
    ),
    Enquirer(
        "had-tb-and-new-back-pain",
        50 * HOURS,
        {"name": "Imran Shaikh", "phone": "+919876543207", "speaks": "hi"}
        | {"email": "imran@example.com"},
        wanted="visit",
        then=("book",),
    ),
    Enquirer(
        "sciatica-getting-worse",
        22 * HOURS,
        {"name": "Deepa Menon", "phone": "+919876543208", "speaks": "en"}
        | {"call_time": "evening"},
        then=("not_reached", "not_reached", "not_reached", "assign"),
    ),
    Enquirer(
        "first-back-pain-at-62",
        4 * HOURS,
        {"name": "Baban Jadhav", "phone": "+919876543209", "speaks": "mr"},
        wanted="visit",
        source="phone",
        then=("wait", "hand_over"),
    ),
    Enquirer(
        "mechanical-back-pain",
        75 * HOURS,
        {"name": "Anjali Verma", "phone": "+919876543210", "speaks": "hi"}
        | {"email": "anjali@example.com"},
        wanted="visit",
        then=("book", "wait"),
    ),
    Enquirer(
        "second-opinion-without-symptoms",
        28 * HOURS,
        {"name": "George D’Souza", "phone": "+919876543211", "speaks": "en"}
        | {"email": "george@example.com"},
        wanted="advice",
        then=("ask_for_reports", "write"),
    ),
    Enquirer(
        "old-neck-pain-unchanged",
        98 * HOURS,
        {"name": "Lata Kulkarni", "phone": "+919876543212", "speaks": "mr"},
        then=("close",),
    ),
    Enquirer(
        "saddle-numb-since-this-morning",
        5 * HOURS,
        {"name": "Ramesh Salvi", "phone": "+919876543213", "speaks": "mr"},
        then=("take", "send_to_hospital"),
        condition="cauda-equina-syndrome",
    ),
    Enquirer(
        "pain-down-both-legs-for-a-week",
        2 * HOURS,
        {"name": "Noor Ansari", "phone": "+919876543214", "speaks": "hi"}
        | {"email": "noor@example.com"},
        condition="cauda-equina-syndrome",
    ),
    Enquirer(
        "saddle-numb-since-this-morning",
        12 * MINUTES,
        {"phone": "+919876543215"},
        condition="cauda-equina-syndrome",
        consents=False,
    ),
    # Maybe Asha Patil once more: another phone, the name in Devanagari, the same age.
    Enquirer(
        "mechanical-back-pain",
        25 * MINUTES,
        {"name": "आशा पाटील", "phone": "+919876543217", "speaks": "mr", "age": "61"},
    ),
    Enquirer(
        "slow-bladder-alone",
        6 * HOURS,
        {"name": "Shalini Gupte", "phone": "+919876543216", "speaks": "mr"},
        older_rules=True,
        then=("judge_again",),
    ),
)
