"""Which requests a person wants to see, read from addresses and forms and written into them."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from flask import request

from app.domain.level import Level
from app.domain.lifecycle import REQUEST_STATUSES
from app.words import LANGUAGES, LEVELS, TURNS, WANTED
from app.workflow import queue
from app.workflow.queue import Choice

VIEW_NAMES: Final = {
    "needs-action": "Needs action",
    "mine": "Mine",
    "call-back-today": "Call back today",
    "no-answer": "No answer",
    "with-doctor": "With doctor",
    "visits-today": "Visits today",
    "all": "All",
}
SORT_NAMES: Final = {"waiting": "Longest waiting", "newest": "Newest"}
TRAIL: Final = "trail"
"""The field in which a form takes along from which list its page was opened."""


def read(given: Mapping[str, str]) -> Choice:
    """A choice; what is odd in it is left out. `view` may be none that exists."""
    sort = given.get("sort", "")
    return Choice(
        view=given.get("view") or queue.VIEWS[0],
        level=Level.__members__.get(given.get("level", "")),
        status=_one_of(REQUEST_STATUSES, given.get("status")),
        speaks=_one_of(LANGUAGES, given.get("speaks")),
        wants=_one_of(WANTED, given.get("wants")),
        sort=sort if sort in queue.SORTS else queue.SORTS[0],
    )


def written(choice: Choice, page: int = 1) -> dict[str, Any]:
    """The same for an address, without what goes without saying."""
    told = {
        "view": choice.view,
        "level": choice.level.name if choice.level is not None else "",
        "status": choice.status or "",
        "speaks": choice.speaks or "",
        "wants": choice.wants or "",
        "sort": choice.sort if choice.sort != queue.SORTS[0] else "",
        "page": str(page) if page > 1 else "",
    }
    return {name: value for name, value in told.items() if value}


def trail() -> dict[str, Any]:
    """From which list a page was opened, for the addresses that lead back; mostly nothing."""
    along = request.form.get(TRAIL)
    given: Mapping[str, Any] = dict(parse_qsl(along)) if along else request.args
    choice, page = read(given), given.get("page", "")
    if choice.view not in queue.VIEWS:
        return {}
    number = int(page) if page.isdecimal() and len(page) < 4 else 1
    found = written(choice, number)
    return {} if found == written(Choice()) else found


def in_words(choice: Choice) -> str:
    """A choice as people say it: "Needs action: Urgent, speaks Hindi"."""
    parts = [
        LEVELS[choice.level] if choice.level is not None else "",
        TURNS.get(choice.status or "", ""),
        f"speaks {LANGUAGES[choice.speaks]}" if choice.speaks in LANGUAGES else "",
        f"asked for: {WANTED[choice.wants].lower()}" if choice.wants in WANTED else "",
        "newest first" if choice.sort != queue.SORTS[0] else "",
    ]
    told = ", ".join(part for part in parts if part)
    view = VIEW_NAMES.get(choice.view, choice.view)
    return f"{view}: {told}" if told else view


def _one_of(known: Any, value: str | None) -> str | None:
    return value if value in known else None
