"""Free times as pages show them: by day and part of the day, each a tile that can be chosen."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from app.formats import clock_time, named_day
from app.languages import Later
from app.workflow.booking import Choice, Offer

# When the afternoon and the evening begin, by the clinic's clock.
PARTS: Final = ((12, Later("Morning")), (17, Later("Afternoon")), (24, Later("Evening")))
NEAREST: Final = Later("Nearest free times")


@dataclass(frozen=True, slots=True)
class Tile:
    """A free time: what is sent, what is read, and whether it was chosen before."""

    value: str
    words: str
    chosen: bool
    kept: bool


@dataclass(frozen=True, slots=True)
class Part:
    """The free times of one practitioner in one part of a day."""

    title: str
    tiles: list[Tile]


@dataclass(frozen=True, slots=True)
class Day:
    """A day that has free times."""

    words: str
    parts: list[Part]


def read(sent: str) -> Choice | None:
    """Read a tile's value; None for anything else."""
    who, _, rest = sent.partition(" ")
    kind, _, when = rest.partition(" ")
    try:
        choice = Choice(uuid.UUID(who), uuid.UUID(kind), dt.datetime.fromisoformat(when))
    except ValueError:
        return None
    readable = MINYEAR < choice.starts_at.year < MAXYEAR
    return choice if readable and choice.starts_at.utcoffset() == dt.timedelta() else None


def written(choice: Choice) -> str:
    """A tile's value."""
    return f"{choice.practitioner_id} {choice.kind_id} {choice.starts_at:%Y-%m-%dT%H:%MZ}"


def by_day(
    found: Sequence[tuple[dt.date, Sequence[Offer]]], sent: str, today: dt.date, zone: ZoneInfo
) -> list[Day]:
    """Free times as tiles, by day and part of the day; named where there is a choice of them."""
    offers = [offer for _, each in found for offer in each]
    names = {offer.practitioner.id for offer in offers}
    kinds = {offer.kind.id for offer in offers}
    places = {offer.place.id for offer in offers}

    def title(offer: Offer) -> str:
        part = _part_of_day(offer, zone)
        chosen = (
            (len(names) > 1, offer.practitioner.name),
            (len(kinds) > 1, offer.kind.name),
            (len(places) > 1, offer.place.name),
        )
        told = [words for differs, words in chosen if differs]
        return ", ".join([*told, part.lower()]) if told else part

    return [
        Day(
            named_day(day, today),
            [
                Part(words, [_tile(offer, sent, zone) for offer in tiles])
                for words, tiles in groupby(_in_order(each), title)
            ],
        )
        for day, each in found
    ]


def nearest(
    offers: Iterable[Offer], lost: Choice, most: int, today: dt.date, zone: ZoneInfo
) -> Day:
    """The free times that are nearest to one that cannot be had, in order, named in full."""
    near = sorted(offers, key=lambda offer: abs(offer.visit.start - lost.starts_at))[:most]

    def title(offer: Offer) -> str:
        day = named_day(offer.visit.start.astimezone(zone).date(), today)
        return f"{day}, {offer.practitioner.name}"

    in_order = sorted(near, key=lambda offer: (offer.visit.start, offer.practitioner.name))
    groups = groupby(in_order, title)
    return Day(
        str(NEAREST), [Part(words, [_tile(o, "", zone) for o in each]) for words, each in groups]
    )


def _in_order(offers: Sequence[Offer]) -> Iterator[Offer]:
    """By practitioner as they came, then by kind and place, then by time."""
    known: dict[uuid.UUID, int] = {}
    for offer in offers:
        known.setdefault(offer.practitioner.id, len(known))
    return iter(
        sorted(
            offers,
            key=lambda one: (
                known[one.practitioner.id],
                one.kind.name,
                one.place.name,
                one.visit.start,
            ),
        )
    )


def _part_of_day(offer: Offer, zone: ZoneInfo) -> str:
    hour = offer.visit.start.astimezone(zone).hour
    return next(str(title) for end, title in PARTS if hour < end)


def _tile(offer: Offer, sent: str, zone: ZoneInfo) -> Tile:
    value = written(offer.choice)
    return Tile(
        value,
        clock_time(offer.visit.start, zone),
        chosen=value == sent,
        kept=offer.visit.kept_until is not None,
    )
