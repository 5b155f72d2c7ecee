"""Network: the way between the gateway and one endpoint's institutions, and what may happen on it.

A message may be late, lost or doubled, and overtake others; while the way is cut nothing passes. What is on
its way survives a crash of the gateway: it arrives, and its reply finds nobody. What gRPC makes of it is in
channel.py.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import grpc

from chakong.institution.v1 import institution_pb2
from simulator.books.clerk import Clerk
from tests.simulation.answering import Respondent

EVENTS_AT_ONCE = 1_000
_NO_METADATA = grpc.aio.Metadata()


def failed(status: grpc.StatusCode) -> grpc.aio.AioRpcError:
    """What a call raises that came to nothing."""
    return grpc.aio.AioRpcError(status, _NO_METADATA, _NO_METADATA, "", "")


@dataclass(frozen=True, slots=True)
class Faults:
    """How often each happens to a message, 0 to 1; and how long it takes on its way. `flawed`: of answers to
    inquiries."""

    lost: float = 0.0
    doubled: float = 0.0
    slow: float = 0.0
    flawed: float = 0.0
    delay_s_max: float = 0.05
    slow_s_max: float = 12.0


CALM = Faults()


class Way:
    """To one endpoint. `cut` and `heal` at any time."""

    def __init__(
        self,
        clerk: Clerk,
        respondent: Respondent,
        random: Random,
        now_ns: Callable[[], int],
        told: Callable[[], None],
        counts: Counter[str],
        *,
        can_follow: bool,
    ) -> None:
        self.clerk = clerk
        self.respondent = respondent
        self.can_follow = can_follow
        self.faults = CALM
        self.is_cut = False
        self.on_the_way = 0
        self.counts = counts
        self._random = random
        self._now_ns = now_ns
        # Called when the institutions' books may have changed.
        self._told = told
        # Insertion decides the order in which they are woken.
        self._followers: dict[asyncio.Event, None] = {}
        self._events_seen = 0

    def cut(self) -> None:
        """Nothing passes from now on; whoever follows is told nothing."""
        self.is_cut = True
        self.counts["partitions"] += 1

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

    # -- controls

    async def control(self, controls: Sequence[institution_pb2.Control]) -> bytes:
        """There and back; it may never come back."""
        reply: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        times = 1
        if self.happens(self.faults.doubled):
            self.counts["requests doubled"] += 1
            times = 2
        for _ in range(times):
            if self.loses("requests lost"):
                self._fail_sometimes(reply)
            else:
                self.later(self.delay_s(), lambda: self._arrive(controls, reply))
        return await reply

    def _arrive(self, controls: Sequence[institution_pb2.Control], reply: "asyncio.Future[bytes]") -> None:
        if self.is_cut:
            self.counts["requests lost"] += 1
            return
        receipts = self.clerk.control(controls, self._now_ns())
        self.stir()
        message = institution_pb2.ReceiptBatch(receipts=receipts).SerializeToString()
        if self.loses("replies lost"):
            self._fail_sometimes(reply)
        else:
            self.later(self.delay_s(), lambda: self._return(message, reply))

    def _return(self, message: bytes, reply: "asyncio.Future[bytes]") -> None:
        if self.is_cut:
            self.counts["replies lost"] += 1
        elif not reply.done():
            reply.set_result(message)

    def _fail_sometimes(self, reply: "asyncio.Future[bytes]") -> None:
        """A loss is noticed at once, or only by the deadline."""
        if self.is_noticed() and not reply.done():
            reply.set_exception(failed(grpc.StatusCode.UNAVAILABLE))

    # -- events and questions

    def follower(self) -> asyncio.Event:
        """Set whenever there may be new events, until `unfollow`."""
        moved = asyncio.Event()
        self._followers[moved] = None
        return moved

    def unfollow(self, moved: asyncio.Event) -> None:
        """It is no longer wanted."""
        self._followers.pop(moved, None)

    def events(self, cursor: int) -> list[institution_pb2.HoldEvent]:
        """After the cursor."""
        return self.clerk.events_after(cursor, EVENTS_AT_ONCE)

    async def cross(self) -> None:
        """There and back with what changes nothing. AioRpcError."""
        await asyncio.sleep(self.delay_s())
        if self.loses("questions lost"):
            raise failed(grpc.StatusCode.UNAVAILABLE)

    # -- chance

    def loses(self, name: str) -> bool:
        """Whether this message is lost."""
        is_lost = self.is_cut or self.happens(self.faults.lost)
        self.counts[name] += is_lost
        return is_lost

    def is_noticed(self) -> bool:
        """Whether a loss is noticed at once."""
        return self._random.random() < 0.5

    def delay_s(self) -> float:
        """Of one message."""
        if self.happens(self.faults.slow):
            self.counts["messages slow"] += 1
            return self._random.random() * self.faults.slow_s_max
        return self._random.random() * self.faults.delay_s_max

    def happens(self, rate: float) -> bool:
        """One in so many."""
        return rate > 0 and self._random.random() < rate

    def later(self, delay_s: float, happens: Callable[[], None]) -> None:
        """It is on its way until then, whoever sent it."""
        self.on_the_way += 1

        def now() -> None:
            self.on_the_way -= 1
            happens()

        asyncio.get_running_loop().call_later(delay_s, now)
