"""Changes in a unit's file: each once, whole, in order, and nobody else's."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blacklist.push.file import FileError, opened
from chakong.blacklist.v1 import changes_pb2
from tests.blacklist.house import adult


def some(*cursors: int) -> list[changes_pb2.Change]:
    return [changes_pb2.Change(cursor=one, subject=adult(one)) for one in cursors]


def cursors(path: Path) -> list[int]:
    return [int(json.loads(line)["cursor"]) for line in path.read_text().splitlines()]


def test_changes_are_written_once_and_by_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    with opened(path) as file:
        assert file.cursor == 0
        file.take(some(1, 2))
        file.take(some(2, 3))
    with opened(path) as file:
        assert file.cursor == 3
        file.take(some(3, 5))
        file.take([])
    assert cursors(path) == [1, 2, 3, 5]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = json.loads(path.read_text().splitlines()[0])
    assert first["subject"]["name"] == adult(1).name


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 400))
def test_file_that_was_cut_anywhere_goes_on_where_it_is_whole(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "changes.jsonl"
    path.unlink(missing_ok=True)
    with opened(path) as file:
        file.take(some(1, 2, 3))
    whole = path.read_bytes()
    path.write_bytes(whole[: min(cut, len(whole))])
    with opened(path) as file:
        file.take(some(1, 2, 3))
    assert path.read_bytes() == whole


def test_file_knows_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    with opened(path) as file:
        file.take(some(1, 3, 5))
        assert file.holds({1, 2, 5, 6}) == {1, 5}
    path.write_text("no change\n" + path.read_text())
    with opened(path) as file, pytest.raises(FileError, match="line 1"):
        file.holds({1})


def test_two_processes_do_not_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    with opened(path), pytest.raises(FileError, match="another process"), opened(path):
        pass
    with opened(path) as file:
        file.take(some(1))


def test_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_text("name,number\n")
    with pytest.raises(FileError, match="no change"), opened(path):
        pass
    path.write_bytes(b"x" * 300_000)
    with pytest.raises(FileError, match="longer than"), opened(path):
        pass
    assert path.stat().st_size == 300_000
