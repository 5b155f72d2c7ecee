"""Server of controls: Control, Follow, PollEvents and ListHolds of an endpoint, and its test bench.

It reads and writes; the control desk decides. Whoever follows is woken by every change, and at the latest
when a day ends.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from chakong.institution.v1 import institution_pb2, test_bench_pb2
from simulator.controls import EVENTS_MAX, ContractError, ControlDesk
from simulator.scenarios import Gate
from simulator.stream import AWAY, RESET, Context

TEST_BENCH_SERVICE = "chakong.institution.v1.TestBench"
# The machine's clock may be set meanwhile.
NAP_S_MAX = 60.0
SECOND_NS = 1_000_000_000

T = TypeVar("T")
Pick = Callable[[Context], Awaitable["ControlLine"]]
Handlers = dict[str, "grpc.RpcMethodHandler[bytes, bytes]"]


class ControlLine:
    """One endpoint's desk and those who follow it."""

    def __init__(self, desk: ControlDesk) -> None:
        self.desk = desk
        self._news = asyncio.Event()
        self._told: tuple[int, int] = (0, 0)

    async def control(self, message: bytes, context: Context) -> bytes:
        await pass_gate(self.desk.gate(), context)
        word = await _or_abort(context, lambda: self.desk.control(message))
        self.tell()
        if word.delay_ms:
            await asyncio.sleep(word.delay_ms / 1000)
        if word.response is None:
            await context.abort(*RESET)
        return word.response or b""

    async def poll(self, message: bytes, context: Context) -> bytes:
        await pass_gate(self.desk.gate(), context)
        request = await _or_abort(context, lambda: institution_pb2.FollowRequest.FromString(message))
        return self.desk.events_after(request.cursor)

    async def list_holds(self, message: bytes, context: Context) -> bytes:
        await pass_gate(self.desk.gate(), context)
        return await _or_abort(context, lambda: self.desk.holds(message))

    async def follow(self, message: bytes, context: Context) -> None:
        """Until the gateway hangs up, or the endpoint goes away."""
        await pass_gate(self.desk.gate(), context)
        if not self.desk.can_follow:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "events are polled here")
        request = await _or_abort(context, lambda: institution_pb2.FollowRequest.FromString(message))
        # Not with the first message: while that is not taken, the status would bring it once more.
        await context.send_initial_metadata(())
        try:
            async with asyncio.timeout(self.desk.closes_in_s()):
                await self._tell_after(request.cursor, context)
        except TimeoutError:
            await context.abort(*AWAY)

    async def _tell_after(self, cursor: int, context: Context) -> None:
        while True:
            news = self._news
            events = self.desk.events_after(cursor)
            # Events may be withheld: what was looked at is not looked at again.
            cursor = max(cursor, min(cursor + EVENTS_MAX, self.desk.event_count))
            if events:
                await context.write(events)
            if cursor >= self.desk.event_count:
                await self._nap(news)

    async def _nap(self, news: asyncio.Event) -> None:
        due_in_ns = self.desk.due_in_ns()
        nap_s = NAP_S_MAX if due_in_ns is None else min(NAP_S_MAX, due_in_ns / SECOND_NS)
        try:
            async with asyncio.timeout(nap_s):
                await news.wait()
        except TimeoutError:
            return

    def tell(self) -> None:
        """Something may have happened: wake those who follow, if there are events or another time to look."""
        now = self.desk.event_count, self.desk.next_due_ns()
        if now != self._told:
            self._told = now
            news, self._news = self._news, asyncio.Event()
            news.set()

    async def bench(self, act: Callable[[], Message], context: Context) -> bytes:
        """One call of the test bench."""
        response = await _or_abort(context, act)
        self.tell()
        return response.SerializeToString()


async def pass_gate(gate: Gate, context: Context) -> None:
    """A silent endpoint never says a word; one that is closed hangs up."""
    if gate is Gate.SILENT:
        await asyncio.Event().wait()
    if gate is Gate.CLOSED:
        await context.abort(*AWAY)


def control_handlers(pick: Pick) -> Handlers:
    """The four calls; `pick` says which endpoint a call means."""

    async def control(message: bytes, context: Context) -> bytes:
        return await (await pick(context)).control(message, context)

    async def follow(message: bytes, context: Context) -> None:
        await (await pick(context)).follow(message, context)

    async def poll_events(message: bytes, context: Context) -> bytes:
        return await (await pick(context)).poll(message, context)

    async def list_holds(message: bytes, context: Context) -> bytes:
        return await (await pick(context)).list_holds(message, context)

    return {
        "Control": grpc.unary_unary_rpc_method_handler(control),
        "Follow": grpc.unary_stream_rpc_method_handler(follow),
        "PollEvents": grpc.unary_unary_rpc_method_handler(poll_events),
        "ListHolds": grpc.unary_unary_rpc_method_handler(list_holds),
    }


def bench_handlers(pick: Pick) -> Handlers:
    """The test bench."""

    async def advance(message: bytes, context: Context) -> bytes:
        line = await pick(context)
        request = test_bench_pb2.AdvanceRequest
        return await line.bench(lambda: line.desk.put_forward(request.FromString(message)), context)

    async def credit(message: bytes, context: Context) -> bytes:
        line = await pick(context)
        request = test_bench_pb2.CreditRequest
        return await line.bench(lambda: line.desk.credit(request.FromString(message)), context)

    async def object_to(message: bytes, context: Context) -> bytes:
        line = await pick(context)
        request = test_bench_pb2.ObjectRequest
        return await line.bench(lambda: line.desk.object(request.FromString(message)), context)

    return {
        "Advance": grpc.unary_unary_rpc_method_handler(advance),
        "Credit": grpc.unary_unary_rpc_method_handler(credit),
        "Object": grpc.unary_unary_rpc_method_handler(object_to),
    }


async def _or_abort(context: Context, act: Callable[[], T]) -> T:
    try:
        return act()
    except (ContractError, DecodeError) as error:
        ending = grpc.StatusCode.INVALID_ARGUMENT, str(error)
    except LookupError as error:
        ending = grpc.StatusCode.NOT_FOUND, str(error)
    except ValueError as error:
        ending = grpc.StatusCode.FAILED_PRECONDITION, str(error)
    await context.abort(*ending)
    raise AssertionError("abort returned")
