"""The folder and its meta: one holder, values that are old or new and never half, and clear refusals."""

import json
import os
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.edge.errors import DamagedError, JournalError
from gateway.edge.journal_folder import (
    META,
    Meta,
    count_start,
    hold,
    make_meta,
    read_meta,
    write_meta,
    write_whole,
)

SECRET = bytes(range(16))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "journal"
    os.close(hold(path))
    return path


def test_a_folder_is_made_for_its_owner_and_held_by_one(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    holding = hold(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    with pytest.raises(JournalError, match="another gateway writes this journal"):
        hold(path)
    os.close(holding)
    os.close(hold(path))


def test_making_meta_again_changes_nothing(folder: Path) -> None:
    made = make_meta(folder, SECRET)
    assert make_meta(folder, bytes(16)) == read_meta(folder) == made == Meta(SECRET.hex())
    assert stat.S_IMODE((folder / META).stat().st_mode) == 0o600


def test_starts_are_counted(folder: Path) -> None:
    make_meta(folder, SECRET)
    assert [count_start(folder, read_meta(folder)) for _ in range(3)] == [0, 1, 2]


def test_every_flipped_byte_is_found(folder: Path) -> None:
    meta = make_meta(folder, SECRET)
    content = bytearray((folder / META).read_bytes())
    for at in range(len(content)):
        content[at] ^= 1
        (folder / META).write_bytes(content)
        with pytest.raises(DamagedError):
            read_meta(folder)
        content[at] ^= 1
    (folder / META).write_bytes(content)
    assert read_meta(folder) == meta


def test_meta_of_another_format_is_refused(folder: Path) -> None:
    write_meta(folder, replace(make_meta(folder, SECRET), format=9))
    with pytest.raises(DamagedError, match="format 9 given, this gateway reads 3"):
        read_meta(folder)
    (folder / META).write_text(json.dumps([1]))
    with pytest.raises(DamagedError, match="is not what was written"):
        read_meta(folder)


def test_values_that_cannot_be_written_leave_the_old_ones(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meta = make_meta(folder, SECRET)

    def failing(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gateway.edge.journal_folder.os.fsync", failing)
    with pytest.raises(JournalError, match="cannot be written: No space left on device"):
        count_start(folder, meta)
    assert read_meta(folder) == meta
    assert sorted(path.name for path in folder.iterdir()) == [META]


def test_a_journal_of_an_earlier_format_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE frames (seq INTEGER PRIMARY KEY)")
    connection.close()
    for opening in (hold, read_meta):
        with pytest.raises(JournalError, match=r"a SQLite file; .* set journal.path to a new folder"):
            opening(path)


def test_what_is_no_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"anything")
    with pytest.raises(JournalError, match="it is a file, and a journal is a folder"):
        hold(tmp_path / "file")
    with pytest.raises(JournalError, match="there is no such journal"):
        read_meta(tmp_path / "nowhere")
    with pytest.raises(JournalError, match="cannot be made"):
        hold(tmp_path / "nowhere" / "journal")
    with pytest.raises(JournalError, match="is not a journal: meta is not there, file is"):
        make_meta(tmp_path, SECRET)


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    write_whole(tmp_path / "one", b"old")
    write_whole(tmp_path / "one", b"new and longer")
    assert (tmp_path / "one").read_bytes() == b"new and longer"
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
