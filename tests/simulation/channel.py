"""Channel: stands for gRPC's channel to one endpoint, with the calls that the gateway makes on it.

It has gRPC's face and errors, and none of its sockets and threads: what passes and when is the way's
decision. Bytes go in and out, as on the real one.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import grpc

from chakong.institution.v1 import institution_pb2
from gateway.edge.stream import SERVICE
from tests.simulation.network import Way, failed

UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


class Departures(Protocol):
    """Whoever sees what leaves one gateway."""

    is_gone: bool

    def leave(self, endpoint: int, controls: Sequence[institution_pb2.Control]) -> None:
        """Controls leave at this moment."""

    def ask(self, endpoint: int, batch: institution_pb2.Batch) -> None:
        """So does a batch of inquiries."""


class SimulatedChannel:
    """To one endpoint."""

    def __init__(self, endpoint: int, way: Way, departures: Departures) -> None:
        self._endpoint = endpoint
        self._way = way
        self._departures = departures
        self._calls: list[InquireCall] = []

    def unary_unary(self, method: str, _serialize: None, _deserialize: None) -> Any:
        """One message there, one back."""
        questions: dict[str, Callable[[bytes], Awaitable[bytes]]] = {
            f"{SERVICE}/Control": self._control,
            f"{SERVICE}/Describe": self._describe,
            f"{SERVICE}/PollEvents": self._poll,
            f"{SERVICE}/ListHolds": self._list_holds,
        }
        ask = questions[method]

        async def call(message: bytes, *, timeout: float, metadata: object) -> bytes:  # noqa: ASYNC109 - gRPC's face
            del metadata
            if self._departures.is_gone:
                raise failed(UNAVAILABLE)
            try:
                async with asyncio.timeout(timeout):
                    return await ask(message)
            except TimeoutError:
                raise failed(grpc.StatusCode.DEADLINE_EXCEEDED) from None

        return call

    def unary_stream(self, method: str, _serialize: None, _deserialize: None) -> Any:
        """Follow."""
        assert method == f"{SERVICE}/Follow"

        def call(message: bytes, *, timeout: float, metadata: object) -> FollowCall:
            del metadata
            cursor = institution_pb2.FollowRequest.FromString(message).cursor
            return FollowCall(self._way, cursor, timeout)

        return call

    def stream_stream(self, method: str, _serialize: None, _deserialize: None) -> Any:
        """Inquire."""
        assert method == f"{SERVICE}/Inquire"

        def call(*, metadata: object) -> InquireCall:
            del metadata
            made = InquireCall(self._way, lambda batch: self._departures.ask(self._endpoint, batch))
            self._calls.append(made)
            return made

        return call

    async def close(self, _grace: float | None) -> None:
        """And with it every call."""
        for call in self._calls:
            call.end(grpc.StatusCode.CANCELLED)

    async def _control(self, message: bytes) -> bytes:
        controls = institution_pb2.ControlBatch.FromString(message).controls
        self._departures.leave(self._endpoint, controls)
        return await self._way.control(controls)

    async def _describe(self, _message: bytes) -> bytes:
        await self._way.cross()
        return self._way.respondent.describe()

    async def _poll(self, message: bytes) -> bytes:
        await self._way.cross()
        cursor = institution_pb2.FollowRequest.FromString(message).cursor
        return institution_pb2.HoldEvents(events=self._way.events(cursor)).SerializeToString()

    async def _list_holds(self, message: bytes) -> bytes:
        await self._way.cross()
        asked = institution_pb2.ListHoldsRequest.FromString(message)
        held = self._way.clerk.holds(asked.institution, asked.after_hold_id, asked.page_size or 1_000)
        return institution_pb2.ListHoldsResponse(holds=held).SerializeToString()


class FollowCall:
    """Events after the cursor as they come, until the way is cut or breaks, or it is old."""

    def __init__(self, way: Way, cursor: int, timeout_s: float) -> None:
        self._way = way
        self._cursor = cursor
        self._moved = way.follower()
        self._until = asyncio.get_running_loop().time() + timeout_s

    def __aiter__(self) -> "FollowCall":
        return self

    async def __anext__(self) -> bytes:
        if not self._way.can_follow:
            raise failed(grpc.StatusCode.UNIMPLEMENTED)
        try:
            async with asyncio.timeout_at(self._until):
                return await self._next()
        except TimeoutError:
            raise failed(grpc.StatusCode.DEADLINE_EXCEEDED) from None

    def cancel(self) -> None:
        """It is no longer wanted."""
        self._way.unfollow(self._moved)

    async def _next(self) -> bytes:
        way = self._way
        while not way.is_cut:
            self._moved.clear()
            events = way.events(self._cursor)
            if not events:
                await self._moved.wait()
                continue
            await asyncio.sleep(way.delay_s())
            if way.loses("streams broken"):
                break
            self._cursor = events[-1].seq
            return institution_pb2.HoldEvents(events=events).SerializeToString()
        raise failed(UNAVAILABLE)


class InquireCall:
    """A long call: batches there in their order, replies back in any.

    A message that is lost takes the call with it: at once, or nothing passes any more and nobody says so.
    """

    def __init__(self, way: Way, leaving: Callable[[institution_pb2.Batch], None]) -> None:
        self._way = way
        self._leaving = leaving
        self._hello: tuple[int, ...] = ()
        self._arrived_s = 0.0
        self._received: deque[bytes] = deque()
        self._moved = asyncio.Event()
        self._status: grpc.StatusCode | None = None
        self._is_deaf = False

    async def wait_for_connection(self) -> None:
        """Return once it is open."""
        await self._way.cross()

    async def write(self, message: bytes) -> None:
        """A Batch; it may never arrive."""
        if self._status is not None:
            raise asyncio.InvalidStateError("the call is over")
        batch = institution_pb2.Batch.FromString(message)
        if batch.id:
            self._leaving(batch)
        if self._passes("requests lost"):
            # In their order: none arrives before the one written before it.
            now_s = asyncio.get_running_loop().time()
            self._arrived_s = max(self._arrived_s, now_s + self._way.delay_s())
            self._way.later(self._arrived_s - now_s, lambda: self._arrive(batch))

    async def read(self) -> Any:
        """The next Reply. AioRpcError once the call is over."""
        while not self._received:
            if self._status is not None:
                raise failed(self._status)
            self._moved.clear()
            await self._moved.wait()
        return self._received.popleft()

    def end(self, status: grpc.StatusCode) -> None:
        """It is over; the first status counts."""
        self._status = self._status or status
        self._moved.set()

    def done(self) -> bool:
        """Whether it is over."""
        return self._status is not None

    async def code(self) -> grpc.StatusCode:
        """How it ended."""
        assert self._status is not None
        return self._status

    async def details(self) -> str:
        """Nothing more is known."""
        return ""

    def _passes(self, name: str) -> bool:
        if self._is_deaf:
            return False
        if not self._way.loses(name):
            return True
        self._is_deaf = True
        if self._way.is_noticed():
            self.end(UNAVAILABLE)
        return False

    def _arrive(self, batch: institution_pb2.Batch) -> None:
        if self._way.is_cut:
            self._is_deaf = True
        if self._is_deaf:
            return
        if not batch.id:
            self._hello = tuple(batch.institutions)
            return
        for reply in self._way.respondent.replies(batch, self._hello, self._way.faults.flawed):
            if self._passes("replies lost"):
                self._return_later(reply)

    def _return_later(self, reply: bytes) -> None:
        def come_back() -> None:
            if self._way.is_cut:
                self._is_deaf = True
            elif self._status is None and not self._is_deaf:
                self._received.append(reply)
                self._moved.set()

        self._way.later(self._way.delay_s(), come_back)
