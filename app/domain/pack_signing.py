"""Who signed a pack off, and whether what was signed is still what the folder holds.

`conditions sign` keeps a copy of every file as it was signed in the folder `signed` of the pack,
with the signature beside it. So a later change is seen, and can be compared with what was signed.
"""

import datetime as dt
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.condition import Lowered, SignOff
from app.domain.pack_files import files_of
from app.domain.pack_table import Table

SIGNED: Final = "signed"
SIGNATURE: Final = "signature.toml"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, and the digest of what was signed."""

    by: SignOff
    digest: str


def digest_of(files: Mapping[str, bytes]) -> str:
    """A SHA-256 over the names and contents of all files; only the kind of line end is free."""
    whole = hashlib.sha256()
    for name, content in sorted(files.items()):
        text = content.replace(b"\r\n", b"\n")
        whole.update(f"{name}\n{len(text)}\n".encode() + text)
    return whole.hexdigest()


def signature_in(folder: Path, faults: list[str]) -> Signature | None:
    """The signature of a pack, whether it still holds or not; None when nobody ever signed."""
    where = f"{SIGNED}/{SIGNATURE}"
    try:
        source = tomllib.loads((folder / SIGNED / SIGNATURE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(f"{where}: not readable as TOML: {error}")
        return None
    with Table(source, where, faults) as table:
        by = SignOff(table.word("name"), table.word("registration"), table.day("on"))
        return Signature(by, table.word("digest"))


def is_damaged(folder: Path) -> bool:
    """Whether the copy of a signed pack is no longer what was signed."""
    signature = signature_in(folder, [])
    return signature is not None and digest_of(files_of(folder / SIGNED)) != signature.digest


def is_overdue(signed: SignOff | None, review_due: dt.date, today: dt.date) -> bool:
    """Whether a review that somebody promised by signing is past its date."""
    return signed is not None and review_due < today


def lowered(source: object, faults: list[str]) -> Lowered:
    """One `[[lowered]]`: who answers for a rule that leads to a lower level from a version on."""
    with Table(source, "condition.toml, lowered", faults) as table:
        by = SignOff(table.word("name"), table.word("registration"), table.day("on"))
        return Lowered(table.word("rule"), table.word("version"), by, table.word("reason"))
