"""Head: how far the journal is durable, for those who read it in other processes.

A small file beside the volumes that the writer changes after each commit, never before, so nobody who keeps
to it reads a frame that a power failure may take back. Written through a map: it costs a commit no call, and
cannot fail. It is not synced: after a power failure it may be older than the volumes, never younger, and the
next start finds the rest.
"""

import mmap
import os
import struct
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final

from gateway.edge.errors import JournalError
from gateway.edge.journal_schema import crc32

NAME: Final = "head"
# A read may meet a write half done; it lasts no time.
READS_MAX: Final = 1_000
_LEAD: Final = struct.Struct("<II")  # CRC, length
_VALUES: Final = struct.Struct("<QQQQ")
FILE_BYTES: Final = 64


@dataclass(frozen=True, slots=True)
class Reached:
    """Frames up to `last_seq` are durable, which is where byte `end` of the volume of `volume_seq` is; no
    frame before `unfinished_seq` has to be replayed."""

    volume_seq: int
    end: int
    last_seq: int
    unfinished_seq: int


class Head:
    """Open for writing; one thread."""

    def __init__(self, folder: Path, seed: int, reached: Reached) -> None:
        """Make or open; mode 0600. JournalError when it cannot be made."""
        path = folder / NAME
        self._seed = seed
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                # Written, not only made longer: there must be a block for it when the disk is full.
                os.pwrite(descriptor, self._encoded(reached), 0)
                os.fsync(descriptor)
                self._map = mmap.mmap(descriptor, FILE_BYTES)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise JournalError(f"{path}: cannot be made: {error.strerror}") from error

    def publish(self, reached: Reached) -> None:
        """Frames up to here are durable."""
        self._map[:] = self._encoded(reached)

    def close(self) -> None:
        """Make the last word durable too."""
        self._map.flush()
        self._map.close()

    def _encoded(self, reached: Reached) -> bytes:
        values = _VALUES.pack(*astuple(reached))
        return (_LEAD.pack(crc32(values, self._seed), len(values)) + values).ljust(FILE_BYTES, b"\0")


def read_head(folder: Path, seed: int) -> Reached | None:
    """What was published last; None when there is no head, or none that can be relied on."""
    try:
        descriptor = os.open(folder / NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        for _ in range(READS_MAX):
            content = os.pread(descriptor, _LEAD.size + _VALUES.size, 0)
            if len(content) < _LEAD.size + _VALUES.size:
                return None
            values = content[_LEAD.size :]
            if _LEAD.unpack_from(content) == (crc32(values, seed), len(values)):
                return Reached(*_VALUES.unpack(values))
    finally:
        os.close(descriptor)
    return None
