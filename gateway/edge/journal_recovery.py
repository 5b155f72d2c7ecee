"""Recovery: what a start finds in the volumes, before anything is appended.

It reads the newest frames through, names what is not as it was written, and cuts off what a commit that was
cut short left behind the last whole frame. Frames that are whole there are kept: nobody was told of them, and
they do no harm.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.edge.errors import DamagedError, JournalError
from gateway.edge.journal_contents import (
    Growing,
    has_contents,
    made_contents,
    remove_volume,
    row_of_placed,
    store_contents,
)
from gateway.edge.journal_folder import Meta
from gateway.edge.journal_head import Reached, read_head
from gateway.edge.journal_schema import ADMISSION
from gateway.edge.journal_shelf import Shelf
from gateway.edge.journal_unfinished import Unfinished
from gateway.edge.journal_volume import (
    OPENING_BYTES,
    OpenVolume,
    Placed,
    Volume,
    is_torn,
    listed,
    make_volume,
    open_volume,
    read_volume,
    volume_path,
    walk,
    walk_newest,
)

# Read again at each start, on top of what is replayed: damage is then found while a copy of the file may
# still exist.
VERIFY_BYTES: Final = 1 << 30

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recovered:
    """A journal that is whole, and how far it goes."""

    shelf: Shelf
    newest: OpenVolume
    unfinished: Unfinished
    reached: Reached


def recover(folder: Path, meta: Meta) -> Recovered:
    """Read what is there, or make the first volume. DamagedError names a frame that is not as it was written;
    JournalError otherwise."""
    try:
        return _recover(folder, meta)
    except OSError as error:
        raise JournalError(f"{error.filename or folder}: {error.strerror}") from error


def _recover(folder: Path, meta: Meta) -> Recovered:
    reached = read_head(folder, meta.seed)
    for seq in listed(folder):
        if seq < meta.first_seq:
            # Forgotten, when everything ended before it was removed.
            remove_volume(folder, seq)
    seqs = listed(folder)
    if len(seqs) > (0 if meta.starts == 0 else 1) and _is_unmade(folder, seqs[-1], meta.seed, reached):
        remove_volume(folder, seqs.pop())
    if not seqs and meta.starts == 0:
        made = make_volume(folder, meta.first_seq, 1, meta.seed)
        shelf = Shelf((made.volume,), Growing(), made.end, meta.seed)
        return Recovered(shelf, made, Unfinished(), Reached(meta.first_seq, made.end, 0, meta.first_seq))
    if not seqs or seqs[0] != meta.first_seq:
        raise DamagedError(f"{folder}: frame {meta.first_seq} is missing with its volume")
    volumes = tuple(read_volume(folder, seq, meta.seed) for seq in seqs)
    if reached is not None and reached.volume_seq > seqs[-1]:
        raise DamagedError(f"{folder}: frame {reached.volume_seq} is missing with its volume")
    durable_end = reached.end if reached is not None and reached.volume_seq == seqs[-1] else 0
    unfinished_seq = max(reached.unfinished_seq if reached else 0, meta.first_seq)
    scan = _Scan(volumes, meta.seed, unfinished_seq)
    scan.run(durable_end)
    return Recovered(
        Shelf(volumes, scan.newest, scan.end, meta.seed),
        _cut(volumes[-1], scan.end, scan.next_seq),
        scan.unfinished,
        Reached(seqs[-1], scan.end, scan.next_seq - 1, unfinished_seq),
    )


class _Scan:
    """Reads the volumes that a start looks into."""

    def __init__(self, volumes: tuple[Volume, ...], seed: int, unfinished_seq: int) -> None:
        self._volumes = volumes
        self._seed = seed
        self._unfinished_seq = unfinished_seq
        self.unfinished = Unfinished()
        self.newest = Growing()
        self.end = OPENING_BYTES
        self.next_seq = volumes[-1].first_seq

    def run(self, durable_end: int) -> None:
        """Read all of it."""
        first = self._first_index()
        for index, volume in enumerate(self._volumes[:-1]):
            row_count = self._volumes[index + 1].first_seq - volume.first_seq
            if index >= first:
                self._read_full(volume, row_count)
            if not has_contents(volume, row_count):
                store_contents(volume, made_contents(volume, row_count, self._seed))
        for placed in self._noted(walk_newest(self._volumes[-1], self._seed, durable_end)):
            self.newest.add(row_of_placed(placed))
            self.end, self.next_seq = placed.end, placed.frame.seq + 1

    def _read_full(self, volume: Volume, row_count: int) -> None:
        read_count = sum(1 for _ in self._noted(walk(volume, self._seed)))
        if read_count != row_count:
            seq = volume.first_seq + read_count
            raise DamagedError(f"{volume.path}: frame {seq} is missing, the volume ends before it")

    def _first_index(self) -> int:
        """The volume where the oldest unfinished frame is, and VERIFY_BYTES before it."""
        first = max(
            index for index, volume in enumerate(self._volumes) if volume.first_seq <= self._unfinished_seq
        )
        size_bytes = 0
        while first and size_bytes < VERIFY_BYTES:
            first -= 1
            size_bytes += self._volumes[first].path.stat().st_size
        return first

    def _noted(self, placed: Iterator[Placed]) -> Iterator[Placed]:
        for one in placed:
            frame = one.frame
            if frame.seq >= self._unfinished_seq:
                if frame.kind == ADMISSION:
                    self.unfinished.admitted(frame.seq, frame.first_inquiry_id, frame.inquiry_count)
                elif frame.finals:
                    self.unfinished.finished(frame.finals)
            yield one


def _cut(volume: Volume, end: int, next_seq: int) -> OpenVolume:
    torn_bytes = volume.path.stat().st_size - end
    if torn_bytes > 0:
        # What is cut off was never acknowledged.
        log.warning(
            "a commit was cut short, and is cut off",
            extra={
                "path": str(volume.path),
                "end_bytes": end,
                "torn_bytes": torn_bytes,
                "next_seq": next_seq,
            },
        )
    return open_volume(volume, end)


def _is_unmade(folder: Path, first_seq: int, seed: int, reached: Reached | None) -> bool:
    """Whether the newest volume was being made when everything ended: it has no opening, and never had a
    frame."""
    try:
        read_volume(folder, first_seq, seed)
    except DamagedError:
        was_used = reached is not None and reached.volume_seq >= first_seq
        return not was_used and is_torn(volume_path(folder, first_seq), seed, 0, first_seq - 1)
    return False
