"""The doctor's scores: work one out, keep it, correct it; the desk sees none of it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from app.access import now
from app.domain.level import Level
from app.domain.scores import SCORES, SUPPORTS, Score
from app.records import db
from app.workflow import scoring
from tests.builders import NOW, a_request, a_staff_member
from tests.hostile import SCRIPT, TEXTS
from tests.people import Doctor, Element, Manager, Page, Receptionist

# The worked example S7 of the clinical sheet: 13.
KYPHOSIS: Final[Mapping[str, Any]] = {
    "location": "junctional",
    "pain": "mechanical",
    "lesion": "lytic",
    "alignment": "deformity",
    "collapse": "under-50",
    "posterolateral": "one",
}
EVERY_SCORE = pytest.mark.parametrize("score", SCORES.values(), ids=list(SCORES))


@pytest.fixture
def arun(app: Flask) -> Doctor:
    """A doctor at work."""
    return Doctor.at_work(app)


@pytest.fixture
def reference(app: Flask) -> str:
    """An emergency with cancer, a weak leg, and pain in the neck."""
    with app.app_context():
        first = a_request(Level.emergency, at=now())
        answers = {**first.response.answers, "pain_site": "neck"}
        return a_request(Level.emergency, at=now(), answers=answers).reference


def scores_of(reference: str, name: str = "") -> str:
    """The address of the scores of a case, or of one of them."""
    return f"/doctor/reviews/{reference}/scores{'/' + name if name else ''}"


def works_out(doctor: Doctor, reference: str, name: str, status: int = 200, **given: Any) -> Page:
    """Answer the form of a score, and press “Work it out”."""
    doctor.get(scores_of(reference, name))
    return doctor.send(scores_of(reference, name), status, do="work", **given)


def keeps(doctor: Doctor, reference: str, name: str, status: int = 200, **given: Any) -> Page:
    """Answer the form of a score, and press “Keep in the record”."""
    doctor.get(scores_of(reference, name))
    return doctor.send(scores_of(reference, name), status, do="keep", **given)


def whole(score: Score) -> dict[str, Any]:
    """The first answer to every item."""
    return {item.name: item.options[0].value for item in score.items}


def chosen(page: Page) -> dict[str, str]:
    """The radios that are chosen."""
    fields = [each.attributes for each in page.top.all("input") if "checked" in each.attributes]
    return {field["name"]: field["value"] for field in fields}


def group(page: Page, legend: str) -> Element:
    """The group of answers under that legend."""
    return next(
        each
        for each in page.top.all("fieldset")
        if next(each.all("legend")).text.partition(". ")[2] == legend
    )


def rows(app: Flask, reference: str) -> list[dict[str, str]]:
    """The answers that are kept, newest first."""
    with app.app_context():
        kept = scoring.open_case(reference, a_staff_member("doctor"), now())[1]
        return [row.answers for row in kept]


def test_the_list_offers_the_scores_of_the_condition(arun: Doctor, reference: str) -> None:
    """All seven, each with its page, and none is in the record yet; no name is in the tab."""
    page = arun.get(scores_of(reference))
    assert page.h1 == "Scores"
    assert page.title.startswith(f"Scores, {reference}")
    links = page.links()
    for name, score in SCORES.items():
        assert links[score.title] == scores_of(reference, name)
    assert "None is in the record." in page.text
    assert "Asha Patil" in page.text
    assert links["Back to the case"] == f"/doctor/reviews/{reference}"


@pytest.mark.databases("sqlite")
@EVERY_SCORE
def test_every_score_shows_its_items_limits_and_sources(
    arun: Doctor, reference: str, score: Score
) -> None:
    """Nothing is chosen beforehand; points or grades stand beside the answers."""
    page = arun.get(scores_of(reference, score.name))
    assert chosen(page) == {}
    assert score.full_title in page.h1
    for words in (SUPPORTS, score.always, score.status.value, score.paper, *score.limits):
        assert words in page.text
    links = page.links()
    assert all(links[source.words] == source.link for source in score.sources)
    for item in score.items:
        assert item.question in page.text
        assert item.hint in page.text
        for option in item.options:
            shown = f"Grade {option.value}" if score.is_grade else f"Points: {option.points}"
            assert f"{option.words} {shown}" in page.text


@pytest.mark.databases("sqlite")
@EVERY_SCORE
def test_working_one_out_shows_what_it_means_and_keeps_nothing(
    app: Flask, arun: Doctor, reference: str, score: Score
) -> None:
    """The total, its band, status and limits; what was chosen stays chosen."""
    answers = whole(score)
    page = works_out(arun, reference, score.name, **answers)
    result = next(each for each in page.top.all("section") if "data-focus" in each.attributes).text
    expected = (
        score.items[0].options[0].value
        if score.is_grade
        else str(sum(item.options[0].points for item in score.items))
    )
    assert f"What it comes to {expected} " in result
    for words in (SUPPORTS, score.always, score.status.value, *score.limits):
        assert words in result
    assert "It is not in the record yet." in result
    assert chosen(page) == answers
    assert rows(app, reference) == []


def test_the_total_stands_on_its_scale(arun: Doctor, reference: str) -> None:
    """In words for those who do not see the picture; a pressing band says what is advised."""
    page = works_out(arun, reference, "sins", **KYPHOSIS)
    (bar,) = [each for each in page.top.all("svg") if each.attributes.get("role") == "img"]
    assert bar.attributes["aria-label"] == "13 on a scale of 0 to 18"
    assert "13 Unstable (scale 0 to 18) Surgical opinion advised from 7." in page.text


def test_what_is_left_open_is_no_zero(arun: Doctor, reference: str) -> None:
    """How many items are known, and no total, band or picture."""
    page = works_out(arun, reference, "sins", location="semi-rigid", pain="mechanical")
    assert "Incomplete. 2 of 6 items known, so far 4. The total can still be 4 to 16" in page.text
    assert "Stable" not in page.text
    assert not [each for each in page.top.all("svg") if each.attributes.get("role") == "img"]
    page = works_out(arun, reference, "ecog")
    assert "Incomplete. Not known yet" in page.text
    assert page.text.count("Keep in the record") == 1


def test_tomita_shows_a_total_without_a_meaning(arun: Doctor, reference: str) -> None:
    """Its bands are not verified, and it says so."""
    page = works_out(
        arun, reference, "tomita", growth="moderate", visceral="untreatable", bone="multiple"
    )
    assert "8 Higher is worse. What a total means for treatment and survival is not" in page.text
    assert "Points confirmed only through a secondary source" in page.text


def test_a_kept_score_is_on_list_and_case_with_who_and_when(
    app: Flask, arun: Doctor, reference: str
) -> None:
    """Level and day of the scan with it; the timeline tells it; the case leads to the rest."""
    page = keeps(arun, reference, "sins", level="L1", scan_on="2026-11-20", **KYPHOSIS)
    assert page.path == scores_of(reference)
    assert "SINS, L1 is in the record." in page.text
    assert "SINS, L1: 13 . Unstable Dr Arun Rao" in page.text
    assert "Scan of 20 November 2026" in page.text
    assert "Alignment New deformity (kyphosis or scoliosis) (2)" in page.text
    assert rows(app, reference) == [{**KYPHOSIS, "level": "L1", "scan_on": "2026-11-20"}]
    case = arun.opens(reference)
    assert "SINS, L1: 13 . Unstable Dr Arun Rao" in case.text
    assert "Needs imaging. Does not rule out cord compression." in case.text
    assert SUPPORTS in case.text
    assert "Dr Arun Rao kept a score SINS, L1: 13. Unstable" in case.text
    assert case.links()["All scores of this case"] == scores_of(reference)


def test_a_case_without_scores_leads_to_them(arun: Doctor, reference: str) -> None:
    """One line, one link."""
    case = arun.opens(reference)
    assert "None is in the record." in case.text
    assert case.links()["Work out a score"] == scores_of(reference)


def test_an_incomplete_score_is_kept_when_it_is_said(
    app: Flask, arun: Doctor, reference: str
) -> None:
    """An item that was overlooked is pointed at; one that is not known is kept as such."""
    given = {name: value for name, value in KYPHOSIS.items() if name != "collapse"}
    page = keeps(arun, reference, "sins", 422, **given)
    assert page.title.startswith("Error: ")
    assert page.links()["Select an answer, or “Not known yet”"] == "#item-collapse"
    assert chosen(page) == given
    assert rows(app, reference) == []
    page = arun.send(scores_of(reference, "sins"), do="keep", collapse="unknown")
    assert "SINS: Incomplete . 5 of 6 items known, so far 11." in page.text
    assert rows(app, reference) == [{**given, "collapse": "unknown"}]


def test_nothing_known_is_not_kept(app: Flask, arun: Doctor, reference: str) -> None:
    """There is nothing to keep."""
    page = keeps(arun, reference, "ecog", 422, grade="unknown")
    assert "Answer at least one item" in page.text
    assert rows(app, reference) == []


def test_of_each_level_the_newest_stands(app: Flask) -> None:
    """Several levels stand side by side; what is older stays in the record below."""
    with time_machine.travel(NOW, tick=False) as clock:
        arun = Doctor.at_work(app)
        with app.app_context():
            reference = a_request(Level.emergency, at=NOW).reference
        for level, pain in (("L1", "none"), ("T11", "none"), ("L1", "mechanical")):
            keeps(arun, reference, "sins", **{**KYPHOSIS, "level": level, "pain": pain})
            clock.shift(dt.timedelta(minutes=2))
        case = arun.opens(reference)
        block = next(
            each
            for each in case.top.all("section")
            if each.attributes.get("aria-labelledby") == "scores"
        ).text
        assert block.count("SINS, ") == 2
        assert block.index("SINS, L1: 13") < block.index("SINS, T11: 10")
        page = arun.get(scores_of(reference))
        assert "SINS, L1: 10" in page.text


def test_a_correction_keeps_the_old_value_visible(app: Flask, arun: Doctor, reference: str) -> None:
    """It begins with the old answers, says what it corrects, and both stay with their doctors."""
    keeps(arun, reference, "sins", **KYPHOSIS)
    nisha = Doctor.at_work(app)
    page = nisha.get(scores_of(reference))
    (link,) = [path for words, path in page.links().items() if words.startswith("Correct it")]
    page = nisha.get(link)
    assert "You correct SINS: 13, kept by Dr Arun Rao" in page.text
    assert chosen(page) == KYPHOSIS
    page = nisha.send(scores_of(reference, "sins"), do="work", pain="occasional")
    assert "You correct SINS: 13" in page.text
    page = nisha.send(scores_of(reference, "sins"), do="keep")
    assert "SINS: 13 . Unstable" in page.text
    assert "Corrected by Dr Arun Rao" in page.text
    (struck,) = [each.text for each in page.top.all("del")]
    assert struck == "SINS: 13"
    assert [words for words in page.links() if words.startswith("Correct it")] != []
    case = arun.opens(reference)
    assert "corrected a score SINS: 11. Potentially unstable" in case.text
    assert "kept a score SINS: 13. Unstable" in case.text
    assert case.text.count("SINS: 11 .") == 1
    assert "SINS: 13 ." not in case.text


def test_what_was_kept_by_mistake_is_corrected_to_nothing_known(
    app: Flask, arun: Doctor, reference: str
) -> None:
    """A score of somebody else's scan, say; it no longer stands as a value."""
    page = keeps(arun, reference, "ecog", grade="4")
    (link,) = [path for words, path in page.links().items() if words.startswith("Correct it")]
    arun.get(link)
    page = arun.send(scores_of(reference, "ecog"), do="keep", grade="unknown")
    assert "ECOG: Incomplete . Not known yet" in page.text
    assert [each["grade"] for each in rows(app, reference)] == ["unknown", "4"]


def test_the_slower_of_two_corrections_is_told_and_loses_nothing(
    app: Flask, arun: Doctor, reference: str
) -> None:
    """What was chosen stays; the colleague's correction stands below."""
    page = keeps(arun, reference, "ecog", grade="1")
    (link,) = [path for words, path in page.links().items() if words.startswith("Correct it")]
    nisha = Doctor.at_work(app)
    nisha.get(link)
    arun.get(link)
    arun.send(scores_of(reference, "ecog"), do="keep", grade="2")
    page = nisha.send(scores_of(reference, "ecog"), 409, do="keep", grade="3")
    assert "This was corrected a moment ago." in page.text
    assert chosen(page) == {"grade": "3"}
    assert "ECOG: 2 ." in page.text
    assert [each["grade"] for each in rows(app, reference)] == ["2", "1"]


def test_what_the_patient_answered_stands_beside_and_chooses_nothing(
    arun: Doctor, reference: str
) -> None:
    """The question and the answer in the patient's words, at the item that they bear on."""
    page = arun.get(scores_of(reference, "sins"))
    assert "The patient answered: Where is the worst pain? Neck" in group(page, "Location").text
    assert "The patient answered: " in group(page, "Pain").text
    assert "The patient answered: " not in group(page, "Bone lesion").text
    assert chosen(page) == {}


def test_a_grade_in_the_record_stands_beside_the_item_that_uses_it(
    arun: Doctor, reference: str
) -> None:
    """Tokuhashi asks for Karnofsky and Frankel: what was kept is told, not chosen."""
    keeps(arun, reference, "karnofsky", grade="70")
    keeps(arun, reference, "frankel", grade="D")
    page = arun.get(scores_of(reference, "tokuhashi"))
    condition = group(page, "General condition (Karnofsky)").text
    assert "In the record: Karnofsky 70 , Dr Arun Rao" in condition
    assert "In the record: Frankel D" in group(page, "Palsy").text
    assert chosen(page) == {}


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("given", "words", "field"),
    [
        ({"level": "L3"}, "L3 does not belong to this: change one of the two", "item-location"),
        ({"level": "X1"}, "Select one of the answers", "level"),
        ({"pain": "2"}, "Select one of the answers", "item-pain"),
        ({"pain": SCRIPT}, "Select one of the answers", "item-pain"),
        ({"pain": "\x00"}, "Select one of the answers", "item-pain"),
        ({"scan_on": "yesterday"}, "Enter the day of the scan, such as 2026-11-20", "scan-on"),
        ({"scan_on": "2026-02-30"}, "Enter the day of the scan, such as 2026-11-20", "scan-on"),
        ({"scan_on": "\x00"}, "Enter the day of the scan, such as 2026-11-20", "scan-on"),
        ({"scan_on": "9" * 5000}, "Enter the day of the scan, such as 2026-11-20", "scan-on"),
        ({"scan_on": "0001-01-01"}, "Enter a day from 1980 until today", "scan-on"),
        ({"scan_on": "9999-12-31"}, "Enter a day from 1980 until today", "scan-on"),
    ],
)
@pytest.mark.parametrize("do", ["work", "keep"])
def test_what_does_not_fit_is_told_at_its_field(
    app: Flask, arun: Doctor, reference: str, do: str, given: dict[str, str], words: str, field: str
) -> None:
    """For both buttons; what was chosen stays, and nothing is kept."""
    arun.get(scores_of(reference, "sins"))
    sent = {**KYPHOSIS, "level": "L1", **given}
    page = arun.send(scores_of(reference, "sins"), 422, do=do, **sent)
    assert page.links()[words] == f"#{field}"
    assert SCRIPT not in page.html
    expected = {name: value for name, value in KYPHOSIS.items() if name not in given}
    assert expected.items() <= chosen(page).items()
    assert rows(app, reference) == []


def test_a_scan_of_today_counts_in_the_zone_of_the_clinic(app: Flask) -> None:
    """At 1 am in Mumbai it is still yesterday elsewhere; tomorrow is refused."""
    one_in_the_morning = dt.datetime(2026, 11, 24, 19, 30, tzinfo=dt.UTC)
    with time_machine.travel(one_in_the_morning, tick=False):
        arun = Doctor.at_work(app)
        with app.app_context():
            reference = a_request(Level.emergency, at=one_in_the_morning).reference
        works_out(arun, reference, "escc", grade="2", scan_on="2026-11-25")
        page = works_out(arun, reference, "escc", 422, grade="2", scan_on="2026-11-26")
        assert "until today" in page.text


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("text", [TEXTS["nul"], TEXTS["script"], "x" * 50_000, "", "-1"])
def test_no_hostile_field_breaks_the_page(arun: Doctor, reference: str, text: str) -> None:
    """Unknown fields, doubled fields, other buttons: words, or as if they were not there."""
    path = scores_of(reference, "sins")
    token = {
        "csrf_token": next(
            each.attributes["value"]
            for each in arun.get(path).form(path).all("input")
            if each.attributes.get("name") == "csrf_token"
        )
    }
    for fields in (
        {"do": text},
        {"pain": [text, "none"]},
        {"level": [text, "L1"]},
        {"points": text, "total": "18", "score": text},
        {"corrects": text},
        {text: text},
    ):
        response = arun.client.post(path, data={**token, **fields})
        assert response.status_code in (200, 404, 422), fields
        assert SCRIPT not in response.text


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("name", ["apgar", "SINS", "nesms", "noms", "%00", "sins%2F.."])
def test_a_score_that_is_not_offered_is_not_found(arun: Doctor, reference: str, name: str) -> None:
    """Neither to look at nor to send; nor is anything of an unknown case or row."""
    arun.get(scores_of(reference, name), 404)
    for path in (scores_of("SPN-222-222"), scores_of("SPN-222-222", "sins")):
        arun.get(path, 404)
    for row in ("x", "00000000-0000-0000-0000-000000000000", "%00"):
        arun.get(f"{scores_of(reference, 'sins')}?corrects={row}", 404)


def test_looking_changes_nothing(app: Flask, arun: Doctor, reference: str) -> None:
    """An address with answers in it is an empty form."""
    page = arun.get(f"{scores_of(reference, 'ecog')}?grade=2&do=keep")
    assert chosen(page) == {}
    assert rows(app, reference) == []


def test_the_desk_and_the_manager_see_no_score(app: Flask, arun: Doctor, reference: str) -> None:
    """Neither the value nor that there is one, on no page of theirs; the doors are shut."""
    keeps(arun, reference, "sins", level="L1", **KYPHOSIS)
    for person in (Receptionist.at_work(app), Manager.at_work(app)):
        for path in (
            "/desk/requests",
            "/desk/requests?view=all",
            f"/desk/requests/{reference}",
            "/desk/messages",
        ):
            page = person.get(path)
            for word in ("SINS", "score", "nstable"):
                assert word not in page.html, f"{word} on {path}"
        for path in (scores_of(reference), scores_of(reference, "sins")):
            person.get(path, 403)


def test_list_form_and_case_cost_the_same_queries_however_much_is_kept(
    app: Flask, arun: Doctor, reference: str
) -> None:
    """No query per kept score."""
    seen: list[str] = []
    with app.app_context():
        sa.event.listen(
            db.engine,
            "before_cursor_execute",
            lambda *given: None if given[2].startswith("BEGIN") else seen.append(given[2]),
        )
    paths = (
        scores_of(reference),
        scores_of(reference, "karnofsky"),
        f"/doctor/reviews/{reference}",
    )
    numbers: dict[str, list[int]] = {path: [] for path in paths}
    for grades in (("100",), ("90", "80", "70", "60")):
        for grade in grades:
            keeps(arun, reference, "karnofsky", grade=grade)
        for path in paths:
            seen.clear()
            arun.get(path)
            numbers[path].append(len(seen))
    assert all(few == many for few, many in numbers.values()), numbers
