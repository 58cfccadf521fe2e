"""The patient's own page: a secret address per request."""

import base64
import datetime as dt
import hashlib
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.records import Base
from app.records.crypto import keyring
from app.records.service_request import ServiceRequest
from app.records.types import UtcDateTime


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

    def issue(self, at: dt.datetime) -> None:
        """Give it a new secret; whoever holds the one before is shut out."""
        self.number = (self.number or 0) + 1
        self.issued_at, self.ended_at = at, None
        self.token_hash = hash_of(self.token)


def hash_of(token: str) -> bytes:
    """What is stored of a secret."""
    return hashlib.sha256(token.encode()).digest()
