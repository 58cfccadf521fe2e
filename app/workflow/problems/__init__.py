"""The problems of the clinic: facts that somebody must see to, each a task with an owner.

A task is written in the transaction of its fact (`app.records.task.open_task`); what only the
passing of time brings about is found once a minute by `look`.
"""

from app.records.task import (
    MISSED_TARGET,
    NO_ANSWER,
    NO_OUTCOME,
    NUMBER_LEFT,
    POSSIBLE_DUPLICATE,
    RESOLVED,
    ROSTER_GAP,
    UNDELIVERED,
)
from app.workflow.problems.acts import give, resolve, take
from app.workflow.problems.finding import OUTCOME_AFTER, look
from app.workflow.problems.lists import Problem, of_request, open_now, over

__all__ = [
    "MISSED_TARGET",
    "NO_ANSWER",
    "NO_OUTCOME",
    "NUMBER_LEFT",
    "OUTCOME_AFTER",
    "POSSIBLE_DUPLICATE",
    "RESOLVED",
    "ROSTER_GAP",
    "UNDELIVERED",
    "Problem",
    "give",
    "look",
    "of_request",
    "open_now",
    "over",
    "resolve",
    "take",
]
