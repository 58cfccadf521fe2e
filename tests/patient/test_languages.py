"""Every page of patients in every language: its address, its words, and what the desk reads."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
import time_machine
from flask import Flask, g

from app import errors, languages
from app.domain.condition import in_language
from app.domain.level import Level
from app.domain.pack_languages import texts_of
from app.languages import NAMES, TRANSLATED, catalogue
from app.workflow import booking, manage, queue
from tests.builders import (
    NOW,
    a_choice,
    a_doctor_with_hours,
    a_request,
    a_staff_member,
    answers_of,
    settings,
    the_clinic,
)
from tests.domain.real_packs import real_packs
from tests.patient.sent import the_one_sent
from tests.people import Element, Page, Patient, Receptionist, filled_in

PACK: Final = real_packs()["spinal-metastasis"]
IN_LATIN: Final = re.compile(r"[A-Za-z]{2,}")
LONG_AGO: Final = {"onset": "gt_3m", "course": "same", "side": "one_leg"}
FIRST: Final = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
# A title can have no mark that it is in English.
TITLE: Final = "Pressed nerves at the base of the spine"
PEOPLE: Final = "Dr Nisha Iyer Arun Rao Asha Rupali Patil asha"
NAMED: Final = f"{PEOPLE} am pm IST SPN English Hindi Marathi {TITLE}"
STORY: Final = "मेरे पैर नहीं चल रहे"
NAMES_OF_THINGS: Final = re.compile(r"SPN-\w{3}-\w{3}|[\w.]+@[\w.]+|http://localhost/\S+")
READ_ALOUD: Final = ("aria-label", "alt", "title", "placeholder", "data-offline")
INFORMING: Final = ("", "/spinal-metastasis", "/contact", "/privacy", "/accessibility")
OTHERS: Final = ("/how-we-write", "/cauda-equina-syndrome", "/cauda-equina-syndrome/enquiry")

in_each = pytest.mark.parametrize("language", TRANSLATED)
# What a page says does not depend on the database.
pytestmark = pytest.mark.databases("sqlite")


def latin_words(language: str) -> frozenset[str]:
    """The words in Latin letters that a reader of the language is meant to see."""
    known = settings()
    packs = " ".join(pack.medical_name.lower() for pack in real_packs().values())
    names = f"{known.clinic_name} {known.clinic_address} {packs} {NAMED}"
    texts = " ".join(in_language(text, language) for text in texts_of(PACK) if language in text)
    page = re.sub(r"\{#[\w-]+\}|\[\^[\w-]+\]|\]\([^)]*\)", " ", PACK.page_texts[language])
    ours = " ".join(re.sub(r"<[^>]*>|\{\w+\}", " ", w) for w in catalogue(language).words.values())
    return frozenset(IN_LATIN.findall(f"{names} {texts} {page} {ours}"))


def seen(element: Element) -> Iterator[str]:
    """All that is read or heard of an element, but for what says that it is in English."""
    for child in element.children:
        if isinstance(child, str):
            yield child
        elif child.attributes.get("lang", "") != "en" and child.tag != "script":
            yield from (child.attributes[name] for name in READ_ALOUD if name in child.attributes)
            if {"description", "og:image:alt"} & set(child.attributes.values()):
                yield child.attributes["content"]
            yield from seen(child)


class Reader(Patient):
    """Somebody who reads one language, and looks hard for words of another."""

    def __init__(self, client: Any, language: str) -> None:
        super().__init__(client)
        self.language, self.known = language, latin_words(language)
        self.place = f"/{language}/spinal-metastasis/enquiry"  # type: ignore[misc]

    def reads(self, path: str, status: int = 200) -> Page:
        """Open an address of the own language."""
        return self.get(f"/{self.language}{path}", status)

    def _look(self, response: Any, path: str, status: int) -> Page:
        page = super()._look(response, path, status)
        (top,) = page.top.all("html")
        assert top.attributes["lang"] == self.language, f"{page.path} changes the language"
        words = NAMES_OF_THINGS.sub(" ", " ".join(seen(top)))
        left = set(IN_LATIN.findall(words)) - self.known
        assert not left, f"{page.path} says in English: {sorted(left)}"
        for link in page.top.all("a"):
            address = link.attributes["href"]
            leaves = address.startswith(f"/{self.language}") or "hreflang" in link.attributes
            assert leaves or not address.startswith("/"), f"{page.path} leads out to {address}"
        return page


@pytest.fixture
def clock() -> Iterator[None]:
    """It is NOW."""
    with time_machine.travel(NOW, tick=False):
        yield


@in_each
def test_the_pages_that_inform_are_in_the_language(app: Flask, language: str) -> None:
    """Clinic, conditions, contact, privacy, accessibility, how we write, and what is not there."""
    reader = Reader(app.test_client(), language)
    for path in (*INFORMING, *OTHERS):
        reader.reads(path)
        assert next(reader.page.top.all("nav")).text == " ".join(NAMES.values())
    for path in ("/nowhere", "/a/b/c", "/r/nothing", "/spinal-metastasis/enquiry/nothing"):
        reader.reads(path, 404)


@in_each
def test_a_whole_enquiry_is_in_the_language(app: Flask, language: str) -> None:
    """From the start to the receipt, with every mistake; the desk reads English and their words."""
    with time_machine.travel(NOW - dt.timedelta(minutes=5), tick=False) as clock:
        with app.app_context():
            a_doctor_with_hours(dt.time(9), dt.time(13))
        reader = Reader(app.test_client(), language)
        reader.opens()
        reader.continues(422)
        reader.continues(for_whom="relative")
        reader.continues(422)
        numb = {f"limb_numbness.{name}": value for name, value in LONG_AGO.items()}
        reader.answers("cancer")
        reader.continues(422)
        reader.answers("history", **{"nerve-signs": "limb_numbness", **numb})
        reader.continues(422, age="hundred", history=["none", "diabetes"])
        reader.answers("advice", story=STORY)
        reader.continues(422, wanted="rest")
        reader.answers("contact")
        reader.continues(422, phone="1", email="x", name="7")
        reader.answers("time", email="asha@example.com")
        clock.move_to(NOW)
        reader.opens("time")
        reader.continues(422)
        reader.continues(time=first_time(reader))
        reader.continues(422)
        reader.continues(consent="yes")
        assert reader.at == "received"
        late = reader.get(f"{reader.place}/received?late=yes")
        assert late.links()["English"] == "/spinal-metastasis/enquiry/received?late=yes"
    sent = the_one_sent(app)
    assert [i["question"] for i in sent.items if not readable(i["question"])] == []
    assert [i["answer"] for i in sent.items if not readable(i["answer"])] == [STORY]
    assert "own-words" in sent.rules


def readable(text: str) -> bool:
    """Whether somebody who reads English can read it."""
    return not any("\u0900" <= c <= "\u097f" for c in text)


def first_time(reader: Reader) -> str:
    """The first free time of the page."""
    tiles = (e.attributes for e in reader.page.top.all("input") if e.attributes["name"] == "time")
    return next(tiles)["value"]


@in_each
@pytest.mark.usefixtures("clock")
def test_an_emergency_is_in_the_language(app: Flask, language: str) -> None:
    """What to do, the words to say, the phone field, and what follows."""
    reader = Reader(app.test_client(), language)
    reader.begins()
    page = reader.continues(**{"danger-signs": ["leg_weakness", "bladder_retention"]})
    assert reader.at == "danger-more"
    today = {"onset": "today", "course": "worse_days", "side": "both"}
    signs = ("leg_weakness", "bladder_retention")
    page = reader.continues(**{f"{s}__{name}": v for s in signs for name, v in today.items()})
    assert page.h1 == catalogue(language).words["You need emergency care now"]
    (words,) = [part for part in PACK.emergency_words if "E01" in part.rules]
    assert words.meaning[language] in page.text
    assert words.say
    assert words.say[language] in page.text
    reader.send(f"{reader.place}/emergency", 422, phone="1")
    reader.send(f"{reader.place}/emergency/go-on", 422, already_checked="क" * 501)
    assert reader.page.links()["English"] == "/spinal-metastasis/enquiry/emergency"
    reader.opens("emergency")
    reader.send(f"{reader.place}/emergency", phone="98765 43210")
    assert the_one_sent(app).level is Level.emergency


@in_each
@pytest.mark.usefixtures("clock")
def test_the_own_page_is_in_the_language(app: Flask, language: str) -> None:
    """What happened, the visit, the answers as they were seen, and every form with its mistakes."""
    with app.app_context():
        desk = a_staff_member()
        request = a_request(language=language, person={"email": "asha@example.com"})
        doctor = a_doctor_with_hours(name="Dr Nisha Iyer")
        choice = a_choice(doctor.id, FIRST)
        booking.book(request.reference, choice, request.version, desk, NOW, the_clinic().zone)
        queue.open_request(request.reference, desk, NOW)
        token = manage.address(request, NOW)
    reader, here = Reader(app.test_client(), language), f"/r/{token}"
    assert "25" in reader.reads(here).text
    for page in ("change", "cancel", "add", "number", "worse"):
        path = f"/{language}{here}/{page}"
        reader.get(path)
        action = path if page == "change" else None
        reader.post(path, dict(filled_in(reader.page.form(action))), 422)
    for page in ("offer", "not-me", "advice"):
        reader.reads(f"{here}/{page}")
    reader.reads(here)
    reader.send(f"/{language}{here}", 422, digits="1111")
    reader.send(f"/{language}{here}", digits="3210")
    assert PACK.questions["pain_site"].ask[language] in reader.page.text
    same = {asked.id: "same" for asked in PACK.worse}
    for page, told in (("add", {"more": STORY}), ("number", {"phone": "98765 43211"})):
        reader.reads(f"{here}/{page}")
        reader.continues(**told)
    reader.reads(f"{here}/worse")
    reader.continues(**same)
    reader.reads(f"{here}/cancel")
    reader.continues()
    assert STORY in reader.reads(here).text
    reader.reads(f"{here}/not-me")
    reader.continues()
    reader.reads(here, 404)


@in_each
@pytest.mark.parametrize("level", [Level.emergency, Level.urgent, Level.routine])
def test_our_own_faults_are_told_in_the_language(app: Flask, language: str, level: Level) -> None:
    """Advice first, then the phone number; and the pages for what browsers send wrongly."""
    reader = Reader(app.test_client(), language)
    reader.post(f"{reader.place}/check", {}, 400)
    reader.reads("/privacy")
    with languages.speaking(language), app.test_request_context(f"/{language}/"):
        g.advice = lambda: level
        told = errors.our_page(500).get_data(as_text=True)
    assert f'<html lang="{language}">' in told
    hours = settings().clinic_hours  # in English, and marked so
    words = re.sub(r"<[^>]*>", " ", told.replace(hours, ""))
    assert set(IN_LATIN.findall(words)) <= reader.known


@pytest.mark.usefixtures("clock")
def test_the_desk_is_told_to_read_what_no_rule_can_read(app: Flask) -> None:
    """Words in Devanagari in an English form, and any words in another, change no level."""
    with app.app_context():
        plain = a_request()
        for form, story in (("en", STORY), ("hi", "pair nahi chalte"), ("mr", STORY)):
            answers = {**answers_of(Level.routine), "story": story}
            found = a_request(language=form, answers=answers, person={"phone": "+919876543211"})
            assert found.level is plain.level
            last = found.reference
    meera = Receptionist.at_work(app)
    page = meera.opens(last)
    assert "Own words not read by the rules" in page.text
    assert "Read what they wrote in their own words" in page.text
    assert STORY in page.text
    assert meera.get("/desk/requests").text.count("Own words not read by the rules") == 3
    assert "own words" not in meera.opens(plain.reference).text.lower()


@pytest.mark.usefixtures("clock")
def test_what_is_missing_is_shown_in_english_and_marked_so(app: Flask) -> None:
    """A pack that is in English only says so in the language, and marks each of its texts."""
    page = Patient(app.test_client()).get("/hi/cauda-equina-syndrome")
    (heading,) = page.top.all("h1")
    assert heading.attributes["lang"] == "en"
    (told,) = [w for w in catalogue("hi").words if w.startswith("This page is not yet in your")]
    assert catalogue("hi").words[told].partition("{")[0] in page.text
    cards = [e for e in page.top.all("span") if e.attributes.get("lang") == "en"]
    assert "numb or changed feeling between the legs, where you sit on a bicycle" in {
        card.text for card in cards
    }


def test_a_page_says_where_it_is_in_other_languages(app: Flask) -> None:
    """For search engines, of a translated page alone; and each is kept on its own for a day."""
    client = app.test_client()
    assert "done" not in client.get("/mr/spinal-metastasis?done=this").text, "it is kept for all"
    pages = [client.get(f"{prefix}/spinal-metastasis") for prefix in ("", "/hi", "/mr", "")]
    assert len({page.text for page in pages}) == 3
    told = '<link rel="alternate" hreflang="hi" href="http://localhost/hi/spinal-metastasis">'
    assert all(page.text.count(told) == 1 for page in pages)
    for prefix in ("", "/hi"):
        english_only = client.get(f"{prefix}/cauda-equina-syndrome").text
        assert 'hreflang="hi" href="http' not in english_only


def test_an_address_without_a_language_is_english_whatever_the_browser_asks(app: Flask) -> None:
    """The address alone decides: no cookie is set, and no header is looked at."""
    client = app.test_client()
    client.get("/mr")
    page = client.get("/", headers={"Accept-Language": "hi"})
    assert '<html lang="en">' in page.text
    assert "Set-Cookie" not in page.headers
    assert client.get("/hi/desk/requests").status_code == 404
