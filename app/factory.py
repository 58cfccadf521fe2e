"""Builds the web app: the one place where its parts meet."""

import hashlib
from datetime import timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_wtf import CSRFProtect
from markupsafe import Markup
from werkzeug.middleware.proxy_fix import ProxyFix

from app import access, commands, errors, formats, languages, mail, worker
from app.desk import desk
from app.doctor import doctor
from app.domain.clock import Targets
from app.domain.condition import Text
from app.domain.pack_reader import read_packs
from app.languages import Later
from app.manager import figures, manager, rulebook
from app.patient import addresses, patient
from app.records import db, prepare_sqlite
from app.records.crypto import Keyring
from app.words import done
from config import ROOT, Settings

FORM_BYTES = 256 * 1024
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def build(settings: Settings) -> Flask:
    """Build the web app; raises FaultyPack when a condition pack has faults."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"))
    app.config.from_mapping(_flask_config(settings))
    app.extensions["settings"] = settings
    app.extensions["packs"] = read_packs(settings.packs_folder)
    app.extensions["keyring"] = Keyring(settings.field_keys, settings.index_key)
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]  # Flask's documented way
    _database(app, settings)
    CSRFProtect(app)
    access.init(app)
    mail.init(app)
    worker.init(app)
    commands.init(app)
    errors.init(app)
    addresses.init(app)
    for door in (patient, desk, doctor, manager, figures, rulebook):
        app.register_blueprint(door)
    _words(app, settings)
    app.after_request(_protect)
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    host = urlsplit(settings.public_base_url).hostname
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        # What a failing statement carried has no place in a log.
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_pre_ping": not settings.on_sqlite,
            "hide_parameters": True,
        },
        "SESSION_COOKIE_NAME": "__Host-session" if settings.https else "session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.https,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        # A patient may leave a page open for as long as a draft lives.
        "WTF_CSRF_TIME_LIMIT": 24 * 3600,
        # Our own pages ask browsers to send no Referer, so none can be demanded; the token decides.
        "WTF_CSRF_SSL_STRICT": False,
        "MAX_CONTENT_LENGTH": FORM_BYTES,
        "MAX_FORM_MEMORY_SIZE": FORM_BYTES,
        "MAX_FORM_PARTS": 500,
        "TRUSTED_HOSTS": [host, "localhost", "127.0.0.1"],
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(days=365),
    }


def _database(app: Flask, settings: Settings) -> None:
    if settings.on_sqlite:
        Path(urlsplit(settings.database_url).path).parent.mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    if settings.on_sqlite:
        with app.app_context():
            prepare_sqlite(db.engine)


def _words(app: Flask, settings: Settings) -> None:
    """What every template may say: the clinic, and how times and numbers are written."""
    zone, in_messages = settings.clinic_zone, _in_messages(settings)
    app.extensions["mail-words"] = languages.for_templates(in_messages, languages.words)
    app.jinja_env.globals.update(
        asset=_asset,
        said=languages.said,
        _=languages.for_templates(in_messages, languages.markup),
        clinic={
            "name": settings.clinic_name,
            "city": settings.clinic_city,
            "address": settings.clinic_address,
            "phone": settings.clinic_phone,
            "hours": settings.clinic_hours,
            "hours_in": settings.clinic_hours_in,
            "city_in": settings.clinic_city_in,
            "whatsapp": settings.whatsapp_number,
            "ambulance": settings.ambulance_number,
            "emergency": settings.emergency_number,
            "helpline": settings.helpline_number,
            "hospitals": settings.hospitals,
        },
    )
    app.jinja_env.filters.update(
        tel=formats.dialled,
        phone=formats.phone,
        clock_time=lambda at: formats.clock_time(at, zone),
        short_day=lambda at: formats.short_day(at, zone),
        long_day=lambda at: formats.long_day(at, zone),
        moment=lambda at, now: formats.moment(at, zone, now),
        plain_date=formats.plain_date,
        wall_time=formats.wall_time,
        rupees=formats.rupees,
        length_of_time=formats.length_of_time,
        done=done,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _in_messages(settings: Settings) -> dict[str, str | Markup | Text | Later]:
    """What any message of the interface may name in braces."""
    numbers = {
        "phone": settings.clinic_phone,
        "ambulance": settings.ambulance_number,
        "emergency": settings.emergency_number,
        "helpline": settings.helpline_number,
    }
    links = {f"{name}_link": _to_call(number) for name, number in numbers.items()}
    texts = {"hours": settings.clinic_hours_in, "city": settings.clinic_city_in}
    targets = Targets(**settings.targets)
    soon = {
        "urgent": _hours(targets.urgent),
        "urgent_most": _hours(targets.urgent_at_most),
        "soon": _working_days(targets.soon_days),
        "routine": _working_days(targets.routine_days),
    }
    return {"clinic": settings.clinic_name, **numbers, **links, **texts, **soon}


def _hours(length: timedelta) -> Later:
    number = length // timedelta(hours=1)
    return Later("1 hour") if number == 1 else Later("{number} hours", number=number)


def _working_days(number: int) -> Later:
    return Later("1 working day") if number == 1 else Later("{number} working days", number=number)


def _to_call(number: str) -> Markup:
    link = Markup('<a class="nowrap" href="tel:{}">{}</a>')
    return link.format(formats.dialled(number), number)


@cache
def _digest(name: str) -> str:
    path = ROOT / "app" / "static" / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _asset(name: str) -> str:
    """The address of a static file; it changes with the content, so it may be kept for a year.

    Written without `url_for`, which fails for a host that is not ours: its page needs them, too.
    """
    return f"/static/{name}?v={_digest(name)}"


def _protect(response: Response) -> Response:
    """Safe headers on every answer; nothing is kept by browsers unless a page allows it."""
    response.headers.extend(HEADERS)  # no page sets one of its own
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response
