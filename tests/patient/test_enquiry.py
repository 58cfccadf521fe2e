"""From the first question to the receipt, as a patient's browser without script sees it."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app import access
from app.domain.level import Level
from app.patient.send import CONSENT_VERSION
from app.records import db
from app.records.enquiry import Draft
from app.workflow import enquiry
from tests.patient.sent import everything_sent, the_one_sent
from tests.people import Page, Patient

NUMB_LEG = {
    "nerve-signs": "limb_numbness",
    "limb_numbness__onset": "2w_to_3m",
    "limb_numbness__course": "same",
    "limb_numbness__side": "one_leg",
}
AFTER_CANCER = {
    "cancer_status": "past",
    "cancer_type": "breast",
    "known_spinal_mets": "no",
    "known_bone_mets": "no",
    "anticancer_treatment_6w": "no",
    "pain_site": "none",
}


@pytest.fixture
def asha(app: Flask) -> Patient:
    """A patient with a browser."""
    return Patient(app.test_client())


def drafts(app: Flask) -> int:
    """How many drafts there are."""
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(Draft)) or 0


def checked(page: Page) -> set[tuple[str, str]]:
    """The boxes and radios of a page that are on."""
    return {
        (each.attributes["name"], each.attributes["value"])
        for each in page.top.all("input")
        if "checked" in each.attributes
    }


def test_somebody_without_danger_signs_sees_at_most_15_pages(app: Flask, asha: Patient) -> None:
    """From start to Send, and one more to choose a time; what was told is stored with consent."""
    asha.begins()
    pages = ["start", *asha.answers("advice"), *asha.answers("received")]
    assert len([page for page in pages if page != "time"]) <= 15
    assert asha.page.h1 == "We got your request"
    request = the_one_sent(app)
    assert request.reference in asha.page.text
    assert (request.level, request.status, request.wanted) == (Level.routine, "with-desk", "visit")
    assert request.consent_version == CONSENT_VERSION
    assert request.person == {
        # This client is faster than anybody.
        "doubt": "too-quick",
        "name": "Asha Patil",
        "phone": "+919876543210",
        "speaks": "mr",
        "call_time": "any",
        "age": "61",
    }
    assert request.pack_version == app.extensions["packs"]["spinal-metastasis"].version
    assert {
        "page": "pain-site",
        "field": "pain_site",
        "question": "Where is the worst pain?",
        "answer": "Lower back (below the ribs)",
    } in request.items


@pytest.mark.databases("sqlite")
def test_danger_signs_come_before_any_personal_question(asha: Patient) -> None:
    """Nobody gives a name before the signs that need hospital care have been asked."""
    asha.begins()
    pages = asha.answers("check")
    assert pages[:2] == ["danger-signs", "very-unwell"]
    assert pages.index("contact") > pages.index("reports")


@pytest.mark.databases("sqlite")
def test_only_what_was_ticked_is_followed_up(asha: Patient) -> None:
    """A question about a pregnancy, a wound or a report comes only after the answer it hangs on."""
    asha.begins()
    assert not {"history-more", "treatments-more", "reports-more"} & set(asha.answers("advice"))
    asha.opens("history")
    asha.continues(history="pregnant")
    assert asha.at == "history-more"
    assert "bleeding" in asha.page.text


@pytest.mark.databases("sqlite")
def test_an_urgent_answer_is_named_on_the_advice_page(app: Flask, asha: Patient) -> None:
    """The page says which answers led there, when we phone, and what would be an emergency."""
    asha.begins()
    asha.answers("advice", **NUMB_LEG, **AFTER_CANCER)
    assert asha.page.h1 == "A doctor must hear about this today"
    assert "numb" in asha.page.text
    assert "cancer in the past" in asha.page.text
    assert "within 4 hours" in asha.page.text
    assert "Call 108 while you wait" in asha.page.text
    asha.answers("received", wanted="call")
    assert "A doctor sees your answers today" in asha.page.text
    assert the_one_sent(app).level is Level.urgent
    assert the_one_sent(app).status == "with-doctor"


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("who", ["relative", "carer", "clinician"])
def test_who_answers_for_somebody_is_asked_for_their_own_name_once(
    app: Flask, asha: Patient, who: str
) -> None:
    """The words change for them, and both names are stored."""
    asha.begins(for_whom=who)
    assert "Answer for the person you help" in asha.page.text
    asha.answers("contact")
    assert "Your own name" in asha.page.text
    asha.answers("received")
    assert the_one_sent(app).answering_for == who
    assert the_one_sent(app).person["caller_name"] == "Rupali Patil"


@pytest.mark.databases("sqlite")
def test_a_patient_is_not_asked_for_the_name_twice(asha: Patient) -> None:
    """Who answers for themselves gives one name, and is not told to answer for another."""
    asha.begins()
    assert "the person you help" not in asha.page.text
    asha.answers("contact")
    assert "Your own name" not in asha.page.text


@pytest.mark.databases("sqlite")
def test_not_sure_goes_through_the_signs_one_by_one(app: Flask, asha: Patient) -> None:
    """Each sign is asked again on its own; a no to each leads on as “None of these” would."""
    asha.begins()
    asha.continues(**{"danger-signs": "not_sure"})
    assert asha.at == "danger-check"
    signs = app.extensions["packs"]["spinal-metastasis"].page("danger-signs").signs
    asha.continues(422, **dict.fromkeys(signs[1:], "no"))
    assert "Select one answer" in asha.page.text
    asha.continues(**{signs[0]: "no"})
    assert asha.at == "very-unwell"


@pytest.mark.databases("sqlite")
def test_a_yes_found_one_by_one_is_followed_up(app: Flask, asha: Patient) -> None:
    """A sign that turns up on the second look gets its follow-up questions."""
    signs = app.extensions["packs"]["spinal-metastasis"].page("danger-signs").signs
    asha.begins()
    asha.continues(**{"danger-signs": "not_sure"})
    asha.continues(**dict.fromkeys(signs, "no") | {"arm_weakness": "yes"})
    assert asha.at == "danger-more"
    assert "Weak arm or hand" in asha.page.text


@pytest.mark.databases("sqlite")
def test_back_shows_what_was_answered(asha: Patient) -> None:
    """Every back link leads to the page before, as it was left."""
    asha.begins()
    asha.answers("pain-pattern")
    asha.continues(**{"pain-pattern": ["pain_night", "pain_mechanical"]})
    asha.get(asha.page.links()["Back"])
    assert asha.at == "pain-pattern"
    assert checked(asha.page) == {
        ("pain-pattern", "pain_night"),
        ("pain-pattern", "pain_mechanical"),
    }
    asha.get(asha.page.links()["Back"])
    assert checked(asha.page) == {("pain_site", "low_back")}
    while asha.at:
        asha.get(asha.page.links()["Back"])
    assert "There are answers from earlier in this browser" in asha.page.text


@pytest.mark.databases("sqlite")
def test_changing_one_answer_returns_to_the_check(app: Flask, asha: Patient) -> None:
    """Every change link opens its page as it was left, and Continue comes back."""
    asha.begins()
    asha.answers("check", **{"body-signs": "vomiting"})
    change = [url for words, url in asha.page.links().items() if words.startswith("Change")]
    assert len(change) > 12
    for url in change:
        asha.get(url)
        asha.continues()
        assert asha.at == "check", f"{url} does not come back"
    asha.opens("pain-site")
    asha.continues(pain_site="neck")
    assert asha.at == "check"
    assert "Neck" in asha.page.text
    asha.continues(consent="yes")
    assert the_one_sent(app).answers["pain_site"] == "neck"


@pytest.mark.databases("sqlite")
def test_a_change_that_makes_it_more_pressing_shows_the_new_advice(asha: Patient) -> None:
    """Nobody sends an urgent request with the advice for a routine one."""
    asha.begins()
    asha.answers("check")
    asha.opens("body-signs")
    asha.continues(**{"body-signs": "leg_swollen_painful"})
    assert asha.at == "advice"
    assert asha.page.h1 == "A doctor must hear about this today"
    asha.opens("check")
    assert asha.at == "advice"
    asha.continues()
    assert asha.at == "check"


@pytest.mark.databases("sqlite")
def test_nothing_can_be_skipped(app: Flask, asha: Patient) -> None:
    """Advice, check and receipt lead back to what is still open; nothing is stored before Send."""
    asha.begins()
    asha.continues(**{"danger-signs": "none"})
    for page in ("advice", "check", "emergency"):
        asha.opens(page)
        assert asha.at == "very-unwell"
    asha.opens("received")
    assert asha.at == ""
    asha.opens("danger-more")
    assert asha.at == "very-unwell"
    asha.post(f"{asha.place}/advice", {"csrf_token": a_token(asha), "wanted": "call"})
    assert asha.at == "very-unwell"
    assert everything_sent(app) == []


def a_token(patient: Patient) -> str:
    """The form token of the page that a patient sees."""
    tokens = [each for each in patient.page.top.all("input") if "csrf" in each.attributes["name"]]
    return tokens[0].attributes["value"]


@pytest.mark.databases("sqlite")
def test_nothing_answered_is_told_at_the_field(asha: Patient) -> None:
    """An empty page says what to do, in the title, in the summary and at the group itself."""
    asha.begins()
    asha.continues(422)
    assert asha.page.title.startswith("Error: ")
    words = "Select what you have, or select “None of these”"
    assert asha.page.links()[words] == "#danger-signs"
    group = next(asha.page.top.all("fieldset"))
    assert "danger-signs-error" in group.attributes["aria-describedby"]


@pytest.mark.databases("sqlite")
def test_the_error_about_the_picture_leads_to_its_first_answer(asha: Patient) -> None:
    """The link of the summary points at something that is there, picture or not."""
    asha.begins()
    asha.answers("pain-site")
    asha.continues(422)
    target = asha.page.links()["Select one answer"].removeprefix("#")
    ids = {each.attributes.get("id"): each for each in asha.page.top.all("input")}
    assert ids[target].attributes["value"] == "neck"


@pytest.mark.databases("sqlite")
def test_contradicting_ticks_are_kept_and_refused(asha: Patient) -> None:
    """“None of these” with a sign is a contradiction; both stay ticked, to be put right."""
    asha.begins()
    both = ["saddle_numbness", "none"]
    asha.continues(422, **{"danger-signs": both})
    assert "not both" in asha.page.text
    assert checked(asha.page) == {("danger-signs", each) for each in both}


@pytest.mark.databases("sqlite")
def test_a_closed_tab_is_found_again(asha: Patient) -> None:
    """Who comes back to the start page can go on where they were, or start again."""
    asha.begins()
    asha.answers("pain-site")
    asha.get("/spinal-metastasis")
    asha.opens()
    assert "There are answers from earlier in this browser" in asha.page.text
    asha.continues(for_whom="self")
    assert asha.at == "pain-site"
    asha.opens()
    asha.continues(for_whom="self", fresh="1")
    assert asha.at == "danger-signs"
    assert checked(asha.page) == set()


def test_two_tabs_add_up(app: Flask, asha: Patient) -> None:
    """What is answered in one tab is there in the other; nothing is lost and nothing doubled."""
    asha.begins()
    asha.answers("body-signs")
    other = Patient(asha.client)
    other.opens("body-signs")
    other.continues(**{"body-signs": "weight_loss"})
    asha.continues(**{"body-signs": ["weight_loss", "vomiting"]})
    assert asha.at == "history"
    other.continues(history="none", age="61")
    assert other.at == "treatments"
    asha.opens("check")
    asha.answers("received")
    other.answers("received")
    answers = the_one_sent(app).answers
    assert (answers["weight_loss"], answers["vomiting"], answers["age"]) == ("yes", "yes", "61")


def test_after_a_day_the_draft_is_gone_and_what_comes_then_is_kept(
    app: Flask, asha: Patient
) -> None:
    """The start page says so, and the page that was just sent is not lost."""
    with time_machine.travel(access.now(), tick=False) as clock:
        asha.begins()
        asha.answers("body-signs")
        clock.shift(dt.timedelta(hours=23, minutes=30))
        asha.opens("body-signs")
        clock.shift(dt.timedelta(minutes=31))
        asha.continues(**{"body-signs": "weight_loss"})
        assert asha.at == ""
        assert "What you have just sent is kept" in asha.page.text
        asha.continues(for_whom="self")
        assert "body-signs" not in asha.answers("history")
    with app.app_context():
        newest = db.session.scalars(sa.select(Draft).order_by(Draft.created_at.desc())).first()
        assert newest
        assert newest.answers["weight_loss"] == "yes"


@pytest.mark.databases("sqlite")
def test_an_expired_draft_is_told_even_when_nothing_of_it_can_be_kept(asha: Patient) -> None:
    """A follow-up page alone means nothing: the start page says that the answers are erased."""
    with time_machine.travel(access.now(), tick=False) as clock:
        asha.begins()
        asha.continues(**{"danger-signs": "arm_weakness"})
        asha.opens("danger-more")
        clock.shift(dt.timedelta(hours=23, minutes=59))
        asha.opens("danger-more")
        clock.shift(dt.timedelta(minutes=2))
        asha.continues(arm_weakness__onset="gt_3m", arm_weakness__course="same")
        assert asha.at == ""
        assert "Your earlier answers are erased" in asha.page.text


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("value", ["", "forged", "x" * 3000, "a b;c", "\xff\xfe", "%00", "é"])
def test_a_cookie_that_is_no_drafts_opens_nothing(
    app: Flask, client: FlaskClient, value: str
) -> None:
    """A missing or forged cookie leads to the start page, and the page says no more than that."""
    stranger = Patient(client)
    client.set_cookie("enquiry", value)
    for page in ("danger-signs", "advice", "contact", "check", "received", "emergency"):
        stranger.opens(page)
        assert stranger.at == ""
    assert drafts(app) == 0


@pytest.mark.databases("sqlite")
def test_the_draft_of_another_condition_is_not_this_ones(app: Flask, client: FlaskClient) -> None:
    """Answers to other questions mean nothing here."""
    with app.app_context():
        pack = app.extensions["packs"]["spinal-metastasis"]
        secret = enquiry.start(replace(pack, id="slipped-disc"), "en", "self", access.now())
    client.set_cookie("enquiry", secret)
    stranger = Patient(client)
    stranger.opens("danger-signs")
    assert stranger.at == ""


@pytest.mark.databases("sqlite")
def test_nothing_that_was_told_is_in_an_address_or_a_cookie(asha: Patient) -> None:
    """The browser keeps a random number, and the pages are kept by nobody."""
    asha.begins()
    asha.answers("received", name="Zzyxwv Qqjkl", **{"body-signs": "weight_loss"})
    assert asha.page.response.headers["Cache-Control"] == "no-store"
    cookies = [asha.client.get_cookie("enquiry"), asha.client.get_cookie("session")]
    kept = " ".join(cookie.value for cookie in cookies if cookie)
    assert kept
    assert "Zzyxwv" not in kept + asha.page.path
    assert "weight_loss" not in kept + asha.page.path
    draft_cookie = asha.client.get_cookie("enquiry")
    assert draft_cookie
    assert draft_cookie.http_only
    assert len(draft_cookie.value) >= 43
