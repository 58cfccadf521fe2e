"""Behind HTTPS, as in a real clinic."""

import pytest
from flask import Flask

from config import Settings
from tests import builders
from tests.people import Page, filled_in

pytestmark = pytest.mark.databases("sqlite")
HERE = "https://clinic.example"


@pytest.fixture
def settings(database_url: str) -> Settings:
    """The settings of a clinic with a public address."""
    return builders.settings(database_url=database_url, public_base_url=HERE)


def test_a_form_is_taken_over_https_although_browsers_send_no_referer(app: Flask) -> None:
    """Our pages forbid the Referer, so no form may need it; the cookie is for this host only."""
    client = app.test_client()
    start = "/spinal-metastasis/enquiry"
    page = Page(client.get(start, base_url=HERE), start)
    assert page.response.headers["Referrer-Policy"] == "no-referrer"
    fields = filled_in(page.form(None))
    fields["for_whom"] = "self"
    answer = client.post(start, data=fields, base_url=HERE)
    assert answer.status_code == 303
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if "enquiry" in each]
    assert cookie.startswith("__Host-enquiry=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert part in cookie
    assert "Domain" not in cookie


def test_a_form_without_its_token_is_refused_in_words(app: Flask) -> None:
    """Another site cannot send a form in a patient's name."""
    answer = app.test_client().post(
        "/spinal-metastasis/enquiry", data={"for_whom": "self"}, base_url=HERE
    )
    assert answer.status_code == 400
    assert Page(answer, "start").h1 == "This page was open for too long"
