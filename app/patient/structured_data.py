"""What the page of a condition says to machines: JSON-LD in the words of schema.org.

It repeats what readers see, and nothing else: no review while nobody has signed, no stars, no code
of a disease that no authority of the pack gives.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import time
from functools import partial
from itertools import groupby
from typing import Any, Final

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from app.domain.condition import Pack, in_language
from app.patient.page_text import PageText, Section, plain_words
from app.patient.public import Address
from config import Settings

Thing = dict[str, Any]

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PARAGRAPH: Final = re.compile(r"<p>.*?</p>", re.DOTALL)
LIST: Final = re.compile(r"\s*<ul>.*?</ul>", re.DOTALL)
SAYS: Final = {
    "symptoms": ("signOrSymptom", "MedicalSignOrSymptom"),
    "treatment": ("possibleTreatment", "MedicalTherapy"),
    "operations": ("possibleTreatment", "MedicalTherapy"),
}
"""The parts of a page that say something of the condition: the property, and its type."""

_dumps = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))


def as_json_ld(
    pack: Pack, text: PageText, page: Address, home: tuple[str, Address], settings: Settings
) -> Markup:
    """The data block of a condition page, safe inside `<script>`; `home` comes with its name."""
    home_name, first_page = home
    clinic = _clinic(settings, first_page)
    condition = _condition(pack, text, page)
    graph = [
        _web_page(pack, text, page) | {"about": _ref(condition), "publisher": _ref(clinic)},
        condition,
        clinic,
        _breadcrumbs(page, (home_name, first_page.canonical), (text.title, page.canonical)),
    ]
    return htmlsafe_json_dumps({"@context": "https://schema.org", "@graph": graph}, dumps=_dumps)


def _ref(thing: Thing) -> Thing:
    return {"@id": thing["@id"]}


def _web_page(pack: Pack, text: PageText, page: Address) -> Thing:
    found: Thing = {
        "@type": "MedicalWebPage",
        "@id": f"{page.canonical}#page",
        "url": page.canonical,
        "name": text.title,
        "description": plain_words(text.lede),
        "inLanguage": page.language,
        "version": pack.version,
        "author": {"@type": "Organization", "name": in_language(pack.written_by, page.language)},
        "citation": [reference.title for _, reference in text.sources],
        "breadcrumb": {"@id": f"{page.canonical}#breadcrumbs"},
    }
    if signed := pack.signed_off:
        found["lastReviewed"] = signed.on.isoformat()
        found["reviewedBy"] = {
            "@type": "Person",
            "name": signed.name,
            "identifier": signed.registration,
        }
    return found


def _condition(pack: Pack, text: PageText, page: Address) -> Thing:
    found: Thing = {
        "@type": "MedicalCondition",
        "@id": f"{page.canonical}#condition",
        "name": text.title,
        "alternateName": pack.medical_name,
    }
    for section in text.sections:
        if section.id in SAYS:
            name, kind = SAYS[section.id]
            found.setdefault(name, []).append(
                {"@type": kind, "name": section.title, "description": opening(section)}
            )
    return found


def opening(section: Section) -> str:
    """The first paragraph of a part, with the list that it announces."""
    first = PARAGRAPH.search(section.html)
    if first is None:
        return plain_words(section.html)
    words = plain_words(Markup(first.group()))  # noqa: S704 - cut out of clean HTML
    announced = LIST.match(section.html, first.end()) if words.endswith(":") else None
    return f"{words} {plain_words(Markup(announced.group()))}" if announced else words  # noqa: S704 - the same


def _clinic(settings: Settings, home: Address) -> Thing:
    return {
        "@type": "MedicalClinic",
        "@id": f"{home.default}#clinic",
        "url": home.canonical,
        "name": settings.clinic_name,
        "telephone": settings.clinic_phone,
        "address": {
            "@type": "PostalAddress",
            "streetAddress": settings.clinic_address,
            "addressLocality": in_language(settings.clinic_city_in, home.language),
        },
        "openingHoursSpecification": list(_opening_hours(settings.desk_hours)),
    }


def _opening_hours(hours: Iterable[tuple[int, time, time]]) -> Iterator[Thing]:
    """One entry for all days with the same hours."""

    def times(each: tuple[int, time, time]) -> tuple[time, time]:
        return each[1:]

    for (opens, closes), days in groupby(sorted(hours, key=times), key=times):
        yield {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": [DAYS[weekday] for weekday, _, _ in days],
            "opens": f"{opens:%H:%M}",
            "closes": f"{closes:%H:%M}",
        }


def _breadcrumbs(page: Address, *steps: tuple[str, str]) -> Thing:
    return {
        "@type": "BreadcrumbList",
        "@id": f"{page.canonical}#breadcrumbs",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": {"@id": address}}
            for position, (name, address) in enumerate(steps, start=1)
        ],
    }
