"""Spinedesk: the front door of a specialist clinic."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings


def create_app(settings: "Settings") -> "Flask":
    """Build the web app; raises FaultyPack when a condition pack has faults."""
    # Late, so that the rules and the checks of a pack load without the web.
    from app.factory import build  # noqa: PLC0415 - a script that imports `app.domain` needs no Flask

    return build(settings)
