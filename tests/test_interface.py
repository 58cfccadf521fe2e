"""The catalogues of the interface: nothing is missing, left over, or said otherwise."""

import re
from collections import Counter

import pytest
from jinja2 import Environment, nodes

from app.commands.interface import emergency_messages, messages, templates_of_patients
from app.languages import TRANSLATED, Catalogue, Later, catalogue, markup, speaking, words
from tests import builders

PLACE = re.compile(r"\{\w+\}")
TAG = re.compile(r"</?\w+[^>]*>")
FIGURE = re.compile(r"\d+")
WORD = re.compile(r"[A-Za-z]{2,}")
SAME = {"WhatsApp"}
UNSEEN = re.compile(r"<style>.*?</style>|<!--.*?-->|<[^<>]*>|[\w-]+=\"[^\"]*\"", re.DOTALL)
OF_STAFF = {
    "news.html",
    "pick.html",
    "signed.html",
    "doctor-alert.txt",
    "doctor-asks.txt",
    "late.txt",
    "linked.html",
    "new-request.txt",
    "patient-news.txt",
    "test.txt",
    "words.html",
}
# These speak to staff as well; tests/patient/test_languages.py reads them as patients do.
OF_BOTH = {"already_changed.html", "bad_request.html", "not_found.html"}
in_each = pytest.mark.parametrize("language", TRANSLATED)


@in_each
def test_every_word_is_there_and_none_is_left_over(language: str) -> None:
    """A new sentence is translated with the change that brings it; an old one goes."""
    known = catalogue(language).words
    assert set(messages()) == set(known)
    assert set(emergency_messages()) <= set(known)
    assert all(text.strip() == text and text for text in known.values())


@in_each
def test_a_translation_has_the_same_parts(language: str) -> None:
    """The same names in braces, tags and figures: no link is lost, and no number changed."""
    for english, text in catalogue(language).words.items():
        for part in (PLACE, TAG, FIGURE):
            assert Counter(part.findall(english)) == Counter(part.findall(text)), text
        assert not re.search(r"(?![0-9])\d", text), text


@in_each
def test_the_calendar_is_whole(language: str) -> None:
    """Seven days and twelve months, each with a name of its own."""
    known = catalogue(language)
    assert [len(known.days), len(known.short_days)] == [7, 7]
    assert [len(known.months), len(known.short_months)] == [12, 12]
    for names in (known.days, known.short_days, known.months, known.short_months):
        assert len(set(names)) == len(names)


def test_no_template_of_patients_speaks_english_by_itself() -> None:
    """Every word that a template shows goes through a catalogue, also one of two."""
    reader = Environment()  # noqa: S701 - it only reads
    for path in templates_of_patients():
        if path.name in OF_STAFF | OF_BOTH:
            continue
        tree = reader.parse(path.read_text(encoding="utf-8"))
        shown = "".join(each.data for each in tree.find_all(nodes.TemplateData))
        choices = tree.find_all(nodes.CondExpr)
        chosen = [each for choice in choices for each in choice.iter_child_nodes()]
        said = [each.value for each in chosen if isinstance(each, nodes.Const)]
        sentences = [each for each in said if isinstance(each, str) and each[:1].isupper()]
        left = set(WORD.findall(UNSEEN.sub(" ", shown))) - SAME
        assert not left, f"{path.name} says {sorted(left)}"
        assert not sentences, f"{path.name} says {sentences}"


def test_what_is_missing_is_in_english_and_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a page with its language; in a mail without."""
    empty = Catalogue({}, (), (), (), (), awaits=True)
    monkeypatch.setattr("app.languages.catalogue", lambda language: empty)
    with speaking("hi"):
        assert markup("Hello, {name}", name="<b>") == '<span lang="en">Hello, &lt;b&gt;</span>'
        assert words("Hello, {name}", name="<b>") == "Hello, <b>"
    assert markup("Hello") == "Hello"


def test_words_are_chosen_when_they_are_shown() -> None:
    """A form is written once, and shown in every language."""
    later = Later("Continue")
    with speaking("mr"):
        assert str(later) == "पुढे जा"
        with speaking("hi"):
            assert str(later) == "आगे बढ़ें"
        assert str(later) == "पुढे जा"
    assert str(later) == "Continue"


def test_promises_follow_the_targets_of_the_clinic() -> None:
    """How soon patients are called is what the clinic has set, in each language."""
    app = builders.an_app(builders.settings(urgent_hours=2, soon_days=2, routine_days=1))
    say = app.extensions["mail-words"]
    hasty = (
        "We phone you within {urgent} when the clinic is open, and at most within {urgent_most}."
    )
    assert "within 2 hours" in say(hasty)
    assert say("We contact you within {soon}.") == "We contact you within 2 working days."
    with speaking("hi"):
        assert "2 घंटे के अंदर" in say(hasty)
        assert "1 कामकाजी दिन के अंदर" in say("We contact you within {routine}.")
