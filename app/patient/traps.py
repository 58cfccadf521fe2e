"""Signs of a program that fills in the enquiry: it gets no times by itself, and loses nothing.

Whoever is caught by mistake is called by the desk, like everybody who finds no time that suits.
"""

import datetime as dt
from typing import Any, Final

# Nobody reads and answers all the pages in this time; somebody who goes on later has taken longer.
QUICKEST: Final = dt.timedelta(seconds=20)


def tripped(draft: Any, at: dt.datetime) -> str | None:
    """Which trap the draft ran into: "hidden-field", "too-quick", or none."""
    if draft.person.get("homepage"):
        return "hidden-field"
    return "too-quick" if at - draft.created_at < QUICKEST else None
