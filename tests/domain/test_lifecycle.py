"""The state machines: what may happen when, as the house describes it."""

import pytest

from app.domain import lifecycle
from app.domain.errors import NotAllowedNow
from app.domain.level import Level

# For each status, the events that it allows and where each leads.
REQUEST = {
    "with-doctor": {
        "acknowledge": "with-doctor",
        "unacknowledge": "with-doctor",
        "decide": "with-desk",
        "send-to-hospital": "closed",
        "inquire": "with-desk",
    },
    "with-desk": {
        "answer": "with-doctor",
        "escalate": "with-doctor",
        "ask": "with-patient",
        "book": "booked",
        "close": "closed",
    },
    "with-patient": {"escalate": "with-doctor", "reply": "with-desk", "close": "closed"},
    "booked": {"escalate": "with-doctor", "release": "with-desk", "fulfil": "closed"},
    "closed": {"unfulfil": "booked", "reopen": "with-desk"},
}
APPOINTMENT = {
    "held": {"confirm": "booked", "cancel": "cancelled"},
    "booked": {
        "arrive": "arrived",
        "fulfil": "fulfilled",
        "miss": "noshow",
        "cancel": "cancelled",
    },
    "arrived": {"fulfil": "fulfilled", "cancel": "cancelled", "undo-arrive": "booked"},
    "fulfilled": {"undo-fulfil": "booked"},
    "cancelled": {"undo-cancel": "booked"},
    "noshow": {"undo-miss": "booked"},
}
MACHINES = [
    pytest.param(lifecycle.REQUEST, lifecycle.REQUEST_STATUSES, REQUEST, id="request"),
    pytest.param(
        lifecycle.APPOINTMENT, lifecycle.APPOINTMENT_STATUSES, APPOINTMENT, id="appointment"
    ),
]
Table = dict[str, dict[str, str]]


@pytest.mark.parametrize(("machine", "statuses", "table"), MACHINES)
def test_each_event_is_allowed_exactly_where_the_table_says(
    machine: lifecycle.Machine, statuses: tuple[str, ...], table: Table
) -> None:
    """Every event from every status leads where it must, or is refused."""
    assert set(statuses) == set(table)
    for status in statuses:
        for event in machine:
            if event in table[status]:
                assert lifecycle.after(machine, status, event) == table[status][event]
            else:
                with pytest.raises(NotAllowedNow):
                    lifecycle.after(machine, status, event)


@pytest.mark.parametrize(("machine", "statuses", "table"), MACHINES)
def test_a_page_shows_the_events_that_are_allowed(
    machine: lifecycle.Machine, statuses: tuple[str, ...], table: Table
) -> None:
    """The buttons of a status are the events that it allows, and no event is in none."""
    for status in statuses:
        assert set(lifecycle.events_from(machine, status)) == set(table[status])
    assert {event for events in table.values() for event in events} == set(machine)


@pytest.mark.parametrize(
    ("machine", "statuses", "first"),
    [
        (lifecycle.REQUEST, lifecycle.REQUEST_STATUSES, {"with-doctor"}),
        (lifecycle.REQUEST, lifecycle.REQUEST_STATUSES, {"with-desk"}),
        (lifecycle.APPOINTMENT, lifecycle.APPOINTMENT_STATUSES, {"held"}),
    ],
)
def test_every_status_can_be_reached_and_left(
    machine: lifecycle.Machine, statuses: tuple[str, ...], first: set[str]
) -> None:
    """From where a record begins, events lead to every status, and out of every one."""
    reached = set(first)
    for _ in statuses:
        reached |= {
            lifecycle.after(machine, status, event)
            for status in reached
            for event in lifecycle.events_from(machine, status)
        }
    assert reached == set(statuses)
    assert all(lifecycle.events_from(machine, status) for status in statuses)


def test_while_a_doctor_waits_the_desk_can_only_answer_or_call_the_doctor() -> None:
    """Nothing decides the case meanwhile; and without a question there is nothing to answer."""
    asked = lifecycle.events_of_request("with-desk", asked=True)
    assert set(asked) == {"answer", "escalate"}
    plain = lifecycle.events_of_request("with-desk", asked=False)
    assert set(plain) == set(REQUEST["with-desk"]) - {"answer"}


def test_an_unknown_event_or_status_is_refused() -> None:
    """What no table knows is not allowed, and the message says what was tried on what."""
    with pytest.raises(NotAllowedNow, match="explode is not possible while the request is closed"):
        lifecycle.after(lifecycle.REQUEST, "closed", "explode")
    with pytest.raises(NotAllowedNow) as caught:
        lifecycle.after(lifecycle.APPOINTMENT, "lost", "cancel", "visit")
    assert (caught.value.machine, caught.value.status, caught.value.event) == (
        "visit",
        "lost",
        "cancel",
    )
    assert lifecycle.events_from(lifecycle.REQUEST, "lost") == ()


@pytest.mark.parametrize(
    ("level", "status"),
    [
        (Level.emergency, "with-doctor"),
        (Level.urgent, "with-doctor"),
        (Level.soon, "with-desk"),
        (Level.routine, "with-desk"),
    ],
)
def test_a_new_request_is_the_doctors_when_it_is_urgent(level: Level, status: str) -> None:
    """Emergency and urgent go to the doctor first, the rest to the desk."""
    assert lifecycle.first_status(level) == status


def test_a_hospital_is_a_reason_to_close() -> None:
    """Sent to hospital is among the reasons, and each reason is listed once."""
    assert "sent-to-hospital" in lifecycle.CLOSING_REASONS
    assert len(set(lifecycle.CLOSING_REASONS)) == len(lifecycle.CLOSING_REASONS)
