"""The simulated channel: gRPC's face and errors, over a way on which everything can happen."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from random import Random
from typing import Any

import grpc
import pytest

from chakong.institution.v1 import institution_pb2
from gateway.edge.stream import CALL_ERRORS, SERVICE
from tests.simulation.channel import FollowCall, SimulatedChannel
from tests.simulation.network import CALM, Faults, Way
from tests.simulation.office import Departures
from tests.simulation.town import Town, directory, person
from tests.simulation.virtual_loop import SECOND_NS, VirtualLoop, VirtualTime

BEGUN_NS = 1_800_000_000 * SECOND_NS
ALL_LOST = Faults(lost=1.0)
HELLO = institution_pb2.Batch(institutions=[0]).SerializeToString()


class Street:
    """The way to the first endpoint of a town, and a channel on it."""

    def __init__(self, faults: Faults = CALM, seed: int = 1) -> None:
        self.time = VirtualTime(BEGUN_NS)
        self.loop = VirtualLoop(self.time)
        self.counts: Counter[str] = Counter()
        town = Town(
            Random(seed), Random(seed), self.time.now_ns, lambda: None, self.counts, {}, has_things=False
        )
        self.way: Way = town.ways[0]
        self.way.faults = faults
        self.left: list[int] = []
        self.departures = Departures(
            lambda _endpoint, controls: self.left.extend(one.control_id for one in controls),
            lambda _endpoint, batch: self.left.append(batch.id),
        )
        self.channel: Any = SimulatedChannel(0, self.way, self.departures)

    def run(self, live: Callable[[], Awaitable[Any]]) -> Any:
        async def within() -> Any:
            return await live()

        try:
            return self.loop.run_until_complete(within())
        finally:
            self.loop.close()

    async def ask(self, method: str, message: bytes = b"", timeout_s: float = 5.0) -> bytes:
        call = self.channel.unary_unary(f"{SERVICE}/{method}", None, None)
        answer: bytes = await call(message, timeout=timeout_s, metadata=())
        return answer

    async def inquire(self) -> Any:
        call = self.channel.stream_stream(f"{SERVICE}/Inquire", None, None)(metadata=())
        await call.wait_for_connection()
        await call.write(HELLO)
        return call


def batch(number: int) -> bytes:
    entry = institution_pb2.Entry(subject=person(1), kind=institution_pb2.KIND_ASK)
    return institution_pb2.Batch(id=number, entries=[entry]).SerializeToString()


def test_a_question_is_answered() -> None:
    street = Street()
    described = street.run(lambda: street.ask("Describe"))
    capabilities = institution_pb2.DescribeResponse.FromString(described).capabilities
    assert [one.institution for one in capabilities] == [0]
    assert street.time.loop_ns > 0


@pytest.mark.parametrize("method", ["Describe", "Control", "PollEvents", "ListHolds"])
def test_what_is_lost_is_an_error_of_gRPC(method: str) -> None:  # noqa: N802
    street = Street(ALL_LOST)
    with pytest.raises(grpc.aio.AioRpcError) as error:
        street.run(lambda: street.ask(method))
    assert error.value.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


def test_what_takes_too_long_is_given_up_and_arrives_all_the_same() -> None:
    street = Street(Faults(slow=1.0, slow_s_max=60.0))
    seen: list[int] = []

    def control(
        controls: Iterable[institution_pb2.Control], now_ns: int
    ) -> list[institution_pb2.ControlReceipt]:
        assert now_ns > BEGUN_NS
        seen.append(len(list(controls)))
        return []

    street.way.clerk.control = control  # type: ignore[method-assign]

    async def live() -> None:
        controls = institution_pb2.ControlBatch(controls=[institution_pb2.Control(control_id=5)])
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await street.ask("Control", controls.SerializeToString(), timeout_s=0.01)
        assert error.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert (street.left, seen, street.way.on_the_way) == ([5], [], 1)
        await asyncio.sleep(200)
        assert (seen, street.way.on_the_way) == ([1], 0)

    street.run(live)


def test_nothing_leaves_a_gateway_that_is_gone() -> None:
    street = Street()
    street.departures.is_gone = True
    with pytest.raises(grpc.aio.AioRpcError):
        street.run(lambda: street.ask("Control"))
    assert street.left == []


def test_batches_are_answered_each_in_its_own_time() -> None:
    street = Street()

    async def live() -> list[int]:
        call = await street.inquire()
        for number in range(1, 9):
            await call.write(batch(number))
        replies = [institution_pb2.Reply.FromString(await call.read()) for _ in range(8)]
        assert all(list(reply.answered[0].institutions) == [0] for reply in replies)
        return [reply.batch_id for reply in replies]

    came = street.run(live)
    assert sorted(came) == street.left == list(range(1, 9))
    assert came != street.left  # some overtook others


def test_a_lost_message_takes_the_call_with_it() -> None:
    noticed = set()
    for seed in range(12):
        street = Street(seed=seed)

        async def live(street: Street = street) -> bool:
            call = await street.inquire()
            await asyncio.sleep(1)
            street.way.faults = ALL_LOST
            await call.write(batch(1))
            is_noticed: bool = call.done()
            street.way.faults = CALM
            if is_noticed:
                assert await call.code() is grpc.StatusCode.UNAVAILABLE
                with pytest.raises(CALL_ERRORS):
                    await call.write(batch(2))
                with pytest.raises(CALL_ERRORS):
                    await call.read()
            else:
                await call.write(batch(2))  # nothing passes any more, and nobody says so
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(call.read(), 100)
            return is_noticed

        noticed.add(street.run(live))
    assert noticed == {True, False}


def test_closing_the_channel_ends_its_calls() -> None:
    street = Street()

    async def live() -> None:
        call = await street.inquire()
        await street.channel.close(None)
        assert call.done()
        with pytest.raises(CALL_ERRORS):
            await call.read()

    street.run(live)


def test_following_ends_when_it_is_old_and_is_not_there_where_it_cannot_be() -> None:
    street = Street()

    async def follow() -> grpc.StatusCode:
        method = street.channel.unary_stream(f"{SERVICE}/Follow", None, None)
        request = institution_pb2.FollowRequest(cursor=0).SerializeToString()
        call: FollowCall = method(request, timeout=300.0, metadata=())
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await anext(call)
        call.cancel()
        code: grpc.StatusCode = error.value.code()
        return code

    async def live() -> None:
        assert await follow() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert street.time.loop_ns >= 300 * SECOND_NS
        street.way.can_follow = False
        assert await follow() is grpc.StatusCode.UNIMPLEMENTED
        assert not street.way._followers

    street.run(live)


def test_every_call_that_the_gateway_makes_is_there() -> None:
    service = institution_pb2.DESCRIPTOR.services_by_name["Institution"]
    street = Street()
    made = {"Inquire": street.channel.stream_stream, "Follow": street.channel.unary_stream}
    for method in service.methods:
        assert made.get(method.name, street.channel.unary_unary)(f"{SERVICE}/{method.name}", None, None)
    assert directory().endpoints[0].index == 0
    street.loop.close()
