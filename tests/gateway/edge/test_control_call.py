"""Control call over real gRPC: what goes out, what comes back, and how every failure is named."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest

from gateway.edge import control_call as module
from gateway.edge.control_call import CallError, GrpcControlCall
from gateway.edge.dial import dialer
from gateway.edge.stream import ENDPOINT_KEY, SERVICE
from runtime.settings import Endpoints

KEY = "bank-1"
TIMEOUT_S = 120.0


class Far:
    """The other side: remembers what came, and says what it is told to."""

    def __init__(self) -> None:
        self.came: list[tuple[str, bytes, str]] = []
        self.status: grpc.StatusCode | None = None
        self.says: list[bytes] = [b"answer"]
        self.stays = asyncio.Event()

    def handlers(self) -> Any:
        def unary(name: str) -> Any:
            async def handle(message: bytes, context: Any) -> bytes:
                await self._note(name, message, context)
                return self.says[0]

            return grpc.unary_unary_rpc_method_handler(handle)

        async def follow(message: bytes, context: Any) -> AsyncIterator[bytes]:
            await self._note("Follow", message, context)
            for said in self.says:
                yield said
            await self.stays.wait()

        methods = {name: unary(name) for name in ("Control", "PollEvents", "ListHolds")}
        methods["Follow"] = grpc.unary_stream_rpc_method_handler(follow)
        return grpc.method_handlers_generic_handler(SERVICE[1:], methods)

    async def _note(self, name: str, message: bytes, context: Any) -> None:
        self.came.append((name, message, dict(context.invocation_metadata())[ENDPOINT_KEY]))
        if self.status is not None:
            await context.abort(self.status, "曹明 610102200412140375")


@asynccontextmanager
async def called() -> AsyncIterator[tuple[Far, GrpcControlCall]]:
    far = Far()
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((far.handlers(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    dials = dialer(Endpoints(plaintext=True, addresses={KEY: f"127.0.0.1:{port}"}))
    call = GrpcControlCall(dials[KEY], KEY)
    try:
        yield far, call
    finally:
        await call.close()
        await server.stop(0)


async def test_bytes_go_out_and_come_back_as_they_are() -> None:
    async with called() as (far, call):
        assert await call.control(b"batch", TIMEOUT_S) == b"answer"
        assert await call.poll(b"cursor", TIMEOUT_S) == b"answer"
        assert await call.list_holds(b"page", TIMEOUT_S) == b"answer"
        assert far.came == [
            ("Control", b"batch", KEY),
            ("PollEvents", b"cursor", KEY),
            ("ListHolds", b"page", KEY),
        ]


@pytest.mark.parametrize("status", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNIMPLEMENTED])
async def test_a_failure_is_named_by_its_status_and_repeats_no_text(status: grpc.StatusCode) -> None:
    async with called() as (far, call):
        far.status = status
        with pytest.raises(CallError) as unary:
            await call.control(b"", TIMEOUT_S)
        with pytest.raises(CallError) as streamed:
            await anext(call.follow(b""))
        for failed in (unary.value, streamed.value):
            assert str(failed) == status.name
            assert failed.is_unimplemented == (status is grpc.StatusCode.UNIMPLEMENTED)


async def test_an_answer_that_does_not_come_is_waited_for_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    async with called() as (far, call):
        slow = asyncio.Event()

        async def never(_name: str, _message: bytes, _context: Any) -> None:
            await slow.wait()

        monkeypatch.setattr(far, "_note", never)
        with pytest.raises(CallError, match="DEADLINE_EXCEEDED"):
            await call.control(b"", 0.05)
        slow.set()


async def test_nobody_there_is_unavailable() -> None:
    dials = dialer(Endpoints(plaintext=True, addresses={KEY: "127.0.0.1:1"}))
    call = GrpcControlCall(dials[KEY], KEY)
    with pytest.raises(CallError, match="UNAVAILABLE"):
        await call.control(b"", TIMEOUT_S)
    await call.close()


async def test_events_come_until_the_endpoint_ends_it() -> None:
    async with called() as (far, call):
        far.says = [b"one", b"two"]
        far.stays.set()
        assert [message async for message in call.follow(b"")] == [b"one", b"two"]


async def test_an_old_follow_ends_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FOLLOW_S_MAX", 0.1)
    async with called() as (_, call):
        assert [message async for message in call.follow(b"")] == [b"answer"]


async def test_closing_fails_what_is_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    async with called() as (far, call):
        slow = asyncio.Event()

        async def never(_name: str, _message: bytes, _context: Any) -> None:
            slow.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(far, "_note", never)
        waiting = asyncio.create_task(call.list_holds(b"", TIMEOUT_S))
        await slow.wait()
        await call.close()
        with pytest.raises(CallError):
            await waiting
