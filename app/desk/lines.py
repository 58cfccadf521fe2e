"""What the diary is made of: visits as lines, and the free gaps between them."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app import free_times
from app.access import now, settings
from app.words import ACCESS_NEEDS, LANGUAGES, NO_NAME, name_of
from app.workflow import booking

DAY: Final = dt.timedelta(days=1)
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Line:
    """A visit as the diary shows it: no word about the illness."""

    visit: Any
    reference: str
    name: str
    alone: str
    age: str
    phone: str | None
    needs: str
    remarks: str
    acts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Free times that follow each other: from, until, how many, and the first of them."""

    first: booking.Offer
    until: dt.datetime
    number: int

    @property
    def value(self) -> str:
        """What the first of them is called in addresses and forms."""
        return free_times.written(self.first.choice)


@dataclass(frozen=True, slots=True)
class Group:
    """The visits of one practitioner or day, and what is free between them, by time."""

    title: str
    entries: list[Line | Gap]
    number: int
    practitioner: Any = None
    day: dt.date | None = None


def read_day(text: str) -> dt.date | None:
    """A day as addresses and forms write it; None for anything else."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def line_of(visit: Any) -> Line:
    """A visit as a line."""
    found = visit.request
    person = found.person
    needs = [ACCESS_NEEDS.get(need, need) for need in person.get("access", [])]
    speaks = f"speaks {LANGUAGES[person.get('speaks') or found.language]}"
    return Line(
        visit=visit,
        reference=found.reference,
        name=name_of(person),
        alone=person.get("name") or NO_NAME,
        age=str(person.get("age") or ""),
        phone=person.get("phone"),
        needs=", ".join(needs),
        remarks=", ".join([speaks, *needs]),
        acts=booking.acts_now(visit, now(), settings().clinic_zone),
    )


def gaps_of(offers: Sequence[booking.Offer]) -> list[Gap]:
    """Free times of one practitioner, those together that have nothing between them."""
    found: list[Gap] = []
    for offer in offers:
        last = found[-1] if found else None
        if last and _goes_on(last, offer):
            found[-1] = Gap(last.first, offer.visit.end, last.number + 1)
        else:
            found.append(Gap(offer, offer.visit.end, 1))
    return found


def _goes_on(gap: Gap, offer: booking.Offer) -> bool:
    kind = gap.first.kind
    between = dt.timedelta(minutes=kind.buffer_before + kind.buffer_after)
    same = (gap.first.kind, gap.first.place) == (offer.kind, offer.place)
    return same and gap.until + between == offer.visit.start


def entries_of(lines: Iterable[Line], gaps: Iterable[Gap]) -> list[Line | Gap]:
    """Lines and gaps by time."""
    return sorted([*lines, *gaps], key=_begins)


def _begins(entry: Line | Gap) -> dt.datetime:
    if isinstance(entry, Gap):
        return entry.first.visit.start
    starts_at: dt.datetime = entry.visit.starts_at
    return starts_at


def differing(groups: Iterable[Group]) -> set[str]:
    """Of place and kind, what must be said because there are several on the page."""
    known: dict[str, set[uuid.UUID]] = {"place": set(), "kind": set()}
    for group in groups:
        for entry in group.entries:
            of = entry.first if isinstance(entry, Gap) else entry.visit
            known["place"].add(of.place.id)
            known["kind"].add(of.kind.id)
    return {name for name, ids in known.items() if len(ids) > 1}
