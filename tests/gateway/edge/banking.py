"""Banking: banks with books of their own over real gRPC, and a gateway with claims and holds before them.

The Ledger, the desk, lines, journal and server are the real ones. Nothing of it is left afterwards.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from chakong.gateway.v1 import controls_pb2, controls_pb2_grpc
from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from gateway.directory.directory import Directory
from gateway.edge.journal import Journal
from gateway.edge.serve import Gateway, Outside
from runtime import calendar
from runtime.clock import now_ns
from runtime.config import Config
from runtime.identity import PLAINTEXT_METADATA_KEY, Identity, Role
from runtime.settings import Listen
from tests.gateway.edge.house import SETTINGS
from tests.gateway.edge.unprojected import Unprojected
from tests.gateway.holds.bank import Account, Bank
from tests.gateway.holds.world import CASE, COURT, bank_indexes, mandate, person
from tests.patience import DEADLINE_S

SERVICE = "chakong.institution.v1.Institution"
CONTROLS = {"backoff_base_ms": 2, "backoff_max_ms": 10, "poll_every_s": 0.01, "timeout_s": 5.0}


@dataclass(slots=True)
class Branch:
    """A bank behind an endpoint. The switches make it misbehave."""

    bank: Bank
    # So many Control calls are carried out and their answer is lost.
    answers_lost: int = 0
    # So many Control calls are not even looked at.
    calls_refused: int = 0
    can_follow: bool = True
    batches: list[institution_pb2.ControlBatch] = field(default_factory=list)
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def control(
        self, batch: institution_pb2.ControlBatch, context: Any
    ) -> institution_pb2.ReceiptBatch:
        self.batches.append(batch)
        if self.calls_refused:
            self.calls_refused -= 1
            await context.abort(grpc.StatusCode.UNAVAILABLE, "down")
        receipts = [self.bank.control(control) for control in batch.controls]
        self.moved.set()
        if self.answers_lost:
            self.answers_lost -= 1
            await context.abort(grpc.StatusCode.UNAVAILABLE, "lost")
        return institution_pb2.ReceiptBatch(receipts=receipts)

    async def follow(
        self, request: institution_pb2.FollowRequest, context: Any
    ) -> AsyncIterator[institution_pb2.HoldEvents]:
        if not self.can_follow:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "poll")
        cursor = request.cursor
        while True:
            self.moved.clear()
            events = self.bank.events[cursor:]
            if events:
                yield institution_pb2.HoldEvents(events=events)
                cursor += len(events)
            await self.moved.wait()

    async def poll(self, request: institution_pb2.FollowRequest, _context: Any) -> institution_pb2.HoldEvents:
        return institution_pb2.HoldEvents(events=self.bank.events[request.cursor :][:1_000])

    async def list_holds(
        self, request: institution_pb2.ListHoldsRequest, _context: Any
    ) -> institution_pb2.ListHoldsResponse:
        ids = sorted(one for one in self.bank.holds if one > request.after_hold_id)
        statements = [self.bank.statement(one) for one in ids[: request.page_size]]
        return institution_pb2.ListHoldsResponse(
            holds=[one for one in statements if one.institution == request.institution]
        )

    def credit(self, account: Account, amount_fen: int) -> None:
        """Money comes in, and whoever follows is told."""
        self.bank.credit(account, amount_fen)
        self.moved.set()

    def handler(self) -> Any:
        """The calls about holds; it answers no inquiry."""
        unary: Any = grpc.unary_unary_rpc_method_handler
        stream: Any = grpc.unary_stream_rpc_method_handler
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                "Control": unary(self.control, institution_pb2.ControlBatch.FromString, _bytes),
                "Follow": stream(self.follow, institution_pb2.FollowRequest.FromString, _bytes),
                "PollEvents": unary(self.poll, institution_pb2.FollowRequest.FromString, _bytes),
                "ListHolds": unary(self.list_holds, institution_pb2.ListHoldsRequest.FromString, _bytes),
            },
        )


def _bytes(message: Any) -> bytes:
    encoded: bytes = message.SerializeToString()
    return encoded


@asynccontextmanager
async def serving(branch: Branch) -> AsyncIterator[str]:
    """Serve it; the address it is at."""
    server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
    server.add_generic_rpc_handlers((branch.handler(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(0)


@dataclass(frozen=True, slots=True)
class Office:
    """A gateway that serves, branches behind it, and a connection of a court to it."""

    gateway: Gateway
    branches: list[Branch]
    channel: Any
    stub: Any
    stop: asyncio.Event
    running: asyncio.Task[None]
    port: int

    async def claim(self, principal_fen: int, claim_id: str = "c1", case_number: str = CASE) -> Any:
        claim = controls_pb2.Claim(
            claim_id=claim_id, court_code=COURT, case_number=case_number, principal_fen=principal_fen
        )
        claim.debtors.add(subject=person())
        return await self.stub.PutClaim(controls_pb2.PutClaimRequest(claim=claim), metadata=called_as())

    def order(self, order_id: str, account: Account, ceiling_fen: int, **fields: Any) -> Any:
        place = hold_pb2.Property(
            institution=account.institution, item=1, locator=account.locator, kind="personal"
        )
        order = controls_pb2.ControlOrder(
            order_id=order_id,
            court_code=COURT,
            mandate=mandate(),
            notice_number="(2026)京0105执通1号",
            kind=hold_pb2.CONTROL_KIND_FREEZE,
            claim_id="c1",
            subject=person(),
            property=place,
            ceiling_fen=ceiling_fen,
        )
        order.MergeFrom(controls_pb2.ControlOrder(**fields))
        return order

    async def freeze(self, order: Any) -> Any:
        return await self.stub.Order(controls_pb2.OrderRequest(order=order), metadata=called_as())

    async def hold(self, hold_id: int) -> Any:
        return await self.stub.GetHold(controls_pb2.GetHoldRequest(hold_id=hold_id), metadata=called_as())

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Return when it is so; TimeoutError when it never is."""
        async with asyncio.timeout(DEADLINE_S):
            while not is_so():  # noqa: ASYNC110 - what is waited for happens in many places
                await asyncio.sleep(0.002)

    async def until_effective(self, hold_id: int) -> None:
        def is_effective() -> bool:
            view = self.gateway.controls.desk.ledger.hold_view(hold_id, now_ns())
            return view is not None and view.life == hold_pb2.HOLD_LIFE_EFFECTIVE

        await self.until(is_effective)


def called_as(role: Role = Role.COURT, court: str = COURT, name: str = "") -> tuple[tuple[str, str], ...]:
    """Metadata of a plaintext caller."""
    return ((PLAINTEXT_METADATA_KEY, Identity(role, court, name or court).uri),)


def branch_of(index: int) -> Branch:
    """A branch for the endpoint of this institution."""
    endpoint = Directory.load().institutions[index].endpoint
    return Branch(Bank(endpoint, calendar.date_of(now_ns())))


@asynccontextmanager
async def open_office(
    folder: Path, branches: list[Branch] | None = None, *, is_projected: bool = False, **controls: Any
) -> AsyncIterator[Office]:
    """A gateway that is ready, with branches for some banks of the directory. `is_projected`: with its
    projector, as plans over inquiries need it."""
    directory = Directory.load()
    branches = branches if branches is not None else [branch_of(index) for index in bank_indexes()]
    async with AsyncExitStack() as stack:
        addresses = {
            directory.endpoints[branch.bank.endpoint].key: await stack.enter_async_context(serving(branch))
            for branch in branches
        }
        journal = Journal.open(folder / "journal")
        stack.callback(journal.close)
        config = Config(
            listen=Listen(address="127.0.0.1:0", plaintext=True, drain_s=5),
            journal={"path": folder / "journal"},  # type: ignore[arg-type]
            metrics={"address": ""},  # type: ignore[arg-type]
            endpoints={"plaintext": True, "addresses": addresses},  # type: ignore[arg-type]
            line=SETTINGS,
            controls={**CONTROLS, **controls},  # type: ignore[arg-type]
            log={"level": "error"},  # type: ignore[arg-type]
        )
        outside = Outside() if is_projected else Unprojected()
        gateway = Gateway(config, journal, None, directory, outside)
        await gateway.recover()
        stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
        running = asyncio.create_task(gateway.run(stop, ready.set_result))
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.wait((running, ready), return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        channel: Any = grpc.aio.insecure_channel(f"127.0.0.1:{ready.result()}")
        stub: Any = controls_pb2_grpc.ControlsStub(channel)
        try:
            yield Office(gateway, branches, channel, stub, stop, running, ready.result())
        finally:
            stop.set()
            async with asyncio.timeout(DEADLINE_S):
                await running
            await channel.close(None)
