"""Contents: where each frame of a volume stands, and of what kind and court it is; a row of 32 bytes each.

Derived: those of the newest volume are in memory, those of the others in a file beside each, which is made
anew from the volume when it is not there or not as it was written. A row says where to look; what is found
there is checked by its own CRC.
"""

import logging
import struct
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from gateway.edge.errors import DamagedError
from gateway.edge.journal_folder import write_whole
from gateway.edge.journal_schema import FORMAT, crc32
from gateway.edge.journal_volume import Volume, volume_path, walk

if TYPE_CHECKING:
    from gateway.edge.journal_volume import Placed

SUFFIX: Final = ".contents"
ROW: Final = np.dtype(
    [
        ("offset", "<u8"),
        ("first_inquiry_id", "<u8"),
        ("size", "<u4"),
        ("kind", "<u4"),
        ("inquiry_count", "<u4"),
        ("court", "<u4"),
    ]
)
_ROW: Final = struct.Struct("<QQIIII")
_LEAD: Final = struct.Struct("<II")  # CRC, format
ROWS_FIRST: Final = 4_096

Rows = npt.NDArray[np.void]

log = logging.getLogger(__name__)


def court_mark(court: str) -> int:
    """What stands for a court in a row; another court may have the same."""
    return crc32(court.encode())


def row_of(offset: int, size_bytes: int, kind: int, ids: tuple[int, int], court: str) -> bytes:
    """A frame's row. `ids`: its first inquiry id, and how many."""
    return _ROW.pack(offset, ids[0], size_bytes, kind, ids[1], court_mark(court))


def row_of_placed(placed: "Placed") -> bytes:
    """The row of a frame that was read."""
    frame = placed.frame
    ids = (frame.first_inquiry_id, frame.inquiry_count)
    return row_of(placed.offset, placed.size_bytes, frame.kind, ids, frame.court)


class Growing:
    """Rows that grow. What `rows` gave stays as it was; one thread adds."""

    def __init__(self) -> None:
        self._rows: Rows = np.zeros(ROWS_FIRST, ROW)
        self._count = 0

    def add(self, packed: bytes) -> None:
        """Add these rows."""
        added = np.frombuffer(packed, ROW)
        count = self._count + len(added)
        if count > len(self._rows):
            grown = np.zeros(max(2 * len(self._rows), count), ROW)
            grown[: self._count] = self._rows[: self._count]
            self._rows = grown
        self._rows[self._count : count] = added
        self._count = count

    @property
    def rows(self) -> Rows:
        """The rows added so far."""
        return self._rows[: self._count]


def contents_path(volume: Volume) -> Path:
    """Where the contents of a volume are."""
    return volume.path.with_suffix(SUFFIX)


def remove_volume(folder: Path, first_seq: int) -> None:
    """Remove a volume and its contents. OSError."""
    path = volume_path(folder, first_seq)
    path.with_suffix(SUFFIX).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def store_contents(volume: Volume, rows: Rows) -> None:
    """Keep the contents of a volume that grows no more. What cannot be kept is made again by who needs it."""
    packed = struct.pack("<I", FORMAT) + rows.tobytes()
    try:
        write_whole(contents_path(volume), struct.pack("<I", crc32(packed)) + packed)
    except OSError as error:
        log.warning(
            "contents not kept", extra={"path": str(contents_path(volume)), "error": error.strerror or ""}
        )


def load_contents(volume: Volume, row_count: int) -> Rows | None:
    """The contents that were kept; None when they are not there, or not those of so many frames."""
    try:
        content = contents_path(volume).read_bytes()
    except OSError:
        return None
    if len(content) != _LEAD.size + row_count * ROW.itemsize:
        return None
    crc, version = _LEAD.unpack_from(content)
    if crc != crc32(memoryview(content)[4:]) or version != FORMAT:
        return None
    return np.frombuffer(content, ROW, offset=_LEAD.size)


def made_contents(volume: Volume, row_count: int, seed: int) -> Rows:
    """The contents made from the volume. DamagedError when it does not have so many frames."""
    made = Growing()
    made.add(b"".join([row_of_placed(placed) for placed in walk(volume, seed)]))
    if len(made.rows) != row_count:
        seq = volume.first_seq + min(len(made.rows), row_count)
        raise DamagedError(
            f"{volume.path}: frame {seq} is missing, the volume has {len(made.rows)} frames, "
            f"{row_count} were written"
        )
    return made.rows


def has_contents(volume: Volume, row_count: int) -> bool:
    """Whether contents of this size were kept; what is in them shows when they are loaded."""
    with suppress(OSError):
        return contents_path(volume).stat().st_size == _LEAD.size + row_count * ROW.itemsize
    return False
