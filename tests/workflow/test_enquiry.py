"""The draft: what is kept of an enquiry that is still being filled in."""

import datetime as dt
import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain import enquiry as rules
from app.domain.condition import Pack
from app.domain.errors import AlreadySent, NotFound
from app.domain.level import Level
from app.records import db, transaction
from app.records.enquiry import Draft, EnquiryCount
from app.workflow import enquiry, intake
from tests.builders import NOW, answers_of, the_clinic, the_pack

HOUR = dt.timedelta(hours=1)
SADDLE = {"saddle_numbness": "yes"}
DETAILS = {"saddle_numbness.onset": "today", "saddle_numbness.course": "worse_days"}

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def pack(context: Flask) -> Pack:
    """The condition that is asked about."""
    return the_pack()


@pytest.fixture
def token(pack: Pack) -> str:
    """The secret of a draft that was begun just now."""
    return enquiry.start(pack, "en", "self", NOW)


def the_draft(pack: Pack, token: str, now: dt.datetime = NOW) -> Draft:
    """The draft as it stands in the database."""
    db.session.rollback()
    draft = enquiry.find(token, pack.id, now)
    assert draft
    return draft


def save(pack: Pack, token: str, page: str, given: dict[str, str]) -> enquiry.Saved:
    """Send one page."""
    return enquiry.save_page(token, pack, pack.page(page), given, NOW)


def all_no(pack: Pack, page: str) -> dict[str, str]:
    """What “None of these” means."""
    return dict.fromkeys(pack.page(page).signs, "no")


def forget(now: dt.datetime, batch: int = enquiry.BATCH) -> int:
    """Erase what is over, as the worker does."""
    pack = the_pack()
    return enquiry.forget_expired({pack.id: pack}, the_clinic().zone, now, batch)


def counted() -> dict[tuple[dt.date, str], int]:
    """How many enquiries of each day got how far."""
    db.session.rollback()
    return {
        (row.day, row.reached): row.number for row in db.session.scalars(sa.select(EnquiryCount))
    }


def test_only_a_hash_of_the_secret_is_stored(pack: Pack, token: str) -> None:
    """Who reads the database cannot open a draft."""
    assert len(token) >= 43
    assert token.encode() not in the_draft(pack, token).token_hash
    assert enquiry.start(pack, "en", "self", NOW) != token


def test_a_draft_lives_for_24_hours(pack: Pack, token: str) -> None:
    """A moment before it is there; then it is not, and takes nothing more."""
    last = NOW + 24 * HOUR
    assert enquiry.find(token, pack.id, last - dt.timedelta(seconds=1))
    assert enquiry.find(token, pack.id, last) is None
    assert enquiry.find("", pack.id, NOW) is None
    assert enquiry.find(None, pack.id, NOW) is None
    with pytest.raises(NotFound):
        enquiry.save_page(token, pack, pack.page("danger-signs"), {}, last)
    with pytest.raises(NotFound):
        enquiry.save_person(token, pack, {"name": "Asha Patil"}, last)


def test_expired_drafts_are_erased_and_others_stay(pack: Pack, token: str) -> None:
    """Their number is told, and nothing of them is left."""
    younger = enquiry.start(pack, "en", "self", NOW + HOUR)
    assert forget(NOW + 24 * HOUR) == 1
    assert forget(NOW + 24 * HOUR) == 0
    assert list(db.session.scalars(sa.select(Draft))) == [the_draft(pack, younger, NOW + HOUR)]


def test_an_emergency_is_announced_once(pack: Pack, token: str) -> None:
    """The alarm rings with the answer that fires a rule, and not again for the same rule."""
    assert not save(pack, token, "danger-signs", all_no(pack, "danger-signs") | SADDLE).alarm
    assert save(pack, token, "danger-more", DETAILS).alarm
    assert not save(pack, token, "very-unwell", all_no(pack, "very-unwell")).alarm
    stroke = all_no(pack, "very-unwell") | {"stroke_signs": "yes"}
    assert save(pack, token, "very-unwell", stroke).alarm
    assert {"E04", "E07"} <= set(the_draft(pack, token).person["warned"])


def test_what_changes_after_a_warning_is_remembered(pack: Pack, token: str) -> None:
    """Before a warning people correct themselves freely; after it, old and new answer stay."""
    save(pack, token, "danger-signs", all_no(pack, "danger-signs"))
    save(pack, token, "danger-signs", all_no(pack, "danger-signs") | SADDLE)
    assert the_draft(pack, token).changes == []
    save(pack, token, "danger-more", DETAILS)
    save(pack, token, "very-unwell", all_no(pack, "very-unwell"))
    assert the_draft(pack, token).changes == []
    save(pack, token, "danger-signs", all_no(pack, "danger-signs"))
    (line,) = the_draft(pack, token).changes
    assert line["at"] == NOW.isoformat()
    assert line["changed"] == {"saddle_numbness": ["yes", "no"]}


def test_unanswered_is_no_on_the_way_and_not_sure_at_the_end(pack: Pack) -> None:
    """A danger sign that nobody answered is silent until everything else is answered."""
    on_the_way = {"danger-signs": "", "saddle_numbness": "yes"}
    assert enquiry.judge(pack, on_the_way).level < Level.emergency
    assert enquiry.judge(pack, answers_of(Level.routine)).level < Level.emergency
    finished = as_finished(pack, dict(answers_of(Level.routine)))
    assert enquiry.judge(pack, finished).level is Level.routine
    del finished["saddle_numbness"]
    assert "D02" in {finding.rule.id for finding in enquiry.judge(pack, finished).findings}


def as_finished(pack: Pack, answers: dict[str, str]) -> dict[str, str]:
    """The answers with the mark of every page, as the form leaves them."""
    for page in pack.pages:
        answers = dict(rules.with_page(pack, page, answers, answers))
    return answers


def test_two_tabs_that_save_at_the_same_time_lose_nothing(app: Flask, pack: Pack) -> None:
    """Twelve pages sent at once are all kept: each is added to what the others have stored."""
    token = enquiry.start(pack, "en", "self", NOW)
    db.session.remove()
    pages = [page for page in pack.pages if page.signs]
    start = threading.Barrier(len(pages) * 2)
    failed: list[Exception] = []

    def send(page: str, number: int) -> None:
        with app.app_context():
            start.wait()
            try:
                if number:
                    enquiry.save_person(token, pack, {f"{page}-{number}": "kept"}, NOW)
                else:
                    save(pack, token, page, all_no(pack, page))
            except Exception as error:  # noqa: BLE001 - told below, in the test's own thread
                failed.append(error)

    threads = [
        threading.Thread(target=send, args=(page.id, number)) for page in pages for number in (0, 1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    draft = the_draft(pack, token)
    assert {name for page in pages for name in page.signs} <= set(draft.answers)
    assert {f"{page.id}-1" for page in pages} <= set(draft.person)


def test_what_was_sent_takes_nothing_more(pack: Pack, token: str) -> None:
    """A page that comes after Send is refused; a phone number alone does not close a draft."""
    draft = the_draft(pack, token)
    person = {"phone": "+919876543210"}
    told = intake.Submission(draft.id, "web", "en", "self", "call", {}, person)
    intake.submit(pack, told, the_clinic(), NOW)
    save(pack, token, "danger-signs", all_no(pack, "danger-signs"))
    whole = intake.Submission(
        draft.id, "web", "en", "self", "call", {}, person, consent_version="2026-11-24"
    )
    intake.submit(pack, whole, the_clinic(), NOW)
    with pytest.raises(AlreadySent):
        save(pack, token, "danger-signs", all_no(pack, "danger-signs"))
    with pytest.raises(AlreadySent):
        enquiry.save_person(token, pack, {"phone": "+919876543299"}, NOW)
    assert (
        the_draft(pack, token).reference == intake.submit(pack, whole, the_clinic(), NOW).reference
    )


def test_erased_drafts_are_counted_by_how_far_they_got(pack: Pack, token: str) -> None:
    """Nothing but the day, the page and a number stays; the day is the clinic's."""
    further = enquiry.start(pack, "en", "self", NOW)
    save(pack, further, "danger-signs", all_no(pack, "danger-signs"))
    warned = enquiry.start(pack, "en", "self", NOW)
    save(pack, warned, "danger-signs", all_no(pack, "danger-signs") | SADDLE)
    save(pack, warned, "danger-more", DETAILS)
    evening = dt.datetime(2026, 11, 24, 18, 30, tzinfo=dt.UTC)
    enquiry.start(pack, "en", "self", evening)
    assert forget(evening + 24 * HOUR, batch=2) == 4
    today, tomorrow = dt.date(2026, 11, 24), dt.date(2026, 11, 25)
    assert counted() == {
        (today, "danger-signs"): 1,
        (today, "very-unwell"): 1,
        (today, "emergency"): 1,
        (tomorrow, "danger-signs"): 1,
    }
    enquiry.start(pack, "en", "self", NOW)
    assert forget(NOW + 24 * HOUR) == 1
    assert counted()[today, "danger-signs"] == 2


def test_what_became_a_request_is_no_stop(pack: Pack, token: str) -> None:
    """Sent enquiries are counted as sent, and a number left at the emergency page as that."""
    called = enquiry.start(pack, "en", "self", NOW)
    for secret, consent in ((token, "2026-11-24"), (called, None)):
        draft = the_draft(pack, secret)
        person = {"phone": "+919876543210"}
        sent = intake.Submission(
            draft.id, "web", "en", "self", "call", {}, person, consent_version=consent
        )
        intake.submit(pack, sent, the_clinic(), NOW)
    assert forget(NOW + 24 * HOUR) == 2
    day = dt.date(2026, 11, 24)
    assert counted() == {(day, "sent"): 1, (day, "number-left"): 1}


def test_who_answered_everything_stopped_at_the_next_page(pack: Pack) -> None:
    """After the last question come advice, contact and the check."""
    for told in ({}, {"wanted": "call"}, {"wanted": "call", "name": "Asha Patil"}):
        secret = enquiry.start(pack, "en", "self", NOW)
        answers: dict[str, str] = {}
        while page := rules.first_open_page(pack, answers):
            given = dict.fromkeys(page.signs, "no")
            answers = save(pack, secret, page.id, given).draft.answers
        enquiry.save_person(secret, pack, told, NOW)
    forget(NOW + 24 * HOUR)
    assert sorted(reached for _, reached in counted()) == ["advice", "check", "contact"]


def test_a_draft_that_cannot_be_opened_is_erased(pack: Pack, token: str) -> None:
    """Counting never keeps what must go; nor does a condition that is no longer there."""
    enquiry.start(pack, "en", "self", NOW)
    with transaction() as session:
        session.execute(
            sa.update(Draft)
            .where(Draft.id == the_draft(pack, token).id)
            .values(answers_sealed=b"broken", person_sealed=b"broken")
        )
    assert enquiry.forget_expired({}, the_clinic().zone, NOW + 24 * HOUR) == 2
    assert counted() == {(dt.date(2026, 11, 24), "unknown"): 2}
