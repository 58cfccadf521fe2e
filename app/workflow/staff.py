"""The people who work here: who they are, and the sessions in which they are signed in."""

import datetime as dt
import hashlib
import secrets
import unicodedata
import uuid
from typing import Final

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password, verify_password
from sqlalchemy.orm import Session, contains_eager, scoped_session

from app.domain.errors import NotFound
from app.records import audit, db, transaction
from app.records.staff import ROLES, Practitioner, StaffSession

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 128
SEEN_EVERY: Final = dt.timedelta(minutes=1)

# Longest pause and longest session. A doctor is called out at night, from the own phone.
_DESK: Final = (dt.timedelta(minutes=30), dt.timedelta(hours=12))
_LIMITS: Final = {
    "receptionist": _DESK,
    "manager": _DESK,
    "doctor": (dt.timedelta(hours=12), dt.timedelta(days=7)),
}


def add(
    role: str,
    name: str,
    email: str,
    password: str,
    now: dt.datetime,
    *,
    phone: str | None = None,
    registration: str | None = None,
) -> Practitioner:
    """Let a person work here; raises ValueError in words. Doctors can be booked from the start."""
    if role not in ROLES:
        raise ValueError(f"A role is one of {', '.join(ROLES)}")
    if not name.strip():
        raise ValueError("A person needs a name")
    address = _address(email)
    practitioner = Practitioner(
        name=name.strip(),
        email=address,
        role=role,
        password=_hashed(password),
        active=True,
        fs_uniquifier=uuid.uuid4().hex,
        phone=phone,
        registration=registration,
        bookable=role == "doctor",
        created_at=now,
    )
    with transaction() as session:
        if session.scalar(_with_address(address)):
            raise ValueError("Somebody with this e-mail address works here already")
        session.add(practitioner)
        session.flush()
        audit.remember(session, f"staff-add {role}", now, practitioner.id, None)
    return practitioner


def set_password(email: str, password: str, now: dt.datetime) -> Practitioner:
    """Give a person a new password and end all sessions; raises NotFound or ValueError."""
    hashed = _hashed(password)
    with transaction() as session:
        practitioner = _known(session, email)
        practitioner.password = hashed
        _end_all(session, practitioner, now)
        audit.remember(session, "staff-password", now, practitioner.id, None)
    return practitioner


def deactivate(email: str, now: dt.datetime) -> Practitioner:
    """Shut a person out: no sign-in any more, and every session ends now; raises NotFound."""
    with transaction() as session:
        practitioner = _known(session, email)
        practitioner.active = practitioner.bookable = False
        _end_all(session, practitioner, now)
        audit.remember(session, "staff-deactivate", now, practitioner.id, None)
    return practitioner


def set_wishes(by: Practitioner, *, compact_rows: bool, keys_on: bool, tone_on: bool) -> None:
    """Keep how a person wants to see and use the lists; raises NotFound."""
    with transaction() as session:
        person = session.get(Practitioner, by.id)
        if person is None:
            raise NotFound
        person.compact_rows, person.keys_on, person.tone_on = compact_rows, keys_on, tone_on


def everybody() -> list[Practitioner]:
    """All who work or worked here: the active first, by name."""
    order = (Practitioner.active.desc(), Practitioner.name)
    return list(db.session.scalars(sa.select(Practitioner).order_by(*order)))


def by_email(email: str) -> Practitioner | None:
    """The person with that e-mail address."""
    return db.session.scalar(_with_address(email.strip().casefold()))


def recognise(email: str, password: str) -> Practitioner | None:
    """Who signs in with this e-mail and password; None takes as long as somebody."""
    practitioner = by_email(email)
    plain = unicodedata.normalize("NFKD", password)
    if practitioner is None:
        hash_password(plain)
        return None
    right = verify_password(plain, practitioner.password)
    return practitioner if right and practitioner.active else None


def begin_session(practitioner: Practitioner, now: dt.datetime) -> str:
    """Open a session; gives the secret token for the browser's cookie."""
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        session.add(
            StaffSession(
                practitioner_id=practitioner.id,
                token_hash=_hash(token),
                started_at=now,
                seen_at=now,
            )
        )
        audit.remember(session, "sign-in", now, practitioner.id, None)
    return token


def in_session(token: str, now: dt.datetime, *, used: bool = True) -> Practitioner | None:
    """The active person whose session this token is; None when it has ended or lain idle.

    With `used` the person does something, which keeps the session alive; a page that asks by
    itself does not.
    """
    found = db.session.scalar(
        sa.select(StaffSession)
        .join(StaffSession.practitioner)
        .options(contains_eager(StaffSession.practitioner))
        .where(StaffSession.token_hash == _hash(token), StaffSession.ended_at.is_(None))
        .where(Practitioner.active)
    )
    if found is None:
        return None
    pause, longest = _LIMITS[found.practitioner.role]
    if now - found.seen_at >= pause or now - found.started_at >= longest:
        return None
    if used and now - found.seen_at >= SEEN_EVERY:
        with transaction() as session:
            session.execute(
                sa.update(StaffSession)
                .where(StaffSession.id == found.id, StaffSession.ended_at.is_(None))
                .values(seen_at=now)
            )
    return found.practitioner


def end_session(token: str, now: dt.datetime) -> None:
    """End the session of this token, wherever a copy of its cookie may be."""
    with transaction() as session:
        found = session.scalar(
            sa.select(StaffSession).where(
                StaffSession.token_hash == _hash(token), StaffSession.ended_at.is_(None)
            )
        )
        if found is not None:
            found.ended_at = now
            audit.remember(session, "sign-out", now, found.practitioner_id, None)


def _end_all(
    session: scoped_session[Session], practitioner: Practitioner, now: dt.datetime
) -> None:
    practitioner.fs_uniquifier = uuid.uuid4().hex
    session.execute(
        sa.update(StaffSession)
        .where(StaffSession.practitioner_id == practitioner.id, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def _known(session: scoped_session[Session], email: str) -> Practitioner:
    practitioner = session.scalar(_with_address(email.strip().casefold()))
    if practitioner is None:
        raise NotFound
    return practitioner


def _with_address(address: str) -> sa.Select[Practitioner]:
    return sa.select(Practitioner).where(Practitioner.email == address)


def _address(email: str) -> str:
    try:
        found = validate_email(email.strip(), check_deliverability=False)
    except EmailNotValidError as error:
        raise ValueError(f"This is not an e-mail address: {error}") from None
    return found.normalized.casefold()


def _hashed(password: str) -> str:
    plain = unicodedata.normalize("NFKD", password)
    if not SHORTEST_PASSWORD <= len(plain) <= LONGEST_PASSWORD:
        raise ValueError(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} letters")
    if len(set(plain)) < 5:
        raise ValueError("This password is too easy to guess: use at least 5 different letters")
    hashed: str = hash_password(plain)
    return hashed


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
