"""The list as a form: several at once, saved views, what has come since, and the way back."""

import csv
import datetime as dt
import io
import json

import pytest
import sqlalchemy as sa
from flask import Flask

from app.access import now
from app.domain.level import Level
from app.records import db
from app.records.staff import StaffSession
from tests.builders import a_request, a_staff_member
from tests.crowd import statements
from tests.hostile import SCRIPT, TEXTS
from tests.people import Doctor, Element, Manager, Page, Receptionist, filled_in

MINUTE = dt.timedelta(minutes=1)
HALF = "?view=all&level=soon&speaks=mr"


@pytest.fixture
def meera(app: Flask) -> Receptionist:
    """A receptionist at work."""
    return Receptionist.at_work(app)


def some(app: Flask, *levels: Level) -> list[str]:
    """A request of each level, the longest waiting first."""
    with app.app_context():
        return [
            a_request(
                level,
                at=now() - (9 - n) * MINUTE,
                person={"name": f"=Asha {n}", "phone": f"+91987654321{n}"},
            ).reference
            for n, level in enumerate(levels)
        ]


def boxes(page: Page) -> dict[str, Element]:
    """The boxes of the list, by reference."""
    ticks = [each for each in page.top.all("input") if each.attributes.get("name") == "id"]
    return {each.attributes["value"]: each for each in ticks}


def press(person: Receptionist, act: str, ticked: list[str], status: int = 200) -> Page:
    """Tick some requests of the list that is shown, and press a button of its bar."""
    return person.send("/desk/requests/bulk", status, id=ticked, do=act)


def test_the_ticked_are_assigned_and_the_list_is_where_it_was(
    app: Flask, meera: Receptionist
) -> None:
    """Back at the same view, filters and row; each row says who sees to it."""
    first, second = some(app, Level.soon, Level.soon)
    with app.app_context():
        ravi = a_staff_member(name="Ravi Patil")
    meera.get(f"/desk/requests{HALF}")
    page = press(meera, "mine", [first, second])
    assert "2 requests: assigned to you" in page.text
    assert page.response.request.query_string.decode() == HALF[1:]
    assert page.text.count("With: You") == 2
    page = meera.send("/desk/requests/bulk", id=[second], do="assign", whom=f"{ravi.id}")
    assert "1 request: assigned to Ravi Patil" in page.text
    page = press(meera, "mine", [first, second])
    assert f"A colleague sees to {second}" in page.text
    assert page.text.count("With: Ravi Patil") == 1


def test_an_emergency_has_no_box_and_is_refused_with_the_others_still_ticked(
    app: Flask, meera: Receptionist
) -> None:
    """Even when it became one after the list was made."""
    pressing, quiet = some(app, Level.emergency, Level.soon)
    page = meera.get("/desk/requests")
    assert list(boxes(page)) == [quiet]
    page = press(meera, "no-answer", [quiet, pressing], 422)
    assert page.title.startswith("Error: ")
    assert f"{pressing} is an emergency by now" in page.text
    assert "checked" in boxes(page)[quiet].attributes
    assert "No answer" not in next(r.text for r in page.top.all("tr") if quiet in r.text)


def test_with_nothing_ticked_the_list_says_so(app: Flask, meera: Receptionist) -> None:
    """And an act that is none is not found."""
    some(app, Level.soon)
    meera.get("/desk/requests")
    assert "Select at least one request" in press(meera, "mine", [], 422).text
    meera.get("/desk/requests")
    press(meera, "close", ["x"], 404)


def test_the_printed_list_and_the_file_have_what_one_needs_to_phone(
    app: Flask, meera: Receptionist
) -> None:
    """The file holds no answers, and nothing that a spreadsheet would calculate."""
    first, second = some(app, Level.soon, Level.routine)
    meera.get("/desk/requests")
    page = press(meera, "print", [first, second])
    assert page.h1 == "2 requests"
    assert "98765 43210" in page.text
    meera.get("/desk/requests")
    fields = filled_in(meera.page.form("/desk/requests/bulk"))
    fields.setlist("id", [first, second])
    fields["do"] = "export"
    answer = meera.client.post("/desk/requests/bulk", data=fields)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="requests-')
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [line[0] for line in lines] == ["Reference", first, second]
    assert lines[1][5].startswith("'=Asha 0")
    assert "pain" not in answer.text.casefold()


def test_the_way_back_leads_to_the_same_list_after_an_act(app: Flask, meera: Receptionist) -> None:
    """View, filters and row, through a note, the choice of a time and the assigning."""
    (reference,) = some(app, Level.soon)
    row = next(u for w, u in meera.get(f"/desk/requests{HALF}").links().items() if "=Asha" in w)
    back = f"/desk/requests{HALF}#{reference}"
    assert meera.get(row).links()["Requests"] == back
    assert meera.acts(reference, "note", note="Called").links()["Requests"] == back
    page = meera.send(f"/desk/requests/{reference}/assign")
    assert "assigned to you" in page.text
    assert page.links()["Requests"] == back
    offer = page.links()["Offer a time"]
    assert meera.get(meera.get(offer).links()[reference]).links()["Requests"] == back


def test_the_slower_of_two_who_take_a_request_is_told(app: Flask, meera: Receptionist) -> None:
    """The page says who was faster; each sees that the other is looking."""
    (reference,) = some(app, Level.emergency)
    with app.app_context():
        email = a_staff_member(name="Ravi Patil").email
    ravi = Receptionist(app.test_client(), email)
    ravi.sign_in()
    ravi.opens(reference)
    assert "Ravi Patil is looking at this" in meera.opens(reference).text
    assert "Meera Kulkarni is looking" in ravi.get("/desk/requests").text
    ravi.opens(reference)
    ravi.send(f"/desk/requests/{reference}/assign")
    page = meera.send(f"/desk/requests/{reference}/assign", 409)
    assert "Ravi Patil took it on" in page.text
    arun = Doctor.at_work(app)
    assert "Ravi Patil is looking at this" in arun.opens(reference).text


def test_a_view_is_saved_shown_with_its_count_renamed_and_removed(
    app: Flask, meera: Receptionist
) -> None:
    """For oneself; a manager also for all. What cannot be kept is told at the field."""
    some(app, Level.soon, Level.soon)
    save = meera.get(f"/desk/requests{HALF}").links()["Save this view"]
    meera.get(save)
    assert "Enter a name" in meera.send("/desk/views", 422, name=" ").text
    assert "40 letters" in meera.send("/desk/views", 422, name="x" * 41).text
    page = meera.send("/desk/views", name="Marathi, soon")
    assert page.links()["Marathi, soon 2"] == f"/desk/requests{HALF}"
    page = meera.get("/desk/views")
    forms = [f.attributes["action"] for f in page.top.all("form") if "/views/" in str(f.attributes)]
    assert len(forms) == 2
    assert "Enter a name" in meera.send(forms[0], 422, name="").text
    assert "Soon" in meera.send(forms[0], name="Soon").links()
    leela = Manager.at_work(app)
    leela.get(save)
    leela.send("/desk/views", name="For all", shared="y")
    assert leela.get("/desk/requests").links()["For all 2"] == f"/desk/requests{HALF}"
    assert {"For all 2", "Soon 2"} <= set(meera.get("/desk/requests").links())
    leela.post(forms[0], filled_in(leela.page.form("/sign-out")) | {"name": "Mine"}, 404)
    meera.get("/desk/views")
    assert "Soon" not in meera.send(forms[1]).links()


def test_any_name_of_a_view_is_shown_as_it_is(app: Flask, meera: Receptionist) -> None:
    """Taken or told at the field, and never acting."""
    for name in ("script", "nul", "last code point", "devanagari", "spaces around", "long word"):
        meera.get("/desk/views/new?view=all")
        fields = filled_in(meera.page.form("/desk/views")) | {"name": TEXTS[name]}
        answer = meera.client.post("/desk/views", data=fields, follow_redirects=True)
        page = Page(answer, "/desk/views")
        assert page.status in (200, 422)
        assert SCRIPT not in page.html
        for form in list(meera.get("/desk/views").top.all("form")):
            if form.attributes["action"].endswith("/remove"):
                meera.send(form.attributes["action"])


def test_what_has_come_is_asked_for_cheaply_and_not_sent_twice(
    app: Flask, meera: Receptionist
) -> None:
    """Three queries, no write, and 304 while nothing has changed; it tells no names."""
    since = int((now() - 5 * MINUTE).timestamp() * 1000)
    some(app, Level.emergency)
    with app.app_context(), statements() as seen:
        first = meera.client.get(f"/desk/requests/news?since={since}")
    assert json.loads(first.data) == {"alarm": "(1 emergency) ", "new": []}
    assert [statement.partition(" ")[0] for statement, _ in seen] == ["SELECT"] * 3
    known = {"If-None-Match": first.headers["ETag"]}
    again = meera.client.get(f"/desk/requests/news?since={since}", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    with app.app_context():
        new = a_request(Level.emergency, at=now(), person={"phone": "+919876543219"}).reference
    found = meera.client.get(f"/desk/requests/news?since={since}", headers=known)
    assert json.loads(found.data) == {"alarm": "(2 emergencies) ", "new": [[new, True]]}
    assert "Set-Cookie" not in found.headers
    for odd in ("", "x", "-1", "9" * 30, "NaN", "1e400", SCRIPT):
        assert meera.client.get("/desk/requests/news", query_string={"since": odd}).json


def test_asking_by_itself_does_not_keep_somebody_signed_in(app: Flask, meera: Receptionist) -> None:
    """When the pause is over, it leads to the sign-in like any page."""
    with app.app_context():
        early = now() - 29 * MINUTE
        db.session.execute(sa.update(StaffSession).values(seen_at=early))
        db.session.commit()
    assert meera.client.get("/desk/requests/news").status_code == 200
    with app.app_context():
        assert db.session.scalars(sa.select(StaffSession.seen_at)).one() == early
        db.session.execute(sa.update(StaffSession).values(seen_at=early - 2 * MINUTE))
        db.session.commit()
    assert meera.client.get("/desk/requests/news").status_code == 303


def test_settings_are_ones_own(app: Flask, meera: Receptionist) -> None:
    """What is not ticked is off; the list follows."""
    some(app, Level.soon)
    assert "data-keys" in meera.get("/desk/requests").html
    meera.get("/my-settings")
    page = meera.send("/my-settings", compact_rows="y", keys_on=[], tone_on="y")
    assert "Your settings are saved" in page.text
    assert "checked" in page.html
    page = meera.get("/desk/requests")
    assert "q--compact" in page.html
    assert "data-tone" in page.html
    assert "data-keys" not in page.html
    assert "Turn the keys off" not in page.html


def test_the_script_of_the_lists_is_small_and_for_staff_alone(
    app: Flask, meera: Receptionist
) -> None:
    """Ten kilobytes of script at most; the public pages load none of it."""
    page = meera.get("/desk/requests")
    sources = [s.attributes["src"] for s in page.top.all("script")]
    sizes = []
    for source in sources:
        with meera.client.get(source) as file:
            sizes.append(len(file.data))
    assert sum(sizes) <= 10 * 1024
    assert "desk.js" not in app.test_client().get("/").text
