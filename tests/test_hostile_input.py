"""Hostile and unusual input: refused in words, or stored and shown unchanged. Never a 5xx.

Whatever is sent, the answers that were given before still stand, and nothing that was sent can act
on a page that shows it.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count, takewhile
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import access
from app.domain import enquiry as rules
from app.domain.condition import Answers
from app.records import db, transaction
from app.workflow import enquiry
from tests import builders
from tests.hostile import AGES, BODIES, BOUNDARY, GOOD_AGES, RARE, SCRIPT, TEXTS
from tests.people import WELL, Page, Patient, Receptionist, filled_in
from tests.servers import Postgres

PLACE: Final = "/spinal-metastasis/enquiry"
KILOBYTE: Final = 1024
# A phone each, so that nobody has a hundred earlier requests.
NUMBERS: Final = count()


def short(value: object) -> str:
    """A name for an input that may be long or unprintable."""
    return f"{ascii(value)[:30]} of {len(str(value))}"


@dataclass
class Clinic:
    """A clinic that takes any number of enquiries, and a receptionist who looks at them."""

    app: Flask
    meera: Receptionist

    @cached_property
    def waiting(self) -> Patient:
        """Somebody at the contact page, on whom nothing that is refused leaves a trace."""
        return self.patient("contact")

    def patient(self, at: str) -> Patient:
        """Somebody WELL who has answered everything before a page, and looks at it."""
        pack, now = self.app.extensions["packs"]["spinal-metastasis"], access.now()
        answers: Answers = {}
        for page in takewhile(lambda page: page.id != at, pack.pages):
            given = {name: WELL[name] for name in page.questions if name in WELL}
            given |= dict.fromkeys(page.signs, "no")
            answers = rules.with_page(pack, page, answers, given)
        with self.app.app_context():
            secret = enquiry.start(pack, "en", "self", now)
            with transaction():
                draft = enquiry.find(secret, pack.id, now)
                assert draft
                draft.answers = dict(answers)
                if at == "contact":
                    wish = {"wanted": "call", "call_time": "any", "advised": "routine"}
                    draft.person = {**draft.person, **wish}
        client = self.app.test_client()
        client.set_cookie("enquiry", secret)
        found = Patient(client)
        found.opens(at)
        assert found.at == at
        return found

    def answers(self, patient: Patient) -> dict[str, str]:
        """What the draft of a patient holds."""
        cookie = patient.client.get_cookie("enquiry")
        assert cookie
        with self.app.app_context():
            draft = enquiry.find(cookie.value, "spinal-metastasis", access.now())
            assert draft
            return draft.answers


@pytest.fixture(scope="module")
def clinic(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """One clinic on SQLite for all of it: nothing here disturbs anything else."""
    path = tmp_path_factory.mktemp("hostile") / "clinic.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    yield from _clinic(f"sqlite:///{path}")


@pytest.fixture(scope="module")
def clinic_on_postgres(postgres: Postgres, migrated_postgres: str) -> Iterator[Clinic]:
    """The same on PostgreSQL, which takes no NUL in a text and no half of a character."""
    yield from _clinic(postgres.make("hostile", migrated_postgres))
    postgres.drop("hostile")


def _clinic(url: str) -> Iterator[Clinic]:
    app = builders.an_app(builders.settings(database_url=url, enquiries_per_address=100_000))
    yield Clinic(app, Receptionist.at_work(app))
    with app.app_context():
        db.engine.dispose()


def seen(text: str) -> str:
    """A text without what nobody sees and with single blanks, as a page shows it."""
    kept = (c for c in text if c.isspace() or unicodedata.category(c) != "Cc")
    return " ".join("".join(kept).split())


def in_words(response: TestResponse, path: str) -> Page:
    """The page of a refusal: it is a whole page, with a heading, and no trace of our insides."""
    assert 400 <= response.status_code < 500, f"{path} gives {response.status_code}"
    page = Page(response, path)
    assert len(page.text) > 30
    for trace in ("Traceback", "sqlalchemy", "psycopg", "werkzeug", "jinja"):
        assert trace not in page.html.casefold()
    return page


def taken_or_told(page: Page, text: str) -> bool:
    """Whether a text was taken; when not, it is still in its field, beside what is wrong."""
    if page.status == 200:
        return True
    assert page.status == 422
    assert page.title.startswith("Error: ")
    fields = [each.attributes.get("value", "") for each in page.top.all("input")]
    fields += [each.text for each in page.top.all("textarea")]
    assert seen(text) in {seen(field) for field in fields}
    return False


# What people write


def all_of_it_comes_to_the_desk(clinic: Clinic, text: str) -> None:
    """Write it as a story, as a name and as a note; what is taken is read at the desk."""
    asha = clinic.patient("reports")
    assert taken_or_told(send(asha, {"story": text, "reports": "none"}), text)
    asha.answers("contact")
    before = clinic.answers(asha)
    contact = {"name": text, "phone": f"98765 432{next(NUMBERS) % 100:02}", "speaks": "mr"}
    named = taken_or_told(send(asha, contact), text)
    asha.answers("check", **contact | ({} if named else {"name": "Asha Patil"}))
    assert asha.page.text.count(seen(text)) == 1 + named
    asha.answers("received")
    reference = reference_on(asha.page)
    page = clinic.meera.opens(reference)
    assert seen(text) in page.text
    assert not named or seen(text) in page.h1
    noted = write_note(clinic, reference, text)
    assert seen(noted.text).count(seen(text)) > page.text.count(seen(text))
    assert SCRIPT not in asha.page.html + page.html + noted.html
    assert clinic.answers(asha) == before


def send(patient: Patient, fields: dict[str, str]) -> Page:
    """Fill in the page that a patient looks at, whatever comes of it."""
    path = patient.page.path
    filled = filled_in(patient.page.form(None))
    for name, value in fields.items():
        filled[name] = value
    answer = patient.client.post(path, data=filled, follow_redirects=True)
    assert answer.status_code in (200, 422)
    patient.page = Page(answer, answer.request.path)
    return patient.page


def reference_on(page: Page) -> str:
    """The reference that a receipt shows."""
    found = re.search(r"SPN-\w{3}-\w{3}", page.text)
    assert found
    return found[0]


def write_note(clinic: Clinic, reference: str, text: str) -> Page:
    """Write a note of the desk on the page that is open."""
    action = f"/desk/requests/{reference}/note"
    fields = filled_in(clinic.meera.page.form(action))
    fields["note"] = text
    answer = clinic.meera.client.post(action, data=fields, follow_redirects=True)
    assert answer.status_code == 200
    return Page(answer, action)


@pytest.mark.parametrize("name", TEXTS)
def test_what_people_write_is_shown_as_it_was_typed(clinic: Clinic, name: str) -> None:
    """As a name it may be refused, in words and without loss; as a story or a note it never is."""
    all_of_it_comes_to_the_desk(clinic, TEXTS[name])


@pytest.mark.parametrize("name", RARE)
def test_it_is_the_same_on_postgresql(clinic_on_postgres: Clinic, name: str) -> None:
    """The database that is picky about characters never sees them unsealed."""
    all_of_it_comes_to_the_desk(clinic_on_postgres, TEXTS[name])


FILTERS: Final = ("view", "level", "language", "wants", "page", "sort")


def anything_can_be_looked_for(clinic: Clinic, text: str, *filters: str) -> None:
    """Search for it, and filter by it: nothing is found, or something, and no page breaks."""
    clinic.meera.get("/desk/requests")
    action = next(
        form.attributes["action"]
        for form in clinic.meera.page.top.all("form")
        if any(each.attributes.get("name") == "q" for each in form.all("input"))
    )
    fields = filled_in(clinic.meera.page.form(action))
    fields["q"] = text
    answer = clinic.meera.client.post(action, data=fields, follow_redirects=True)
    assert answer.status_code == 200
    assert SCRIPT not in Page(answer, action).html
    for name in filters:
        listed = clinic.meera.client.get(f"/desk/requests?{urlencode({name: text})}")
        assert listed.status_code in (200, 404)
        assert SCRIPT not in Page(listed, name).html
    missing = clinic.meera.client.get(f"/desk/requests/{quote(text, safe='')}")
    assert missing.status_code in (404, 405, 308, 200)
    stranger = clinic.app.test_client()
    sign_in = Page(stranger.get("/sign-in"), "/sign-in")
    fields = filled_in(sign_in.form("/sign-in"))
    fields.update({"email": text, "password": text})
    refused = stranger.post("/sign-in", data=fields)
    assert refused.status_code in (422, 429)
    assert SCRIPT not in Page(refused, "/sign-in").html


@pytest.mark.parametrize("name", TEXTS)
def test_anything_can_be_looked_for(clinic: Clinic, name: str) -> None:
    """The find field, a filter, an address and the sign-in take whatever is typed."""
    anything_can_be_looked_for(clinic, TEXTS[name], "view")


@pytest.mark.parametrize("name", ["nul", "sql", "sql union", "last code point", "percent"])
def test_anything_can_be_looked_for_on_postgresql(clinic_on_postgres: Clinic, name: str) -> None:
    """References, addresses and filters are compared in the database itself."""
    anything_can_be_looked_for(clinic_on_postgres, TEXTS[name], *FILTERS)


# Numbers and choices


@pytest.mark.parametrize("age", AGES, ids=short)
def test_an_age_that_is_none_is_told_and_kept(clinic: Clinic, age: str) -> None:
    """Overflow, signs, fractions and words: the field says what it wants, and keeps what it got."""
    asha = clinic.patient("history")
    page = send(asha, {"age": age, "history": "none"})
    assert page.status == 422
    assert "age" in " ".join(page.links())
    if age.isprintable():
        field = next(e for e in page.top.all("input") if e.attributes["name"] == "age")
        assert field.attributes["value"] == age
    assert "pain_site" in clinic.answers(asha)


@pytest.mark.parametrize("age", GOOD_AGES)
def test_an_age_may_be_written_in_many_ways(clinic: Clinic, age: str) -> None:
    """Digits of other scripts and blanks around are understood."""
    asha = clinic.patient("history")
    assert send(asha, {"age": age, "history": "none"}).status == 200
    assert clinic.answers(asha)["age"] == GOOD_AGES[age]


@pytest.mark.parametrize(
    "fields",
    [
        [("danger-signs", "not_a_sign")],
        [("danger-signs", "saddle_numbness"), ("danger-signs", "x" * 1000)],
        [("danger-signs", SCRIPT)],
        [("danger-signs", "")],
        [("danger-signs", "\x00")],
        [("danger-signs[]", "none")],
        [("danger-signs[0]", "none")],
        [("danger_signs", "none")],
        [("DANGER-SIGNS", "none")],
        [("__proto__", "none")],
        [("", "none")],
        [("danger-signs", "none"), ("danger-signs", "saddle_numbness")],
        [("saddle_numbness", "yes")],
        [("danger-signs.not_sure", "yes")],
        [(f"field-{number}", "x") for number in range(2000)],
    ],
)
def test_ticks_that_were_not_offered_are_refused(
    clinic: Clinic, fields: list[tuple[str, str]]
) -> None:
    """Unknown values, arrays, other spellings and fields that do not exist are no answers."""
    asha = clinic.patient("danger-signs")
    token = filled_in(asha.page.form(None))["csrf_token"]
    body = urlencode([("csrf_token", token), *fields])
    answer = post(asha.client, f"{PLACE}/danger-signs", body.encode())
    assert in_words(answer, "danger-signs").status == 422
    assert SCRIPT not in answer.text
    assert clinic.answers(asha) == {}


@pytest.mark.parametrize(
    "fields",
    [
        [("danger-signs", "none"), ("danger-signs", "none")],
        [("danger-signs", "none"), ("nothing", SCRIPT)],
        [("danger-signs", "none"), ("reference", "SPN-222-222"), ("level", "0")],
        [("danger-signs", "none"), ("warned", "E04"), ("sent_at", "2026-11-24")],
    ],
)
def test_fields_that_do_not_exist_change_nothing(
    clinic: Clinic, fields: list[tuple[str, str]]
) -> None:
    """What the page did not ask is not kept, and what it asked is."""
    asha = clinic.patient("danger-signs")
    token = filled_in(asha.page.form(None))["csrf_token"]
    body = urlencode([("csrf_token", token), *fields])
    assert post(asha.client, f"{PLACE}/danger-signs", body.encode()).status_code == 303
    pack = clinic.app.extensions["packs"]["spinal-metastasis"]
    kept = dict.fromkeys(pack.page("danger-signs").signs, "no")
    assert {n: v for n, v in clinic.answers(asha).items() if n != "danger-signs"} == kept


@pytest.mark.parametrize("value", ["", "nobody", SCRIPT, "self\x00", "SELF", "0", "x" * 5000])
def test_who_needs_help_is_one_of_the_four(clinic: Clinic, value: str) -> None:
    """Anything else is asked again; no draft is made."""
    asha = Patient(clinic.app.test_client())
    asha.opens()
    page = asha.continues(422, for_whom=value)
    assert "Select" in page.text
    assert asha.client.get_cookie("enquiry") is None


# Bodies


def post(client: FlaskClient, path: str, body: bytes, kind: str = "") -> TestResponse:
    """Send raw bytes."""
    kind = kind or "application/x-www-form-urlencoded"
    return client.post(path, data=body, content_type=kind)


TAKES_FORMS: Final = (f"{PLACE}/contact", f"{PLACE}/emergency", "/sign-in")


@pytest.mark.parametrize("path", TAKES_FORMS)
@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_form_of_ours_is_refused(clinic: Clinic, name: str, path: str) -> None:
    """Wrong kinds, broken multipart, bytes that are no text: a page in words."""
    kind, body = BODIES[name]
    asha = clinic.waiting
    before = clinic.answers(asha)
    in_words(asha.client.post(path, data=body, content_type=kind or None), path)
    assert clinic.answers(asha) == before


def with_token(patient: Patient, more: bytes) -> bytes:
    """A form with the token of the page, and more."""
    token = filled_in(patient.page.form(None))["csrf_token"]
    return urlencode({"csrf_token": token}).encode() + b"&" + more


@pytest.mark.parametrize(
    "name", ["bytes", "half an escape", "surrogates", "overlong", "semicolons"]
)
def test_bytes_that_are_no_text_are_told_at_the_field(clinic: Clinic, name: str) -> None:
    """With a valid token, too: the page comes back in words, and nothing is kept."""
    asha = clinic.waiting
    before = clinic.answers(asha)
    answer = post(asha.client, f"{PLACE}/contact", with_token(asha, BODIES[name][1]))
    assert in_words(answer, "contact").status in (400, 422)
    assert clinic.answers(asha) == before


def test_half_characters_never_reach_postgresql(clinic_on_postgres: Clinic) -> None:
    """A name with one keeps the way in which it was sent in its place."""
    asha = clinic_on_postgres.patient("contact")
    body = with_token(asha, b"name=Asha%ED%A0%80Patil&phone=9876543210&speaks=mr")
    assert post(asha.client, f"{PLACE}/contact", body).status_code == 303
    asha.opens("check")
    assert "Asha%ED%A0%80Patil" in asha.page.text


@pytest.mark.parametrize("size", [255 * KILOBYTE - 300, 256 * KILOBYTE + 1, 1024 * KILOBYTE])
@pytest.mark.parametrize("page", ["contact", "reports"])
def test_a_very_long_text_is_refused_and_nothing_before_is_lost(
    clinic: Clinic, page: str, size: int
) -> None:
    """Just under the limit the field tells; over it the page does; the draft stays as it was."""
    asha = clinic.patient(page)
    before = clinic.answers(asha)
    name = {"contact": b"name=", "reports": b"reports=none&story="}[page]
    answer = post(asha.client, f"{PLACE}/{page}", with_token(asha, name + b"x" * size))
    told = in_words(answer, page)
    assert told.status == (422 if size < 256 * KILOBYTE else 413)
    if told.status == 413:
        assert "too long to be sent" in told.text
    assert clinic.answers(asha) == before


def test_a_very_long_multipart_text_is_refused(clinic: Clinic) -> None:
    """The limit is the same for both kinds of forms."""
    asha = clinic.patient("contact")
    body = BOUNDARY + b'"name"\r\n\r\n' + b"x" * 1024 * KILOBYTE + b"\r\n--x--\r\n"
    answer = post(asha.client, f"{PLACE}/contact", body, "multipart/form-data; boundary=x")
    assert in_words(answer, "contact").status == 413


# Methods, addresses, headers

PAGES: Final = (
    *("/", "/spinal-metastasis", PLACE, f"{PLACE}/danger-signs", f"{PLACE}/contact"),
    *(f"{PLACE}/check", f"{PLACE}/emergency", "/sign-in", "/contact"),
)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "BREW"])
@pytest.mark.parametrize("path", PAGES)
def test_other_methods_are_refused_in_words(clinic: Clinic, path: str, method: str) -> None:
    """Every page says what it does not do, and changes nothing."""
    asha = clinic.waiting
    before = clinic.answers(asha)
    in_words(asha.client.open(path, method=method, data={"name": "Asha"}), path)
    assert clinic.answers(asha) == before


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        f"{PLACE}/%00",
        f"{PLACE}/danger-signs%00",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/static/..%2f..%2fconfig.py",
        "/static/%2e%2e/%2e%2e/config.py",
        "/static/%00",
        "/static/app.css%00.png",
        "/static/" + "x" * 5000,
        "/" + "x" * 20_000,
        "/" + "a/" * 5000,
        "/%ff%fe",
        "/%ED%A0%80",
        "/%E2%80%AE",
        "/" + quote(SCRIPT),
        f"{PLACE}/" + quote(SCRIPT),
        "/{{7*7}}",
        "/spinal-metastasis'--",
        f"{PLACE}/danger-signs/../../sign-in",
        "/.git/config",
        "/wp-login.php",
        "/spinal-metastasis/",
        "/SPINAL-METASTASIS",
        f"{PLACE}/emergency/go-on/x",
        "/desk/../spinal-metastasis",
        "//example.org/spinal-metastasis",
        "/\\example.org",
        "/%0d%0aSet-Cookie:%20a=b",
    ],
    ids=short,
)
def test_an_address_that_is_none_is_told(clinic: Clinic, path: str) -> None:
    """Nothing of it acts, and nothing outside the folders of the site is read."""
    answer = clinic.app.test_client().get(path)
    in_words(answer, path)
    assert SCRIPT not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert "SECRET_KEY" not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "late=" + quote(SCRIPT),
        "%00=%00",
        "a=%ff",
        "=&&&==",
        "x=" + "y" * 50_000,
        "&".join(f"a{number}=1" for number in range(5000)),
        "late[]=1&late[$ne]=1",
        "next=//example.org",
    ],
    ids=short,
)
@pytest.mark.parametrize("path", ["/", "/spinal-metastasis", PLACE, "/sign-in"])
def test_a_query_is_harmless(clinic: Clinic, path: str, query: str) -> None:
    """Pages ignore what they do not know, and show none of it."""
    answer = clinic.app.test_client().get(f"{path}?{query}")
    assert answer.status_code == 200
    page = Page(answer, path)
    assert SCRIPT not in page.html
    assert "//example.org" not in page.html


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "localhost:99999999",
        "localhost@evil.example",
        "[::1",
        "a b",
        "%00",
        SCRIPT,
        "x" * 5000,
    ],
    ids=short,
)
@pytest.mark.parametrize("path", ["/", PLACE, "/static/app.css"])
def test_another_host_is_refused_in_words(clinic: Clinic, path: str, host: str) -> None:
    """No page is ever made for a name that is not ours, and its links cannot be led astray."""
    answer = clinic.app.test_client().get(path, headers={"Host": host})
    assert in_words(answer, path).status == 400
    assert "evil" not in answer.text
    assert SCRIPT not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "enquiry=" + "x" * 60_000},
        {"Cookie": "session=forged.forged.forged; enquiry=\x7f"},
        {"Cookie": "enquiry=a; enquiry=b; enquiry=c"},
        {"Cookie": ";;;=;=;"},
        {"Cookie": "session=" + "." * 5000},
        {"Cookie": "enquiry=\xed\xa0\x80"},
        {"X-Forwarded-For": "127.0.0.1, " * 500},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
        {"Accept-Language": "x" * 20_000},
        {"Accept": "*/*;q=" + "9" * 5000},
        {"If-None-Match": '"' + "x" * 20_000},
        {"If-Modified-Since": "Mon, 99 Foo 99999 99:99:99 GMT"},
        {"Range": "bytes=0-0," * 2000},
        {"Content-Type": "multipart/form-data"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"User-Agent": SCRIPT},
        {"Referer": SCRIPT},
    ],
    ids=short,
)
@pytest.mark.parametrize("path", ["/spinal-metastasis", PLACE, "/static/app.css"])
def test_headers_are_harmless(clinic: Clinic, path: str, headers: dict[str, str]) -> None:
    """Forged cookies, addresses and dates are ignored, and the page is the usual one."""
    answer = clinic.app.test_client().get(path, headers=headers)
    assert answer.status_code in (200, 416 if "Range" in headers else 200)
    assert "evil.example" not in answer.text
    assert SCRIPT not in answer.text
    answer.close()
