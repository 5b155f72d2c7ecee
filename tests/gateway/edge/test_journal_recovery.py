"""Recovery: what a start makes of every state that an end may have left, and of damage."""

import logging
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.edge import journal_recovery
from gateway.edge.errors import DamagedError, JournalError
from gateway.edge.journal_contents import contents_path, has_contents, store_contents
from gateway.edge.journal_folder import Meta
from gateway.edge.journal_head import NAME, Reached
from gateway.edge.journal_recovery import Recovered, recover
from gateway.edge.journal_schema import ADMISSION, ANSWER, Frame
from gateway.edge.journal_volume import listed, read_volume, volume_path
from tests.gateway.edge.frames import packed
from tests.gateway.edge.volumes import Made, bodies, contents_of

META = Meta(bytes(16).hex(), starts=1)


def admission(first: int, count: int = 1) -> Frame:
    return Frame(ADMISSION, b"a%d" % first, 1, "c", first, count)


def final(*ids: int) -> Frame:
    return Frame(ANSWER, b"f", 1, "c", finals=packed(*ids))


def closed(recovered: Recovered) -> Recovered:
    recovered.newest.close()
    return recovered


def made_in(folder: Path, first_seq: int = 1, first_inquiry_id: int = 1) -> Made:
    return Made(folder, first_seq, first_inquiry_id, META.seed)


def sealed(made: Made) -> Made:
    store_contents(made.open.volume, contents_of(made.open, META.seed).rows)
    made.open.close()
    return made


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Two volumes; inquiries 2 and 4 are open."""
    first = made_in(tmp_path)
    first.commit(admission(1), admission(2))
    first.commit(final(1))
    second = made_in(tmp_path, sealed(first).next_seq, 3)
    second.commit(admission(3, 2))
    second.commit(final(3), admission(5))
    return second


def test_a_journal_that_is_new_begins_with_an_empty_volume(tmp_path: Path) -> None:
    recovered = closed(recover(tmp_path, replace(META, starts=0)))
    assert listed(tmp_path) == [1]
    assert recovered.reached == Reached(1, recovered.newest.end, 0, 1)
    # Cut short before the start was counted, it is taken up as it is.
    again = closed(recover(tmp_path, replace(META, starts=0)))
    assert again.reached == recovered.reached


@pytest.mark.parametrize("is_published", [True, False])
def test_everything_is_found(made: Made, tmp_path: Path, is_published: bool) -> None:
    if is_published:
        made.publish(2)
    recovered = closed(recover(tmp_path, META))
    unfinished_seq = 2 if is_published else 1
    assert recovered.reached == Reached(4, made.open.end, 6, unfinished_seq)
    assert recovered.shelf.shown.last_seq == 6
    assert recovered.unfinished.answered(3, 2) == packed(3)
    assert recovered.unfinished.oldest_seq(7) == 2
    assert not recovered.unfinished.is_finished(5, 1)


def test_a_commit_cut_short_at_any_byte_is_cut_off_and_said_in_the_log(
    made: Made, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content = made.path.read_bytes()
    durable_end = made.ends[1]
    ends = [placed_end(tmp_path, seq) for seq in (4, 5, 6)]
    for size_bytes in range(durable_end, len(content) + 1):
        made.path.write_bytes(content[:size_bytes])
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            recovered = closed(recover(tmp_path, META))
        end = max(end for end in ends if end <= size_bytes)
        assert made.path.stat().st_size == recovered.newest.end == end
        assert recovered.reached.last_seq == 4 + ends.index(end)
        assert ("a commit was cut short" in caplog.text) == (size_bytes > end)


def placed_end(folder: Path, seq: int) -> int:
    """Where frame `seq` of the second volume ends."""
    rows = contents_of(closed(recover(folder, META)).newest, META.seed).rows
    return int(rows["offset"][seq - 4] + rows["size"][seq - 4])


@pytest.mark.parametrize("is_published", [True, False])
def test_a_flipped_byte_before_the_last_commit_stops_the_start_and_is_named(
    made: Made, tmp_path: Path, is_published: bool
) -> None:
    if is_published:
        made.publish()
    for seq in (1, 4):
        path = volume_path(tmp_path, seq)
        content = bytearray(path.read_bytes())
        end = len(content) if seq == 1 or is_published else made.ends[1]
        for at in range(end):
            content[at] ^= 0x10
            path.write_bytes(content)
            with pytest.raises(DamagedError, match=rf"{path}: frame \d at offset \d+: "):
                recover(tmp_path, META)
            content[at] ^= 0x10
        path.write_bytes(content)
    assert closed(recover(tmp_path, META)).reached.last_seq == 6


def test_a_durable_end_that_is_missing_stops_the_start(made: Made, tmp_path: Path) -> None:
    made.publish()
    content = made.path.read_bytes()
    for size_bytes in range(len(content)):
        made.path.write_bytes(content[:size_bytes])
        with pytest.raises(DamagedError, match=rf"{made.path}: frame [456] at offset \d+"):
            recover(tmp_path, META)
    made.path.unlink()
    with pytest.raises(DamagedError, match="frame 4 is missing with its volume"):
        recover(tmp_path, META)


def test_a_volume_that_is_missing_stops_the_start(made: Made, tmp_path: Path) -> None:
    third = made_in(tmp_path, sealed(made).next_seq, 6)
    third.commit(admission(6))
    away = tmp_path / "away"
    shutil.move(volume_path(tmp_path, 4), away)
    with pytest.raises(DamagedError, match="frame 4 is missing"):
        recover(tmp_path, META)
    shutil.move(away, volume_path(tmp_path, 4))
    shutil.move(volume_path(tmp_path, 1), away)
    with pytest.raises(DamagedError, match="frame 1 is missing with its volume"):
        recover(tmp_path, META)
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    with pytest.raises(DamagedError, match="frame 1 is missing with its volume"):
        recover(tmp_path, META)


@pytest.mark.parametrize("size_bytes", [0, 1, 31])
def test_a_volume_whose_making_was_cut_short_is_made_again(
    made: Made, tmp_path: Path, size_bytes: int
) -> None:
    made.publish()
    third = made_in(tmp_path, sealed(made).next_seq, 6)
    third.open.close()
    third.path.write_bytes(third.path.read_bytes()[:size_bytes])
    recovered = closed(recover(tmp_path, META))
    assert listed(tmp_path) == [1, 4]
    assert recovered.reached.last_seq == 6


def test_an_opening_that_is_damaged_after_frames_is_no_making_cut_short(made: Made, tmp_path: Path) -> None:
    content = bytearray(made.path.read_bytes())
    content[3] ^= 1
    made.path.write_bytes(content)
    with pytest.raises(DamagedError, match="frame 4 at offset 0: no volume of this journal"):
        recover(tmp_path, META)
    assert listed(tmp_path) == [1, 4]


def test_contents_that_are_lost_are_made_anew(made: Made, tmp_path: Path) -> None:
    first = read_volume(tmp_path, 1, META.seed)
    contents_path(first).unlink()
    closed(recover(tmp_path, META))
    assert has_contents(first, 3)


def test_a_start_reads_from_the_oldest_unfinished_frame_and_some_more(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.publish(unfinished_seq=4)
    path = volume_path(tmp_path, 1)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedError, match="frame 3 at"):
        recover(tmp_path, META)
    monkeypatch.setattr(journal_recovery, "VERIFY_BYTES", 0)
    assert closed(recover(tmp_path, META)).reached.last_seq == 6


def test_a_damaged_head_costs_a_longer_look_and_nothing_else(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.edge.journal_head.READS_MAX", 2)
    made.publish(4)
    (tmp_path / NAME).write_bytes(b"\x01" * 64)
    assert closed(recover(tmp_path, META)).reached == Reached(4, made.open.end, 6, 1)


def test_a_disk_that_does_not_work_is_a_clear_error(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_descriptor: int, _size: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("gateway.edge.journal_volume.os.ftruncate", failing)
    with pytest.raises(JournalError, match="Input/output error"):
        recover(tmp_path, META)


def test_what_is_cut_off_is_gone_for_good(made: Made, tmp_path: Path) -> None:
    """The frames that follow stand where the torn ones stood."""
    made.path.write_bytes(made.path.read_bytes()[:-3])
    closed(recover(tmp_path, META))
    assert bodies(tmp_path, META.seed) == [b"a1", b"a2", b"f", b"a3", b"f"]
