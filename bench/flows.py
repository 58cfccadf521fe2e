"""What people do: each flow is one of them, and takes as many requests as they would."""

import itertools
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bench.client import Browser, Fields, Form, Unexpected, form_of
from bench.clinic import CONDITION, PASSWORD, Clinic
from bench.measure import Flow

PAGE: Final = f"/{CONDITION}"
START: Final = f"{PAGE}/enquiry"
RECEIVED: Final = f"{START}/received"
QUEUE: Final = "/desk/requests"
FIND: Final = "/desk/requests/find"
NEW: Final = "/desk/requests/new"
REVIEWS: Final = "/doctor/reviews"
CHANGING: Final = ("phone", "submission_id")
MOST_PAGES: Final = 40
TOLD: Final = {
    "name": "Asha Patil",
    "for_whom": "self",
    "age": "45",
    "email": "",
    "story": "",
    "speaks": "en",
    "call_time": "any",
    "wanted": "call",
}
_numbers = itertools.count()


def page(port: int, path: str, status: int = 200, **headers: str) -> Flow:
    """Fetch one page."""
    browser = Browser(port)
    return lambda: browser.get(path, status, **headers)


def unchanged_page(port: int, path: str) -> Flow:
    """Ask whether a page is still the one that the browser has."""
    tag = Browser(port).get(path).headers["ETag"]
    return page(port, path, 304, **{"If-None-Match": tag})


def floor_submission(port: int) -> Flow:
    """The floor: form, sending, confirmation."""
    browser = Browser(port)

    def submit() -> None:
        form = browser.get("/ask")
        fields = [("csrf_token", form.token), *_floor_answers()]
        browser.get(browser.post("/ask", fields).path)

    return submit


def floor_sending(port: int) -> Flow:
    """The floor: sending alone."""
    browser = Browser(port)
    token = browser.get("/ask").token
    return lambda: browser.post("/ask", [("csrf_token", token), *_floor_answers()])


def _floor_answers() -> Fields:
    answers = [(f"q{number}", "no") for number in range(12)]
    return [("name", "Asha Patil"), ("phone", _next_phone()), *answers]


def _next_phone() -> str:
    return f"98765 {next(_numbers) % 100_000:05}"


@dataclass(frozen=True, slots=True)
class Step:
    """A page of the enquiry, what is filled in there, and where that leads."""

    path: str
    fields: Fields
    leads_to: str


class Enquiry:
    """The enquiry of somebody without a danger sign, learnt once and repeated as it was."""

    def __init__(self, port: int) -> None:
        self.browser = Browser(port)
        self.steps: list[Step] = []
        path = START
        while path != RECEIVED:
            if len(self.steps) == MOST_PAGES:
                raise Unexpected(f"the enquiry does not end; it came to {path}")
            shown = self.browser.get(path)
            form = form_of(shown, path)
            fields = form.filled_in({**TOLD, "phone": _next_phone()})
            sent = self.browser.post(form.action, [("csrf_token", shown.token), *fields])
            self.steps.append(Step(path, fields, sent.path))
            path = sent.path

    def whole(self) -> None:
        """From the first page to the receipt, as a new visitor."""
        self.browser.cookies.clear()
        for step in self.steps:
            self._take(step)
        self.browser.get(RECEIVED)

    def one_page(self) -> Flow:
        """The first page of questions, answered again and again by one visitor."""
        self.browser.cookies.clear()
        self._take(self.steps[0])
        return lambda: self._take(self.steps[1])

    def _take(self, step: Step) -> None:
        token = self.browser.get(step.path).token
        fields = [(n, _next_phone() if n == "phone" else value) for n, value in step.fields]
        sent = self.browser.post(step.path, [("csrf_token", token), *fields])
        if sent.path != step.leads_to:
            raise Unexpected(f"{step.path} leads to {sent.path}, not to {step.leads_to}")


class Colleague:
    """Somebody who has signed in."""

    def __init__(self, port: int, email: str) -> None:
        self.port = port
        self.browser = Browser(port)
        token = self.browser.get("/sign-in").token
        fields = [("csrf_token", token), ("email", email), ("password", PASSWORD)]
        self.browser.post("/sign-in", fields)

    def page(self, path: str) -> Flow:
        """Open a page."""
        return lambda: self.browser.get(path)

    def search(self, query: str, status: int) -> Flow:
        """Look for somebody: one hit leads on (303), several are listed (200)."""
        token = self.browser.get(QUEUE).token
        return lambda: self.browser.post(FIND, [("csrf_token", token), ("q", query)], status)

    def phone_request(self) -> Flow:
        """The form, its sending, and the stored request."""
        shown = self.browser.get(NEW)
        fields = _phone_fields(form_of(shown, NEW))

        def take() -> None:
            token = self.browser.get(NEW).token
            sent = self.browser.post(NEW, [("csrf_token", token), *fields()])
            self.browser.get(sent.path)

        return take

    def sending(self) -> Flow:
        """Sending a phone request, and nothing else, over a connection of its own."""
        browser = Browser(self.port)
        browser.cookies.update(self.browser.cookies)
        shown = browser.get(NEW)
        fields = _phone_fields(form_of(shown, NEW))
        token = shown.token
        return lambda: browser.post(NEW, [("csrf_token", token), *fields()])


def _phone_fields(form: Form) -> Callable[[], Fields]:
    """What a receptionist fills in: each time another request of another caller."""
    known: Mapping[str, str] = {**TOLD, "phone": "", "caller_name": ""}
    usual = [(name, value) for name, value in form.filled_in(known) if name not in CHANGING]

    def fields() -> Fields:
        return [*usual, ("phone", _next_phone()), ("submission_id", str(uuid.uuid4()))]

    return fields


def urgent_case(clinic: Clinic) -> str:
    """The doctor's page of an urgent request."""
    return f"{REVIEWS}/{clinic.urgent}"
