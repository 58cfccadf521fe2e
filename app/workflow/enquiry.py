"""The draft: what a patient is filling in, kept on the server for 24 hours."""

import datetime as dt
import hashlib
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from sqlalchemy.orm import Session, scoped_session

from app.domain import enquiry
from app.domain.condition import Pack, Page
from app.domain.errors import AlreadySent, NotFound, NotOffered
from app.domain.level import Level
from app.domain.triage import Assessment, assess, assess_so_far
from app.records import db, transaction
from app.records.calendar import HOLD_FOR, give_up, hold, hold_of, sweep
from app.records.enquiry import Draft, add_counts
from app.records.openings import Choice, Seeker, offered
from app.records.schedule import Hold

LIFETIME = dt.timedelta(hours=24)
BATCH: Final = 200
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft after a page was kept, and whether it calls for emergency advice not yet shown."""

    draft: Draft
    alarm: bool


def start(pack: Pack, language: str, for_whom: str, now: dt.datetime) -> str:
    """Open a draft; gives the secret token for the cookie."""
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        draft = Draft(
            token_hash=_hash(token),
            condition=pack.id,
            language=language,
            created_at=now,
            expires_at=now + LIFETIME,
        )
        draft.answers, draft.changes, draft.person = {}, [], {"for_whom": for_whom}
        session.add(draft)
    return token


def find(token: str | None, condition: str, now: dt.datetime) -> Draft | None:
    """The draft of that token; None when there is none, or it has expired."""
    return db.session.scalar(_of_condition(token, condition, now)) if token else None


def find_any(token: str | None, now: dt.datetime) -> Draft | None:
    """The draft of that token, whatever condition it is about."""
    return db.session.scalar(_with_token(token, now)) if token else None


def _with_token(token: str, now: dt.datetime) -> sa.Select[Draft]:
    return sa.select(Draft).where(Draft.token_hash == _hash(token), Draft.expires_at > now)


def _of_condition(token: str, condition: str, now: dt.datetime) -> sa.Select[Draft]:
    return _with_token(token, now).where(Draft.condition == condition)


def save_page(
    token: str, pack: Pack, page: Page, given: Mapping[str, str], now: dt.datetime
) -> Saved:
    """Keep the answers of one page; raises NotFound when the draft has expired, or AlreadySent.

    The draft is read again inside the transaction, so that two tabs add up. An answer that is
    changed after emergency advice was shown stays in the history that the doctor sees.
    """
    with transaction() as session:
        draft = _open(session, token, pack, now)
        before = draft.answers
        after = dict(enquiry.with_page(pack, page, before, given))
        warned = draft.person.get("warned", [])
        changed = {
            name: [old, new]
            for name, (old, new) in enquiry.changed(before, after, pack).items()
            if old is not None
        }
        if warned and changed:
            line = {"at": now.isoformat(), "page": page.id, "warned": warned, "changed": changed}
            draft.changes = [*draft.changes, line]
        draft.answers = after
        new = [rule for rule in emergency_rules(pack, after) if rule not in warned]
        if new:
            first = {"warned_at": now.isoformat(), **draft.person}
            draft.person = {**first, "warned": [*warned, *new]}
        _give_up_time_not_to_be_chosen(session, pack, draft)
    return Saved(draft, bool(new))


def judge(pack: Pack, answers: Mapping[str, str]) -> Assessment:
    """What the rules say: on the answers so far, or on all of them when no page is open."""
    finished = enquiry.first_open_page(pack, answers) is None
    return (assess if finished else assess_so_far)(pack, enquiry.settle(pack, answers))


def emergency_rules(pack: Pack, answers: Mapping[str, str]) -> list[str]:
    """The emergency rules that fire, by id."""
    found = (finding.rule for finding in judge(pack, answers).findings)
    return [rule.id for rule in found if rule.level is Level.emergency]


def save_person(token: str, pack: Pack, given: Mapping[str, Any], now: dt.datetime) -> Draft:
    """Keep what was typed about the person and the wish; raises NotFound or AlreadySent."""
    with transaction() as session:
        draft = _open(session, token, pack, now)
        draft.person = {**draft.person, **given}
        _give_up_time_not_to_be_chosen(session, pack, draft)
    return draft


def may_choose_time(pack: Pack, draft: Draft) -> bool:
    """Whether this person chooses a time: who wants a visit, and was never told of an emergency."""
    wants = draft.person.get("wanted") == "visit" and not draft.person.get("warned")
    return wants and judge(pack, draft.answers).level < Level.emergency


def held(draft: Draft) -> Hold | None:
    """The time that was chosen with a draft last; it is kept until `expires_at`."""
    return hold_of(db.session, draft.id)


def keep_time(token: str, pack: Pack, choice: Choice | None, now: dt.datetime) -> Draft:
    """Keep a time for a draft, in place of the one before; None says that none suits.

    Raises NotFound, AlreadySent, SlotTaken, and NotOffered, also when the person may not choose.
    """
    with transaction() as session:
        draft = _open(session, token, pack, now)
        if choice is None:
            give_up(session, draft.id)
        elif not may_choose_time(pack, draft):
            raise NotOffered
        else:
            seeker = Seeker(judge(pack, draft.answers).level, draft.id)
            hold(session, draft.id, offered(choice, now, seeker), now + HOLD_FOR, now)
        number = draft.person.get("times_kept", 0) + (choice is not None)
        answer = "kept" if choice else "none"
        draft.person = {**draft.person, "time": answer, "times_kept": number}
    return draft


def _give_up_time_not_to_be_chosen(
    session: scoped_session[Session], pack: Pack, draft: Draft
) -> None:
    """After an emergency was recognised, or a call is wanted after all, no time is kept."""
    if "time" in draft.person and not may_choose_time(pack, draft):
        give_up(session, draft.id)
        draft.person = {name: value for name, value in draft.person.items() if name != "time"}


def forget_expired(
    packs: Mapping[str, Pack], zone: ZoneInfo, now: dt.datetime, batch: int = BATCH
) -> int:
    """Erase drafts whose time is over, a batch a transaction, and free times kept too long.

    Gives the number of drafts. How far each got is counted first, without anything that leads to
    a person.
    """
    with transaction() as session:
        sweep(session, now)
    over = sa.select(Draft).where(Draft.expires_at <= now).limit(batch)
    forgotten = 0
    while True:
        with transaction() as session:
            drafts = session.scalars(over.with_for_update(skip_locked=True)).all()
            add_counts(session, Counter(_counted(draft, packs, zone) for draft in drafts))
            gone = [draft.id for draft in drafts]
            session.execute(sa.delete(Draft).where(Draft.id.in_(gone)))
        forgotten += len(gone)
        if len(gone) < batch:
            return forgotten


def _counted(draft: Draft, packs: Mapping[str, Pack], zone: ZoneInfo) -> tuple[dt.date, str, str]:
    day = draft.created_at.astimezone(zone).date()
    return day, draft.condition, _reached(draft, packs.get(draft.condition))


def _reached(draft: Draft, pack: Pack | None) -> str:
    """How far it got: a page still open, or one of `enquiry.ENDS`."""
    if draft.sent_at:
        return enquiry.SENT
    if draft.reference:
        return enquiry.NUMBER_LEFT
    try:
        person, answers = draft.person, draft.answers
    except (InvalidTag, KeyError):
        # Sealed with a key that is gone. It must be erased all the same.
        return UNKNOWN
    if person.get("warned"):
        return enquiry.EMERGENCY
    return _page_still_open(pack, person, answers) if pack else UNKNOWN


def _page_still_open(pack: Pack, person: Mapping[str, Any], answers: Mapping[str, str]) -> str:
    if page := enquiry.first_open_page(pack, answers):
        return page.id
    if "wanted" not in person:
        return enquiry.ADVICE
    return enquiry.CHECK if "name" in person else enquiry.CONTACT


def _open(session: scoped_session[Session], token: str, pack: Pack, now: dt.datetime) -> Draft:
    """The draft, held until the end of the transaction: another tab waits, and then adds to it."""
    draft = session.scalar(_of_condition(token, pack.id, now).with_for_update())
    if draft is None:
        raise NotFound
    if draft.sent_at:
        raise AlreadySent
    return draft


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
