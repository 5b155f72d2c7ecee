"""Ring: the newest answers of all courts, bounded in bytes, for watchers that keep up.

Pure. What it has dropped is still in the journal; `after` says when a reader must look there.
"""

from collections import deque
from dataclasses import dataclass, field

# What an entry costs beside its bytes; many small answers must not grow past the limit.
ENTRY_BYTES = 200


@dataclass(slots=True)
class _Court:
    floor_seq: int  # at or below it something may have been dropped
    entries: deque[tuple[int, bytes]] = field(default_factory=deque)


class Ring:
    """Answers by court, seqs ascending. `floor_seq`: answers up to it were there before the ring."""

    def __init__(self, bytes_max: int, floor_seq: int) -> None:
        self._bytes_max = bytes_max
        self._floor_seq = floor_seq
        self._courts: dict[str, _Court] = {}
        self._order: deque[_Court] = deque()
        self.newest_seq = floor_seq
        self.size_bytes = 0

    def add(self, seq: int, court: str, message: bytes) -> None:
        """Put the newest answers in, and drop the oldest ones that no longer fit. A frame may be of several
        courts, each once."""
        ring = self._courts.setdefault(court, _Court(self._floor_seq))
        is_again = seq <= ring.floor_seq or (ring.entries and seq <= ring.entries[-1][0])
        if is_again or seq < self.newest_seq:
            raise ValueError(f"seq: {seq} given, above {self.newest_seq} expected")
        self.newest_seq = seq
        ring.entries.append((seq, message))
        self._order.append(ring)
        self.size_bytes += len(message) + ENTRY_BYTES
        while self.size_bytes > self._bytes_max:
            oldest = self._order.popleft()
            oldest.floor_seq, dropped = oldest.entries.popleft()
            self.size_bytes -= len(dropped) + ENTRY_BYTES

    def after(self, court: str, cursor: int, bytes_max: int) -> list[tuple[int, bytes]] | None:
        """A court's next answers after `cursor`, at least one if there is any, about `bytes_max` of them;
        None: some may only be in the journal."""
        ring = self._courts.get(court)
        if cursor < (ring.floor_seq if ring else self._floor_seq):
            return None
        if ring is None or not ring.entries or ring.entries[-1][0] <= cursor:
            return []
        # A watcher that keeps up finds its place from the end in a step or two.
        found: list[tuple[int, bytes]] = []
        for seq, message in reversed(ring.entries):
            if seq <= cursor:
                break
            found.append((seq, message))
        found.reverse()
        return _first(found, bytes_max)

    def floor_of(self, court: str) -> int:
        """Answers of the court with a higher seq are in the ring."""
        ring = self._courts.get(court)
        return ring.floor_seq if ring else self._floor_seq


def _first(entries: list[tuple[int, bytes]], bytes_max: int) -> list[tuple[int, bytes]]:
    size_bytes = 0
    for count, (_, message) in enumerate(entries, 1):
        size_bytes += len(message) + ENTRY_BYTES
        if size_bytes >= bytes_max:
            return entries[:count]
    return entries
