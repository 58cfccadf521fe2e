"""Keeping scores: every row stays, a correction is a new one, and the log tells who did it."""

import datetime as dt
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.errors import AlreadyChanged, NotFound
from app.domain.scores import SCORES, UNKNOWN
from app.records import audit, db
from app.records.audit import AuditEvent
from app.records.score import Score
from app.records.service_request import ServiceRequest
from app.records.staff import Practitioner
from app.workflow import keys, scoring
from tests.builders import NOW, a_request, a_staff_member

MINUTE = dt.timedelta(minutes=1)
SINS, ECOG = SCORES["sins"], SCORES["ecog"]
# The worked example S5 of the clinical sheet: 11.
L1 = {
    "location": "junctional",
    "pain": "mechanical",
    "lesion": "lytic",
    "alignment": "normal",
    "collapse": "under-50",
    "posterolateral": "one",
    "level": "L1",
    "scan_on": "2026-11-20",
}

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def arun() -> Practitioner:
    """A doctor."""
    return a_staff_member("doctor")


@pytest.fixture
def request_() -> ServiceRequest:
    """A request."""
    return a_request()


def kept(request: ServiceRequest, by: Practitioner) -> list[Score]:
    """What the case shows, newest first."""
    return list(scoring.open_case(request.reference, by, NOW)[1])


def actions() -> list[str]:
    """What the investigation log says, in order."""
    order = AuditEvent.number
    return list(db.session.scalars(sa.select(AuditEvent.action).order_by(order)))


def test_a_score_is_kept_with_who_when_and_every_item(
    request_: ServiceRequest, arun: Practitioner
) -> None:
    """Answers, points, words and the version of the table, as they were on the page."""
    scoring.keep(request_.reference, SINS, L1, arun, NOW)
    (row,) = kept(request_, arun)
    assert (row.name, row.table_version, row.by.name, row.at) == ("sins", "1", arun.name, NOW)
    assert row.answers == L1
    assert row.result["title"] == "SINS"
    assert (row.result["value"], row.result["words"]) == ("11", "Potentially unstable")
    assert [item["points"] for item in row.result["items"]] == [3, 3, 2, 0, 2, 1]
    assert row.result["items"][2] == {"item": "Bone lesion", "answer": "Lytic", "points": 2}


def test_what_is_kept_cannot_be_read_in_the_database(
    request_: ServiceRequest, arun: Practitioner
) -> None:
    """Answers and result are sealed, and a new key seals them again."""
    scoring.keep(request_.reference, SINS, L1, arun, NOW)
    row = db.session.execute(sa.text("SELECT * FROM score")).mappings().one()
    stored = b" ".join(bytes(v) if isinstance(v, bytes) else str(v).encode() for v in row.values())
    for secret in (b"junctional", b"unstable", b"2026-11-20"):
        assert secret not in stored
    assert keys.rotate()["score"] == 0


def test_an_incomplete_score_is_kept_without_a_total(
    request_: ServiceRequest, arun: Practitioner
) -> None:
    """It says what is known, and nothing stands for a total."""
    scoring.keep(request_.reference, SINS, {**L1, "collapse": UNKNOWN}, arun, NOW)
    (row,) = kept(request_, arun)
    assert row.result["value"] == "Incomplete"
    assert "5 of 6 items known, so far 9" in row.result["words"]
    assert row.result["items"][4]["points"] is None


def test_the_newest_comes_first_and_the_others_stay(
    request_: ServiceRequest, arun: Practitioner
) -> None:
    """Nothing is overwritten; another request has its own."""
    other = a_request(person={"phone": "+919876543211"})
    scoring.keep(request_.reference, ECOG, {"grade": "1"}, arun, NOW)
    scoring.keep(request_.reference, ECOG, {"grade": "2"}, arun, NOW + MINUTE)
    scoring.keep(other.reference, ECOG, {"grade": "4"}, arun, NOW)
    assert [row.answers["grade"] for row in kept(request_, arun)] == ["2", "1"]
    assert [row.answers["grade"] for row in scoring.kept_for(other)] == ["4"]


def test_a_correction_is_a_new_row(request_: ServiceRequest, arun: Practitioner) -> None:
    """The corrected one stays as it was; the correction may be corrected again."""
    first = scoring.keep(request_.reference, ECOG, {"grade": "1"}, arun, NOW)
    second = scoring.keep(request_.reference, ECOG, {"grade": "2"}, arun, NOW + MINUTE, first.id)
    third = scoring.keep(request_.reference, ECOG, {"grade": "3"}, arun, NOW + MINUTE, second.id)
    assert [row.corrects_id for row in kept(request_, arun)] == [second.id, first.id, None]
    assert [row.answers["grade"] for row in kept(request_, arun)] == ["3", "2", "1"]
    assert third.corrects_id == second.id


def test_a_row_is_corrected_once(request_: ServiceRequest, arun: Practitioner) -> None:
    """Who is slower learns that a colleague has corrected it; nothing is written."""
    nisha = a_staff_member("doctor", name="Dr Nisha Iyer")
    first = scoring.keep(request_.reference, ECOG, {"grade": "1"}, arun, NOW)
    scoring.keep(request_.reference, ECOG, {"grade": "2"}, nisha, NOW, first.id)
    with pytest.raises(AlreadyChanged):
        scoring.keep(request_.reference, ECOG, {"grade": "3"}, arun, NOW, first.id)
    assert len(kept(request_, arun)) == 2


def test_of_two_corrections_at_the_same_moment_one_is_kept(
    app: Flask, request_: ServiceRequest, arun: Practitioner
) -> None:
    """The other is told; there never are two that correct the same."""
    first = scoring.keep(request_.reference, ECOG, {"grade": "1"}, arun, NOW)
    reference, by, corrected = request_.reference, arun, first.id
    db.session.remove()
    barrier = threading.Barrier(2)

    def correct(grade: str) -> str:
        with app.app_context():
            barrier.wait()
            try:
                scoring.keep(reference, ECOG, {"grade": grade}, by, NOW, corrected)
            except AlreadyChanged:
                return "told"
            return "kept"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(correct, ["2", "3"]))
    assert outcomes == ["kept", "told"]
    assert len(kept(request_, arun)) == 2


def test_what_is_not_of_here_cannot_be_corrected(
    request_: ServiceRequest, arun: Practitioner
) -> None:
    """A row of another score, of another request, or of nobody is not found."""
    other = a_request(person={"phone": "+919876543211"})
    sins = scoring.keep(request_.reference, SINS, L1, arun, NOW)
    elsewhere = scoring.keep(other.reference, ECOG, {"grade": "1"}, arun, NOW)
    for row_id in (sins.id, elsewhere.id, uuid.uuid4()):
        with pytest.raises(NotFound):
            scoring.keep(request_.reference, ECOG, {"grade": "2"}, arun, NOW, row_id)
    assert len(kept(request_, arun)) == 1


def test_pressing_twice_keeps_it_once(request_: ServiceRequest, arun: Practitioner) -> None:
    """The same by the same person within a minute; later, or by a colleague, it counts anew."""
    nisha = a_staff_member("doctor", name="Dr Nisha Iyer")
    first = scoring.keep(request_.reference, SINS, L1, arun, NOW)
    again = scoring.keep(request_.reference, SINS, L1, arun, NOW + MINUTE)
    assert again.id == first.id
    scoring.keep(request_.reference, SINS, L1, nisha, NOW + MINUTE)
    scoring.keep(request_.reference, SINS, L1, arun, NOW + 3 * MINUTE)
    scoring.keep(request_.reference, SINS, {**L1, "level": "T11"}, arun, NOW + 3 * MINUTE)
    assert len(kept(request_, arun)) == 4
    correction = {**L1, "pain": "none"}
    for _ in range(2):
        scoring.keep(request_.reference, SINS, correction, arun, NOW + 4 * MINUTE, first.id)
    assert len(kept(request_, arun)) == 5
    assert actions().count("keep score") == 4
    assert actions().count("correct score") == 1


def test_looking_and_keeping_are_remembered(request_: ServiceRequest, arun: Practitioner) -> None:
    """The investigation log has a line for each, and its chain holds."""
    before = len(actions())
    scoring.open_case(request_.reference, arun, NOW)
    row = scoring.keep(request_.reference, ECOG, {"grade": "1"}, arun, NOW)
    scoring.keep(request_.reference, ECOG, {"grade": "2"}, arun, NOW, row.id)
    assert actions()[before:] == ["open scores", "keep score", "correct score"]
    last = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.number.desc())).first()
    assert last
    assert (last.actor_id, last.request_id) == (arun.id, request_.id)
    assert audit.first_broken(db.session) is None


def test_a_score_moves_nothing_of_the_request(request_: ServiceRequest, arun: Practitioner) -> None:
    """Neither version nor level, status or history: a low score lowers nothing."""
    before = (request_.version, request_.level, request_.status, len(request_.history))
    scoring.keep(request_.reference, ECOG, {"grade": "0"}, arun, NOW)
    after, _ = scoring.open_case(request_.reference, arun, NOW)
    assert (after.version, after.level, after.status, len(after.history)) == before


def test_what_is_unknown_or_not_offered_is_refused(
    request_: ServiceRequest, arun: Practitioner
) -> None:
    """No request is invented, and no answer."""
    with pytest.raises(NotFound):
        scoring.open_case("SPN-222-222", arun, NOW)
    with pytest.raises(NotFound):
        scoring.keep("SPN-222-222", ECOG, {"grade": "1"}, arun, NOW)
    with pytest.raises(ValueError, match="grade"):
        scoring.keep(request_.reference, ECOG, {"grade": "9"}, arun, NOW)
    assert kept(request_, arun) == []
