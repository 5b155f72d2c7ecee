"""Shelf: all volumes of a journal, and where each durable frame stands.

In the gateway the writer adds to it after each commit; in another process `follow` reads what the head says
has become durable. What it shows at a time is one object that never changes, so any thread may look.
"""

import threading
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.edge.errors import DamagedError
from gateway.edge.journal_contents import Growing, Rows, load_contents, made_contents, row_of_placed
from gateway.edge.journal_head import read_head
from gateway.edge.journal_volume import OPENING_BYTES, Volume, listed, read_volume, walk, walk_newest

# Of volumes that grow no more; a volume of small frames has some megabytes of contents.
CONTENTS_KEPT: Final = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """The volumes at one time, the oldest first, and the contents of the newest up to its offset `end`."""

    volumes: tuple[Volume, ...]
    rows: Rows
    end: int

    @property
    def last_seq(self) -> int:
        """Of the newest durable frame; 0: there is none."""
        return self.volumes[-1].first_seq + len(self.rows) - 1

    def index_of(self, seq: int) -> int:
        """Which volume has this frame, or would."""
        return max(bisect_right(self.volumes, seq, key=lambda volume: volume.first_seq) - 1, 0)

    def next_seq_after(self, index: int) -> int:
        """The seq after the last frame of this volume."""
        return self.volumes[index + 1].first_seq if index + 1 < len(self.volumes) else self.last_seq + 1


class Shelf:
    """Looked at by any thread; `add` and `begin` by the writer's, `drop` and `follow` by any."""

    def __init__(self, volumes: tuple[Volume, ...], newest: Growing, end: int, seed: int) -> None:
        self.seed = seed
        self._newest = newest
        self._lock = threading.RLock()
        self._kept: OrderedDict[int, Rows] = OrderedDict()
        self.shown = Shown(volumes, newest.rows, end)

    @classmethod
    def seen(cls, folder: Path, seed: int, first_seq: int) -> "Shelf":
        """As it stands in the files from this frame on; somebody else may be writing them. DamagedError."""
        seqs = [seq for seq in listed(folder) if seq >= first_seq]
        if not seqs:
            raise DamagedError(f"{folder}: frame {first_seq} is missing, there is no volume")
        reached = read_head(folder, seed)
        if reached is not None:
            shelf = cls((read_volume(folder, seqs[0], seed),), Growing(), OPENING_BYTES, seed)
            shelf.follow(folder)
            return shelf
        # Of a copy: what is whole is durable.
        volumes = tuple(read_volume(folder, seq, seed) for seq in seqs)
        newest, end = Growing(), OPENING_BYTES
        for placed in walk_newest(volumes[-1], seed, 0):
            newest.add(row_of_placed(placed))
            end = placed.end
        return cls(volumes, newest, end, seed)

    def add(self, packed_rows: bytes, end: int) -> None:
        """These frames of the newest volume are durable, to the offset `end`."""
        self._newest.add(packed_rows)
        with self._lock:
            self.shown = Shown(self.shown.volumes, self._newest.rows, end)

    def begin(self, volume: Volume) -> None:
        """The next frame stands in this volume."""
        self._newest = Growing()
        with self._lock:
            self._kept[self.shown.volumes[-1].first_seq] = self.shown.rows
            self.shown = Shown((*self.shown.volumes, volume), self._newest.rows, OPENING_BYTES)

    def drop(self, count: int) -> None:
        """The oldest volumes are no more."""
        with self._lock:
            shown = self.shown
            self.shown = Shown(shown.volumes[count:], shown.rows, shown.end)
            for volume in shown.volumes[:count]:
                self._kept.pop(volume.first_seq, None)

    def follow(self, folder: Path) -> None:
        """Take in what has become durable since. DamagedError when it is not as it was written."""
        with self._lock:
            reached = read_head(folder, self.seed)
            if reached is None or reached.last_seq == self.shown.last_seq:
                return
            if reached.volume_seq != self.shown.volumes[-1].first_seq:
                first_seq = self.shown.volumes[0].first_seq
                seqs = [seq for seq in listed(folder) if first_seq <= seq <= reached.volume_seq]
                known = {volume.first_seq: volume for volume in self.shown.volumes}
                if reached.volume_seq not in seqs:
                    raise DamagedError(f"{folder}: frame {reached.volume_seq} is missing with its volume")
                volumes = tuple(known.get(seq) or read_volume(folder, seq, self.seed) for seq in seqs)
                self._newest = Growing()
                self.shown = Shown(volumes, self._newest.rows, OPENING_BYTES)
            newest, start = self.shown.volumes[-1], (self.shown.end, self.shown.last_seq + 1)
            rows = [row_of_placed(placed) for placed in walk(newest, self.seed, start, reached.end)]
            self.add(b"".join(rows), reached.end)

    def contents(self, shown: Shown, index: int) -> Rows:
        """The contents of a volume. DamagedError when they have to be made anew and cannot."""
        if index == len(shown.volumes) - 1:
            return shown.rows
        volume = shown.volumes[index]
        with self._lock:
            rows = self._kept.get(volume.first_seq)
        if rows is None:
            row_count = shown.next_seq_after(index) - volume.first_seq
            rows = load_contents(volume, row_count)
            if rows is None:
                rows = made_contents(volume, row_count, self.seed)
        with self._lock:
            self._kept[volume.first_seq] = rows
            self._kept.move_to_end(volume.first_seq)
            if len(self._kept) > CONTENTS_KEPT:
                self._kept.popitem(last=False)
        return rows
