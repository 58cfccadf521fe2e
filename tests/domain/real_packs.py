"""The packs of the program, read once."""

import functools
from collections.abc import Mapping

from app.domain.condition import Pack
from app.domain.pack_reader import read_packs
from config import ROOT


@functools.cache
def real_packs() -> Mapping[str, Pack]:
    """Every pack that the program ships, by id."""
    return read_packs(ROOT / "app" / "conditions")
