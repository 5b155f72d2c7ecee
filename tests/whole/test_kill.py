"""Kill: kill -9 of the real gateway at random moments under load, and what courts and journal make of it.

Gateway and simulator are processes of their own; the watcher stays and reconnects at its cursor. Whatever was
acknowledged is finally answered, once, truly, and no answer goes back behind one before it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import grpc

from benchmarks.service import Service
from benchmarks.stack import HOST, chakong, endpoints_json, free_port
from benchmarks.subjects import load_inquiry
from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.gateway.v1 import gateway_pb2_grpc
from chakong.type.v1 import type_pb2 as types
from tests.gateway.edge.court import called_as
from tests.gateway.edge.house import COURT
from tests.whole.judge import Judge
from tests.whole.watcher import Watcher

SEED = 5
ROUNDS = 3
MESSAGES_PER_ROUND, PER_MESSAGE = 12, 15
ALIVE_S_MAX = 0.6
READY_S_MAX = 120.0
ANSWERED_S_MAX = 120.0


class Processes:
    """A simulator that stays, and a gateway that is started again and again on the same journal."""

    def __init__(self, folder: Path, exits: contextlib.AsyncExitStack) -> None:
        self._folder = folder
        self._exits = exits
        self._starts = 0
        self.address = f"127.0.0.1:{free_port()}"

    async def simulate(self) -> None:
        port = free_port()
        shared = ["--one-address", "--bind", HOST, "--port", str(port)]
        addresses = endpoints_json(port, HOST)
        (self._folder / "endpoints.json").write_text(addresses, encoding="utf-8")
        (self._folder / "chakong.toml").write_text(
            f"""
            [listen]
            address = "{self.address}"
            plaintext = true
            [journal]
            path = "journal"
            [tracker]
            enabled = false
            [metrics]
            address = ""
            [endpoints]
            plaintext = true
            file = "endpoints.json"
            [line]
            service_hours = false
            backoff_base_ms = 50
            """,
            encoding="utf-8",
        )
        await self._serve("simulator", chakong("simulate", *shared))

    async def serve(self) -> Service:
        """A gateway that is ready."""
        self._starts += 1
        config = str(self._folder / "chakong.toml")
        return await self._serve(f"gateway-{self._starts}", chakong("serve", "--config", config))

    async def _serve(self, name: str, command: list[str]) -> Service:
        service = Service(name, command, self._folder / f"{name}.log", stop_s_max=10)
        await self._exits.enter_async_context(service)
        await service.ready(READY_S_MAX)
        return service


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Any]:
    """A court's stub, which reconnects quickly."""
    options = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 100)]
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        yield stub


def orders(round_number: int, number: int) -> list[gateway.Inquiry]:
    """A message; one inquiry in five goes to everybody, and some ask about the same person."""
    first = (round_number * MESSAGES_PER_ROUND + number) * PER_MESSAGE
    made = []
    for place in range(first, first + PER_MESSAGE):
        inquiry = load_inquiry(COURT, f"order-{place}", place // 3 * 2)
        if place % 5 == 0:
            inquiry.scope.CopyFrom(gateway.Scope(reach=gateway.REACH_ALL))
        inquiry.deadline_s = 3_600
        made.append(inquiry)
    return made


async def load(
    stub: Any, round_number: int, acknowledged: dict[int, gateway.Inquiry], *, is_patient: bool = False
) -> None:
    """Send until the gateway is gone; whatever is acknowledged is noted. `is_patient`: wait for it first."""
    call = stub.SubmitBulk(metadata=called_as(), wait_for_ready=is_patient)
    with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
        for number in range(MESSAGES_PER_ROUND):
            made = orders(round_number, number)
            await call.write(gateway.SubmitBulkRequest(inquiries=made))
            response = await call.read()
            if not isinstance(response, gateway.SubmitBulkResponse):
                return
            assert response.accepted == len(made), response
            acknowledged.update(enumerate(made, start=response.first_inquiry_id))


async def test_every_acknowledged_inquiry_is_truly_answered_once_after_kill_9(tmp_path: Path) -> None:
    chance = Random(SEED)
    acknowledged: dict[int, gateway.Inquiry] = {}
    async with contextlib.AsyncExitStack() as exits:
        processes = Processes(tmp_path, exits)
        await processes.simulate()
        stub = await exits.enter_async_context(connected(processes.address))
        watcher = await exits.enter_async_context(Watcher(stub, called_as()))
        kept: list[int] = []
        for round_number in range(ROUNDS):
            gateway_process = await processes.serve()
            loading = asyncio.create_task(load(stub, round_number, acknowledged))
            await asyncio.sleep(chance.uniform(0, ALIVE_S_MAX))
            gateway_process.kill()
            await asyncio.wait_for(loading, ANSWERED_S_MAX)
            kept.append(len(acknowledged))
        await processes.serve()
        await load(stub, ROUNDS, acknowledged, is_patient=True)
        finals = await watcher.finals(acknowledged, ANSWERED_S_MAX)
        seen = {number: list(came) for number, came in watcher.answers.items()}
        again = await from_the_beginning(stub, watcher.cursor)
    judge = Judge()
    for number, inquiry in acknowledged.items():
        missing = judge.judge(inquiry, finals[number], watcher.answers[number][-1])
        assert set(missing.values()) <= {types.END_STATE_INCAPABLE}
    assert judge.faults == {}
    assert len(acknowledged) >= PER_MESSAGE * MESSAGES_PER_ROUND, kept
    # Who reconnected at its cursor saw what one sees who never watched before.
    assert again == seen
    for came in again.values():
        assert [answer.stage for answer in came].count(gateway.STAGE_FINAL) == 1


async def from_the_beginning(stub: Any, cursor: int) -> dict[int, list[gateway.Answer]]:
    """All answers up to a cursor, as a new watcher gets them."""
    found: dict[int, list[gateway.Answer]] = {}
    call = stub.Watch(gateway.WatchRequest(), metadata=called_as(), wait_for_ready=True)
    async with asyncio.timeout(ANSWERED_S_MAX):
        async for response in call:
            for answer in response.answers:
                found.setdefault(answer.inquiry_id, []).append(answer)
            if response.cursor >= cursor:
                break
    call.cancel()
    return found
