"""Network: the way between the gateway and one endpoint's institutions, and what may happen on it.

A call's request or reply may be late, lost or doubled, and overtake others; while the way is cut nothing
passes. What is on its way survives a crash of the gateway: it arrives, and its reply finds nobody.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from random import Random

from chakong.institution.v1 import institution_pb2
from gateway.edge.control_call import CallError
from simulator.books.clerk import Clerk

EVENTS_AT_ONCE = 1_000
# Of the delays, one in so many is longer than any deadline.
SLOW_ONE_IN = 12


@dataclass(frozen=True, slots=True)
class Faults:
    """How often each happens to a message, 0 to 1; and how long it takes on its way."""

    lost: float = 0.0
    doubled: float = 0.0
    slow: float = 0.0
    delay_s_max: float = 0.05
    slow_s_max: float = 12.0


CALM = Faults()


class Way:
    """To one endpoint. `cut` and `heal` at any time."""

    def __init__(
        self,
        clerk: Clerk,
        random: Random,
        now_ns: Callable[[], int],
        told: Callable[[], None],
        counts: Counter[str],
    ) -> None:
        self.clerk = clerk
        self.faults = CALM
        self.is_cut = False
        self.on_the_way = 0
        self._random = random
        self._now_ns = now_ns
        # Called when the institutions' books may have changed.
        self._told = told
        self._counts = counts
        self._followers: set[asyncio.Event] = set()
        self._events_seen = 0

    def cut(self) -> None:
        """Nothing passes from now on; whoever follows is told nothing."""
        self.is_cut = True
        self._counts["partitions"] += 1

    def heal(self) -> None:
        """It passes again."""
        self.is_cut = False

    def advance(self) -> None:
        """Let the institutions' clock go on."""
        self.clerk.advance(self._now_ns())
        self.stir()

    def stir(self) -> None:
        """Wake those who follow, if there are new events."""
        self._told()
        if self.clerk.books.event_count != self._events_seen:
            self._events_seen = self.clerk.books.event_count
            for moved in self._followers:
                moved.set()

    async def control(self, controls: Sequence[institution_pb2.Control]) -> bytes:
        """There and back; it may never come back."""
        reply: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        times = 1
        if self._happens(self.faults.doubled):
            self._counts["requests doubled"] += 1
            times = 2
        for _ in range(times):
            if self.is_cut or self._happens(self.faults.lost):
                self._counts["requests lost"] += 1
                self._fail_sometimes(reply)
            else:
                self._later(lambda: self._arrive(controls, reply))
        return await reply

    def _arrive(self, controls: Sequence[institution_pb2.Control], reply: "asyncio.Future[bytes]") -> None:
        if self.is_cut:
            self._counts["requests lost"] += 1
            return
        receipts = self.clerk.control(controls, self._now_ns())
        self.stir()
        message = institution_pb2.ReceiptBatch(receipts=receipts).SerializeToString()
        if self._happens(self.faults.lost):
            self._counts["replies lost"] += 1
            self._fail_sometimes(reply)
        else:
            self._later(lambda: self._return(message, reply))

    def _return(self, message: bytes, reply: "asyncio.Future[bytes]") -> None:
        if self.is_cut:
            self._counts["replies lost"] += 1
        elif not reply.done():
            reply.set_result(message)

    async def follow(self, cursor: int) -> AsyncGenerator[bytes, None]:
        """Events after the cursor as they come, until the way is cut or breaks."""
        moved = asyncio.Event()
        self._followers.add(moved)
        try:
            while not self.is_cut:
                moved.clear()
                events = self.clerk.events_after(cursor, EVENTS_AT_ONCE)
                if not events:
                    await moved.wait()
                    continue
                await asyncio.sleep(self._delay_s())
                if self.is_cut or self._happens(self.faults.lost):
                    self._counts["streams broken"] += 1
                    break
                yield institution_pb2.HoldEvents(events=events).SerializeToString()
                cursor = events[-1].seq
        finally:
            self._followers.discard(moved)
        raise CallError("UNAVAILABLE")

    async def ask(self, answer: Callable[[], bytes]) -> bytes:
        """A question that changes nothing. CallError."""
        await asyncio.sleep(self._delay_s())
        if self.is_cut or self._happens(self.faults.lost):
            raise CallError("UNAVAILABLE")
        return answer()

    def _later(self, happens: Callable[[], None]) -> None:
        self.on_the_way += 1

        def now() -> None:
            self.on_the_way -= 1
            happens()

        asyncio.get_running_loop().call_later(self._delay_s(), now)

    def _delay_s(self) -> float:
        if self._happens(self.faults.slow):
            self._counts["messages slow"] += 1
            return self._random.random() * self.faults.slow_s_max
        return self._random.random() * self.faults.delay_s_max

    def _fail_sometimes(self, reply: "asyncio.Future[bytes]") -> None:
        """A loss is noticed at once, or only by the deadline."""
        if self._random.random() < 0.5 and not reply.done():
            reply.set_exception(CallError("UNAVAILABLE"))

    def _happens(self, rate: float) -> bool:
        return rate > 0 and self._random.random() < rate


class SimulatedCall:
    """One gateway's ControlCall to one endpoint. `leaving` sees every control that leaves."""

    def __init__(
        self,
        way: Way,
        leaving: Callable[[Sequence[institution_pb2.Control]], None],
        *,
        can_follow: bool,
    ) -> None:
        self._way = way
        self._leaving = leaving
        self._can_follow = can_follow

    async def control(self, batch: bytes, timeout_s: float) -> bytes:
        """A ControlBatch to a ReceiptBatch."""
        controls = institution_pb2.ControlBatch.FromString(batch).controls
        self._leaving(controls)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._way.control(controls)
        except TimeoutError:
            raise CallError("DEADLINE_EXCEEDED") from None

    async def follow(self, request: bytes) -> AsyncGenerator[bytes, None]:
        """A FollowRequest to HoldEvents."""
        if not self._can_follow:
            raise CallError("UNIMPLEMENTED", is_unimplemented=True)
        stream = self._way.follow(institution_pb2.FollowRequest.FromString(request).cursor)
        try:
            async for message in stream:
                yield message
        finally:
            await stream.aclose()

    async def poll(self, request: bytes, timeout_s: float) -> bytes:
        """A FollowRequest to HoldEvents."""
        del timeout_s  # it takes less
        cursor = institution_pb2.FollowRequest.FromString(request).cursor

        def answer() -> bytes:
            events = self._way.clerk.events_after(cursor, EVENTS_AT_ONCE)
            return institution_pb2.HoldEvents(events=events).SerializeToString()

        return await self._way.ask(answer)

    async def list_holds(self, request: bytes, timeout_s: float) -> bytes:
        """A ListHoldsRequest to a ListHoldsResponse."""
        del timeout_s
        asked = institution_pb2.ListHoldsRequest.FromString(request)

        def answer() -> bytes:
            found = self._way.clerk.holds(asked.institution, asked.after_hold_id, asked.page_size or 1_000)
            return institution_pb2.ListHoldsResponse(holds=found).SerializeToString()

        return await self._way.ask(answer)

    async def close(self) -> None:
        """Nothing is open."""
