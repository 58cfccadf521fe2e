"""The condition pack that patients get."""

import pytest

from app.domain.condition import Pack
from tests.domain.real_packs import real_packs


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The pack of spinal metastases."""
    return real_packs()["spinal-metastasis"]
