"""Pump: drives the Engine; the one place that calls it.

What is asked, answered or cancelled is made durable before anything follows from it, and taken up in the
order of its number in the journal. One tick at a time, when something happened or came due; nothing is
polled. It opens no connection and knows no protocol: dispatch sends, watch hands answers on.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chakong.journal.v1 import journal_pb2
from gateway._core import CHECK_FULL, CHECK_OK
from gateway.edge.durable import Durable
from gateway.edge.errors import FullError, JournalError
from gateway.edge.handout import Handout, Outlet, Ration
from gateway.edge.journal_schema import ADMISSION, CANCELLATION, Frame
from gateway.edge.outbox import Outbox
from gateway.edge.pump_counts import PumpCounts
from gateway.policy import admission
from runtime.clock import now_ns

if TYPE_CHECKING:
    from gateway._core import Answers, Checked, Engine, Settled
    from gateway.edge.journal import Journal

NEVER_NS: Final = 2**63 - 1
# A timer for something already due would spin; one that is too long would oversleep a clock that was set
# forward.
TIMER_S_MIN: Final = 0.001
TIMER_S_MAX: Final = 60.0
# A busy loop must not rest for ever.
PAUSE_NS_MAX: Final = 200_000_000
# What a commit costs the processors, measured with small ones: answers that come one by one share it.
COMMIT_NS: Final = 500_000
# Answers that wait for a disk are tried again every second; looking more often than this shows nothing.
DRAIN_PAUSE_S: Final = 0.01


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one tick cuts, and what may wait for the journal.

    Between two ticks there is a pause of `pauses_per_tick` times what the last one took, from its call to its
    end and with its commit; between two cuts, the same of what their batches take. The busier the loop, the
    fewer and fuller the batches and frames. An idle one ticks and cuts at once.
    """

    send_bytes_per_tick: int = 8 << 20
    pauses_per_tick: int = 10
    unwritten_bytes_max: int = 256 << 20
    retry_after_ms: int = 1_000


class Pump:
    """Give it to one event loop. `start` when there is somewhere to send to; `run` ends with the first own
    error."""

    def __init__(
        self,
        engine: "Engine",
        journal: "Journal",
        publish: "Callable[[int, Answers], None]",
        limits: Limits | None = None,
    ) -> None:
        self._engine = engine
        self._journal = journal
        self._limits = limits or Limits()
        self._admission = admission.Limits(self._limits.unwritten_bytes_max, self._limits.retry_after_ms)
        self._loop = asyncio.get_running_loop()
        self._broken: asyncio.Future[None] = self._loop.create_future()
        self._refusals = 0
        self._losses = 0
        self._is_tick_due = False
        self._tick_called_ns = 0
        self._pause_until_ns = 0
        self._has_drained = False
        self._timer: asyncio.TimerHandle | None = None
        self._timer_ns = NEVER_NS
        self.counts = PumpCounts()
        self._durable = Durable(journal, self.counts, self.poke, self._break)
        self._outbox = Outbox(self._durable, self.counts, publish, self.poke)
        ration = Ration(self._limits.send_bytes_per_tick, self._limits.pauses_per_tick)
        self._handout = Handout(engine, ration, self.poke, self._break)

    def start(self, outlet: Outlet) -> None:
        """From now on cut batches and hand them to `outlet`."""
        self._handout.start(outlet)
        self.poke()

    async def run(self) -> None:
        """Wait for an error of our own, which ends the gateway; returns only by raising."""
        await asyncio.shield(self._broken)

    async def drain(self) -> None:
        """Hand out no more batches; return when all that came about is durable and handed on, and do nothing
        any more. What comes later is asked again at the next start. The caller sets the deadline: without a
        disk it takes for ever."""
        self._handout.stop()
        self.poke()
        while self._is_tick_due or not (self._durable.is_empty and self._outbox.is_empty):
            await self._durable.empty()
            await asyncio.sleep(DRAIN_PAUSE_S)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._has_drained = True

    def replay(self) -> int:
        """Take up what the journal holds unfinished, before anything else; how many frames that were."""
        frame_count = 0
        for frame in self._journal.replay():
            if frame.kind == ADMISSION:
                self._engine.admit(frame.body, frame.seq, now_ns(), frame.answered)
            else:
                self._engine.cancel(journal_pb2.Cancellation.FromString(frame.body).inquiry_id, now_ns())
            frame_count += 1
        self.poke()
        return frame_count

    async def submit(self, message: bytes, court: str) -> "Checked":
        """Judge an encoded SubmitBulkRequest of `court`; returns once what it accepts is durable and
        admitted.

        Cancelling the caller takes nothing back. FullError before anything was taken; JournalError when it
        could not be made durable: nothing of it was accepted.
        """
        self._let_in(len(message))
        checked = self._engine.check(message, court, now_ns())
        if checked.accepted and self._engine.orders_forgotten:
            checked = await self._check_with_journal(checked, message, court)
        self._count(checked)
        if checked.status != CHECK_OK or not (checked.accepted or checked.repeated):
            return checked
        losses = self._losses
        if checked.accepted:
            await self._admitted(checked, court)
        else:
            await self._all_durable()
        if checked.repeated and losses != self._losses:
            # The first receipt may have been of a frame that the journal lost meanwhile.
            raise JournalError("an order received before may not be durable", retry_ms=self._retry_after_ms())
        return checked

    async def cancel(self, inquiry_id: int, court: str) -> bool:
        """End an inquiry's open queries once that is durable. False: it had ended, or there is none. Whose it
        is, the caller knows. JournalError: nothing was changed."""
        at_ns = now_ns()
        body = journal_pb2.Cancellation(cancelled_ns=at_ns, inquiry_id=inquiry_id).SerializeToString()
        waiter: asyncio.Future[bool] = self._loop.create_future()

        def kept(_seq: int) -> None:
            has_ended = self._engine.cancel(inquiry_id, now_ns())
            if not waiter.done():
                waiter.set_result(has_ended)

        self._durable.append(Frame(CANCELLATION, body, at_ns, court), kept, _failing(waiter))
        return await waiter

    def on_reply(self, endpoint: int, reply: bytes) -> "Settled":
        """Settle a reply. With a fault the caller decides what becomes of its batch."""
        settled = self._engine.settle(endpoint, reply, now_ns())
        self.poke()
        return settled

    def on_failed(self, endpoint: int, batch_id: int, cause: int, retry_ns: int) -> None:
        """A batch in flight ended without a usable reply; it may be sent again from `retry_ns` on."""
        self._engine.fail(endpoint, batch_id, cause, retry_ns, now_ns())
        self.poke()

    def open_endpoint(self, endpoint: int, in_flight_max: int) -> None:
        """How many batches the endpoint takes at a time from now on; 0: none."""
        self._engine.open_endpoint(endpoint, in_flight_max)
        self.poke()

    def set_directory(self, snapshot: bytes) -> None:
        """Swap the directory; see Engine.set_directory."""
        self._engine.set_directory(snapshot)
        self.poke()

    @property
    def unwritten_bytes(self) -> int:
        """Bytes of frames that are not durable yet."""
        return self._durable.unwritten_bytes

    def engine_stats(self) -> dict[str, int]:
        """Engine.stats()."""
        return self._engine.stats()

    def poke(self) -> None:
        """Something happened: tick soon."""
        if self._is_tick_due or self._has_drained:
            return
        self._is_tick_due = True
        at_ns = now_ns()
        self._tick_called_ns = max(at_ns, self._pause_until_ns)
        if self._tick_called_ns == at_ns:
            self._loop.call_soon(self._tick_or_break)
        else:
            self._loop.call_later((self._tick_called_ns - at_ns) / 1e9, self._tick_or_break)

    # -- what is durable

    def _let_in(self, message_bytes: int) -> None:
        load = admission.Load(self._durable.unwritten_bytes, self._refusals)
        if admission.is_full(load, message_bytes, self._admission):
            self._refusals += 1
            self.counts.full += 1
            raise FullError("the journal is behind; nothing was taken", retry_ms=self._retry_after_ms())

    def _retry_after_ms(self) -> int:
        load = admission.Load(self._durable.unwritten_bytes, self._refusals)
        return admission.retry_after_ms(load, self._admission)

    def _count(self, checked: "Checked") -> None:
        if checked.status == CHECK_FULL:
            self._refusals += 1
            self.counts.full += 1
        elif checked.status == CHECK_OK:
            self._refusals = 0
        self.counts.count_refused(checked.refused_by_reason)

    async def _check_with_journal(self, checked: "Checked", message: bytes, court: str) -> "Checked":
        """Judge again, after the Engine was told which of the message's order ids the journal knows.

        Nothing is reserved while the journal is read: another caller must not get the receipt of a verdict
        that is about to be given up.
        """
        rows = checked.orders
        self._engine.abandon(checked)
        known = await asyncio.to_thread(self._journal.find_orders, rows)
        if known:
            self._engine.recall_orders(known)
        return self._engine.check(message, court, now_ns())

    async def _admitted(self, checked: "Checked", court: str) -> None:
        at_ns = now_ns()
        waiter: asyncio.Future[None] = self._loop.create_future()
        fail_waiter = _failing(waiter)

        def kept(seq: int) -> None:
            self._engine.admit(checked.frame, seq, now_ns())
            self.counts.admissions.add(checked.first_inquiry_id, at_ns)
            if not waiter.done():
                waiter.set_result(None)

        def lost(error: JournalError) -> None:
            self._losses += 1
            self._engine.abandon(checked)
            fail_waiter(error)

        frame = Frame(
            ADMISSION,
            checked.frame,
            at_ns,
            court,
            first_inquiry_id=checked.first_inquiry_id,
            inquiry_count=checked.accepted,
            orders=checked.orders,
        )
        self._durable.append(frame, kept, lost)
        await waiter

    async def _all_durable(self) -> None:
        waiter: asyncio.Future[None] = self._loop.create_future()

        def kept(_seq: int) -> None:
            if not waiter.done():
                waiter.set_result(None)

        self._durable.mark(kept, _failing(waiter))
        await waiter

    # -- the tick

    def _tick_or_break(self) -> None:
        self._is_tick_due = False
        try:
            has_answered = self._tick()
        except Exception as error:
            self._break(error)
            raise
        ended_ns = now_ns()
        took_ns = max(ended_ns - self._tick_called_ns, 0) + has_answered * COMMIT_NS
        self._pause_until_ns = ended_ns + min(self._limits.pauses_per_tick * took_ns, PAUSE_NS_MAX)

    def _tick(self) -> bool:
        """Whether there were answers, which take a commit."""
        at_ns = now_ns()
        self.counts.ticks += 1
        if self._engine.next_due() <= at_ns:
            self._engine.advance(at_ns)
        self._handout.tick(at_ns)
        has_answered = self._outbox.tick(self._engine.take_answers, at_ns)
        self._set_timer(at_ns)
        return has_answered

    def _set_timer(self, at_ns: int) -> None:
        due_ns = self._engine.next_due()
        if due_ns == self._timer_ns and self._timer is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timer_ns = due_ns
        if due_ns < NEVER_NS:
            delay_s = min(max((due_ns - at_ns) / 1e9, TIMER_S_MIN), TIMER_S_MAX)
            self._timer = self._loop.call_later(delay_s, self._timer_rang)

    def _timer_rang(self) -> None:
        self._timer = None
        self.poke()

    def _break(self, error: BaseException) -> None:
        if not self._broken.done():
            self._broken.set_exception(error)


def _failing(waiter: asyncio.Future[Any]) -> Callable[[JournalError], None]:
    def lost(error: JournalError) -> None:
        if not waiter.done():
            waiter.set_exception(error)

    return lost
