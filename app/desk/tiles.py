"""Free times as the desk chooses among them: the nearest first, then day by day."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from app import free_times
from app.domain.level import Level
from app.formats import clock_time, named_day, rupees
from app.workflow.booking import Offer

NEAREST: Final = 3

Found = Sequence[tuple[dt.date, Sequence[Offer]]]


@dataclass(frozen=True, slots=True)
class Tile:
    """A free time: what is sent, what is read, and what is said of it where there is a choice."""

    value: str
    words: str
    more: str
    chosen: bool
    kept: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A day with its free times by part of the day."""

    words: str
    parts: list[tuple[str, list[Tile]]]


class Tiles:
    """The free times of one page; `sent` is the one that was chosen before."""

    def __init__(self, found: Found, sent: str, level: Level, now: dt.datetime, zone: ZoneInfo):
        self.found, self.sent, self.level = found, sent, level
        self.now, self.zone = now, zone
        offers = [offer for _, each in found for offer in each]
        self._people = len({offer.practitioner.id for offer in offers}) > 1
        self._kinds = len({offer.kind.id for offer in offers}) > 1
        self._places = len({offer.place.id for offer in offers}) > 1

    def nearest(self) -> list[Tile]:
        """The first few that this request may have, with their day."""
        offers = sorted(
            (offer for _, each in self.found for offer in each if not self._is_kept(offer)),
            key=lambda offer: offer.visit.start,
        )
        return [self._tile(offer, self._day_of(offer)) for offer in offers[:NEAREST]]

    def days(self, shown: Found) -> list[Day]:
        """Days as they came, their times in order, whoever is visited."""
        return [Day(self._named(day), list(self._parts(offers))) for day, offers in shown]

    def _parts(self, offers: Sequence[Offer]) -> Iterator[tuple[str, list[Tile]]]:
        in_order = sorted(offers, key=lambda offer: offer.visit.start)
        for title, each in groupby(in_order, self._part_of):
            yield title, [self._tile(offer) for offer in each]

    def _part_of(self, offer: Offer) -> str:
        hour = offer.visit.start.astimezone(self.zone).hour
        return next(str(title) for end, title in free_times.PARTS if hour < end)

    def _tile(self, offer: Offer, day: str = "") -> Tile:
        value = free_times.written(offer.choice)
        told = (
            (self._people, offer.practitioner.name),
            (self._kinds, offer.kind.name),
            (self._places, offer.place.name),
        )
        time = clock_time(offer.visit.start, self.zone)
        return Tile(
            value,
            f"{day}, {time}" if day else time,
            ", ".join(words for differs, words in told if differs),
            chosen=value == self.sent,
            kept=self._is_kept(offer),
        )

    def _is_kept(self, offer: Offer) -> bool:
        kept_until = offer.visit.kept_until
        return kept_until is not None and self.now < kept_until and self.level < Level.urgent

    def _day_of(self, offer: Offer) -> str:
        return self._named(offer.visit.start.astimezone(self.zone).date())

    def _named(self, day: dt.date) -> str:
        return named_day(day, self.now.astimezone(self.zone).date())


def kinds_in_words(found: Found) -> list[str]:
    """The kinds of visit on offer: what each is called, how long it takes, what it costs."""
    kinds = {offer.kind.id: offer.kind for _, offers in found for offer in offers}
    return [
        f"{kind.name}, {kind.minutes} minutes"
        + (f", {rupees(kind.fee)}" if kind.fee is not None else "")
        for kind in sorted(kinds.values(), key=lambda kind: (kind.minutes, kind.name))
    ]


def places_in_words(found: Found) -> list[str]:
    """The places of the visits on offer."""
    places = {offer.place.id: offer.place for _, offers in found for offer in offers}
    return [
        ", ".join(
            words
            for words in (place.name, place.address, "step-free" if place.step_free else "")
            if words
        )
        for place in sorted(places.values(), key=lambda place: place.name)
    ]
