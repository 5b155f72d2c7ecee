"""Volumes: what is appended is all there or not at all, and damage is told from a commit cut short."""

import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.errors import DamagedError
from gateway.edge.journal_schema import ANSWER, MARK, Frame, encode
from gateway.edge.journal_volume import (
    OPENING_BYTES,
    PARTS_MAX,
    is_torn,
    listed,
    make_volume,
    open_volume,
    read_frame,
    read_volume,
    walk,
    walk_newest,
)
from tests.gateway.edge.volumes import SEED, Made, bodies

FULL = OSError(errno.ENOSPC, "No space left on device")


def answer(body: bytes) -> Frame:
    return Frame(ANSWER, body, 1, "c")


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = Made(tmp_path)
    made.commit(answer(b"a"), answer(b"bb"))
    made.commit(answer(b"ccc"))
    return made


def test_frames_come_back_in_order_with_their_places(made: Made) -> None:
    placed = list(walk(made.open.volume, SEED))
    assert [one.frame.seq for one in placed] == [1, 2, 3]
    assert [one.frame.commit_seq for one in placed] == [1, 1, 3]
    assert [placed[0].offset, placed[2].offset, placed[2].end] == made.ends
    assert list(walk(made.open.volume, SEED, (placed[1].offset, 2))) == placed[1:]
    assert list(walk(made.open.volume, SEED, None, made.ends[1])) == placed[:2]
    descriptor = os.open(made.path, os.O_RDONLY)
    place = (placed[1].offset, placed[1].size_bytes)
    assert read_frame(made.open.volume, descriptor, place, 2, SEED) == placed[1].frame
    with pytest.raises(DamagedError, match=r"frame 3 at offset .*: is missing, 2 stands there"):
        read_frame(made.open.volume, descriptor, place, 3, SEED)
    os.close(descriptor)


def test_a_volume_is_for_its_owner_and_named_by_its_first_frame(tmp_path: Path) -> None:
    for seq in (500, 3, 20):
        made = make_volume(tmp_path, seq, seq + 1, SEED)
        assert stat.S_IMODE(made.volume.path.stat().st_mode) == 0o600
        made.close()
        assert read_volume(tmp_path, seq, SEED) == made.volume
    assert listed(tmp_path) == [3, 20, 500]
    with pytest.raises(FileExistsError):
        make_volume(tmp_path, 3, 4, SEED)


def test_more_parts_than_one_call_takes_are_all_written(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.commit(*[answer(b"%d" % number) for number in range(PARTS_MAX)])
    assert bodies(tmp_path) == [b"%d" % number for number in range(PARTS_MAX)]


def test_a_write_that_comes_in_pieces_is_whole(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.pwritev

    def short(descriptor: int, parts: Sequence[bytes], offset: int, flags: int) -> int:
        return write(descriptor, [b"".join(parts)[:7]], offset, flags)

    monkeypatch.setattr("gateway.edge.journal_volume.os.pwritev", short)
    made.commit(answer(b"dddd"))
    assert bodies(made.path.parent) == [b"a", b"bb", b"ccc", b"dddd"]


@pytest.mark.parametrize("error", [FULL, MemoryError()])
@pytest.mark.parametrize("whole_calls", range(4))
def test_a_write_that_fails_leaves_nothing_and_the_next_goes_on(
    made: Made, monkeypatch: pytest.MonkeyPatch, whole_calls: int, error: Exception
) -> None:
    write, calls = os.pwritev, 0

    def failing(descriptor: int, parts: Sequence[bytes], offset: int, flags: int) -> int:
        nonlocal calls
        calls += 1
        if calls > whole_calls:
            raise error
        return write(descriptor, [b"".join(parts)[:9]], offset, flags)

    monkeypatch.setattr("gateway.edge.journal_volume.os.pwritev", failing)
    with pytest.raises(type(error)):
        made.commit(answer(b"dddd"))
    assert made.path.stat().st_size == made.ends[-1]
    monkeypatch.setattr("gateway.edge.journal_volume.os.pwritev", write)
    made.commit(answer(b"dddd"))
    assert bodies(made.path.parent) == [b"a", b"bb", b"ccc", b"dddd"]


def test_a_volume_that_cannot_be_cut_back_takes_nothing_more_and_says_so(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.pwritev

    def failing(descriptor: int, parts: Sequence[bytes], offset: int, flags: int) -> int:
        write(descriptor, [b"".join(parts)[:30]], offset, flags)
        raise FULL

    def not_cut(_descriptor: int, _size: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr("gateway.edge.journal_volume.os.pwritev", failing)
        broken.setattr("gateway.edge.journal_volume.os.ftruncate", not_cut)
        with pytest.raises(OSError, match="No space left"):
            made.commit(answer(b"dddd"))
    with pytest.raises(OSError, match=r"cannot be cut back to .* bytes: Input/output error"):
        made.commit(answer(b"dddd"))
    # The next start finds the rest of it, and cuts it off.
    assert made.path.stat().st_size == made.ends[-1] + 30
    assert len(list(walk_newest(made.open.volume, SEED, made.ends[-1]))) == 3


def test_a_volume_that_cannot_be_made_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pwritev", "fsync"):
        with monkeypatch.context() as broken:

            def failing(*_given: object) -> None:
                raise FULL

            broken.setattr(f"gateway.edge.journal_volume.os.{name}", failing)
            with pytest.raises(OSError, match="No space left"):
                make_volume(tmp_path, 1, 1, SEED)
        assert listed(tmp_path) == []


def test_opening_cuts_off_what_stands_behind_the_end(made: Made) -> None:
    made.open.close()
    again = open_volume(made.open.volume, made.ends[1])
    again.append(encode(3, 3, answer(b"other"), SEED))
    again.close()
    assert bodies(made.path.parent) == [b"a", b"bb", b"other"]


def test_any_flipped_byte_is_named_with_file_offset_and_seq(made: Made) -> None:
    content = bytearray(made.path.read_bytes())
    starts = [placed.offset for placed in walk(made.open.volume, SEED)]
    for at in range(len(content)):
        content[at] ^= 0x40
        made.path.write_bytes(content)
        seq = 1 + max([number for number, start in enumerate(starts) if start <= at], default=0)
        offset = starts[seq - 1] if at >= OPENING_BYTES else 0
        with pytest.raises(DamagedError, match=f"{made.path}: frame {seq} at offset {offset}: "):
            list(walk(read_volume(made.path.parent, 1, SEED), SEED))
        content[at] ^= 0x40


def test_a_gap_and_a_repeated_frame_are_named(made: Made) -> None:
    content = made.path.read_bytes()
    first, second, _ = (placed.offset for placed in walk(made.open.volume, SEED))
    made.path.write_bytes(content[:first] + content[second:])
    for reading in (walk(made.open.volume, SEED), walk_newest(made.open.volume, SEED, 0)):
        with pytest.raises(DamagedError, match=f"frame 1 at offset {first}: is missing, 2 stands there"):
            list(reading)
    made.path.write_bytes(content + content[second : made.ends[1]])
    for reading in (walk(made.open.volume, SEED), walk_newest(made.open.volume, SEED, 0)):
        with pytest.raises(DamagedError, match=f"frame 4 at offset {made.ends[2]}: is missing, 2 stands"):
            list(reading)


@pytest.mark.parametrize("is_published", [True, False])
def test_a_volume_cut_at_any_byte_ends_with_the_last_whole_frame_or_is_damaged(
    made: Made, is_published: bool
) -> None:
    """What was durable may not be missing; without a head nobody knows what was."""
    content = made.path.read_bytes()
    durable_end = made.ends[1] if is_published else 0
    ends = [placed.end for placed in walk(made.open.volume, SEED)]
    for size_bytes in range(OPENING_BYTES, len(content) + 1):
        made.path.write_bytes(content[:size_bytes])
        reading = walk_newest(made.open.volume, SEED, durable_end)
        if size_bytes < durable_end:
            with pytest.raises(DamagedError, match=r"frame [12] at offset"):
                list(reading)
        else:
            assert len(list(reading)) == sum(end <= size_bytes for end in ends)


def test_a_flipped_byte_is_damage_unless_it_is_in_the_last_commit_and_that_was_not_known_to_be_durable(
    made: Made,
) -> None:
    content = bytearray(made.path.read_bytes())
    for at in range(OPENING_BYTES, len(content)):
        content[at] ^= 0x40
        made.path.write_bytes(content)
        if at < made.ends[1]:
            with pytest.raises(DamagedError):
                list(walk_newest(made.open.volume, SEED, 0))
        else:
            assert len(list(walk_newest(made.open.volume, SEED, 0))) == 2
            with pytest.raises(DamagedError, match=f"frame 3 at offset {made.ends[1]}"):
                list(walk_newest(made.open.volume, SEED, made.ends[2]))
        content[at] ^= 0x40


def test_a_commit_whose_first_pages_never_came_to_the_disk_is_torn(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.commit(answer(b"a"))
    made.commit(answer(b"b" * 100), answer(b"c" * 100), answer(b"d"))
    content = bytearray(made.path.read_bytes())
    content[made.ends[1] : made.ends[1] + 90] = bytes(90)
    made.path.write_bytes(content)
    assert len(list(walk_newest(made.open.volume, SEED, made.ends[1]))) == 1


@given(noise=st.binary(max_size=300))
def test_bytes_of_a_caller_that_look_like_a_frame_are_none(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes
) -> None:
    """Who writes a frame into a body does not know the seed."""
    path = tmp_path_factory.mktemp("volume") / "1.frames"
    forged = b"".join(encode(9, 9, answer(noise), SEED + 1))
    path.write_bytes(b"\0" * 40 + noise + MARK + forged + noise)
    assert is_torn(path, SEED, 0, 1)
    path.write_bytes(noise + b"".join(encode(9, 9, answer(noise), SEED)))
    assert not is_torn(path, SEED, 0, 1)


def test_a_volume_of_another_journal_is_refused(made: Made) -> None:
    with pytest.raises(
        DamagedError, match="frame 1 at offset 0: no volume of this journal, format 3, begins"
    ):
        read_volume(made.path.parent, 1, SEED + 1)
