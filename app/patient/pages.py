"""The pages that only inform: clinic, condition, contact, privacy, accessibility, how we write."""

import datetime as dt
import hashlib
from dataclasses import dataclass

from flask import abort, current_app, make_response, render_template, request
from werkzeug.wrappers import Response

from app import access
from app.domain.condition import Pack
from app.domain.level import Level
from app.languages import spoken, words
from app.patient import patient
from app.patient.page_text import in_citation_form, plain_words, read_page
from app.patient.public import languages_of, page_at
from app.patient.structured_data import as_json_ld

FRESH_SECONDS = 300


def pack_of(condition: str) -> Pack:
    """The pack behind an address; an unknown one is a 404."""
    pack = access.packs().get(condition)
    if pack is None:
        abort(404)
    return pack


@dataclass(frozen=True, slots=True)
class _Rendered:
    day: dt.date
    body: bytes
    etag: str


@patient.get("/")
def home() -> str:
    """The clinic, its conditions, how to reach it."""
    return render_template("patient/home.html", packs=access.packs().values())


@patient.get("/<condition>")
def condition_page(condition: str) -> Response:
    """The information page: rendered once a day and language, then kept in memory, or a 304."""
    pack = pack_of(condition)
    kept: dict[tuple[str, str], _Rendered] = current_app.extensions.setdefault(
        "condition-pages", {}
    )
    today = access.now().astimezone(access.settings().clinic_zone).date()
    name = condition, spoken()
    rendered = kept.get(name)
    if rendered is None or rendered.day != today:
        rendered = kept[name] = _render(pack, today)
    response = make_response(rendered.body)
    response.content_type = "text/html; charset=utf-8"
    response.set_etag(rendered.etag)
    response.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    return response.make_conditional(request)


def _render(pack: Pack, today: dt.date) -> _Rendered:
    text = read_page(pack, spoken())
    page = page_at(f"/{pack.id}", text.language, languages_of(pack))
    home = (words("Home"), page_at("/", spoken()))
    html = render_template(
        "patient/condition.html",
        pack=pack,
        text=text,
        today=today,
        page=page,
        description=plain_words(text.lede),
        json_ld=as_json_ld(pack, text, page, home, access.settings()),
        cards={
            level: [card for card in pack.cards if card.level is level]
            for level in (Level.emergency, Level.urgent)
        },
        cite=in_citation_form,
        overdue=pack.review_due < today,
        levels=Level,
        leads_to=request.path,
    )
    body = html.encode()
    return _Rendered(today, body, hashlib.sha256(body).hexdigest()[:32])


@patient.get("/contact")
def contact() -> str:
    """Where we are and when we answer."""
    return render_template("patient/contact.html")


@patient.get("/privacy")
def privacy() -> str:
    """What happens to what people tell us."""
    return render_template("patient/privacy.html")


@patient.get("/accessibility")
def accessibility() -> str:
    """Who can use this site, and what is missing."""
    return render_template("patient/accessibility.html")


@patient.get("/how-we-write")
def how_we_write() -> str:
    """How the medical pages are written and checked."""
    return render_template("patient/how_we_write.html", packs=access.packs().values())
