"""A change of the settings in two steps: what it would do, and then just that."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access import current_staff, now, settings
from app.domain.errors import AlreadyChanged
from app.workflow import hours

# How each kind of taken time is called, one and several.
NAMES: Final = {
    "booked": ("booked visit", "booked visits"),
    "offered": ("time offered to somebody", "times offered to somebody"),
    "held": ("time held for somebody who is choosing", "times held for people who are choosing"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a change would do, as its page tells it; `stale` when that has just become another."""

    digest: str
    met: Sequence[hours.Taken]
    number: str
    one: bool
    stale: bool


def today() -> dt.date:
    """The day at the clinic."""
    return now().astimezone(settings().clinic_zone).date()


def answer(
    page: Callable[[Shown, int], Response], change: hours.Change, done: str, back: str
) -> ResponseReturnValue:
    """Show what the change would do; once that is confirmed, do it and go `back`.

    When it would do something else by now, nothing is saved and the page shows that.
    """
    digest = request.form.get("digest", "")
    if not digest:
        return page(_shown(change, stale=False), 200)
    try:
        hours.save(change, digest, current_staff(), now())
    except AlreadyChanged:
        return page(_shown(change, stale=True), 409)
    flash(done, "ok")
    return redirect(back, 303)


def _shown(change: hours.Change, *, stale: bool) -> Shown:
    found = hours.preview(change, now())
    number = in_words(found.met)
    return Shown(found.digest, found.met, number, len(found.met) == 1, stale)


def in_words(met: Sequence[hours.Taken]) -> str:
    """How many there are: “3 booked visits and 1 time offered to somebody”; empty for none."""
    counted = Counter(each.how for each in met)
    parts = [
        f"{counted[how]} {names[counted[how] > 1]}" for how, names in NAMES.items() if counted[how]
    ]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
