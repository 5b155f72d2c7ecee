"""Control, Follow, PollEvents, ListHolds and the test bench over real gRPC."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import pytest

from chakong.institution.v1 import (
    institution_pb2,
    institution_pb2_grpc,
    test_bench_pb2,
    test_bench_pb2_grpc,
)  # fmt: skip
from chakong.type.v1 import hold_pb2
from runtime.clock import now_ns
from simulator.books.misbehaviour import misbehaviour
from simulator.layout import Layout
from simulator.scenarios import MIXTURES, Cast, Role, Scenario
from simulator.server import METADATA_KEY, Binding, BooksOptions, InstitutionServer
from simulator.truth import Truth
from tests.simulator.batches import batch, entry, hello
from tests.simulator.books.acts import DONE, EFFECTIVE, ENDED, deduct, release, renew
from tests.simulator.books.hunt import Target, targets
from tests.simulator.conftest import SEED
from tests.simulator.lines import WAIT_S, channel_to, open_line


class Gateway:
    """One endpoint as the gateway speaks to it; every call has a deadline."""

    def __init__(self, channel: grpc.aio.Channel, key: str) -> None:
        self.channel = channel
        self.key = key
        self._stub = institution_pb2_grpc.InstitutionStub(channel)
        self._bench = test_bench_pb2_grpc.TestBenchStub(channel)
        self._metadata = ((METADATA_KEY, key),)

    async def control(self, *controls: institution_pb2.Control) -> list[institution_pb2.ControlReceipt]:
        batch = institution_pb2.ControlBatch(controls=controls)
        response = await self._stub.Control(batch, metadata=self._metadata, timeout=WAIT_S)
        return list(response.receipts)

    async def poll(self, cursor: int = 0) -> list[institution_pb2.HoldEvent]:
        request = institution_pb2.FollowRequest(cursor=cursor)
        response = await self._stub.PollEvents(request, metadata=self._metadata, timeout=WAIT_S)
        return list(response.events)

    async def holds(self, institution: int) -> list[hold_pb2.HoldStatement]:
        request = institution_pb2.ListHoldsRequest(institution=institution)
        return list((await self._stub.ListHolds(request, metadata=self._metadata, timeout=WAIT_S)).holds)

    async def describe(self) -> institution_pb2.DescribeResponse:
        request = institution_pb2.DescribeRequest()
        return await self._stub.Describe(request, metadata=self._metadata, timeout=WAIT_S)

    def follow(self, cursor: int = 0) -> AsyncIterator[institution_pb2.HoldEvents]:
        request = institution_pb2.FollowRequest(cursor=cursor)
        return aiter(self._stub.Follow(request, metadata=self._metadata, timeout=WAIT_S))

    async def advance(self, days: int) -> int:
        request = test_bench_pb2.AdvanceRequest(days=days)
        return (await self._bench.Advance(request, metadata=self._metadata, timeout=WAIT_S)).today

    async def credit(self, institution: int, locator: str, amount_fen: int) -> int:
        request = test_bench_pb2.CreditRequest(
            institution=institution, locator=locator, amount_fen=amount_fen
        )
        return (await self._bench.Credit(request, metadata=self._metadata, timeout=WAIT_S)).balance_fen

    async def object_to(self, institution: int, hold_id: int) -> None:
        request = test_bench_pb2.ObjectRequest(institution=institution, hold_id=hold_id, text="no")
        await self._bench.Object(request, metadata=self._metadata, timeout=WAIT_S)


@asynccontextmanager
async def connected(
    layout: Layout, endpoint: int, options: BooksOptions | None = None, role: Role = Role.HONEST
) -> AsyncIterator[Gateway]:
    """To one endpoint, that plays this part, of a server for all."""
    scenario = Scenario(MIXTURES["calm"], SEED, layout)
    scenario.casts[endpoint] = Cast(role)
    server = InstitutionServer(layout, scenario, now_ns, SEED, options)
    try:
        await server.start(Binding(port=0, shared_host="127.0.0.1"))
        async with channel_to(next(iter(server.addresses.values()))) as channel:
            yield Gateway(channel, layout.endpoints[endpoint].key)
    finally:
        await server.stop()


def target_at(layout: Layout, truth: Truth, *, can_follow: bool) -> Target:
    scenario = Scenario(MIXTURES["calm"], SEED, layout)
    found = (one for one in targets(layout, truth) if scenario.can_follow(one.endpoint) == can_follow)
    return next(found)


@pytest.fixture
def target(layout: Layout, truth: Truth) -> Target:
    return target_at(layout, truth, can_follow=True)


async def test_a_hold_lives_and_the_list_says_what_the_receipts_said(layout: Layout, target: Target) -> None:
    async with connected(layout, target.endpoint) as gateway:
        (frozen,) = await gateway.control(target.freeze(1, 5_000))
        assert (frozen.outcome, frozen.hold.controlled_fen) == (DONE, 5_000)
        assert await gateway.control(target.freeze(1, 5_000)) == [frozen]
        (renewed,) = await gateway.control(renew(2, 1, 6))
        (lowered,) = await gateway.control(release(3, 1, 3_000))
        (paid,) = await gateway.control(deduct(4, 1, 1_000))
        assert [one.hold.version for one in (frozen, renewed, lowered, paid)] == [1, 2, 3, 4]
        (listed,) = await gateway.holds(target.institution)
        listed.stated_ns = paid.hold.stated_ns
        assert listed == paid.hold
        assert await gateway.poll() == []


async def test_whoever_follows_is_told_at_once_and_from_any_place(layout: Layout, target: Target) -> None:
    options = BooksOptions(has_test_bench=True)
    async with connected(layout, target.endpoint, options) as gateway:
        events = gateway.follow()
        await gateway.control(target.freeze(1, 2**40, months=1))
        await gateway.credit(target.institution, target.record.locator, 100)
        (credited,) = (await anext(events)).events
        assert (credited.seq, credited.hold.version) == (1, 2)
        assert credited.kind == institution_pb2.HOLD_EVENT_KIND_CREDITED
        await gateway.object_to(target.institution, 1)
        (objected,) = (await anext(events)).events
        assert (objected.seq, objected.text, objected.hold.life) == (2, "no", EFFECTIVE)
        await gateway.advance(40)
        told = list((await anext(events)).events)
        assert (told[-1].kind, told[-1].hold.life) == (institution_pb2.HOLD_EVENT_KIND_EXPIRED, ENDED)
        polled = await gateway.poll()
        assert polled == [credited, objected, *told]
        assert [event.seq for event in polled] == list(range(1, len(polled) + 1))
        assert list((await anext(gateway.follow(1))).events) == polled[1:]


async def test_where_events_are_not_streamed_they_are_polled(layout: Layout, truth: Truth) -> None:
    target = target_at(layout, truth, can_follow=False)
    options = BooksOptions(has_test_bench=True)
    async with connected(layout, target.endpoint, options) as gateway:
        assert not (await gateway.describe()).can_follow
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await anext(gateway.follow())
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
        await gateway.control(target.freeze(1, 2**40))
        await gateway.credit(target.institution, target.record.locator, 100)
        assert [event.hold.hold_id for event in await gateway.poll()] == [1]


async def test_most_endpoints_stream_and_some_do_not(layout: Layout) -> None:
    scenario = Scenario(MIXTURES["calm"], SEED, layout)
    polled = [one.index for one in layout.endpoints if not scenario.can_follow(one.index)]
    assert 20 < len(polled) < 80


async def test_what_breaks_the_contract_is_named(layout: Layout, target: Target) -> None:
    options = BooksOptions(has_test_bench=True)
    async with connected(layout, target.endpoint, options) as gateway:
        calls = (
            (gateway.control(target.freeze(1, 5), release(2, 1)), grpc.StatusCode.INVALID_ARGUMENT),
            (gateway.advance(0), grpc.StatusCode.INVALID_ARGUMENT),
            (gateway.credit(target.institution, "nowhere", 5), grpc.StatusCode.NOT_FOUND),
            (gateway.object_to(target.institution, 9), grpc.StatusCode.NOT_FOUND),
        )
        for call, code in calls:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call
            assert caught.value.code() is code


async def test_without_the_flag_there_is_no_test_bench(layout: Layout, target: Target) -> None:
    async with connected(layout, target.endpoint) as gateway:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await gateway.advance(1)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_closed_endpoint_takes_no_controls_and_a_silent_one_says_nothing(
    layout: Layout, target: Target
) -> None:
    async with connected(layout, target.endpoint, role=Role.CLOSED) as gateway:
        calls = (gateway.control(target.freeze(1, 5)), gateway.poll(), gateway.holds(0))
        for call in (*calls, anext(gateway.follow())):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    async with connected(layout, target.endpoint, role=Role.SILENT) as gateway:
        waiting = asyncio.create_task(gateway.control(target.freeze(1, 5)))
        done, _ = await asyncio.wait({waiting}, timeout=0.2)
        assert not done
        waiting.cancel()


async def test_misbehaviour_reaches_the_wire(layout: Layout, target: Target) -> None:
    options = BooksOptions(misbehaviour("lost_reply", 1, 1.0))
    async with connected(layout, target.endpoint, options) as gateway:
        assert await gateway.control(target.freeze(1, 5_000)) == []
        (listed,) = await gateway.holds(target.institution)
        assert (listed.hold_id, listed.controlled_fen) == (1, 5_000)


async def test_an_inquiry_about_a_touched_account_says_what_is_in_it_now(
    layout: Layout, target: Target
) -> None:
    async with connected(layout, target.endpoint) as gateway:
        await gateway.control(target.freeze(1, 5_000))
        await gateway.control(deduct(2, 1, 1_000))
        line = open_line(gateway.channel, gateway.key)
        await line.send(hello([target.institution]))
        await line.send(batch(1, [entry(target.subject)]))
        reply = await line.receive()
        line.call.cancel()
        records = [one for finding in reply.findings for one in finding.records]
        record = next(one for one in records if one.locator == target.record.locator)
        assert record.amount_fen == target.record.amount_fen - 1_000
        assert (record.held_fen, record.protected_fen) == (4_000, target.record.protected_fen)
        assert record.available_fen == target.record.available_fen - 5_000


async def test_a_thousand_controls_go_in_one_call(layout: Layout, truth: Truth, target: Target) -> None:
    here = [one for one in targets(layout, truth) if one.endpoint == target.endpoint]
    assert len(here) > 10
    controls = [here[place % len(here)].freeze(place + 1, 100) for place in range(1_024)]
    async with connected(layout, target.endpoint) as gateway:
        receipts = await gateway.control(*controls)
        assert [one.control_id for one in receipts] == list(range(1, 1_025))
        assert {one.outcome for one in receipts} == {DONE}
