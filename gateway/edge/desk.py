"""Desk: drives the Ledger of holds; the one place that changes it.

What comes in is decided in steps: what waits is decided together, the step is made durable as one frame, and
only then does anything follow from it. The next step forms meanwhile. A step that cannot be made durable is
dropped whole, and whoever waited for it is told. Institutions' words go before courts' orders: they say what
there is to decide about. It opens no connection; control lines do.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from chakong.journal.v1 import ledger_pb2
from gateway.edge import raw
from gateway.edge.errors import FullError, JournalError, UnavailableError
from gateway.edge.histogram import Histogram
from gateway.edge.journal_schema import LEDGER, Frame
from gateway.holds.model import TakenOrder
from runtime.clock import now_ns

if TYPE_CHECKING:
    from gateway.edge.journal import Journal
    from gateway.holds.ledger import Ledger
    from gateway.holds.sending import Leaving

# A step of this many inputs keeps the loop for some milliseconds; where few take long, so much is enough.
INPUTS_PER_STEP: Final = 512
STEP_NS_MAX: Final = 10_000_000
# Of them institutions' words, so long as there are orders.
WORDS_PER_STEP: Final = 384
# What comes together is decided in pieces of so many: a future for each would cost as much as to decide it.
PIECE: Final = 64
ORDERS_WAITING_MAX: Final = 65_536
# Courts cannot take this room away: two full calls of every endpoint, and a slice of its events.
WORDS_WAITING_MAX: Final = 1 << 19
RETRY_MS: Final = 1_000
# After a step that could not be made durable the disk is given a moment.
PAUSE_S: Final = 0.1
# A timer for something already due would spin; one that is too long would oversleep a clock that was set
# forward.
TIMER_S_MIN: Final = 0.001
TIMER_S_MAX: Final = 60.0
NS: Final = 1_000_000_000
REPLAY_FRAMES: Final = 1_024

log = logging.getLogger(__name__)

S = TypeVar("S")
T = TypeVar("T")
Decide = Callable[["Ledger"], T]
# The seq of a kept step, the holds that it changed, and those about which orders were taken that came
# together.
Publish = Callable[[int, tuple[int, ...], Collection[int]], None]
_ANSWERS_SEQ: Final = ledger_pb2.Step.ANSWERS_SEQ_FIELD_NUMBER


@dataclass(slots=True)
class DeskCounts:
    """What the desk did since the start."""

    # Orders and words, however many came together.
    inputs: int = 0
    steps: int = 0
    step_bytes: int = 0
    steps_lost: int = 0
    # From the beginning of a step to its being durable.
    step_us: Histogram = field(default_factory=Histogram)


@dataclass(frozen=True, slots=True)
class _Input:
    decide: Callable[["Ledger"], Any]
    decided: asyncio.Future[Any]
    count: int


class Desk:
    """Give it to one event loop. `replay`, then `run`; `post` and `hear` at any time.

    `answers_seq` is for whoever tells the ledger of answers: every answer up to this frame was told, or will
    never matter. It goes into each step.
    """

    def __init__(self, ledger: "Ledger", journal: "Journal", publish: Publish) -> None:
        self._ledger = ledger
        self._journal = journal
        self._publish = publish
        self._orders: deque[_Input] = deque()
        self._words: deque[_Input] = deque()
        self._order_count = 0
        self._word_count = 0
        self._moved = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._call_lines: Callable[[frozenset[int]], None] = lambda _endpoints: None
        self._is_draining = False
        self.answers_seq = 0
        self.counts = DeskCounts()

    @property
    def ledger(self) -> "Ledger":
        """For questions; only the desk changes it."""
        return self._ledger

    @property
    def waiting_count(self) -> int:
        """Inputs that wait to be decided."""
        return self._order_count + self._word_count

    def replay(self, after_seq: int = 0) -> int:
        """Take up every step that the journal holds after this frame, whose snapshot the ledger has, before
        anything else; how many there were."""
        cursor, step_count, last = after_seq, 0, b""
        while frames := self._journal.read(cursor, kinds=(LEDGER,), limit=REPLAY_FRAMES):
            for frame in frames:
                self._ledger.replay(frame.body, frame.seq)
            cursor, last = frames[-1].seq, frames[-1].body
            step_count += len(frames)
        self._ledger.begin_life(now_ns())
        if last:
            self.answers_seq = ledger_pb2.Step.FromString(last).answers_seq
        elif not after_seq:
            self.answers_seq = self._journal.last_seq
        return step_count

    def start(self, call_lines: Callable[[frozenset[int]], None]) -> None:
        """From now on tell `call_lines` of the endpoints for which there is something to take."""
        self._call_lines = call_lines
        self._call_lines(self._ledger.endpoints_due())

    def require_room(self, count: int) -> None:
        """FullError unless so many may be posted now; UnavailableError once it drains."""
        if self._is_draining:
            raise UnavailableError("the gateway is stopping; nothing was taken", retry_ms=RETRY_MS)
        if self._order_count + count > ORDERS_WAITING_MAX:
            raise FullError(
                f"controls: {self._order_count} of {ORDERS_WAITING_MAX} wait to be decided already",
                retry_ms=RETRY_MS,
            )

    def post(self, decide: Decide[T]) -> "asyncio.Future[T]":
        """Decide in one of the next steps. The result once that step is durable, in the order of the posts.

        JournalError in the future: nothing happened. FullError and UnavailableError at once: nothing will.
        Cancelling it takes nothing back.
        """
        self.require_room(1)
        return self._put_order(decide, 1)

    def hear(self, decide: Decide[T]) -> "asyncio.Future[T]":
        """`post` for what institutions say."""
        self._require_room_for_words(1)
        return self._put_word(decide, 1)

    def post_each(
        self, decide: Callable[["Ledger", Sequence[S]], list[T]], orders: Sequence[S]
    ) -> "list[asyncio.Future[list[T]]]":
        """`post` for many, all or none. A future for each piece of them: what is in a piece is decided in one
        step, PIECE of them, the last one less."""
        self.require_room(len(orders))
        return [self._put_order(partial(_piece, decide, one), len(one)) for one in pieces(orders)]

    def hear_each(
        self, decide: Callable[["Ledger", Sequence[S]], list[T]], words: Sequence[S]
    ) -> "list[asyncio.Future[list[T]]]":
        """`post_each` for what institutions say."""
        self._require_room_for_words(len(words))
        return [self._put_word(partial(_piece, decide, one), len(one)) for one in pieces(words)]

    async def decide(self, decide: Decide[T]) -> T:
        """`post`, and wait."""
        return await self.post(decide)

    def take(self, endpoint: int, count_max: int) -> "list[Leaving]":
        """Controls whose turn it is, for this endpoint; each was made durable."""
        return self._ledger.take(endpoint, count_max)

    def give_back(self, control_ids: Iterable[int]) -> None:
        """They have no outcome: they are due again."""
        self._ledger.give_back(control_ids)
        self._call_lines(self._ledger.endpoints_due())

    async def drain(self) -> None:
        """Take no more orders; return when everything is decided and durable, or lost."""
        self._is_draining = True
        await self._is_idle.wait()

    async def run(self) -> None:
        """Take steps until cancelled."""
        while True:
            await self._wait()
            await self._step()
            if not self.waiting_count:
                self._is_idle.set()
            self._call_lines(self._ledger.endpoints_due())

    def _require_room_for_words(self, count: int) -> None:
        if self._word_count + count > WORDS_WAITING_MAX:
            raise FullError(f"controls: {WORDS_WAITING_MAX} words wait already", retry_ms=RETRY_MS)

    def _put_order(self, decide: Decide[T], count: int) -> "asyncio.Future[T]":
        self._order_count += count
        return self._put(self._orders, decide, count)

    def _put_word(self, decide: Decide[T], count: int) -> "asyncio.Future[T]":
        self._word_count += count
        return self._put(self._words, decide, count)

    def _put(self, queue: "deque[_Input]", decide: Decide[T], count: int) -> "asyncio.Future[T]":
        decided: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        queue.append(_Input(decide, decided, count))
        self._is_idle.clear()
        self._moved.set()
        return decided

    async def _wait(self) -> None:
        """Until there is an input, or time alone brings something."""
        if self.waiting_count:
            return
        self._moved.clear()
        due_ns = self._ledger.next_due_ns()
        if due_ns == 0:
            await self._moved.wait()
            return
        wait_s = min(max((due_ns - now_ns()) / NS, TIMER_S_MIN), TIMER_S_MAX)
        # Not wait_for: a cancellation in the very turn in which something comes would be lost in it.
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._moved.wait()

    async def _step(self) -> None:
        at_ns = now_ns()
        due_ns = self._ledger.next_due_ns()
        is_due = 0 < due_ns <= at_ns
        if not self.waiting_count and not is_due:
            return
        self._ledger.begin(at_ns)
        inputs: list[_Input] = []
        decisions: list[Any] = []
        for one in self._next_inputs(at_ns):
            inputs.append(one)
            decisions.append(one.decide(self._ledger))
        if is_due:
            self._ledger.tick()
        for error in self._ledger.accidents():
            log.error("an input could not be judged", exc_info=error)
        body = self._ledger.finish()
        self.counts.inputs += sum(one.count for one in inputs)
        if body and not await self._keep(inputs, decisions, body, at_ns):
            return
        for one, decision in zip(inputs, decisions, strict=True):
            if not one.decided.cancelled():
                one.decided.set_result(decision)

    def _next_inputs(self, at_ns: int) -> Iterator[_Input]:
        """What this step decides, until it has enough; at least one, if any waits."""
        words, orders = self._words, self._orders
        left, words_left = INPUTS_PER_STEP, WORDS_PER_STEP
        while left > 0:
            if words and (words_left > 0 or not orders):
                one = words.popleft()
                words_left -= one.count
                self._word_count -= one.count
            elif orders:
                one = orders.popleft()
                self._order_count -= one.count
            else:
                return
            left -= one.count
            yield one
            if now_ns() - at_ns >= STEP_NS_MAX:
                return

    async def _keep(self, inputs: list[_Input], decisions: list[Any], body: bytes, at_ns: int) -> bool:
        """Make the step durable and keep it; False when it is lost."""
        body += raw.field_varint(_ANSWERS_SEQ, self.answers_seq)
        self.counts.step_bytes += len(body)
        try:
            seq = await self._journal.append(Frame(LEDGER, body, at_ns))
        except JournalError as error:
            self._ledger.drop()
            self.counts.steps_lost += 1
            for one in inputs:
                if not one.decided.cancelled():
                    one.decided.set_exception(
                        JournalError(error.message, retry_ms=error.retry_ms or RETRY_MS)
                    )
            # What the step had ended may go out again after this.
            await asyncio.sleep(PAUSE_S)
            return False
        self.counts.steps += 1
        self.counts.step_us.add((now_ns() - at_ns) // 1000)
        self._publish(seq, self._ledger.keep(seq), _ordered(decisions))
        return True


def pieces(things: Sequence[S]) -> Iterator[Sequence[S]]:
    """As the desk decides them, one after the other."""
    return (things[start : start + PIECE] for start in range(0, len(things), PIECE))


def _piece(
    decide: Callable[["Ledger", Sequence[S]], list[T]], piece: Sequence[S], ledger: "Ledger"
) -> list[T]:
    return decide(ledger, piece)


def _ordered(decisions: Iterable[Any]) -> set[int]:
    """The holds about which orders were taken that came together."""
    return {
        one.hold_id
        for decision in decisions
        if isinstance(decision, list)
        for one in decision
        if isinstance(one, TakenOrder) and not one.repeated
    }
