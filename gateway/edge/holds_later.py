"""Holds later: which changes of holds a watcher is told now, and which with what comes of them.

Pure: the caller passes `now_ns`. A court has a receipt for what it ordered in bulk; its watch tells the hold
when an institution has said something of it, or LATER_NS after the order. A watch where nothing has happened
for so long tells even that at once. The cursor stays before what waits, so nothing is missed by one that
begins again. It reads no ring and writes no message.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, NamedTuple

# Nearly all controls have their outcome within it; telling both would be twice the work, here and there.
LATER_NS: Final = 1_000_000_000
# For each watcher, about 150 bytes each. Whatever is more is told at once, the oldest first.
LATER_MAX: Final = 8_192


class Step(NamedTuple):
    """A kept step, and the holds of one court that it changed."""

    seq: int
    changed: Sequence[int]
    # What bulk orders changed; they are not among `changed`.
    ordered: Sequence[int] = ()


class Later:
    """Of one watcher. `cursor`: it was told everything up to here."""

    def __init__(self, cursor: int) -> None:
        self._seen_seq = cursor
        self._seen_ns = 0
        # By hold: the seq of the first change that was not told, and when it will be. In their order; a dict
        # whose first entries were taken looks through the gaps to find the next.
        self._waiting: OrderedDict[int, tuple[int, int]] = OrderedDict()

    @property
    def cursor(self) -> int:
        """The last step of which nothing waits, nor of any before it."""
        for seq, _ in self._waiting.values():
            return seq - 1
        return self._seen_seq

    @property
    def due_ns(self) -> int:
        """When the first of what waits is to be told; 0: nothing waits."""
        for _, due_ns in self._waiting.values():
            return due_ns
        return 0

    def take(self, steps: Sequence[Step], now_ns: int, *, is_last: bool) -> list[int]:
        """See the next steps; the holds to tell now, each once. `is_last`: nothing is left to wait."""
        waiting = self._waiting
        was_quiet = not waiting and now_ns - self._seen_ns >= LATER_NS
        told: dict[int, None] = {}
        for step in steps:
            for hold_id in step.changed:
                waiting.pop(hold_id, None)
                told[hold_id] = None
            wait = (step.seq, now_ns + LATER_NS)
            for hold_id in step.ordered:
                if hold_id not in told:
                    waiting.setdefault(hold_id, wait)
        if steps:
            self._seen_seq = steps[-1].seq
            self._seen_ns = now_ns
        is_all = was_quiet or is_last
        while waiting and (is_all or len(waiting) > LATER_MAX or self.due_ns <= now_ns):
            hold_id, _ = waiting.popitem(last=False)
            told[hold_id] = None
        return list(told)
