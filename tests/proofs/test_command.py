"""`make prove`, as a person sees it."""

from pathlib import Path

from click.testing import CliRunner

from tests.domain.small_pack import change, signed_pack, write_pack
from tests.proofs.__main__ import main


def test_a_sound_pack_is_said_to_be_proved(tmp_path: Path) -> None:
    """The claims and the compared forms are named."""
    write_pack(tmp_path)
    result = CliRunner().invoke(main, ["--folder", str(tmp_path), "--forms", "1"])
    assert result.exit_code == 0
    assert "sore-thumb 1.0: proved for all answers" in result.output
    assert "sore-thumb: formulas and evaluation agree on 20,000 forms." in result.output


def test_a_fault_is_shown_and_fails(tmp_path: Path) -> None:
    """The command ends with 1 after printing the answers that show the fault."""
    write_pack(
        tmp_path,
        ("triage.toml", '"SIGNS"]', '"SIGNS"]\nunless = "hammer"'),
        ("condition.toml", '["hammer", "gloves"]', '["gloves"]'),
    )
    result = CliRunner().invoke(main, ["--folder", str(tmp_path), "--forms", "1"])
    assert result.exit_code == 1
    assert "Do you use a hammer? – Yes\n    is routine (R1)" in result.output


def test_a_pack_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Nothing is proved of a pack with faults; they are told."""
    write_pack(tmp_path, ("triage.toml", '"SIGNS"]', '"SIGN"]'))
    result = CliRunner().invoke(main, ["--folder", str(tmp_path), "--forms", "1"])
    assert result.exit_code == 1
    assert "unknown name SIGN" in result.output


def test_a_pack_is_proved_against_what_was_signed(tmp_path: Path) -> None:
    """A level that falls for any answers needs a name, even where no worked example shows it."""
    pack = signed_pack(tmp_path)
    change(pack / "triage.toml", 'all = ["fresh blue"]', 'all = ["fresh blue", "worker"]')
    result = CliRunner().invoke(main, ["--folder", str(tmp_path), "--forms", "1"])
    assert result.exit_code == 1
    assert "E1 (Blue thumb) no longer leads to its level." in result.output
