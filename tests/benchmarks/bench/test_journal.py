"""The journal beside a plain file: the same bytes in the same groups, read back."""

from pathlib import Path

import pytest

from benchmarks.bench import journal as module
from benchmarks.bench.frames import FrameSource
from benchmarks.bench.journal import beside_raw, write_journal, write_raw
from benchmarks.bench.result import WrongAnswerError
from gateway.directory import Directory
from gateway.edge.journal import Frame


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    source = FrameSource(Directory.load())
    return [frame for _ in range(12) for frame in source.wave(20, 5)]


async def test_journal_groups_all_frames(tmp_path: Path, frames: list[Frame]) -> None:
    written = await write_journal(tmp_path / "journal", frames)
    assert sum(written.groups) == len(frames) == 60
    assert written.bytes_per_second > 0


def test_plain_file_holds_the_bodies_in_order(tmp_path: Path, frames: list[Frame]) -> None:
    write_raw(tmp_path / "raw", frames, [1, 2, len(frames) - 3])
    assert (tmp_path / "raw").read_bytes() == b"".join(frame.body for frame in frames)


def test_plain_file_with_less_raises(tmp_path: Path, frames: list[Frame]) -> None:
    with pytest.raises(WrongAnswerError, match="bytes appended"):
        write_raw(tmp_path / "raw", frames, [1, 2])


def test_both_have_their_runs(tmp_path: Path, frames: list[Frame]) -> None:
    result = beside_raw(tmp_path, frames, 2)
    assert (result.name, result.unit, len(result.ours)) == ("journal.vs_raw", "MB/s", 2)
    assert result.reference is not None
    assert len(result.reference) == 2
    assert result.extra["frames"] == 60
    assert list(tmp_path.iterdir()) == []


async def test_frame_that_comes_back_otherwise_raises(
    tmp_path: Path, frames: list[Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = [*frames[:-1], Frame(frames[-1].kind, b"other", 1)]
    real = module._check
    monkeypatch.setattr(module, "_check", lambda journal, _frames: real(journal, other))
    with pytest.raises(WrongAnswerError, match="frame read back"):
        await write_journal(tmp_path / "journal", frames)
