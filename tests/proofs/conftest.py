"""The condition packs that patients get."""

import pytest

from app.domain.condition import Pack
from tests.domain.real_packs import real_packs


@pytest.fixture(scope="session", params=real_packs())
def pack(request: pytest.FixtureRequest) -> Pack:
    """Each pack that the program ships."""
    return real_packs()[request.param]
