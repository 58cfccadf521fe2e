"""How much one internet address may do. Many patients share one, so the limit is wide."""

import hmac
import time
from typing import Final

from flask import request
from limits import RateLimitItemPerMinute
from werkzeug.exceptions import TooManyRequests

from app import access

MINUTES: Final = 10


def count(act: str) -> None:
    """Count an act of this address; raises TooManyRequests, which says when to try again."""
    limit = RateLimitItemPerMinute(access.settings().enquiries_per_address, MINUTES)
    if not access.limiter.limiter.hit(limit, act, _address()):
        window = access.limiter.limiter.get_window_stats(limit, act, _address())
        raise TooManyRequests(retry_after=max(1, round(window.reset_time - time.time())))


def _address() -> str:
    """The address in a form from which nobody without the secret key can read it."""
    key = access.settings().secret_key.encode()
    return hmac.digest(key, (request.remote_addr or "").encode(), "sha256").hex()
