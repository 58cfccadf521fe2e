"""A doctor takes the phone over."""

import pytest
import time_machine
from flask import Flask

from app.domain.roster import FIRST
from app.workflow import roster
from tests.builders import NOW
from tests.people import Doctor


def test_a_doctor_takes_over_until_the_next_hand_over(
    app: Flask, time_machine: time_machine.TimeMachineFixture
) -> None:
    """The list says who is on call, and offers it to everybody else."""
    time_machine.move_to(NOW, tick=False)
    rao, khan = Doctor.at_work(app), Doctor.at_work(app)
    assert "On call: nobody , second nobody" in rao.get("/doctor/reviews").text
    page = rao.send("/doctor/on-call")
    assert "You are on call until 8:00 pm." in page.text
    with pytest.raises(AssertionError, match="no form"):
        page.form("/doctor/on-call")
    khan.get("/doctor/reviews")
    khan.send("/doctor/on-call")
    with app.app_context():
        first = roster.on_call(NOW)[FIRST]
    assert first.email == khan.email
