"""What the tests of mail may ask for."""

import pytest

from app.domain.level import Level
from app.records.service_request import ServiceRequest
from tests.builders import a_request
from tests.mail.arrived import ASHA, deliver
from tests.servers import MailServer


@pytest.fixture
def asha(smtp: MailServer) -> ServiceRequest:
    """A request with an e-mail address, whose first mails have been sent."""
    request = a_request(Level.soon, person=ASHA)
    deliver()
    smtp.mails.clear()
    return request
