"""Volumes: a journal's folder made commit by commit, as the writer makes it, and its bytes."""

from collections.abc import Sequence
from pathlib import Path

from gateway.edge.journal_contents import Growing, row_of_placed
from gateway.edge.journal_head import Head, Reached
from gateway.edge.journal_schema import Frame, encode
from gateway.edge.journal_volume import OpenVolume, listed, make_volume, read_volume, walk

SEED = 77


class Made:
    """A volume that frames are added to. `ends`: where each commit ended."""

    def __init__(self, folder: Path, first_seq: int = 1, first_inquiry_id: int = 1, seed: int = SEED) -> None:
        self.open = make_volume(folder, first_seq, first_inquiry_id, seed)
        self.seed = seed
        self.next_seq = first_seq
        self.ends = [self.open.end]

    @property
    def path(self) -> Path:
        return self.open.volume.path

    def commit(self, *frames: Frame) -> None:
        parts: list[bytes] = []
        for seq, frame in enumerate(frames, self.next_seq):
            parts += encode(seq, self.next_seq, frame, self.seed)
        self.open.append(parts)
        self.next_seq += len(frames)
        self.ends.append(self.open.end)

    def publish(self, unfinished_seq: int = 1) -> None:
        """All of it is durable, and the head says so."""
        reached = Reached(self.open.volume.first_seq, self.open.end, self.next_seq - 1, unfinished_seq)
        Head(self.path.parent, self.seed, reached).close()


def contents_of(opened: OpenVolume, seed: int = SEED) -> Growing:
    """The contents of a volume, by reading it."""
    growing = Growing()
    for placed in walk(opened.volume, seed):
        growing.add(row_of_placed(placed))
    return growing


def bodies(folder: Path, seed: int = SEED) -> Sequence[bytes]:
    """The bodies of all frames in a folder."""
    return [
        placed.frame.body for seq in listed(folder) for placed in walk(read_volume(folder, seq, seed), seed)
    ]
