"""Mails about each condition: what helps is in them, what gives away is not in their subjects."""

import uuid

import pytest

from app.domain.condition import Pack
from app.domain.level import Level
from app.domain.ready_text import UNSAID
from app.workflow import intake
from tests.builders import NOW, a_staff_member, a_submission, the_clinic
from tests.domain.real_packs import real_packs
from tests.mail.arrived import ASHA, deliver, to_patient
from tests.servers import MailServer

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.databases("sqlite")]


@pytest.mark.parametrize("pack", [pytest.param(each, id=each.id) for each in real_packs().values()])
def test_an_emergency_is_told_to_all_without_naming_it(smtp: MailServer, pack: Pack) -> None:
    """The patient reads what to say and the cards; no subject names condition or sign."""
    a_staff_member("doctor")
    case = next(case for case in pack.cases if "E04" in case.fires)
    submission = a_submission(id=uuid.uuid4(), answers=case.answers, person=ASHA)
    request = intake.submit(pack, submission, the_clinic(), NOW)
    deliver()
    assert request.level is Level.emergency
    told = to_patient(smtp).text
    (words,) = [each.say for each in pack.emergency_words if "E04" in each.rules]
    assert words
    assert words["en"] in " ".join(told.split())
    for card in pack.cards:
        text = card.text["en"]
        if card.level is Level.emergency and not any(unsaid in text for unsaid in UNSAID):
            assert text in " ".join(told.split())
    assert len(smtp.mails) == 3
    for mail in smtp.mails:
        assert request.reference in mail.subject
        for hidden in (pack.name["en"], pack.medical_name, "nerve", "numb", "urine", "spread"):
            assert hidden.lower() not in mail.subject.lower()
