"""The people who work here, and their sessions."""

import datetime as dt

import pytest

from app.domain.errors import NotFound
from app.workflow import staff
from tests.builders import NOW, PASSWORD, a_staff_member

pytestmark = pytest.mark.usefixtures("context")
MINUTE = dt.timedelta(minutes=1)


def test_a_person_is_known_by_email_in_any_case() -> None:
    """An address that is typed in capitals finds the same person."""
    a_staff_member(email="Meera@Example.org")
    found = staff.by_email(" MEERA@example.ORG ")
    assert found is not None
    assert found.email == "meera@example.org"


def test_a_password_is_kept_as_an_argon2_hash() -> None:
    """Whoever reads the table learns no password."""
    assert a_staff_member().password.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("password", "words"),
    [("short", "12 to 128"), ("x" * 129, "12 to 128"), ("aaaaaaaaaaaaaa", "easy to guess")],
)
def test_a_weak_password_is_refused_in_words(password: str, words: str) -> None:
    """Too short, too long or too plain passwords are refused."""
    with pytest.raises(ValueError, match=words):
        staff.add("receptionist", "Meera", "meera@example.org", password, NOW)


def test_one_address_belongs_to_one_person() -> None:
    """A second person with the same address is refused in words."""
    a_staff_member(email="meera@example.org")
    with pytest.raises(ValueError, match="already"):
        a_staff_member("doctor", email="MEERA@example.org")


def test_an_unknown_role_and_a_bad_address_are_refused() -> None:
    """Faults of the command line are told in words."""
    with pytest.raises(ValueError, match="role"):
        staff.add("porter", "Meera", "meera@example.org", PASSWORD, NOW)
    with pytest.raises(ValueError, match="e-mail"):
        staff.add("receptionist", "Meera", "meera", PASSWORD, NOW)


def test_only_the_right_password_of_an_active_person_is_recognised() -> None:
    """Wrong password, unknown address and a person who left are all nobody."""
    person = a_staff_member()
    assert staff.recognise(person.email, PASSWORD) is not None
    assert staff.recognise(person.email, PASSWORD + "!") is None
    assert staff.recognise("nobody@example.org", PASSWORD) is None
    staff.deactivate(person.email, NOW)
    assert staff.recognise(person.email, PASSWORD) is None


def test_a_session_lasts_until_it_lies_idle() -> None:
    """The desk is signed out after 30 idle minutes, a doctor after 12 hours."""
    desk = staff.begin_session(a_staff_member(), NOW)
    doctor = staff.begin_session(a_staff_member("doctor"), NOW)
    assert staff.in_session(desk, NOW + 29 * MINUTE)
    assert staff.in_session(desk, NOW + 58 * MINUTE), "use keeps it alive"
    assert staff.in_session(desk, NOW + 88 * MINUTE) is None
    assert staff.in_session(doctor, NOW + 719 * MINUTE)
    assert staff.in_session(doctor, NOW + (719 + 720) * MINUTE) is None


def test_a_shift_ends_after_twelve_hours_however_busy() -> None:
    """A desk session ends 12 hours after the sign-in."""
    token = staff.begin_session(a_staff_member(), NOW)
    for passed in range(10, 720, 10):
        assert staff.in_session(token, NOW + passed * MINUTE)
    assert staff.in_session(token, NOW + 720 * MINUTE) is None


def test_signing_out_ends_the_session_for_every_copy() -> None:
    """A token is worth nothing after its session has ended; a made-up one never was."""
    token = staff.begin_session(a_staff_member(), NOW)
    staff.end_session(token, NOW)
    assert staff.in_session(token, NOW) is None
    assert staff.in_session("made-up", NOW) is None


def test_a_new_password_and_leaving_end_every_session() -> None:
    """Both shut every browser of the person at once."""
    person = a_staff_member()
    first = staff.begin_session(person, NOW)
    staff.set_password(person.email, "another good password", NOW)
    assert staff.in_session(first, NOW) is None
    assert staff.recognise(person.email, "another good password")
    second = staff.begin_session(person, NOW)
    staff.deactivate(person.email, NOW)
    assert staff.in_session(second, NOW) is None
    with pytest.raises(NotFound):
        staff.set_password("nobody@example.org", PASSWORD, NOW)


def test_everybody_lists_the_active_first() -> None:
    """People who left come last."""
    left = a_staff_member("doctor")
    a_staff_member()
    staff.deactivate(left.email, NOW)
    roles = [person.role for person in staff.everybody()]
    assert roles == ["receptionist", "doctor"]
