"""How much one internet address may do. Many patients share one, so the limit is wide."""

import hmac
import time
from typing import Any, Final

from flask import request
from limits import RateLimitItemPerMinute
from werkzeug.exceptions import TooManyRequests

from app import access

MINUTES: Final = 10
TIMES_PER_CONTACT: Final = 10
TIMES_PER_DRAFT: Final = 10


def count(act: str) -> None:
    """Count an act of this address; raises TooManyRequests, which says when to try again."""
    limit = RateLimitItemPerMinute(access.settings().enquiries_per_address, MINUTES)
    if not access.limiter.limiter.hit(limit, act, address()):
        window = access.limiter.limiter.get_window_stats(limit, act, address())
        raise TooManyRequests(retry_after=max(1, round(window.reset_time - time.time())))


def may_hold(draft: Any) -> bool:
    """Count that a time is kept for a draft; gives whether it may be.

    Each internet address, phone number and e-mail address has its limit in 10 minutes, and each
    draft one for its whole life, so that nobody keeps many times, or one for long.
    """
    person = draft.person
    contacts = [contact for contact in (person.get("phone"), person.get("email")) if contact]
    per_address = RateLimitItemPerMinute(access.settings().times_per_address, MINUTES)
    per_contact = RateLimitItemPerMinute(TIMES_PER_CONTACT, MINUTES)
    hit = access.limiter.limiter.hit
    counted = [hit(per_contact, "hold", _sealed(contact.casefold())) for contact in contacts]
    counted.append(hit(per_address, "hold", address()))
    return all(counted) and person.get("times_kept", 0) < TIMES_PER_DRAFT


def address() -> str:
    """The internet address, sealed."""
    return _sealed(request.remote_addr or "")


def _sealed(who: str) -> str:
    """A form from which nobody without the secret key can read who it is."""
    return hmac.digest(access.settings().secret_key.encode(), who.encode(), "sha256").hex()
