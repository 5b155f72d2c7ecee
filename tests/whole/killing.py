"""Killing: kill -9 of the real gateway at random moments while controls are ordered, round after round.

    python -m tests.whole.killing --rounds 50 [--seed 1] [--books troubled]

Gateway and simulator are processes of their own. Afterwards what was promised, what the gateway knows and
what institutions' own books say are the same, or it ends with an AssertionError.
"""

import argparse
import asyncio
import contextlib
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import grpc

from benchmarks.service import Service
from benchmarks.stack import HOST, chakong, endpoints_json, free_port
from benchmarks.subjects import load_inquiry
from chakong.gateway.v1 import controls_pb2_grpc, gateway_pb2, gateway_pb2_grpc
from tests.gateway.edge.banking import called_as
from tests.gateway.edge.house import COURT
from tests.whole.enforcer import Debt, Enforcer, debts_of
from tests.whole.settlement import books_of, judge, settled
from tests.whole.watcher import Watcher

PERSONS = 150
ALIVE_S_MAX = 0.8
# Of what institutions book late. A hold may have a dozen controls, one behind the other.
LATE_S_MAX = 2.0
FIRST_ROUND_ORDERS = 150
READY_S_MAX = 120.0
ANSWERED_S_MAX = 120.0
WORKED_S_MAX = 120.0
CHANNEL_OPTIONS = (("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 100))


class Town:
    """A simulator that stays, and a gateway that is started again and again on the same journal."""

    def __init__(self, folder: Path, exits: contextlib.AsyncExitStack, books: str = "none") -> None:
        self._folder = folder
        self._exits = exits
        self._books = books
        self._starts = 0
        self.address = f"127.0.0.1:{free_port()}"
        self.institutions = f"127.0.0.1:{free_port()}"

    async def simulate(self) -> None:
        port = self.institutions.rpartition(":")[2]
        shared = ["--one-address", "--bind", HOST, "--port", port]
        addresses = endpoints_json(int(port), HOST)
        (self._folder / "endpoints.json").write_text(addresses, encoding="utf-8")
        (self._folder / "chakong.toml").write_text(
            f"""
            [listen]
            address = "{self.address}"
            plaintext = true
            drain_s = 5
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
            [controls]
            backoff_base_ms = 20
            backoff_max_ms = 1000
            """,
            encoding="utf-8",
        )
        books = ["--books", self._books, "--books-late-s", str(LATE_S_MAX)]
        await self._serve("simulator", chakong("simulate", *shared, *books))

    async def serve(self, before: Sequence[str] = ()) -> Service:
        """A gateway that is ready; `before`: another command line than `chakong`'s."""
        self._starts += 1
        config = ("serve", "--config", str(self._folder / "chakong.toml"))
        command = [*before, *config] if before else chakong(*config)
        return await self._serve(f"gateway-{self._starts}", command)

    @contextlib.asynccontextmanager
    async def called(self) -> Any:
        """Stubs of the gateway's services, which reconnect quickly."""
        async with grpc.aio.insecure_channel(self.address, options=CHANNEL_OPTIONS) as channel:
            gateway: Any = gateway_pb2_grpc.GatewayStub(channel)
            controls: Any = controls_pb2_grpc.ControlsStub(channel)
            yield gateway, controls

    async def _serve(self, name: str, command: list[str]) -> Service:
        service = Service(name, command, self._folder / f"{name}.log", stop_s_max=10)
        await self._exits.enter_async_context(service)
        await service.ready(READY_S_MAX)
        return service


async def found_debts(gateway: Any) -> list[Debt]:
    """Ask about persons, and lay claims over what they have."""
    made = [load_inquiry(COURT, f"asked-{number}", number) for number in range(PERSONS)]
    for inquiry in made:
        inquiry.scope.CopyFrom(gateway_pb2.Scope(reach=gateway_pb2.REACH_ALL))
    async with Watcher(gateway, called_as()) as watcher:
        call = gateway.SubmitBulk(metadata=called_as(), timeout=ANSWERED_S_MAX)
        await call.write(gateway_pb2.SubmitBulkRequest(inquiries=made))
        response = await call.read()
        call.cancel()
        assert response.accepted == PERSONS, response
        ids = range(response.first_inquiry_id, response.first_inquiry_id + PERSONS)
        finals = await watcher.finals(ids, ANSWERED_S_MAX)
    return debts_of([(inquiry, finals[number]) for number, inquiry in zip(ids, made, strict=True)])


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of a run that ended well."""

    promised: int
    refused: int
    unanswered: int
    holds: int
    outcomes: Counter[str]


async def kill_rounds(folder: Path, rounds: int, seed: int, books: str = "none") -> Report:
    """All rounds, and the settlement. AssertionError when anything is not as it must be."""
    chance = Random(seed)
    async with contextlib.AsyncExitStack() as exits:
        town = Town(folder, exits, books)
        await town.simulate()
        gateway, controls = await exits.enter_async_context(town.called())
        process = await town.serve()
        enforcer = Enforcer(await found_debts(gateway), chance)
        await enforcer.put_claims(controls)
        for round_number in range(rounds):
            if round_number:
                process = await town.serve()
                # The connection is there again, and the claims are as they were.
                await enforcer.put_claims(controls)
            working = asyncio.create_task(enforcer.work(controls))
            if not round_number:
                # However slow the machine is, the first round leaves something to lose.
                await promised(enforcer, FIRST_ROUND_ORDERS)
            await asyncio.sleep(chance.uniform(0, ALIVE_S_MAX))
            process.kill()
            await asyncio.wait_for(working, WORKED_S_MAX)
        await town.serve()
        settlement = await settled(controls)
        books_now = await books_of(
            town.institutions, {hold.property.institution for hold in settlement.holds.values()}
        )
    judge(enforcer, settlement, books_now)
    answered = len(enforcer.promised) + len(enforcer.refused)
    return Report(
        len(enforcer.promised),
        len(enforcer.refused),
        len(enforcer.sent) - answered,
        len(settlement.holds),
        settlement.outcomes,
    )


async def promised(enforcer: Enforcer, count: int) -> None:
    """Return once so many orders are promised; TimeoutError when they never are."""
    async with asyncio.timeout(WORKED_S_MAX):
        while len(enforcer.promised) < count:  # noqa: ASYNC110 - what is waited for comes from three streams
            await asyncio.sleep(0.01)


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(prog="python -m tests.whole.killing")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--books", default="none", help="as of `chakong simulate`")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(kill_rounds(Path(folder), given.rounds, given.seed, given.books))
    print(
        f"{given.rounds} rounds: {report.promised} orders promised, {report.refused} refused, "
        f"{report.unanswered} never answered; {report.holds} holds; no difference"
    )
    for name, count in sorted(report.outcomes.items()):
        print(f"  {name}: {count}")


if __name__ == "__main__":
    main()
