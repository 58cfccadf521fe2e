"""Who may come in: the sign-in, and the guard that every request passes.

What nobody has opened is shut: only the public pages, the static files and the sign-in page answer
a stranger. Everything else belongs to a `staff_door`, which names the roles it lets in.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    g,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_security import Security, SQLAlchemyUserDatastore, current_user
from werkzeug.local import LocalProxy

from app.domain.clinic import Clinic
from app.domain.clock import Clock, DeskHours, Targets
from app.domain.condition import Pack
from app.domain.slots import Span
from app.formats import moment
from app.records import db
from app.records.limits import SqlStorage
from app.records.staff import Practitioner, Role
from app.workflow import escalation, queue, roster, staff
from config import Settings

access = Blueprint("access", __name__)
limiter = Limiter(key_func=lambda: request.remote_addr or "", strategy="fixed-window")

PUBLIC: Final = ("patient",)
# The calendar feed asks for the secret of its address instead.
OPEN_PAGES: Final = ("static", "access.ask", "access.answer", "access.calendar_feed")
# Nobody has done anything when these are asked for, so no session lives longer by them.
ASK_BY_THEMSELVES: Final = ("desk.news",)
EVERYBODY: Final = ("receptionist", "doctor", "manager")

PLACES: Final = (
    ("Requests", ("/desk/requests", "/desk/messages", "/desk/problems"), EVERYBODY),
    ("Review", ("/doctor/reviews",), ("doctor",)),
    ("Calendar", ("/desk/diary", "/desk/waiting-list"), EVERYBODY),
    ("Figures", ("/dashboard",), ("manager",)),
    ("Rules", ("/settings/rules",), ("doctor",)),
    ("Settings", ("/settings/hours", "/settings/"), ("manager",)),
)


class StaffDoor(Blueprint):
    """A blueprint that lets in these roles and nobody else."""

    def __init__(
        self, name: str, import_name: str, roles: tuple[str, ...], url_prefix: str | None
    ) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix)
        self.roles = roles


def staff_door(
    name: str, import_name: str, roles: tuple[str, ...], url_prefix: str | None = None
) -> Blueprint:
    """A door for staff: every route of it asks for a sign-in with one of these roles."""
    return StaffDoor(name, import_name, roles, url_prefix)


def settings() -> Settings:
    """The settings of the running app."""
    found: Settings = current_app.extensions["settings"]
    return found


def clinic() -> Clinic:
    """What the stages need to know of the clinic; its closures are looked up."""
    return clinic_closed_on(escalation.days_closed(now()))


def clinic_closed_on(closed: tuple[Span, ...]) -> Clinic:
    """The same, with these closures."""
    known = settings()
    hours = DeskHours(known.clinic_zone, known.desk_hours, closed)
    clock = Clock(hours, Targets(**known.targets))
    return Clinic(clock, len(known.desk_addresses), known.visits_per_contact)


def packs() -> Mapping[str, Pack]:
    """The condition packs, by id."""
    found: Mapping[str, Pack] = current_app.extensions["packs"]
    return found


def now() -> dt.datetime:
    """The one clock of the doors (UTC)."""
    return dt.datetime.now(dt.UTC)


def current_staff() -> Practitioner:
    """The signed-in person; behind a staff door there always is one."""
    found = signed_in()
    if found is None:
        abort(403)
    return found


def counts() -> queue.Counts:
    """How much waits where; counted once for a page."""
    if "counts" not in g:
        g.counts = queue.count(now(), settings().clinic_zone, current_staff().id)
    found: queue.Counts = g.counts
    return found


def init(app: Flask) -> None:
    """Wire the sign-in library, the guard, the words of the staff frame, and the sign-in pages."""
    app.config.update(
        # The hash alone: a pepper would tie every password to one more secret.
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of a method, no password
        SECURITY_PASSWORD_SINGLE_HASH={"argon2"},
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
        SESSION_PROTECTION=None,
        # Tries are counted in the app's own database, so that every process sees them.
        RATELIMIT_STORAGE_URI=f"{SqlStorage.STORAGE_SCHEME[0]}://",
    )
    datastore = SQLAlchemyUserDatastore(db, Practitioner, Role)
    security = Security(app, datastore, register_blueprint=False)
    # The library's session counts only while our own record of it is alive; there are no tokens.
    security.login_manager.user_loader(_person_of_session)
    security.login_manager.request_loader(lambda request: None)
    limiter.init_app(app)
    _ask_only_behind_doors(app)
    app.before_request(_guard)
    app.context_processor(_frame)
    app.register_blueprint(access)


def _person_of_session(handle: str) -> Practitioner | None:
    used = request.endpoint not in ASK_BY_THEMSELVES
    found = staff.in_session(session.get("staff", ""), now(), used=used)
    return found if found and found.fs_uniquifier == handle else None


def _ask_only_behind_doors(app: Flask) -> None:
    """Take away the libraries' look at every request and every template.

    Public pages must not depend on cookies, nor the page for our own faults on the database; and
    tries are counted where they are made, so nobody need look for limits before every view.
    """
    hooks: Any
    for hooks in (
        app.before_request_funcs,
        app.after_request_funcs,
        app.template_context_processors,
    ):
        libraries = ("flask_limiter", "flask_login", "flask_principal")
        hooks[None] = [h for h in hooks[None] if not h.__module__.startswith(libraries)]


def _guard() -> ResponseReturnValue | None:
    """Deny by default; runs before every view."""
    if request.endpoint is None or request.endpoint in OPEN_PAGES or request.blueprint in PUBLIC:
        return None
    door = current_app.blueprints.get(request.blueprint or "")
    roles = EVERYBODY if door is access else getattr(door, "roles", ())
    if not roles:
        abort(403, "This page is not open.")
    if signed_in() is None:
        return _ask_to_sign_in()
    g.inside = True
    if current_staff().role not in roles:
        abort(403, f"This page is for {' and '.join(f'{role}s' for role in roles)}.")
    return None


def signed_in() -> Practitioner | None:
    """The signed-in person, or nobody."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def _ask_to_sign_in() -> ResponseReturnValue:
    if request.method == "POST" and request.endpoint != "access.sign_out":
        return sign_in.hold_what_was_typed()
    here = request.full_path if request.query_string else request.path
    asked = None if request.method == "POST" else here
    return redirect(url_for("access.ask", next=asked), 303)


def _frame() -> dict[str, object]:
    """What the staff frame shows; nothing is looked up before a template asks for it."""
    return {
        "staff": LocalProxy(current_staff),
        "places": LocalProxy(_places),
        "gap_in_roster": _gap_in_roster,
        "unsigned_packs": LocalProxy(_unsigned_packs),
        "frame": "staff.html" if "inside" in g else "base.html",
    }


def _gap_in_roster() -> str:
    """In words, where nobody is on call soon; it stands on every page of staff."""
    at, zone = now(), settings().clinic_zone
    gap = roster.gap(at)
    if gap is None:
        return ""
    if gap.start <= at:
        return f"No doctor is on call until {moment(gap.end, zone, at)}"
    return f"No doctor is on call from {moment(gap.start, zone, at)} to {moment(gap.end, zone, at)}"


def _unsigned_packs() -> list[Pack]:
    """The packs that no clinician answers for as they stand."""
    return [pack for pack in packs().values() if pack.signed_off is None]


@dataclass(frozen=True, slots=True)
class Count:
    """A number in a pill beside a place or a view, with words for those who hear the page."""

    number: str
    words: str
    kind: str = "n--q"


@dataclass(frozen=True, slots=True)
class Place:
    """One of the places of the staff frame."""

    name: str
    url: str
    here: bool
    counts: tuple[Count, ...]


def _places() -> list[Place]:
    role = current_staff().role
    found = []
    for name, paths, roles in PLACES:
        if role in roles:
            here = request.path.startswith(paths)
            found.append(Place(name, paths[0], here, tuple(_pills(name))))
    return found


def _pills(place: str) -> Iterator[Count]:
    waiting = counts()
    if place == "Requests" and waiting.emergencies:
        yield Count(queue.capped(waiting.emergencies), "emergencies", "")
    if place == "Review" and waiting.unacknowledged:
        yield Count(queue.capped(waiting.unacknowledged), "not yet acknowledged", "n--a")
    if place == "Calendar" and waiting.offers:
        yield Count(queue.capped(waiting.offers), "times offered, waiting for an answer", "n--a")


@access.get("/staff")
def front() -> ResponseReturnValue:
    """Where each role begins."""
    start = "/doctor/reviews" if current_staff().role == "doctor" else "/desk/requests"
    return redirect(start, 303)


from app.access import my_calendar, my_settings, sign_in  # noqa: E402, F401 - they add their routes
