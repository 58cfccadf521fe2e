"""The patient's own page: finding it by its secret, and what a patient does there."""

from app.workflow.manage.acts import change_number, may_withdraw, not_me, reissue, withdraw
from app.workflow.manage.finding import Opening, address, find, is_shut, openings
from app.workflow.manage.telling import AT_ONCE, add, judged, worse

__all__ = [
    "AT_ONCE",
    "Opening",
    "add",
    "address",
    "change_number",
    "find",
    "is_shut",
    "judged",
    "may_withdraw",
    "not_me",
    "openings",
    "reissue",
    "withdraw",
    "worse",
]
