"""Choosing a time to visit: free times by day, kept for ten minutes while the person finishes."""

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from app import access, free_times
from app.domain.condition import Pack
from app.domain.errors import NotAllowedNow, NotOffered, SlotTaken
from app.domain.level import Level
from app.formats import clock_time, short_day
from app.languages import Later, words
from app.patient import limits, patient, traps
from app.patient.enquiry import draft_of, onwards, to, token
from app.patient.pages import pack_of
from app.workflow import booking, enquiry, intake

DAY: Final = dt.timedelta(days=1)
DAYS_SEARCHED: Final = 14
DAYS_SHOWN: Final = 2
NEAREST: Final = 3
NONE_SUITS: Final = "none"
NONE_CHOSEN: Final = Later("Select a time, or select “Call me to find a time”")
TAKEN: Final = "Somebody took {time} on {day} a moment ago. Please choose another time"
GONE: Final = "{time} on {day} is gone. Please choose another time"
NOT_OFFERED: Final = Later("That time is not offered any more. Please choose another time")
TOO_MANY: Final = Later("We cannot keep more times from here now. Select Continue, and we call you")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the page is shown for: whose draft, and what went wrong before."""

    pack: Pack
    draft: Any
    problem: str | Later = ""
    # The chosen time that cannot be had.
    lost: booking.Choice | None = None
    status: int = 200
    # A person finds the time by phone, because no more can be kept from here.
    by_phone: bool = False


@patient.get("/<condition>/enquiry/time")
def time_page(condition: str) -> Response:
    """The free times of the next days."""
    pack = pack_of(condition)
    draft = draft_of(pack)
    if draft is None:
        return to(pack, "start")
    if not _comes_to_it(pack, draft):
        return to(pack, "received") if draft.sent_at else onwards(pack, draft)
    held = enquiry.held(draft)
    if draft.sent_at and held:
        lost = booking.choice_of(held)
        return _page(_Asked(pack, draft, _lost(GONE, lost), lost))
    return _page(_Asked(pack, draft))


@patient.post("/<condition>/enquiry/time")
def choose_time(condition: str) -> Response:
    """Keep the chosen time, or that none suits; when it is gone, show what is left."""
    pack = pack_of(condition)
    draft = draft_of(pack)
    if draft is None:
        return to(pack, "start")
    if not _comes_to_it(pack, draft):
        return to(pack, "received") if draft.sent_at else onwards(pack, draft)
    sent = request.form.get("time", "")
    choice = free_times.read(sent)
    if choice is None and sent != NONE_SUITS:
        return _page(_Asked(pack, draft, NONE_CHOSEN, status=422))
    return _take(pack, draft, choice)


def _take(pack: Pack, draft: Any, choice: booking.Choice | None) -> Response:
    """Have the time kept for the draft, or booked for the request that was sent without one."""
    if choice and (traps.tripped(draft, access.now()) or not limits.may_hold(draft)):
        return _page(_Asked(pack, draft, TOO_MANY, status=429, by_phone=True))
    try:
        if draft.sent_at:
            return _choose_again(pack, draft, choice)
        return onwards(pack, enquiry.keep_time(token(), pack, choice, access.now()))
    except NotOffered:
        return _page(_Asked(pack, draft, NOT_OFFERED, choice, status=409))
    except SlotTaken:
        taken = _lost(TAKEN, choice) if choice else ""
        return _page(_Asked(pack, draft, taken, choice, status=409))


def _comes_to_it(pack: Pack, draft: Any) -> bool:
    """Whether a time can be chosen: all before is answered, or it was lost when sending."""
    if draft.sent_at:
        return booking.may_choose_again(intake.find(draft.reference))
    return "name" in draft.person and enquiry.may_choose_time(pack, draft)


def _choose_again(pack: Pack, draft: Any, choice: booking.Choice | None) -> Response:
    """Book for the stored request; when it was booked meanwhile, the receipt says so."""
    if choice:
        with suppress(NotAllowedNow):
            booking.choose(draft.reference, choice, access.now(), access.settings().clinic_zone)
    return to(pack, "received")


def _lost(english: str, choice: booking.Choice) -> str:
    at, zone = choice.starts_at, access.settings().clinic_zone
    return words(english, time=clock_time(at, zone), day=short_day(at, zone))


def _page(asked: _Asked) -> Response:
    """The page; after a time was lost, the nearest ones come first."""
    pack, draft = asked.pack, asked.draft
    at, zone = access.now(), access.settings().clinic_zone
    today = at.astimezone(zone).date()
    first = _first_day(today, asked.lost)
    level = enquiry.judge(pack, draft.answers).level
    by_phone = asked.by_phone or traps.tripped(draft, at) is not None
    found = [] if by_phone else _free(first, level, draft, at)
    shown, more = found[:DAYS_SHOWN], found[DAYS_SHOWN:]
    later = more[0][0] if more else first + DAYS_SEARCHED * DAY
    last = booking.last_day_for_patients(today)
    held = enquiry.held(draft)
    chosen = (
        free_times.written(booking.choice_of(held))
        if held and not asked.lost
        else request.form.get("time", "")
    )
    offers = list(chain.from_iterable(each for _, each in found))
    nearest = []
    if asked.lost and offers:
        nearest = [free_times.nearest(offers, asked.lost, NEAREST, today, zone)]
    page = render_template(
        "patient/time.html",
        pack=pack,
        level=level,
        levels=Level,
        reference=draft.reference if draft.sent_at else None,
        days=[*nearest, *free_times.by_day(shown, chosen, today, zone)],
        practitioners=_each_once(offer.practitioner for offer in offers),
        places=_each_once(offer.place for offer in offers),
        kinds=_each_once(offer.kind for offer in offers),
        zone_name=f"{at.astimezone(zone):%Z}",
        soon=not found or found[0][0] <= today + DAY,
        first=first,
        later=later if later <= last and not by_phone else None,
        moved_on=first > today,
        searched=DAYS_SEARCHED,
        none_suits=draft.person.get("time") == NONE_SUITS,
        by_phone=by_phone,
        problem=asked.problem,
        errors=[("time", asked.problem)] if asked.problem else [],
    )
    return make_response(page, asked.status)


def _free(
    first: dt.date, level: Level, draft: Any, at: dt.datetime
) -> list[tuple[dt.date, list[booking.Offer]]]:
    seeker = booking.Seeker(level, draft.id)
    return booking.free(booking.practitioners(), first, DAYS_SEARCHED, at, seeker)


def _each_once(records: Any) -> Sequence[Any]:
    """In order of appearance."""
    return list({record.id: record for record in records}.values())


def _first_day(today: dt.date, lost: booking.Choice | None) -> dt.date:
    """The day from which times are shown: never in the past, and never beyond what is bookable.

    After a time was lost it is the day before, which may have the nearest ones.
    """
    try:
        asked = dt.date.fromisoformat(request.args.get("from", ""))
    except ValueError:
        asked = today
    if lost:
        asked = lost.starts_at.astimezone(access.settings().clinic_zone).date() - DAY
    return min(max(asked, today), today + booking.FURTHEST)
