"""How fast a request must be seen."""

from enum import IntEnum


class Level(IntEnum):
    """Urgency, least pressing first, so that the worst of several is their `max`.

    FHIR R4 priorities in the same order: routine, urgent, asap, stat. Meaning and targets:
    triage rule base, section 1.
    """

    routine = 0
    soon = 1
    urgent = 2
    emergency = 3
