"""A text under a passphrase, in one file.

The file is: 16 bytes that name the format, 16 of salt, 12 of nonce, and the text (UTF-8) under
AES-256-GCM with the first 44 bytes as associated data. The key is scrypt of the passphrase with
N = 2^16, r = 8, p = 1, which takes about 64 MB and a fraction of a second for each guess.
"""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

FORMAT: Final = b"spinedesk-sheet1"
SALT_BYTES, NONCE_BYTES = 16, 12
HEAD_BYTES: Final = len(FORMAT) + SALT_BYTES + NONCE_BYTES
SHORTEST: Final = 12
COST: Final = 2**16


class CannotOpen(ValueError):
    """The passphrase is another one, or the file was changed, or is none of ours."""


def seal(text: str, passphrase: str) -> bytes:
    """The whole file."""
    head = FORMAT + os.urandom(SALT_BYTES + NONCE_BYTES)
    return head + _cipher(passphrase, head).encrypt(_nonce(head), text.encode(), head)


def unseal(sealed: bytes, passphrase: str) -> str:
    """The text of a file; raises CannotOpen."""
    head = sealed[:HEAD_BYTES]
    if len(head) < HEAD_BYTES or not head.startswith(FORMAT):
        raise CannotOpen("This is no outage sheet, or only a part of one.")
    try:
        return _cipher(passphrase, head).decrypt(_nonce(head), sealed[HEAD_BYTES:], head).decode()
    except InvalidTag:
        raise CannotOpen("The passphrase is wrong, or the file was changed.") from None


def _cipher(passphrase: str, head: bytes) -> AESGCM:
    salt = head[len(FORMAT) : len(FORMAT) + SALT_BYTES]
    return AESGCM(Scrypt(salt=salt, length=32, n=COST, r=8, p=1).derive(passphrase.encode()))


def _nonce(head: bytes) -> bytes:
    return head[-NONCE_BYTES:]
