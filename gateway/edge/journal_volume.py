"""Volume: a file of frames, one after the other; the newest of a journal grows at its end.

Named by the seq of its first frame. What is not as it was written is named with file, offset and seq. Only
at the end of the newest volume may there be bytes that count for nothing: those of a commit that was cut
short. `is_torn` tells these from damage. It knows no thread.
"""

import errno
import mmap
import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.edge.errors import DamagedError
from gateway.edge.journal_folder import sync_folder
from gateway.edge.journal_schema import (
    FORMAT,
    HEAD_BYTES,
    MARK,
    StoredFrame,
    check,
    crc32,
    decode,
    size_of,
)

SUFFIX: Final = ".frames"
# About; the commit that reaches it is the last. Small enough to be read through at a start.
VOLUME_BYTES: Final = 256 << 20
READ_AHEAD_BYTES: Final = 1 << 20
# What the system takes in one call; more parts are put together first.
PARTS_MAX: Final = 1_024
NEW_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_MARK: Final = b"chakong\n"
_OPENING: Final = struct.Struct("<8sIIQQ")  # mark, CRC, format, first seq, first inquiry id
OPENING_BYTES: Final = _OPENING.size


@dataclass(frozen=True, slots=True)
class Volume:
    """`first_inquiry_id`: no inquiry admitted in it, or after it, has a lower id, and none before it has this
    one."""

    path: Path
    first_seq: int
    first_inquiry_id: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A frame, and where it stands."""

    offset: int
    size_bytes: int
    frame: StoredFrame

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.offset + self.size_bytes


class OpenVolume:
    """The newest volume, open for writing. One thread."""

    def __init__(self, volume: Volume, descriptor: int, end: int) -> None:
        self.volume = volume
        self.end = end
        self._descriptor = descriptor
        # Why nothing more can be written; empty: it can.
        self.broken = ""

    def append(self, parts: Sequence[bytes]) -> None:
        """Make all of it durable, or leave the volume as it was and raise OSError. If not even that is
        possible, `broken` says so, and nothing more is taken."""
        if self.broken:
            raise OSError(errno.EIO, self.broken)
        size_bytes = sum(map(len, parts))
        if len(parts) > PARTS_MAX:
            parts = (b"".join(parts),)
        try:
            # One call writes and syncs: each hand-over of the interpreter's lock may cost the time that a
            # busy event loop keeps it.
            written = os.pwritev(self._descriptor, parts, self.end, os.RWF_DSYNC)
            while written < size_bytes:
                rest = memoryview(b"".join(parts))[written:]
                written += os.pwritev(self._descriptor, [rest], self.end + written, os.RWF_DSYNC)
        except (OSError, MemoryError) as error:
            self._cut(error)
            raise
        self.end += size_bytes

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _cut(self, error: OSError | MemoryError) -> None:
        try:
            os.ftruncate(self._descriptor, self.end)
            os.fsync(self._descriptor)
        except OSError as cut_error:
            self.broken = (
                f"{error}; and cannot be cut back to {self.end} bytes: {cut_error.strerror}; "
                "nothing more is written before the next start"
            )


def volume_path(folder: Path, first_seq: int) -> Path:
    """Where the volume that begins with this frame is."""
    return folder / f"{first_seq:016}{SUFFIX}"


def listed(folder: Path) -> list[int]:
    """The first seqs of all volumes, ascending."""
    return sorted(int(path.stem) for path in folder.glob(f"*{SUFFIX}") if path.stem.isdigit())


def make_volume(folder: Path, first_seq: int, first_inquiry_id: int, seed: int) -> OpenVolume:
    """Make an empty volume, durably, mode 0600. OSError; there is none then."""
    volume = Volume(volume_path(folder, first_seq), first_seq, first_inquiry_id)
    values = _OPENING.pack(_MARK, 0, FORMAT, first_seq, first_inquiry_id)[12:]
    content = _MARK + struct.pack("<I", crc32(values, seed)) + values
    made = OpenVolume(volume, os.open(volume.path, NEW_FLAGS, 0o600), 0)
    try:
        made.append((content,))
        sync_folder(folder)
    except OSError:
        made.close()
        with suppress(OSError):
            volume.path.unlink()
        raise
    return made


def open_volume(volume: Volume, end: int) -> OpenVolume:
    """Open for writing, and cut off what stands behind `end`, durably. OSError."""
    descriptor = os.open(volume.path, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.ftruncate(descriptor, end)
        os.fsync(descriptor)
    except OSError:
        os.close(descriptor)
        raise
    return OpenVolume(volume, descriptor, end)


def read_volume(folder: Path, first_seq: int, seed: int) -> Volume:
    """The volume that begins with this frame. DamagedError when its opening is not as it was written."""
    path = volume_path(folder, first_seq)
    with path.open("rb") as file:
        content = file.read(OPENING_BYTES)
    if len(content) == OPENING_BYTES:
        mark, crc, version, seq, first_inquiry_id = _OPENING.unpack(content)
        if (mark, crc, seq) == (_MARK, crc32(content[12:], seed), first_seq) and version == FORMAT:
            return Volume(path, first_seq, first_inquiry_id)
    raise _damaged(path, 0, first_seq, f"no volume of this journal, format {FORMAT}, begins here")


def walk(volume: Volume, seed: int, start: tuple[int, int] | None = None, end: int = -1) -> Iterator[Placed]:
    """All frames from `start` on, an offset and its seq, to the offset `end`; -1: to the file's. DamagedError
    for the first that is missing or not as it was written."""
    offset, seq = start or (OPENING_BYTES, volume.first_seq)
    with volume.path.open("rb", buffering=READ_AHEAD_BYTES) as file:
        file.seek(offset)
        end = os.fstat(file.fileno()).st_size if end < 0 else end
        while offset < end:
            left_bytes = end - offset
            head = file.read(min(HEAD_BYTES, left_bytes))
            try:
                size_bytes = size_of(head)
                frame = decode(head + file.read(min(size_bytes, left_bytes) - HEAD_BYTES), seed)
            except ValueError as error:
                raise _damaged(volume.path, offset, seq, str(error)) from error
            if frame.seq != seq:
                raise _damaged(volume.path, offset, seq, f"is missing, {frame.seq} stands there")
            yield Placed(offset, size_bytes, frame)
            offset, seq = offset + size_bytes, seq + 1


def walk_newest(volume: Volume, seed: int, durable_end: int) -> Iterator[Placed]:
    """All frames of the newest volume, but for a torn end. DamagedError for damage, which everything before
    `durable_end` is that is not a frame."""
    offset, seq = OPENING_BYTES, volume.first_seq
    try:
        for placed in walk(volume, seed):
            yield placed
            offset, seq = placed.end, placed.frame.seq + 1
    except DamagedError:
        if offset < durable_end or not is_torn(volume.path, seed, offset, seq):
            raise
    if offset < durable_end:
        raise _damaged(volume.path, offset, seq, f"is missing, it was durable up to {durable_end}")


def is_torn(path: Path, seed: int, offset: int, seq: int) -> bool:
    """Whether what stands from `offset` on, where frame `seq` should, is of one commit that was cut short.

    A commit is written when the one before it is durable. So a whole frame of a later one says that `seq` was
    durable, and is damaged; and so does a whole frame with another seq in its place.
    """
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size <= offset:
            return True
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            at = content.find(MARK, offset)
            while at >= 0:
                if (commit_seq := _commit_at(content, at, seed)) and (at == offset or commit_seq > seq):
                    return False
                at = content.find(MARK, at + 1)
    return True


def read_frame(volume: Volume, descriptor: int, place: tuple[int, int], seq: int, seed: int) -> StoredFrame:
    """The frame at this place: offset and size. DamagedError when it is not as it was written."""
    offset, size_bytes = place
    try:
        frame = decode(os.pread(descriptor, size_bytes, offset), seed)
    except ValueError as error:
        raise _damaged(volume.path, offset, seq, str(error)) from error
    if frame.seq != seq:
        raise _damaged(volume.path, offset, seq, f"is missing, {frame.seq} stands there")
    return frame


def _commit_at(content: mmap.mmap, at: int, seed: int) -> int:
    """The commit of the whole frame that stands here; 0: there is none."""
    try:
        return check(content[at : at + size_of(content[at : at + HEAD_BYTES])], seed)
    except ValueError:
        return 0


def _damaged(path: Path, offset: int, seq: int, reason: str) -> DamagedError:
    return DamagedError(f"{path}: frame {seq} at offset {offset}: {reason}")
