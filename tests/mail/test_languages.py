"""Mails to patients in their own language, as they arrive; those of staff stay in English."""

import datetime as dt
import re
from typing import Final

import pytest

from app.domain.level import Level
from app.languages import TRANSLATED, catalogue
from app.records import transaction
from app.workflow import manage, outbox
from tests.builders import NOW, a_request, a_staff_member, the_pack
from tests.mail.arrived import (
    ADDRESS,
    ASHA,
    DAY,
    VISIT,
    a_visit,
    deliver,
    html_of,
    text_of,
    to_patient,
)
from tests.servers import MailServer

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.databases("sqlite")]

# Names, addresses and what is the same in every language.
SAME: Final = re.compile(
    r"https?://\S+|SPN-\w{3}-\w{3}|Example Spine Clinic|1 Example Road, Mumbai|Dr Nisha Iyer"
    r"|Tele-MANAS|MRI|OTP|Monday to Saturday, 9 am to 7 pm|Mumbai"
    r"|\b[ap]m\b|\(spinal cord compression\)"
)
KINDS: Final = ("booked", "changed", "cancelled", "reminder", "worse", "new-link")
in_each = pytest.mark.parametrize("language", TRANSLATED)


def left_in_english(text: str) -> list[str]:
    """The words in Latin letters that are no names."""
    return re.findall(r"[A-Za-z]{2,}", SAME.sub(" ", text))


@in_each
@pytest.mark.parametrize("level", [Level.emergency, Level.urgent, Level.routine])
def test_the_first_mail_is_in_the_language_of_the_form(
    smtp: MailServer, language: str, level: Level
) -> None:
    """Subject, text and button; the page that it leads to; the box from the pack's own words."""
    request = a_request(level, person=ASHA, language=language)
    deliver()
    found = to_patient(smtp)
    assert left_in_english(found.subject) == []
    assert left_in_english(text_of(found)) == []
    assert len(found.subject) <= 50
    assert f'<html lang="{language}">' in html_of(found)
    assert f"http://localhost/{language}/r/{manage.address(request, NOW)}" in found.text
    card = next(card for card in the_pack().cards if card.level is Level.emergency)
    assert card.text[language] in found.text
    if level is Level.emergency:
        call = catalogue(language).words["Call now"]
        assert re.search(rf'href="tel:108"[^>]*>{call}: 108<', html_of(found))


@in_each
@pytest.mark.parametrize("kind", KINDS)
def test_every_later_mail_is_in_the_language(smtp: MailServer, language: str, kind: str) -> None:
    """Visits, reminders, the question whether it got worse, and a new link."""
    request = a_request(Level.soon, person=ASHA, language=language)
    deliver()
    smtp.mails.clear()
    at = NOW
    if kind == "new-link":
        manage.reissue(request.reference, a_staff_member(), NOW)
    elif kind == "worse":
        with transaction() as session:
            outbox.enqueue_next(session, request, kind, ["patient"], NOW)
    else:
        status = "cancelled" if kind == "cancelled" else "booked"
        a_visit(request, kind, status)
        at = VISIT - DAY if kind == "reminder" else NOW
    deliver(at)
    found = next(mail for mail in smtp.sent_to(ADDRESS))
    assert left_in_english(found.subject) == []
    assert left_in_english(text_of(found)) == []
    assert len(found.subject) <= 50
    if kind in ("booked", "changed"):
        assert catalogue(language).days[1] in found.text
        assert "1 " + catalogue(language).short_months[11] in found.subject
        assert "11:00 am" in found.subject


def test_staff_read_english_whatever_the_patient_reads(smtp: MailServer) -> None:
    """The alarm and the bell of a Marathi request."""
    doctor = a_staff_member("doctor")
    request = a_request(Level.emergency, person=ASHA, language="mr")
    deliver(NOW + dt.timedelta(minutes=1))
    for to in (doctor.email, "desk@example.org"):
        for mail in smtp.sent_to(to):
            assert mail.text.isascii() or "’" in mail.text
            assert "http://localhost/d" in mail.text
    assert request.language == "mr"
