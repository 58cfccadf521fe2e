"""The draft: what a patient is filling in, kept on the server for 24 hours."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from app.domain import enquiry
from app.domain.condition import Pack, Page
from app.domain.errors import AlreadySent, NotFound
from app.domain.level import Level
from app.domain.triage import Assessment, assess, assess_so_far
from app.records import db, transaction
from app.records.enquiry import Draft

LIFETIME = dt.timedelta(hours=24)


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
    return db.session.scalar(_with_token(token, condition, now)) if token else None


def _with_token(token: str, condition: str, now: dt.datetime) -> sa.Select[Draft]:
    return sa.select(Draft).where(
        Draft.token_hash == _hash(token), Draft.condition == condition, Draft.expires_at > now
    )


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
            draft.person = {**draft.person, "warned": [*warned, *new]}
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
    return draft


def forget_expired(now: dt.datetime) -> int:
    """Erase drafts whose time is over; gives their number."""
    with transaction() as session:
        gone = session.execute(sa.delete(Draft).where(Draft.expires_at <= now))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult


def _open(session: scoped_session[Session], token: str, pack: Pack, now: dt.datetime) -> Draft:
    """The draft, held until the end of the transaction: another tab waits, and then adds to it."""
    draft = session.scalar(_with_token(token, pack.id, now).with_for_update())
    if draft is None:
        raise NotFound
    if draft.sent_at:
        raise AlreadySent
    return draft


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
