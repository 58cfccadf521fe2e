"""What clinicians do with a pack on the command line: check, sign, compare."""

import datetime as dt
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from app.commands import commands
from app.commands.conditions import FOLDER
from app.domain.level import Level
from app.domain.pack_reader import read_pack
from tests import builders
from tests.domain.small_pack import change, signed_pack, unread, write_pack

LESS = ('level = "soon"', 'level = "routine"')
LESS_OF = 'id = "{}"\nlevel = "routine"'
LOWERED = """
[[lowered]]
rule = "S1"
version = "1.1"
name = "Dr Arun Rao"
registration = "MMC 00000"
on = 2026-12-01
reason = "Masons know their thumbs."
"""


def run(*words: str | Path) -> Result:
    """Run a command of the packs."""
    return CliRunner().invoke(commands, ["conditions", *map(str, words)])


def check(folder: Path, *words: str) -> Result:
    """Check the packs of a folder, on a day before their review."""
    return run("check", "--folder", folder, "--on", "2027-04-30", *words)


def sign(folder: Path, **changed: str) -> Result:
    """Sign the small pack, with some options changed."""
    given = {"name": "Dr Arun Rao", "registration": "MMC 00000", "on": "2026-11-01", **changed}
    options = [word for key, value in given.items() for word in (f"--{key}", value)]
    return run("sign", "sore-thumb", "--folder", folder, *options)


def less_pressing(pack: Path) -> None:
    """Rule S1 becomes routine, and its worked example follows, in a new version."""
    change(pack / "triage.toml", *LESS)
    change(pack / "cases.toml", *LESS)
    for file in ("triage.toml", "condition.toml"):
        change(pack / file, 'version = "1.0"', 'version = "1.1"')


def test_what_is_not_signed_gets_a_warning(tmp_path: Path) -> None:
    """It is no fault; a pipeline may ask for another exit code to show it in yellow."""
    write_pack(tmp_path)
    found = check(tmp_path)
    assert found.exit_code == 0
    assert "Warning: sore-thumb was never signed off by a clinician." in found.output
    assert check(tmp_path, "--yellow").exit_code == 2


def test_what_is_signed_passes_until_its_review(tmp_path: Path) -> None:
    """After the date of the review the check fails, signed or changed since."""
    pack = signed_pack(tmp_path)
    found = check(tmp_path, "--yellow")
    assert (found.exit_code, found.stderr) == (0, "")
    assert "signed off by Dr Arun Rao." in found.output
    late = run("check", "--folder", tmp_path, "--on", "2027-05-02")
    assert late.exit_code == 1
    assert "sore-thumb: its review was due on 2027-05-01" in late.output
    change(pack / "page.en.md", "sore", "red")
    assert run("check", "--folder", tmp_path, "--on", "2027-05-02").exit_code == 1


def test_a_pack_that_was_never_signed_is_not_overdue(tmp_path: Path) -> None:
    """Nobody has promised a review; the warning says what is missing."""
    write_pack(tmp_path)
    assert run("check", "--folder", tmp_path, "--on", "2030-01-01").exit_code == 0


def test_a_change_after_signing_is_told(tmp_path: Path) -> None:
    """It names who signed and when; signing again takes the warning away."""
    pack = signed_pack(tmp_path)
    change(pack / "page.en.md", "sore", "red")
    found = check(tmp_path)
    assert found.exit_code == 0
    assert "Warning: sore-thumb was changed since Dr Arun Rao signed it on 2026-11-01." in (
        found.output
    )
    assert sign(tmp_path, name='Dr "Asha" Patil').exit_code == 0
    assert read_pack(pack).signed_off is not None
    assert 'signed off by Dr "Asha" Patil.' in check(tmp_path, "--yellow").output


def test_a_lowered_level_needs_a_name(tmp_path: Path) -> None:
    """It can neither be checked nor signed away; the name counts for its version only."""
    pack = signed_pack(tmp_path)
    less_pressing(pack)
    words = (
        "case sore: soon (S1) becomes routine (S1), and nobody answers for it: "
        "`[[lowered]]` of version 1.1 lacks S1"
    )
    assert check(tmp_path).exit_code == 1
    assert words in check(tmp_path).output
    assert sign(tmp_path).exit_code == 1
    assert words in sign(tmp_path).output
    with (pack / "condition.toml").open("a", encoding="utf-8") as about:
        about.write(LOWERED.replace("1.1", "1.0"))
    assert words in check(tmp_path).output
    change(pack / "condition.toml", 'version = "1.0"\nname', 'version = "1.1"\nname')
    assert check(tmp_path).exit_code == 0
    assert sign(tmp_path).exit_code == 0
    assert read_pack(pack).lowered[0].reason == "Masons know their thumbs."


def test_changed_rules_need_a_new_version(tmp_path: Path) -> None:
    """Otherwise two requests of one version would be explained by different rules."""
    pack = signed_pack(tmp_path)
    change(pack / "triage.toml", '"fell off"', '"fell off", "fell down"')
    assert "raise `version`, so that older requests stay explained" in check(tmp_path).output
    for file in ("triage.toml", "condition.toml"):
        change(pack / file, 'version = "1.0"', 'version = "1.1"')
    assert check(tmp_path).exit_code == 0


def test_a_damaged_copy_fails(tmp_path: Path) -> None:
    """Whoever lowers a level cannot change what it is compared with."""
    pack = signed_pack(tmp_path)
    less_pressing(pack)
    change(pack / "signed" / "triage.toml", *LESS)
    assert check(tmp_path).exit_code == 1
    assert "is not what was signed" in check(tmp_path).output


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": " "}, "A signature needs a name and a registration number"),
        ({"on": "2999-01-01"}, "2999-01-01 has not come yet"),
    ],
)
def test_a_signature_that_says_nothing_is_refused(
    tmp_path: Path, changed: dict[str, str], words: str
) -> None:
    """Nothing is written then."""
    pack = write_pack(tmp_path)
    refused = sign(tmp_path, **changed)
    assert refused.exit_code == 1
    assert words in refused.output
    assert not (pack / "signed").exists()


def test_only_a_pack_that_can_be_reviewed_is_signed(tmp_path: Path) -> None:
    """Its review lies ahead, its examples agree with its rules, and it exists."""
    pack = write_pack(tmp_path)
    change(pack / "condition.toml", "2027-05-01", "2026-11-01")
    assert "set it to the day by which it must be read again" in sign(tmp_path).output
    change(pack / "condition.toml", "2026-11-01", "2027-05-01")
    change(pack / "cases.toml", *LESS)
    assert "it expects routine, the rules say soon" in sign(tmp_path).output
    assert (
        "There is no condition pack other"
        in run("sign", "other", "--name", "A", "--registration", "B", "--folder", tmp_path).output
    )
    assert not (pack / "signed").exists()


def copies(tmp_path: Path) -> tuple[Path, Path]:
    """The small pack twice."""
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    return write_pack(tmp_path / "old"), write_pack(tmp_path / "new")


def test_two_equal_packs_are_the_same(tmp_path: Path) -> None:
    """Nothing is told as changed, no example moves, and no level falls for any answers."""
    same = run("diff", *copies(tmp_path))
    assert same.exit_code == 0
    assert "Every text and rule is the same." in same.output
    assert "Worked examples: 0 fall, 0 rise." in same.output
    assert "All answers: proved that the same answers never get less." in same.output


def test_every_difference_is_told_in_words(tmp_path: Path) -> None:
    """Rules, the names that they use, questions and texts; what is new, gone or changed."""
    old, new = copies(tmp_path)
    change(new / "triage.toml", 'SIGNS = ["blue", "sore"]', 'SIGNS = ["blue", "hammer"]')
    change(new / "condition.toml", *unread("sore", "gloves")[1:])
    change(new / "triage.toml", 'all = ["fresh blue"]', 'all = ["blue", "age >= 18"]')
    change(new / "triage.toml", '"fell off"', '"fell down"')
    change(new / "questions.toml", "Is the thumb sore?", "Does the thumb hurt?")
    change(new / "condition.toml", '"a blue thumb"', '"a pale thumb"')
    change(new / "page.en.md", "Thumbs get sore", "Thumbs hurt")
    told = run("diff", old, new).output
    for line in (
        "  rule E1 changed\n    when: `fresh` blue thumb → blue thumb, **and** age ≥ 18",
        "  `SIGNS` changed\n    members: without sore; with hammer",
        "  watchword en changed\n    phrases: without fell off; with fell down",
        "  question sore changed\n    ask, en: Is the thumb sore? → Does the thumb hurt?",
        "  card “a blue thumb” is gone",
        "  card “a pale thumb” is new",
        "  -Thumbs get sore.[^book]\n  +Thumbs hurt.[^book]",
    ):
        assert line in told


def test_whose_level_moves_is_told_and_needs_a_name(tmp_path: Path) -> None:
    """In the worked examples, and for any answers at all, in patient words."""
    old, new = copies(tmp_path)
    less_pressing(new)
    fallen = run("diff", old, new)
    assert fallen.exit_code == 1
    assert "version 1.0 and version 1.1" in fallen.output
    assert "Worked examples: 1 fall, 0 rise." in fallen.output
    assert "  DOWN sore: soon (S1) becomes routine (S1)" in fallen.output
    assert (
        "All answers: a level falls.\n"
        "S1 (Sore thumb of a mason) no longer leads to its level.\n"
        "  A person who answers calmly, but for:\n"
        "    Is the thumb sore? – Yes\n"
        "    What is your work? – Mason\n"
        "  is soon (S1) by the old rules\n"
        "  is routine (S1) by the new ones\n"
    ) in fallen.output
    assert "`[[lowered]]` of version 1.1 in condition.toml lacks S1." in fallen.output
    with (new / "condition.toml").open("a", encoding="utf-8") as about:
        about.write(LOWERED)
    assert run("diff", old, new).exit_code == 0
    risen = run("diff", new, old)
    assert risen.exit_code == 0
    assert "  up   sore: routine (S1) becomes soon (S1)" in risen.output


def test_the_older_pack_may_be_a_revision_of_git(tmp_path: Path) -> None:
    """What stood there before is taken from the history; a revision that is none is refused."""
    pack = write_pack(tmp_path)
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "One"]):
        subprocess.run([*git, *words], check=True)  # noqa: S603 - our own git
    change(pack / "page.en.md", "sore", "red")
    told = run("diff", "HEAD", pack).output
    assert "  -Thumbs get sore.[^book]\n  +Thumbs get red.[^book]" in told
    assert "# Sore thumb" not in told
    assert "neither a folder nor a revision" in run("diff", "HEAD~7", pack).output


def test_the_check_asks_for_today(tmp_path: Path) -> None:
    """Without a day it is the real one, so that a pipeline turns red of itself."""
    pack = write_pack(tmp_path)
    day = dt.datetime.now(dt.UTC).date()
    change(pack / "condition.toml", "2027-05-01", str(day + dt.timedelta(days=1)))
    assert sign(tmp_path, on=str(day)).exit_code == 0
    assert run("check", "--folder", tmp_path).exit_code == 0


@pytest.mark.own_app
def test_stored_requests_are_judged_by_a_changed_pack(app: Flask, tmp_path: Path) -> None:
    """A table of levels, the rules that are responsible, and nobody's name or reference."""
    with app.app_context():
        pack = builders.the_pack()
        request = builders.a_request(Level.soon)
        rules = [finding["rule"] for finding in request.triage.findings]
    changed = tmp_path / pack.id
    shutil.copytree(FOLDER / pack.id, changed)
    for rule in rules:
        change(changed / "triage.toml", f'id = "{rule}"\nlevel = "soon"', LESS_OF.format(rule))
    simulate = ["conditions", "simulate", str(changed)]
    told = app.test_cli_runner().invoke(args=simulate)
    assert told.exit_code == 1
    assert f"1 requests of {pack.id} were judged: 1 by version {pack.version}." in told.output
    assert f"By version {pack.version} 1 would fall and 0 would rise." in told.output
    row = next(line for line in told.output.splitlines() if line.startswith("  soon "))
    assert row.split() == ["soon", "0", "0", "0", "1"]
    assert f"No longer lead to their level: {rules[0]} (1)" in told.output
    assert "Worked examples: " in told.output
    assert f"lacks {rules[0]}" in told.output
    assert request.reference not in told.output
    asked = app.test_cli_runner().invoke(args=[*simulate, "--references"])
    assert f"  {request.reference}: soon becomes routine" in asked.output
