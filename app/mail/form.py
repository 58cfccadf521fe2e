"""The form of every letter: a template, in plain text and as HTML, with links that lead to us."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for

from app.mail.html import as_html
from app.mail.invite import Invite
from config import Settings

Words = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in words; only people of the clinic get one together."""

    to: Sequence[str]
    subject: str
    text: str
    html: str
    invite: Invite | None = None


def in_form(to: Sequence[str], template: str, words: Words) -> Letter:
    """A letter from a template, whose first line is the subject."""
    # Not `render_template`: what it adds for pages needs somebody who looks at one.
    rendered = current_app.jinja_env.get_template(f"email/{template}.txt").render(
        **_everywhere(), **words
    )
    subject, _, text = rendered.partition("\n")
    text = text.strip() + "\n"
    return Letter(to, subject, text, as_html(subject, text, _numbers()))


def _everywhere() -> dict[str, Any]:
    known = settings()
    return {
        "_": current_app.extensions["mail-words"],
        "site": link("patient.home"),
        "contact": link("patient.contact"),
        "place_time": f"({known.clinic_city} time)",
    }


def settings() -> Settings:
    """Those of the clinic."""
    found: Settings = current_app.extensions["settings"]
    return found


def _numbers() -> list[str]:
    known = settings()
    return [
        known.clinic_phone,
        known.ambulance_number,
        known.emergency_number,
        known.helpline_number,
    ]


def link(endpoint: str, **values: Any) -> str:
    """A link that begins with the public address, whatever host anybody asked for."""
    with current_app.test_request_context():
        return settings().public_base_url + url_for(endpoint, **values)
