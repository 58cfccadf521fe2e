"""What an operator does on the command line."""

import base64
import dataclasses
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask

from app.commands import commands
from app.commands.conditions import FOLDER
from app.domain.level import Level
from app.domain.pack_languages import texts_of
from app.domain.pack_reader import read_pack
from app.records import db, transaction
from app.records.audit import AuditEvent
from app.records.enquiry import Draft
from app.workflow import booking, enquiry, intake, staff
from config import ROOT, Settings
from tests import builders
from tests.builders import NOW, PASSWORD

PACK = "spinal-metastasis"

pytestmark = pytest.mark.own_app


def run(app: Flask, *words: str, typed: str | None = None) -> Result:
    """Run a command of the app as `flask` does."""
    return app.test_cli_runner().invoke(args=words, input=typed)


def run_alone(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command where no setting has been made."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "app.commands", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_needs_no_clinic_runs_without_settings() -> None:
    """Keys can be made before there are settings, and packs checked where there is no clinic."""
    made = run_alone("keys", "new")
    assert len(base64.b64decode(made.stdout.strip(), validate=True)) == 32
    assert run_alone("keys", "new").stdout != made.stdout
    checked = run_alone("conditions", "check")
    assert checked.returncode == 0
    assert all(line.startswith("Warning: ") for line in checked.stderr.splitlines())
    assert f"{PACK} " in checked.stdout


def test_what_needs_a_clinic_names_the_missing_settings() -> None:
    """An operator without settings is told which are missing, not shown a traceback."""
    refused = run_alone("migrate")
    assert refused.returncode == 1
    assert "SECRET_KEY is missing" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_web_app_does_not_load_what_only_commands_need() -> None:
    """Naming the commands loads no database and no pack reader of migrations."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import app.commands, sys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"sqlalchemy", "alembic", "huey", "cryptography"} & set(loaded)


def test_flask_knows_every_command(app: Flask) -> None:
    """`flask …` and `python -m app.commands …` are the same commands."""
    assert set(commands.commands) <= set(app.cli.commands)


def test_an_empty_database_is_migrated_once(empty_database_url: str) -> None:
    """`migrate --check` refuses an old database; `migrate` brings it up to date, once."""
    app = builders.an_app(builders.settings(database_url=empty_database_url))
    before = run(app, "migrate", "--check")
    assert before.exit_code == 1
    assert "run `flask migrate`" in before.output
    assert "Migrated the database from nothing to" in run(app, "migrate").output
    assert run(app, "migrate", "--check").exit_code == 0
    assert "is up to date" in run(app, "migrate").output
    with app.app_context():
        db.engine.dispose()


def test_somebody_is_let_in_and_out(app: Flask) -> None:
    """A person is added, listed, given a new password, and shut out."""
    added = run(app, "staff", "add", "manager", "Leela Nair", "leela@example.org", typed=PASSWORD)
    assert added.output == "Leela Nair (manager) may sign in as leela@example.org.\n"
    new = "a different long one"
    assert run(app, "staff", "password", "leela@example.org", typed=f"{new}\n").exit_code == 0
    with app.app_context():
        assert staff.recognise("leela@example.org", PASSWORD) is None
        assert staff.recognise("leela@example.org", new) is not None
    assert "manager       Leela Nair <leela@example.org>" in run(app, "staff", "list").output
    assert run(app, "staff", "end", "leela@example.org").exit_code == 0
    assert "(ended) Leela Nair" in run(app, "staff", "list").output
    with app.app_context():
        assert staff.recognise("leela@example.org", new) is None


def test_the_visits_of_somebody_who_leaves_are_told(app: Flask) -> None:
    """They stand; the operator hears where they are listed."""
    now = datetime.now(UTC)
    with app.app_context():
        doctor = builders.a_doctor_with_hours(email="rao@example.org")
        request = builders.a_request(at=now)
        _, offers = booking.free([doctor], now.date() + timedelta(days=2), 7, now)[0]
        zone = app.extensions["settings"].clinic_zone
        booking.book(request.reference, offers[0].choice, request.version, doctor, now, zone)
    ended = run(app, "staff", "end", "rao@example.org").output
    assert "1 booked visit stands: see Settings, Outside the hours." in ended


def test_the_line_end_is_no_part_of_a_password(app: Flask) -> None:
    """A password from standard input ends where its line ends."""
    run(app, "staff", "add", "doctor", "Dr Rao", "rao@example.org", typed=f"{PASSWORD}\r\n")
    with app.app_context():
        assert staff.recognise("rao@example.org", PASSWORD) is not None


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("staff", "add", "manager", "A", "a@example.org"), "short", "A password has 12"),
        (("staff", "add", "manager", "A", "not an address"), PASSWORD, "not an e-mail address"),
        (("staff", "password", "who@example.org"), PASSWORD, "Nobody works here under"),
        (("staff", "end", "who@example.org"), None, "Nobody works here under"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(
    app: Flask, words: tuple[str, ...], typed: str | None, said: str
) -> None:
    """A mistake of the operator changes nothing and is answered in words."""
    refused = run(app, *words, typed=typed)
    assert refused.exit_code == 1
    assert said in refused.output
    assert run(app, "staff", "list").output == ""


def test_a_changed_line_of_the_log_is_found(app: Flask) -> None:
    """`audit verify` passes the untouched log, and names the first line that was changed."""
    with app.app_context():
        for _ in range(3):
            builders.a_staff_member()
    assert run(app, "audit", "verify").output.startswith("3 lines")
    with app.app_context(), transaction() as session:
        # Whoever owns the database can take its own lock on the log away.
        table = "" if db.engine.name == "sqlite" else " ON audit_event"
        session.execute(sa.text(f"DROP TRIGGER audit_event_no_update{table}"))
        session.execute(
            sa.update(AuditEvent).where(AuditEvent.number == 2).values(action="nothing happened")
        )
    broken = run(app, "audit", "verify")
    assert broken.exit_code == 1
    assert "broken at line 2" in broken.output


def test_old_drafts_are_erased(app: Flask) -> None:
    """`drafts forget` erases what was begun more than 24 hours ago, and nothing else."""
    with app.app_context():
        pack = builders.the_pack()
        enquiry.start(pack, "en", "self", NOW - timedelta(days=400))
        enquiry.start(pack, "en", "self", NOW + timedelta(days=40_000))
    assert run(app, "drafts", "forget").output == "Erased 1 drafts.\n"
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 1


def test_records_are_sealed_again_with_a_new_key(app: Flask, settings: Settings) -> None:
    """After `keys rotate` the old key can go, and the record still opens."""
    with app.app_context():
        reference = builders.a_request().reference
    assert "Nothing is sealed with an older key" in run(app, "keys", "rotate").output
    both = (("k2", bytes(range(100, 132))), *settings.field_keys)
    app_with_both = builders.an_app(settings.replace(field_keys=both))
    assert "service_request: 1 rows" in run(app_with_both, "keys", "rotate").output
    app_with_new = builders.an_app(settings.replace(field_keys=both[:1]))
    assert "Nothing is sealed" in run(app_with_new, "keys", "rotate").output
    with app_with_new.app_context():
        assert intake.find(reference).person["name"] == "Asha Patil"
    for each in (app_with_both, app_with_new):
        with each.app_context():
            db.engine.dispose()


def conditions(*words: str, folder: Path) -> Result:
    """Run a command of the condition packs on packs elsewhere."""
    return CliRunner().invoke(commands, ["conditions", *words, "--folder", str(folder)])


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """A copy of the packs, to be spoiled."""
    shutil.copytree(FOLDER, tmp_path / "conditions")
    return tmp_path / "conditions"


def spoil(file: Path, old: str, new: str) -> None:
    """Change the first place of a file that says something."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_disagreement_is_told_in_words(packs: Path) -> None:
    """When rules and worked examples disagree, the check fails and says where."""
    spoil(packs / PACK / "cases.toml", 'level = "emergency"', 'level = "routine"')
    checked = conditions("check", folder=packs)
    assert checked.exit_code == 1
    assert "it expects routine, the rules say emergency (" in checked.output
    assert "1 disagreements with" in checked.output


def test_rules_that_fire_otherwise_are_named(packs: Path) -> None:
    """A rule that should fire and does not, or the other way round, is named with its example."""
    spoil(packs / PACK / "cases.toml", 'not_fires = ["E05", "E06"]', 'not_fires = ["E01", "E06"]')
    spoil(packs / PACK / "cases.toml", 'fires = ["E01", "U04"]', 'fires = ["E01", "U04", "E05"]')
    checked = conditions("check", folder=packs)
    assert "rule E05 should fire and does not" in checked.output
    assert "rule E01 should not fire and does" in checked.output


def test_a_faulty_pack_is_refused(packs: Path) -> None:
    """A pack that cannot be read fails the check, with its faults."""
    spoil(packs / PACK / "triage.toml", "[groups]", "[gruops]")
    checked = conditions("check", folder=packs)
    assert checked.exit_code == 1
    assert "unknown key `gruops`" in checked.output
    assert conditions("print", folder=packs).exit_code == 1


def test_missing_translations_are_counted(packs: Path) -> None:
    """A text that is shown in English is no fault, but the check counts it for its language."""
    spoil(packs / PACK / "questions.toml", ', hi = "यह कब शुरू हुआ?"', "")
    checked = conditions("check", folder=packs)
    texts = len(texts_of(read_pack(packs / PACK)))
    assert checked.exit_code == 0
    assert f"  hi: 1 of {texts} texts missing; awaits a native clinician.\n" in checked.output
    assert f"  mr: 0 of {texts} texts missing; awaits a native clinician.\n" in checked.output


def test_a_checked_translation_is_told(packs: Path) -> None:
    """Once a native clinician has checked a language, the check says who it was."""
    checked = '{ name = "Dr Asha Patil", registration = "MMC 00000", on = 2026-12-01 }'
    spoil(packs / PACK / "condition.toml", 'hi = "awaits"', f"hi = {checked}")
    assert "texts missing; checked by Dr Asha Patil.\n" in conditions("check", folder=packs).output


def test_no_pack_at_all_is_refused(tmp_path: Path) -> None:
    """A check that checks nothing fails."""
    assert conditions("check", folder=tmp_path).exit_code == 1


def test_requests_are_judged_again_once(app: Flask) -> None:
    """`--check` only counts; the command judges what another version has judged, and says so."""
    packs = app.extensions["packs"]
    with app.app_context():
        builders.a_request(Level.soon)
    app.extensions["packs"] = {PACK: dataclasses.replace(packs[PACK], version="next")}
    counted = run(app, "requests", "retriage", "--check").output
    assert counted == "1 request judged by another version of the rules.\n"
    judged = "judged again, 0 more pressing than before.\n"
    assert run(app, "requests", "retriage").output == f"1 request {judged}"
    assert run(app, "requests", "retriage").output == f"0 requests {judged}"


def test_the_sheet_holds_what_is_to_be_signed() -> None:
    """The printed sheet has every rule, its source and examples, every name, and the signature."""
    sheet = conditions("print", PACK, folder=FOLDER).output
    pack = read_pack(FOLDER / PACK)
    lines = {line.split()[1]: line for line in sheet.splitlines() if line.startswith("| **")}
    assert list(lines) == [
        f"**{rule.id}**" for rule in sorted(pack.rules, key=lambda rule: -rule.level)
    ]
    for rule in pack.rules:
        line = lines[f"**{rule.id}**"]
        assert line.count(" | ") == 5
        assert f"**{rule.id}** {rule.level.name} | {rule.title} |" in line
        assert all(case.id in line for case in pack.cases if rule.id in case.fires)
    assert all(case.story.split()[0] in sheet for case in pack.cases)
    assert pack.version in sheet
    assert "| Signature | |" in sheet
    assert "it (start) is “more than 3 months ago”" in sheet


def test_a_condition_is_printed_as_it_is_meant() -> None:
    """Choices beside other parts stand in brackets, so that a rule cannot be read in two ways."""
    sheet = conditions("print", PACK, folder=FOLDER).output
    assert (
        "| `CA_known`, **and** (any of: `active` `MOTOR`; `active` `SPHINCTER`; "
        "`active` numb chest or tummy) |" in sheet
    )
    assert "age < 18, **and** new bend in the spine" in sheet
    assert "**but not** `report_is_treated_and_quiet`" in sheet
