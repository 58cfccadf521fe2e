"""A signature holds for what was signed and for nothing else."""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from app.domain.condition import SignOff
from app.domain.errors import FaultyPack
from app.domain.pack_files import files_of
from app.domain.pack_reader import read_pack
from app.domain.pack_signing import digest_of, is_damaged, is_overdue
from tests.domain.small_pack import FILES, signed_pack

RAO = SignOff("Dr Arun Rao", "MMC 00000", dt.date(2026, 11, 1))


def test_a_signed_pack_names_who_signed(tmp_path: Path) -> None:
    """As long as nothing was changed."""
    pack = read_pack(signed_pack(tmp_path))
    assert (pack.signed_off, pack.changed_since) == (RAO, None)


@pytest.mark.parametrize("file", sorted(FILES))
def test_any_changed_file_makes_it_unsigned(tmp_path: Path, file: str) -> None:
    """A remark is enough: who signed has not read it. Who signed before is still known."""
    folder = signed_pack(tmp_path)
    with (folder / file).open("a", encoding="utf-8") as changed:
        changed.write("# A remark.\n")
    pack = read_pack(folder)
    assert (pack.signed_off, pack.changed_since) == (None, RAO)


def test_another_page_makes_it_unsigned(tmp_path: Path) -> None:
    """A file that was not there counts as a change, and so does one that is gone."""
    folder = signed_pack(tmp_path)
    signed = digest_of(files_of(folder))
    (folder / "page.hi.md").write_text("# Thumb\n", encoding="utf-8")
    assert digest_of(files_of(folder)) != signed
    (folder / "page.hi.md").unlink()
    assert digest_of(files_of(folder)) == signed


def test_line_ends_and_other_files_are_no_change(tmp_path: Path) -> None:
    """An editor of Windows, or a backup beside the files, has changed nothing that is read."""
    folder = signed_pack(tmp_path)
    for name, content in files_of(folder).items():
        (folder / name).write_bytes(content.replace(b"\n", b"\r\n"))
    (folder / "triage.toml~").write_text("old", encoding="utf-8")
    assert read_pack(folder).signed_off == RAO


def test_text_that_moves_between_files_changes_the_digest() -> None:
    """Names and lengths are part of what is signed."""
    assert digest_of({"a": b"xy", "b": b""}) != digest_of({"a": b"x", "b": b"y"})
    assert digest_of({"a": b"x"}) != digest_of({"b": b"x"})


def test_a_changed_copy_is_known(tmp_path: Path) -> None:
    """What was signed can only be compared with while it is what was signed."""
    folder = signed_pack(tmp_path)
    assert not is_damaged(folder)
    (folder / "signed" / "triage.toml").write_text("", encoding="utf-8")
    assert is_damaged(folder)
    shutil.rmtree(folder / "signed")
    assert not is_damaged(folder)


def test_a_broken_signature_is_a_fault(tmp_path: Path) -> None:
    """It is told in words; the pack counts neither as signed nor as never signed."""
    folder = signed_pack(tmp_path)
    (folder / "signed" / "signature.toml").write_text("name = ", encoding="utf-8")
    with pytest.raises(FaultyPack, match=r"signed/signature.toml: not readable as TOML"):
        read_pack(folder)
    (folder / "signed" / "signature.toml").write_text("name = 1", encoding="utf-8")
    with pytest.raises(FaultyPack, match=r"signed/signature.toml: `name` must be a text"):
        read_pack(folder)


def test_a_review_is_overdue_only_of_what_was_signed() -> None:
    """The day itself is still in time; who never signed has promised no review."""
    due = dt.date(2027, 5, 1)
    assert not is_overdue(RAO, due, due)
    assert is_overdue(RAO, due, due + dt.timedelta(days=1))
    assert not is_overdue(None, due, due + dt.timedelta(days=1))
