"""Personal and health fields are sealed: AES-256-GCM, bound to their table, column and row."""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

VERSION = b"\x01"
NAME_BYTES = 4
NONCE_BYTES = 12


class Keyring:
    """The keys of the clinic: the current one seals, every one opens."""

    def __init__(self, keys: tuple[tuple[str, bytes], ...], index_key: bytes) -> None:
        self.current = keys[0][0]
        # How everything begins that the current key has sealed.
        self.mark = VERSION + self.current.encode().ljust(NAME_BYTES)
        self._ciphers: Mapping[str, AESGCM] = {name: AESGCM(key) for name, key in keys}
        self._index_key = index_key

    def seal(self, plain: bytes, place: str) -> bytes:
        """Encrypt for a place such as `service_request.phone.<row id>`."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self.current].encrypt(nonce, plain, place.encode())
        return self.mark + nonce + sealed

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt; raises InvalidTag when the value was changed or moved from another place."""
        start = 1 + NAME_BYTES
        nonce = sealed[start : start + NONCE_BYTES]
        cipher = self._ciphers[self.key_name(sealed)]
        return cipher.decrypt(nonce, sealed[start + NONCE_BYTES :], place.encode())

    @staticmethod
    def key_name(sealed: bytes) -> str:
        """The name of the key that sealed it."""
        return sealed[1 : 1 + NAME_BYTES].decode().strip()

    def blind(self, kind: str, term: str) -> bytes:
        """A keyed hash of a search term: equal terms are found, nothing can be read back."""
        message = f"{kind}\0{term}".encode()
        return hmac.new(self._index_key, message, hashlib.sha256).digest()[:16]


def new_key() -> str:
    """A fresh key in the form that FIELD_KEYS and INDEX_KEY expect."""
    return base64.b64encode(os.urandom(32)).decode()


def keyring() -> Keyring:
    """The keys of the running app."""
    found: Keyring = current_app.extensions["keyring"]
    return found
