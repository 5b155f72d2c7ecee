"""Outbox: the way of answers from the Engine through the journal to the watchers.

One group at a time: the next answers are appended only when those before them are durable, so that a revision
never overtakes another. Answers that the journal could not keep are kept here and appended again; none is
dropped. It does not know who watches.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from gateway.edge.durable import Durable
from gateway.edge.errors import JournalError
from gateway.edge.journal_schema import ANSWER, Frame
from gateway.edge.pump_counts import PumpCounts
from runtime.clock import now_ns

if TYPE_CHECKING:
    from gateway._core import Answers

# A disk that is full is not emptied by asking more often.
REST_S: Final = 1.0
GROUP_BYTES: Final = 16 << 20


class Outbox:
    """`publish(seq, answers)` is called for each, in the order of seq, once it is durable."""

    def __init__(
        self,
        durable: Durable,
        counts: PumpCounts,
        publish: "Callable[[int, Answers], None]",
        poke: Callable[[], None],
    ) -> None:
        self._durable = durable
        self._counts = counts
        self._publish = publish
        self._poke = poke
        self._waiting: deque[Answers] = deque()
        self._lost: list[Answers] = []
        self._in_journal = 0
        self._is_resting = False

    @property
    def is_empty(self) -> bool:
        """True when everything taken was handed on."""
        return not (self._waiting or self._in_journal or self._is_resting)

    def tick(self, take: "Callable[[int], list[Answers]]", at_ns: int) -> bool:
        """Append the next group, taken from the Engine when nothing waits here; whether there was one."""
        if self._in_journal or self._is_resting:
            return False
        if not self._waiting:
            self._waiting.extend(take(at_ns))
        group: list[Answers] = []
        size_bytes = 0
        while self._waiting and size_bytes < GROUP_BYTES:
            group.append(self._waiting.popleft())
            size_bytes += len(group[-1].message)
        self._in_journal = len(group)
        for answers in group:
            self._append(answers, at_ns)
        return bool(group)

    def _append(self, answers: "Answers", at_ns: int) -> None:
        def kept(seq: int) -> None:
            self._counts.count_answers(answers.count, answers.finals, now_ns())
            self._publish(seq, answers)
            self._came_back()

        def lost(_error: JournalError) -> None:
            self._lost.append(answers)
            self._came_back()

        self._durable.append(
            Frame(ANSWER, answers.message, at_ns, answers.court, finals=answers.finals), kept, lost
        )

    def _came_back(self) -> None:
        self._in_journal -= 1
        if self._in_journal == 0 and self._lost:
            self._waiting.extendleft(reversed(self._lost))
            self._lost.clear()
            self._is_resting = True
            asyncio.get_running_loop().call_later(REST_S, self._rested)

    def _rested(self) -> None:
        self._is_resting = False
        self._poke()
