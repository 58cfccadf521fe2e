"""Five hundred people want one time at once: one has it, and every other one is told so."""

import datetime as dt
import http.client
import re
import resource
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from app import free_times
from app.domain.errors import AlreadyChanged, NotAllowedNow, SlotTaken
from app.domain.level import Level
from app.records import db, transaction
from app.records.enquiry import Draft
from app.records.schedule import Appointment, Hold, Slot
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import booking, enquiry
from config import Settings
from tests import builders
from tests.builders import NOW, a_choice, a_doctor_with_hours, a_staff_member, the_clinic, the_pack
from tests.people import Patient

CLIENTS: Final = 500
# Each of them stores a whole request.
SENDERS: Final = 100
# As many threads work at once as there are connections to the database.
AT_ONCE: Final = 15
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
WANTED: Final = dt.datetime(2026, 11, 27, 3, 30, tzinfo=dt.UTC)
"""Nine o'clock on Friday at the clinic."""


@pytest.fixture
def zone(app: Flask) -> ZoneInfo:
    """The clinic's."""
    found: ZoneInfo = app.extensions["settings"].clinic_zone
    return found


@pytest.fixture
def doctor(context: Flask) -> Practitioner:
    """Sees somebody every five minutes, day and night, so that many visits have room."""
    return a_doctor_with_hours(dt.time(0), dt.time(23, 55), minutes=5)


@pytest.fixture
def at_the_desk(context: Flask) -> Callable[[], Practitioner]:
    """Somebody at the desk, as each thread reads the record for itself."""
    meera_id = a_staff_member().id
    return lambda: db.session.get_one(Practitioner, meera_id)


def requests_with_visits(number: int, doctor: Practitioner, first: dt.datetime | None) -> list[Any]:
    """That many stored requests, each with a visit of its own from `first` on, or without one.

    They are written at once: five hundred enquiries would take longer than the race.
    """
    kind, place = builders.a_kind(5), builders.a_place()
    with transaction() as session:
        made = []
        for n in range(number):
            request = ServiceRequest(
                reference=f"SPN-{n:03}-{uuid.uuid4().hex[:3].upper()}",
                submission_id=uuid.uuid4(),
                condition="spinal-metastasis",
                language="en",
                source="web",
                answering_for="self",
                wanted="visit",
                status="booked" if first else "with-desk",
                level=Level.routine,
                created_at=NOW,
                waiting_since=NOW,
                due_at=NOW + DAY,
            )
            request.person = {"name": "Asha Patil", "phone": f"+9198765{n:05}"}
            made.append(request)
            if first:
                starts_at = first + n * dt.timedelta(minutes=5)
                details = builders.visit_details(starts_at, 5)
                visit = Appointment(
                    practitioner_id=doctor.id,
                    **{**details, "place_id": place.id, "kind_id": kind.id},
                )
                visit.slots = [Slot(practitioner_id=doctor.id, cell_at=starts_at)]
                request.appointments.append(visit)
        session.add_all(made)
        session.flush()
        return [(r.reference, r.version, r.appointments[0].id if first else None) for r in made]


def all_at_once(
    app: Flask, act: Callable[[Any], str], each: Sequence[Any], threads: int = AT_ONCE
) -> Counter[str]:
    """Let everybody act from threads that start together; gives how it ended for how many."""
    ready = threading.Barrier(threads)

    def run(mine: Sequence[Any]) -> list[str]:
        ready.wait()
        ended = []
        for one in mine:
            with app.app_context():
                ended.append(act(one))
                db.session.remove()
        return ended

    with ThreadPoolExecutor(threads) as pool:
        shares = [each[n::threads] for n in range(threads)]
        return Counter(word for words in pool.map(run, shares) for word in words)


def told(act: Callable[[], object]) -> str:
    """How an act ended, by the name of what it raised."""
    try:
        act()
    except (SlotTaken, AlreadyChanged, NotAllowedNow) as error:
        return type(error).__name__
    return "won"


def books_agree(app: Flask) -> list[Appointment]:
    """Check that cells are those of standing visits and holds, each once; gives the visits."""
    with app.app_context():
        db.session.rollback()
        visits = list(
            db.session.scalars(sa.select(Appointment).where(Appointment.status == "booked"))
        )
        cells = list(db.session.scalars(sa.select(Slot).where(Slot.hold_id.is_(None))))
        assert {slot.appointment_id for slot in cells} == {visit.id for visit in visits}
        return visits


def test_five_hundred_book_one_time(
    app: Flask, doctor: Practitioner, at_the_desk: Callable[[], Practitioner], zone: ZoneInfo
) -> None:
    """For five hundred patients of the desk: one visit, and 499 times “taken”."""
    made = requests_with_visits(CLIENTS, doctor, None)
    choice = a_choice(doctor.id, WANTED)

    def act(one: Any) -> str:
        reference, version, _ = one
        return told(lambda: booking.book(reference, choice, version, at_the_desk(), NOW, zone))

    assert all_at_once(app, act, made) == {"won": 1, "SlotTaken": CLIENTS - 1}
    assert [visit.starts_at for visit in books_agree(app)] == [WANTED]


def test_five_hundred_move_to_one_time(
    app: Flask, doctor: Practitioner, at_the_desk: Callable[[], Practitioner], zone: ZoneInfo
) -> None:
    """One moves; the others keep the visit that they have."""
    made = requests_with_visits(CLIENTS, doctor, WANTED + HOUR)
    choice = a_choice(doctor.id, WANTED)

    def act(one: Any) -> str:
        return told(lambda: booking.move(one[2], choice, 1, at_the_desk(), NOW, zone))

    assert all_at_once(app, act, made) == {"won": 1, "SlotTaken": CLIENTS - 1}
    visits = books_agree(app)
    assert len(visits) == CLIENTS
    assert sum(visit.starts_at == WANTED for visit in visits) == 1


def test_five_hundred_wait_for_a_visit_to_be_cancelled(
    app: Flask, doctor: Practitioner, at_the_desk: Callable[[], Practitioner], zone: ZoneInfo
) -> None:
    """Whoever asks first after the cancelling has the time, and nobody twice."""
    ((_, _, standing),) = requests_with_visits(1, doctor, WANTED)
    made: list[Any] = [None, *requests_with_visits(CLIENTS, doctor, None)]
    choice = a_choice(doctor.id, WANTED)
    free = threading.Event()

    def act(one: Any) -> str:
        if one is None:
            booking.cancel(standing, 1, at_the_desk(), NOW, the_clinic())
            free.set()
            return "cancelled"
        reference, version, _ = one

        def book() -> object:
            return booking.book(reference, choice, version, at_the_desk(), NOW, zone)

        too_early = not free.is_set()
        ended = told(book)
        if ended == "SlotTaken" and too_early:
            # Who asked before it was free asks again.
            free.wait()
            ended = told(book)
        return ended

    ended = all_at_once(app, act, made)
    assert ended == {"cancelled": 1, "won": 1, "SlotTaken": CLIENTS - 1}
    assert [visit.starts_at for visit in books_agree(app)] == [WANTED]


class Quiet(WSGIRequestHandler):
    """Says nothing about each of five hundred requests."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep still."""


class Server(ThreadedWSGIServer):
    """Takes every client at once, and works for eight at a time, as gunicorn does for us."""

    request_queue_size = 2 * CLIENTS

    def __init__(self, app: Flask) -> None:
        super().__init__("127.0.0.1", 0, app, Quiet)
        self.pool = ThreadPoolExecutor(8)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Let one of the threads answer, when there is one."""
        self.pool.submit(self.process_request_thread, request, client_address)


def allow_files(number: int) -> None:
    """Let this process have so many sockets and files; raises ValueError where it may not."""
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if usual < number:
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, most))


class Site:
    """The app behind a real server with threads, and what every client needs to post there."""

    def __init__(self, app: Flask, server: Server) -> None:
        self.app, self.port = app, server.server_port
        answer, body = self._ask("GET", "/spinal-metastasis/enquiry", {}, None)
        # The token belongs to the session, and the draft to a cookie of its own.
        self.session = (answer.headers["Set-Cookie"] or "").partition(";")[0]
        found = re.search(r'name="csrf_token" value="([^"]*)"', body)
        assert found is not None
        self.token = found[1]

    def posts(self, page: str, draft: str, **fields: str) -> tuple[int, str, str]:
        """Status, where it leads, and the words of the page."""
        sent = urlencode({"csrf_token": self.token, **fields})
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"{self.session}; enquiry={draft}",
        }
        answer, body = self._ask("POST", f"/spinal-metastasis/enquiry/{page}", headers, sent)
        return answer.status, answer.headers.get("Location", ""), body

    def reads(self, path: str, draft: str) -> str:
        """A page, as somebody with that draft sees it."""
        return self._ask("GET", path, {"Cookie": f"{self.session}; enquiry={draft}"}, None)[1]

    def _ask(
        self, method: str, path: str, headers: dict[str, str], sent: str | None
    ) -> tuple[http.client.HTTPResponse, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request(method, path, sent, headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer, body


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    """The clinic at 11:30 on a Tuesday, whose limits are wide: all clients have one address."""
    # Each client has a socket, the server has one for it, and its page is read from a file.
    allow_files(4 * CLIENTS)
    app = builders.an_app(
        settings.replace(enquiries_per_address=100_000, times_per_address=100_000)
    )
    with time_machine.travel(NOW, tick=False):
        server = Server(app)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield Site(app, server)
        server.shutdown()
        thread.join()
        server.pool.shutdown()
        server.server_close()
    with app.app_context():
        db.engine.dispose()


def finished_drafts(app: Flask, number: int) -> list[str]:
    """That many people who have answered everything but the time; gives their secrets."""
    asha = Patient(app.test_client())
    asha.begins()
    asha.answers("check", wanted="call")
    with app.app_context():
        pack, long_ago = the_pack(), NOW - HOUR
        first = db.session.scalars(sa.select(Draft)).one()
        answers, person = first.answers, first.person
        secrets = [enquiry.start(pack, "en", "self", long_ago) for _ in range(number)]
        with transaction() as session:
            session.delete(session.get_one(Draft, first.id))
            for n, draft in enumerate(
                session.scalars(sa.select(Draft).where(Draft.id != first.id))
            ):
                draft.answers = answers
                draft.person = {**person, "wanted": "visit", "phone": f"+9198765{n:05}"}
        return secrets


def test_five_hundred_patients_choose_and_send_over_http(site: Site) -> None:
    """One keeps the time and has the visit; 499 read who was faster and choose again, no fault.

    Their holds end, and whoever still wants that time sends all the same: no request is lost.
    """
    app = site.app
    with app.app_context():
        doctor = a_doctor_with_hours()
        tile = free_times.written(a_choice(doctor.id, WANTED))
    people = finished_drafts(app, CLIENTS)

    def chooses(draft: str) -> str:
        status, leads_to, body = site.posts("time", draft, time=tile)
        if status == 303 and leads_to.endswith("/check"):
            return f"kept {draft}"
        plain = "Somebody took 9:00 am on Fri 27 Nov a moment ago" in body
        return f"{status} {'told' if plain and 'Nearest free times' in body else body}"

    ended = all_at_once(app, chooses, people, CLIENTS)
    (kept,) = (each for each in ended if each.startswith("kept"))
    assert ended == {kept: 1, "409 told": CLIENTS - 1}
    winner = kept.removeprefix("kept ")
    assert site.posts("check", winner, consent="yes")[0] == 303
    assert "Your visit is booked" in site.reads("/spinal-metastasis/enquiry/received", winner)
    assert [visit.starts_at for visit in books_agree(app)] == [WANTED]


def test_a_hundred_patients_send_after_their_hold_is_over(site: Site) -> None:
    """Each had the time for a while; now one has it, and all the other requests are stored."""
    app = site.app
    people = finished_drafts(app, SENDERS)
    with app.app_context():
        doctor = a_doctor_with_hours()
        place, kind = builders.a_place(), builders.a_kind()
        with transaction() as session:
            for draft in session.scalars(sa.select(Draft)):
                draft.person = {**draft.person, "time": "kept"}
                ends_at, over = WANTED + HOUR / 2, NOW - HOUR
                session.add(
                    Hold(
                        draft_id=draft.id,
                        practitioner_id=doctor.id,
                        place_id=place.id,
                        kind_id=kind.id,
                        starts_at=WANTED,
                        ends_at=ends_at,
                        expires_at=over,
                    )
                )

    def sends(draft: str) -> str:
        status, leads_to, body = site.posts("check", draft, consent="yes")
        return f"{status} {leads_to.rpartition('/')[2] or body}"

    assert all_at_once(app, sends, people, SENDERS) == {"303 received": 1, "303 time": SENDERS - 1}
    assert [visit.starts_at for visit in books_agree(app)] == [WANTED]
    with app.app_context():
        stored = Counter(db.session.scalars(sa.select(ServiceRequest.status)))
        assert stored == {"booked": 1, "with-desk": SENDERS - 1}
    words = site.reads("/spinal-metastasis/enquiry/time", people[-1])
    # The last of them may be the one who got it.
    assert "9:00 am on Fri 27 Nov is gone" in words or "enquiry/received" in words
