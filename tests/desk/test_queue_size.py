"""A hundred thousand requests cost the desk no more than a hundred."""

from collections.abc import Iterator
from typing import Final

import pytest
import time_machine
from flask import Flask

from app.access import now
from app.domain.level import Level
from app.workflow import queue, staff
from app.workflow.queue import Choice
from tests.builders import NOW
from tests.crowd import crowd, many, statements, steps
from tests.people import Receptionist

FEW: Final = 3_000
MANY: Final = 100_000
MOST_BYTES: Final = 40 * 1024
PLACES: Final = (
    *(f"/desk/requests?view={view}" for view in queue.VIEWS),
    "/desk/requests?level=soon&speaks=mr&sort=newest",
    "/desk/requests?view=all&status=with-desk",
    "/desk/requests/news?since=1",
)


@pytest.fixture(autouse=True)
def _the_clock_stands() -> Iterator[None]:
    """So that no time on a page is longer than another."""
    with time_machine.travel(NOW, tick=False):
        yield


def costs(app: Flask, meera: Receptionist) -> dict[str, tuple[int, int, int]]:
    """Queries, bytes, and hundreds of steps of the database for each place, and for a search."""
    found = {}
    token = meera.page.html.partition('name="csrf_token" value="')[2].partition('"')[0]
    for place in (*PLACES, "/desk/requests/find"):
        sent = {"csrf_token": token, "q": "person"}
        with app.app_context(), statements() as seen, steps() as made:
            call = meera.client.post if place.endswith("find") else meera.client.get
            answer = call(place, data=sent)
        assert answer.status_code == 200, place
        found[place] = (len(seen), len(answer.data), made[0])
    return found


@pytest.mark.databases("sqlite")
def test_the_lists_cost_the_same_however_many_requests_there_are(app: Flask) -> None:
    """Queries and bytes are equal, and the database works no harder."""
    meera = Receptionist.at_work(app)
    with app.app_context():
        by = staff.by_email(meera.email)
        assert by
        many(240, status="with-desk")
        queue.saved.save("Marathi", Choice("all", Level.routine, speaks="mr"), by)
        queue.saved.save("Newest", Choice(sort="newest"), by)
        crowd(1, FEW)
    meera.get("/desk/requests")
    few = costs(app, meera)
    with app.app_context():
        crowd(FEW + 1, MANY)
        assert queue.count(now(), app.extensions["settings"].clinic_zone).needs_action == 100
    lots = costs(app, meera)
    for place, (queries, size, work) in lots.items():
        assert (queries, size) == few[place][:2], place
        # Filters stand in the address of each row, so that the way back is known.
        assert size <= MOST_BYTES * (1.1 if "&" in place else 1), place
        assert work <= 1.5 * few[place][2] + 10, f"{place}: {few[place][2]} and {work}"
