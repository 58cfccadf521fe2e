"""The patient's own page: a secret address per request."""

import base64
import datetime as dt
import hashlib
import uuid
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, scoped_session

from app.domain import lifecycle
from app.records import Base
from app.records.crypto import keyring
from app.records.service_request import ServiceRequest
from app.records.types import UtcDateTime

KEPT_OPEN: Final = dt.timedelta(days=30)
"""How long the page stays open after the visit, or after closing when there was none."""

VISITED: Final = ("booked", "arrived", "fulfilled")


class RequestLink(Base):
    """The address under which a patient sees and changes the own request.

    Only a hash of its secret is stored. The secret itself is made anew from the row and the index
    key wherever a mail or page needs it, so that a stolen database opens nothing.
    """

    __tablename__ = "request_link"

    request_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("service_request.id"), unique=True)
    # Raised when the address is given anew: the one before leads nowhere from then on.
    number: Mapped[int] = mapped_column(sa.Integer)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    issued_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    request: Mapped[ServiceRequest] = relationship()

    @property
    def token(self) -> str:
        """The secret of the address: 128 bits, in letters that a URL may hold."""
        secret = keyring().blind("request-link", f"{self.request_id} {self.number}")
        return base64.urlsafe_b64encode(secret).decode().rstrip("=")

    def is_open(self, now: dt.datetime) -> bool:
        """Whether the address still opens the page."""
        ends_at = self._ends_at()
        return self.ended_at is None and (ends_at is None or now < ends_at)

    def _ends_at(self) -> dt.datetime | None:
        """When the page closes by itself; None while the clinic or the patient still has a turn."""
        request = self.request
        if request.status not in (lifecycle.BOOKED, lifecycle.CLOSED):
            return None
        visits = [visit.ends_at for visit in request.appointments if visit.status in VISITED]
        closed = [change.at for change in request.history if change.after == lifecycle.CLOSED]
        over = max(visits or closed, default=None)
        return over + KEPT_OPEN if over else None

    def issue(self, at: dt.datetime) -> None:
        """Give it a new secret; whoever holds the one before is shut out."""
        self.number = (self.number or 0) + 1
        self.issued_at, self.ended_at = at, None
        self.token_hash = hash_of(self.token)


def new_link(request: ServiceRequest, at: dt.datetime) -> RequestLink:
    """The first address of a request, to be stored with it."""
    link = RequestLink(request_id=request.id, request=request)
    link.issue(at)
    return link


def link_of(request: ServiceRequest, session: scoped_session[Any]) -> RequestLink | None:
    """The address of a stored request; one from before there were any has none."""
    found = sa.select(RequestLink).where(RequestLink.request_id == request.id)
    return session.scalar(found.execution_options(populate_existing=True))


def hash_of(token: str) -> bytes:
    """What is stored of a secret."""
    return hashlib.sha256(token.encode()).digest()
